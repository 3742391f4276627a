"""Files that hold secrets: written once and durably, and reachable by their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from tempfile import mkstemp

OWNER_ONLY = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_new(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file that is not there yet; whoever finds it finds it whole, and on the disk.

    Raises:
        FileExistsError: when there is one: it is never overwritten.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, waiting = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(waiting, mode)
        os.link(waiting, path)  # unlike a move, it fails where there is a file
    finally:
        os.unlink(waiting)


def open_to_others(path: Path) -> str | None:
    """The mode of a file that others than its owner can reach, such as 0644; None where none can.

    Raises:
        OSError: when there is no file.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    return f"{mode:04o}" if os.name == "posix" and mode & _OTHERS else None
