"""The header of a table, and how a row of cells becomes a document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from features.errors import Fault, FileError
from features.project_files.batch import BadRow, GoodRow, Row

MOST_COLUMNS = 2_000
_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+%?")


def column_letters(index: int) -> str:
    """A column's name in a spreadsheet: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def blank(cells: Sequence[Any]) -> bool:
    """Whether every cell of a row is empty."""
    return all(cell is None for cell in cells)


@dataclass(frozen=True)
class Header:
    """The columns of a table; a column without a name must stay without values."""

    names: tuple[str | None, ...]

    @classmethod
    def of(cls, cells: Sequence[Any], row: int) -> Header:
        """The header that a row of cells holds.

        Raises:
            FileError: when it is not a row of distinct names.
        """
        names = tuple(None if cell is None else str(cell).strip() or None for cell in cells)
        while names and names[-1] is None:
            names = names[:-1]
        faults = list(_header_faults(names, row))
        if faults:
            raise FileError(faults)
        return cls(names)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(name for name in self.names if name is not None)

    def row(self, number: int, cells: Sequence[Any]) -> Row:
        """The row as a document; empty cells are None, cells beyond the header are faults."""
        if len(cells) == len(self.names) == len(self.columns):
            return GoodRow(number, dict(zip(self.columns, cells, strict=True)))
        faults = tuple(self._nameless(number, cells))
        if faults:
            return BadRow(number, faults)
        padded = (*cells, *[None] * (len(self.names) - len(cells)))
        pairs = zip(self.names, padded, strict=False)
        return GoodRow(number, {name: cell for name, cell in pairs if name is not None})

    def name_of(self, index: int) -> str:
        """How to name a column in a fault."""
        name = self.names[index] if index < len(self.names) else None
        return name or f"column {column_letters(index)}"

    def _nameless(self, number: int, cells: Sequence[Any]) -> list[Fault]:
        named = len(self.names)
        return [
            Fault(number, self.name_of(i), "a column with a name in the header", "a value without")
            for i, cell in enumerate(cells)
            if cell is not None and (i >= named or self.names[i] is None)
        ][:3]


# No message shows a cell: what stands in the wrong column may be somebody's telephone number.


def _header_faults(names: tuple[str | None, ...], row: int) -> list[Fault]:
    given = [name for name in names if name is not None]
    if not given:
        return [Fault(row, None, "a header row of column names", "an empty row")]
    if len(names) > MOST_COLUMNS:
        return [Fault(row, None, f"at most {MOST_COLUMNS} columns", f"{len(names)} columns")]
    if sum(map(_is_value, given)) * 2 > len(given):
        hint = "put the names of the columns into the first row"
        return [Fault(row, None, "a header row of column names", "a row of values", hint)]
    return [
        Fault(row, name, "each column name once", f"it stands in columns {_where(name, names)}")
        for name, count in Counter(given).items()
        if count > 1
    ]


def _is_value(name: str) -> bool:
    return bool(_NUMBER.fullmatch(name)) or name.startswith(("[", "{"))


def _where(name: str, names: tuple[str | None, ...]) -> str:
    return " and ".join(column_letters(i) for i, other in enumerate(names) if other == name)
