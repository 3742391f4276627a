"""Merged cells of a worksheet: a header in several rows, and texts that stand for several rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from features.errors import Fault
from features.project_files.table import Header
from features.project_files.workbook_scan import Merge

Cells = tuple[Any, ...]
Numbered = tuple[int, Cells]


def read_header(rows: Iterator[Numbered], merges: Sequence[Merge]) -> Numbered:
    """(last row, names) of the header, taken from `rows`.

    Titles above it, merged over several columns, are passed over. In a header of several rows, the
    lowest name of each column counts: under 金额 merged over 申请 and 审定, these two.
    """
    for number, cells in rows:
        if any(cell is not None for cell in cells) and not _title(number, cells, merges):
            last = _last_header_row(number, merges)
            lower = (next(rows)[1] for _ in range(last - number))
            return last, _lowest_names([cells, *lower])
    return 1, ()


def _title(number: int, cells: Cells, merges: Sequence[Merge]) -> bool:
    filled = [index for index, cell in enumerate(cells) if cell is not None]
    return len(filled) == 1 and any(
        m.wide and m.first_row == number and m.first_column == filled[0] for m in merges
    )


def _last_header_row(first: int, merges: Sequence[Merge]) -> int:
    here = [merge for merge in merges if merge.first_row == first]
    last = max((merge.last_row for merge in here), default=first)
    return first + 1 if last == first and any(merge.wide for merge in here) else last


def _lowest_names(rows: Sequence[Cells]) -> Cells:
    width = max(map(len, rows))
    padded = [(*row, *[None] * (width - len(row))) for row in rows]
    return tuple(
        next((cell for cell in reversed(column) if cell is not None), None)
        for column in zip(*padded, strict=True)
    )


class MergedCells:
    """Gives rows below the header the texts that are merged over them.

    Only texts are repeated. An amount merged over three projects is not three times that amount,
    and a value merged over several columns does not say which it belongs to: these are faults.
    """

    def __init__(self, merges: Iterable[Merge], header: Header, below: int) -> None:
        self._header = header
        self._waiting = [merge for merge in reversed(list(merges)) if merge.first_row > below]
        self._open: list[tuple[Merge, Any]] = []

    def fill(self, number: int, cells: Cells) -> Cells | tuple[Fault, ...]:
        """The row with what is merged into it, or the faults; to be called with rising numbers."""
        self._open = [(merge, value) for merge, value in self._open if merge.last_row >= number]
        while self._waiting and self._waiting[-1].first_row <= number:
            merge = self._waiting.pop()
            if merge.first_column < len(cells) and cells[merge.first_column] is not None:
                self._open.append((merge, cells[merge.first_column]))
        faults = tuple(
            Fault(number, self._header.name_of(m.first_column), _EXPECTED, "a merged cell", _HINT)
            for m, value in self._open
            if m.wide or not isinstance(value, str)
        )
        return faults or self._filled(cells)

    def _filled(self, cells: Cells) -> Cells:
        if not self._open:
            return cells
        width = max(merge.first_column for merge, _ in self._open) + 1
        filled = [*cells, *[None] * (width - len(cells))]
        for merge, value in self._open:
            filled[merge.first_column] = value
        return tuple(filled)


_EXPECTED = "one cell per project and column"
_HINT = "unmerge it and write each project's own value"
