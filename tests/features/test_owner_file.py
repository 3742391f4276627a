"""Files that hold secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from features.owner_file import open_to_others, write_new


def test_a_new_file_is_its_owners_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret"
    write_new(path, b"first")
    assert open_to_others(path) is None
    with pytest.raises(FileExistsError):
        write_new(path, b"second")
    assert path.read_bytes() == b"first"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610])
def test_a_file_that_others_can_reach_is_told_by_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    write_new(path, b"")
    path.chmod(mode)
    assert open_to_others(path) == f"{mode:04o}"


def test_a_file_is_found_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads a key while it is being made must not take half of it for all."""
    path = tmp_path / "seal.key"
    synced = os.fsync
    seen: list[bool] = []

    def looked(handle: int) -> None:
        seen.append(path.exists())
        synced(handle)

    monkeypatch.setattr(os, "fsync", looked)
    write_new(path, b"whole")
    assert seen == [False]
    assert path.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["seal.key"]


def test_a_file_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_new(tmp_path / "seal.key", b"whole")
    assert os.listdir(tmp_path) == []
