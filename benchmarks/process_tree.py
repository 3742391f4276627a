"""A process with all that it has started: which they are, and the memory of all together.

Memory is the proportional set size (PSS): a page that several processes share counts once.
"""

from __future__ import annotations

import contextlib
import resource
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_KIBIBYTE = 1024
_PAUSE = 0.1


def family(pid: int) -> list[int]:
    """The process and every descendant that is alive; only itself where the system cannot tell."""
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        found.append(parent)
        with contextlib.suppress(OSError):
            for told in (_PROC / str(parent) / "task").glob("*/children"):
                waiting += [int(child) for child in told.read_text().split()]
    return found


def workers(pid: int) -> int:
    """How many processes answer: the children, without those that only keep books; else itself."""
    return max(1, sum(not _keeps_books(child) for child in family(pid)[1:]))


def _keeps_books(pid: int) -> bool:
    try:
        said = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return True
    return b"resource_tracker" in said


def memory(pid: int) -> int | None:
    """Bytes of PSS of the process and its descendants together; None where it cannot be read."""
    sizes = [_pss(member) for member in family(pid)]
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def _pss(pid: int) -> int | None:
    try:
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * _KIBIBYTE
    except OSError:
        pass  # it has ended, or it is not ours to look into, or there is no /proc
    return None


@dataclass
class Peak:
    """The most memory seen so far, in bytes, and how it was seen."""

    bytes: int = 0
    how: str = "sampled PSS"
    _ended: threading.Event = field(default_factory=threading.Event)

    def watch(self, pid: int) -> None:
        """Look again and again until told that it has ended."""
        while not self._ended.wait(_PAUSE):
            self.bytes = max(self.bytes, memory(pid) or 0)


@contextlib.contextmanager
def peak_of(pid: int) -> Iterator[Peak]:
    """While inside, the memory of a process tree is sampled; the peak is final at the end.

    Where the system tells no PSS, it is the largest resident set of any child so far.
    """
    peak = Peak()
    watcher = threading.Thread(target=peak.watch, args=(pid,), daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        peak._ended.set()
        watcher.join()
        if not peak.bytes:
            peak.bytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _KIBIBYTE
            peak.how = "largest resident set of a child"
