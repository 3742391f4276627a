"""Rows of a CSV file; a row that cannot be read costs that row only."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from features.errors import Fault, FileError
from features.project_files import text_encoding
from features.project_files.batch import BadRow, Origin, Row
from features.project_files.table import Header

_SEPARATORS = ",\t;"
_NO_END = "a quotation mark that is not closed"


class _Lines:
    """Lines for the CSV parser, which remembers those of the current record.

    An unclosed quotation mark makes the parser swallow the lines that follow. They are then put
    back, so that only the line at fault is lost.
    """

    def __init__(self, lines: Iterator[str | None]) -> None:
        self._lines = lines
        self._put_back: deque[str] = deque()
        self._record: list[str] = []
        self._overlong = False

    def begin_record(self) -> None:
        self._record = []
        self._overlong = False

    def put_back_all_but_first(self) -> None:
        self._put_back.extendleft(reversed(self._record[1:]))

    @property
    def overlong(self) -> bool:
        """Whether the current record holds a line too long to be read."""
        return self._overlong

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._put_back.popleft() if self._put_back else next(self._lines)
        if line is None:
            self._overlong = True
            line = "\n"
        self._record.append(line)
        return line


Cells = tuple[str | None, ...]
Record = tuple[int, list[str] | Fault]
"""A row number with the texts between the separators, or with what is wrong there."""


@dataclass(frozen=True)
class CsvPiece:
    """Consecutive records of a CSV file, split into cells that are not yet looked at."""

    records: tuple[Record, ...]
    header: Header
    codec: str

    @property
    def first(self) -> int:
        """The number of its first row."""
        return self.records[0][0]

    @property
    def last(self) -> int:
        """The number of its last row."""
        return self.records[-1][0]

    def rows(self) -> Iterator[Row]:
        """The rows as documents, a damaged one as its faults."""
        for number, record in self.records:
            if isinstance(record, Fault):
                yield BadRow(number, (record,))
                continue
            cells = _cells(record)
            faults = tuple(_cell_faults(number, cells, self.header, self.codec))
            yield BadRow(number, faults) if faults else self.header.row(number, cells)


def read_csv(path: Path, size: int) -> tuple[Origin, Iterator[CsvPiece]]:
    """How a CSV file is read, and its rows in pieces of at most `size`; row 1 is the header.

    Raises:
        FileError: when there is no header, or it is damaged.
    """
    codec = text_encoding.find_encoding(path)
    records = _records(path, codec)
    cells, number = _first(records)
    header = Header.of(cells, number)
    if damaged := tuple(_cell_faults(number, cells, header, codec)):
        raise FileError(damaged)
    origin = Origin("csv", text_encoding.plain_name(codec), header.columns)
    return origin, _pieces(records, header, codec, size)


def _first(records: Iterator[Record]) -> tuple[Cells, int]:
    for number, record in records:
        if isinstance(record, Fault):
            raise FileError([record])
        return _cells(record), number
    raise FileError([Fault(1, None, "a header row of column names", "an empty file")])


def _pieces(records: Iterator[Record], header: Header, codec: str, size: int) -> Iterator[CsvPiece]:
    while piece := tuple(islice(records, size)):
        yield CsvPiece(piece, header, codec)


def _cells(record: list[str]) -> Cells:
    return tuple(None if not cell or cell.isspace() else cell for cell in record)


def _cell_faults(number: int, cells: Cells, header: Header, codec: str) -> Iterator[Fault]:
    wanted = len(header.names)
    if len(cells) < wanted:
        hint = "a separator is missing, or a line break stands outside quotation marks"
        yield Fault(number, None, f"{wanted} cells", f"{len(cells)}", hint)
    if text_encoding.sound("".join(filter(None, cells)), codec):
        return
    for index, cell in enumerate(cells):
        fault = cell and text_encoding.damage(number, header.name_of(index), cell, codec)
        if fault:
            yield fault


def _records(path: Path, codec: str) -> Iterator[Record]:
    """The records of a file; those without any value are passed over."""
    with text_encoding.open_text(path, codec) as stream:
        lines = _Lines(text_encoding.lines(stream))
        reader = csv.reader(lines, strict=True, delimiter=_separator(path, codec))
        number = 0
        while True:
            number += 1
            lines.begin_record()
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                lines.put_back_all_but_first()
                yield number, _syntax_fault(number, error)
                continue
            if lines.overlong:
                limit = f"a line of at most {text_encoding.LONGEST_LINE:,} characters"
                yield number, Fault(number, None, limit, "a longer one")
                continue
            if any(map(str.strip, record)):
                yield number, record


def _syntax_fault(number: int, error: csv.Error) -> Fault:
    if "field larger" in str(error):
        limit = f"cells of at most {csv.field_size_limit():,} characters"
        return Fault(number, None, limit, f"a longer one, or {_NO_END}")
    got = _NO_END if "unexpected end" in str(error) else f"a stray quotation mark ({error})"
    return Fault(number, None, "a row of CSV", got, "write a quotation mark inside a cell twice")


def _separator(path: Path, codec: str) -> str:
    """The separator that occurs most often in the first line; a comma where none does."""
    with text_encoding.open_text(path, codec) as stream:
        first = stream.readline(text_encoding.LONGEST_LINE)
    return max(_SEPARATORS, key=first.count)
