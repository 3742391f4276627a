"""The registry: numbered versions, one of them in service, and a way back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from features.errors import BundleError, RegistryError
from models import registry as registry_module
from models.bundle import save_bundle
from models.registry import Registry, Version
from tests.small_model import small


def _register(registry: Registry, created: str = "2025-01-01") -> Version:
    """A new version whose bundle differs by the time at which it was made."""
    model = small().model
    model = replace(model, facts=replace(model.facts, created=created))
    waiting = registry.root / f"waiting-{created}"
    digest = save_bundle(model, waiting)
    version = registry.register(waiting, created, "run")
    assert version.digest == digest
    assert not waiting.exists()
    return version


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path, "small")


def test_versions_are_numbered_from_one_and_none_serves_by_itself(registry: Registry) -> None:
    assert (registry.versions(), registry.champion()) == ([], None)
    first, second = _register(registry, "a"), _register(registry, "b")
    assert registry.versions() == [first, second]
    assert (first.number, second.number, second.run) == (1, 2, "run")
    with pytest.raises(RegistryError, match="expected a model of small in service; got none; run"):
        registry.release()


def test_a_released_version_serves_until_another_does(registry: Registry) -> None:
    _register(registry, "a"), _register(registry, "b")
    assert registry.promote(1).number == 1
    assert registry.release().model.facts.created == "a"
    registry.promote(2)
    assert registry.release().model.facts.created == "b"
    assert registry.release(1).model.facts.created == "a"  # any version can still be asked


def test_rollback_returns_to_the_release_before(registry: Registry) -> None:
    for created in "abc":
        _register(registry, created)
    for number in (1, 2, 3):
        registry.promote(number)
    assert registry.rollback().number == 2
    assert registry.champion() == registry.version(2)
    assert registry.rollback().number == 1
    with pytest.raises(RegistryError, match="expected an earlier release of small; got one rel"):
        registry.rollback()


def test_promoting_the_champion_again_does_not_hide_the_one_before(registry: Registry) -> None:
    _register(registry, "a"), _register(registry, "b")
    for number in (1, 2, 2):
        registry.promote(number)
    assert registry.rollback().number == 1


def test_an_unknown_version_is_named_with_those_there_are(registry: Registry) -> None:
    with pytest.raises(RegistryError, match=r"expected a version of small \(none\); got 1"):
        registry.promote(1)
    _register(registry)
    with pytest.raises(RegistryError, match=r"expected a version of small \(1\); got 7"):
        registry.release(7)
    with pytest.raises(RegistryError, match="got none; use promote"):
        registry.rollback()


def test_an_altered_bundle_is_neither_released_nor_served(registry: Registry) -> None:
    _register(registry, "a"), _register(registry, "b")
    registry.promote(1)
    for number in (1, 2):
        file = registry.folder / str(number) / "model.json"
        file.write_bytes(file.read_bytes().replace(b'"rows"', b'"Rows"'))
    with pytest.raises(BundleError, match=r"expected model\.json with sha256:"):
        registry.promote(2)
    with pytest.raises(BundleError, match=r"expected model\.json with sha256:"):
        registry.release()
    assert registry.champion() == registry.version(1)


def test_a_whole_bundle_put_in_anothers_place_is_refused(registry: Registry) -> None:
    _register(registry, "a"), _register(registry, "b")
    (registry.folder / "1").rename(registry.folder / "x")
    (registry.folder / "2").rename(registry.folder / "1")
    with pytest.raises(BundleError, match="expected a bundle of digest sha256:"):
        registry.promote(1)


def test_a_folder_left_by_a_crash_is_not_written_into(registry: Registry) -> None:
    _register(registry, "a")
    orphan = registry.folder / "2"
    orphan.mkdir()
    version = _register(registry, "b")
    assert version.number == 3
    assert list(orphan.iterdir()) == []
    registry.promote(3)


def test_damaged_lists_are_refused_and_not_taken_for_empty(registry: Registry) -> None:
    _register(registry)
    (registry.folder / "versions.json").write_text("{broken", encoding="utf-8")
    with pytest.raises(RegistryError, match="expected JSON in"):
        registry.versions()
    for content in ('{"1": 2}', '[{"number": 1}]', "[1]"):
        (registry.folder / "versions.json").write_text(content, encoding="utf-8")
        with pytest.raises(RegistryError, match="expected a list of versions in"):
            registry.versions()


def test_a_held_lock_is_waited_for_and_then_named(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    _register(registry)
    (registry.folder / "lock").touch()
    monkeypatch.setattr(registry_module, "_LOCK_PATIENCE", 0.1)
    with pytest.raises(RegistryError, match="another process holds it; if none is running, delete"):
        registry.promote(1)
    (registry.folder / "lock").unlink()
    registry.promote(1)  # control
    assert not (registry.folder / "lock").exists()


def test_writers_take_turns(registry: Registry) -> None:
    """Two writers lose nothing: each release is in the history, after the one it replaced."""
    _register(registry, "a"), _register(registry, "b")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(registry.promote, [1, 2] * 5))
    history = [entry.version for entry in registry.releases().entries]
    assert 2 <= len(history) <= 10
    assert all(one != next_one for one, next_one in pairwise(history))
    assert not (registry.folder / "lock").exists()


def test_catalogues_do_not_share_versions(registry: Registry) -> None:
    _register(registry)
    assert Registry(registry.root, "other").versions() == []


def test_a_seal_that_cannot_be_read_is_named(registry: Registry) -> None:
    _register(registry, "a")
    registry.promote(1)
    assert registry.champion() == registry.version(1)  # control
    seal = registry.folder / "seal.key"
    seal.unlink()
    seal.mkdir()
    with pytest.raises(RegistryError, match=r"expected to read .*seal\.key; got: "):
        registry.champion()
