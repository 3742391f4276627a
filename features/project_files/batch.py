"""What reading a file of declared projects gives, in pieces of bounded size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from features.errors import Fault

Document = dict[str, Any]


@dataclass(frozen=True)
class GoodRow:
    """A project as the file gives it: field or column names to plain JSON values."""

    number: int
    document: Document


@dataclass(frozen=True)
class BadRow:
    """A row that could not be read, and why."""

    number: int
    faults: tuple[Fault, ...]


Row = GoodRow | BadRow


@dataclass(frozen=True)
class Origin:
    """How a file was read, so that it can be said.

    encoding: of text files ("utf-8", "gb18030", "utf-16"); None for the others.
    columns: the header of a table; empty for JSON, where each object has its own fields.
    sheet: the worksheet that was read; other_sheets: those that were not.
    """

    kind: str
    encoding: str | None = None
    columns: tuple[str, ...] = ()
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()

    @property
    def cells(self) -> bool:
        """Whether values are table cells, where a number or a code may have another type."""
        return bool(self.columns)

    def describe(self) -> str:
        """The origin in words, e.g. "csv in gb18030"."""
        words = f"{self.kind} in {self.encoding}" if self.encoding else self.kind
        if self.sheet is not None:
            words = f"{words}, sheet {self.sheet!r}"
        if self.other_sheets:
            words = f"{words}; not read: {', '.join(map(repr, self.other_sheets))}"
        return words


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of a file, in file order.

    documents: (row number, document) of each row that could be read.
    faults: of the rows that could not; each names its row.
    """

    documents: tuple[tuple[int, Document], ...]
    faults: tuple[Fault, ...]
    origin: Origin

    @property
    def refused_rows(self) -> tuple[int, ...]:
        """The numbers of the rows that could not be read, rising."""
        return tuple(sorted({fault.row for fault in self.faults if fault.row is not None}))

    @property
    def row_count(self) -> int:
        """How many rows of the file this batch accounts for."""
        return len(self.documents) + len(self.refused_rows)
