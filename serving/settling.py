"""What a process has loaded stays as long as it answers: collector and processor are told so."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

_HUGE = 2 << 20
_WANT_HUGE_PAGES = 14
"""Linux's MADV_HUGEPAGE: pages of two mebibytes are welcome here."""
_MAKE_THEM_NOW = 25
"""Its MADV_COLLAPSE, since 6.1; before, it makes them by and by."""
_MAPS = Path("/proc/self/maps")


def settle() -> None:
    """Free what is loaded no more; look through the rest no more, and have it in huge pages.

    To look through all that is loaded would keep a caller waiting. An answer touches objects all
    over it, and in pages of four kibibytes the processor would spend its time looking up where they
    are (decision 42). Where the system has no huge pages, that stays as it is.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    if sys.platform == "linux":
        _in_huge_pages()


def _in_huge_pages() -> None:
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in _heaps():
        for advice in (_WANT_HUGE_PAGES, _MAKE_THEM_NOW):
            advise(start, end - start, advice)  # what it refuses stays in small pages


def _heaps() -> Iterator[tuple[int, int]]:
    """Where memory of the process itself begins and ends, as far as a huge page fits in."""
    for line in _MAPS.read_text(encoding="ascii", errors="replace").splitlines():
        where, access, _, _, _, *named = line.split()
        start, end = (int(each, 16) for each in where.split("-"))
        if access == "rw-p" and named in ([], ["[heap]"]) and end - start >= _HUGE:
            yield start, end
