"""MLflow's alias as it stands in MLflow's own file, read without MLflow."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.release.mlflow_alias import NOT_THERE, STORE, Alias, AliasState, alias_of
from models.releases import ReleaseEntry, Releases, Way
from training.tracking import CHAMPION, QUIET, Tracking

DIGESTS = {number: f"sha256:{str(number) * 64}" for number in (1, 2, 3)}


def released(*numbers: int) -> Releases:
    """Versions released in this order."""
    return Releases(
        tuple(
            ReleaseEntry(
                version=number,
                digest=DIGESTS[number],
                way=Way.PROMOTE,
                approval=None,
                made="2026-01-01T00:00:00Z",
                by="x",
            )
            for number in numbers
        )
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    """A folder with a real MLflow store that lists three versions, and its client."""
    home = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch:
        for name in (*QUIET, "MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID"):
            patch.delenv(name, raising=False)
        tracking = Tracking(home, "small")
        with tracking.run("by hand") as run:
            run.log_text("nothing", "bundle/manifest.json")
            for number, digest in DIGESTS.items():
                tracking.register(run, number, digest)
        uri = f"sqlite:///{home}/{STORE}"
        from mlflow import MlflowClient

        yield home, MlflowClient(uri, uri)


def test_where_it_is_and_how_that_stands_to_the_releases(store: tuple[Path, Any]) -> None:
    home, client = store
    assert alias_of(home, "small") == NOT_THERE
    listed = {
        v.tags["lingji.version"]: v for v in client.search_model_versions("name='lingji-small'")
    }
    for number, state in ((1, "behind"), (2, "agrees"), (3, "elsewhere")):
        client.set_registered_model_alias("lingji-small", CHAMPION, listed[str(number)].version)
        alias = alias_of(home, "small")
        assert alias == Alias(number, DIGESTS[number], there=True)
        assert alias == Tracking(home, "small").alias()
        assert alias.beside(released(1, 2)) == state
    assert alias_of(home, "other") == NOT_THERE


def test_a_version_that_is_none_of_ours_is_elsewhere(store: tuple[Path, Any]) -> None:
    home, client = store
    made = client.create_model_version("lingji-small", "runs:/x/y")
    client.set_registered_model_alias("lingji-small", CHAMPION, made.version)
    alias = alias_of(home, "small")
    assert (alias.version, alias.there) == (None, True)
    assert alias.beside(released(1)) is AliasState.ELSEWHERE
    client.set_model_version_tag("lingji-small", made.version, "lingji.version", "1")
    client.set_model_version_tag("lingji-small", made.version, "lingji.digest", DIGESTS[3])
    # The number of a version that serves, with the digest of another.
    assert alias_of(home, "small").beside(released(1)) is AliasState.ELSEWHERE
    client.set_model_version_tag("lingji-small", made.version, "lingji.digest", DIGESTS[1])
    assert alias_of(home, "small").beside(released(1)) is AliasState.AGREES  # control


@pytest.mark.parametrize("content", [b"", b"no database at all, and long enough to be one" * 9])
def test_a_store_that_cannot_be_read_is_unknown(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STORE).write_bytes(content)
    alias = alias_of(tmp_path, "small")
    assert alias.unknown is not None
    assert alias.beside(released(1)) is AliasState.UNKNOWN


def test_a_store_that_is_being_written_is_unknown_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / STORE
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE registered_model_aliases (name, alias, version)")
        made.execute("CREATE TABLE model_version_tags (name, version, key, value)")
    assert alias_of(tmp_path, "small") == NOT_THERE  # control
    writing = sqlite3.connect(path, isolation_level=None)
    writing.execute("BEGIN EXCLUSIVE")
    assert alias_of(tmp_path, "small").unknown is not None
    writing.rollback()
    writing.close()
    assert alias_of(tmp_path, "small") == NOT_THERE


def test_whoever_looks_needs_no_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    assert alias_of(tmp_path, "small") == NOT_THERE
