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
