"""Files that hold secrets: written once and durably, and reachable by their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

OWNER_ONLY = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_new(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file that is not there yet; it is on the disk afterwards.

    Raises:
        FileExistsError: when there is one: it is never overwritten.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def open_to_others(path: Path) -> str | None:
    """The mode of a file that others than its owner can reach, such as 0644; None where none can.

    Raises:
        OSError: when there is no file.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    return f"{mode:04o}" if os.name == "posix" and mode & _OTHERS else None
