"""Whether a file is another than it was: its time, its size, its place on the disk."""

from __future__ import annotations

from pathlib import Path

FileState = tuple[int, int, int] | None


def file_state(path: Path) -> FileState:
    """What changes when a file is written or replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
