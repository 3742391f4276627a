"""Declared projects parsed from a file, row by row, good rows and faults side by side."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, parse_project
from features.errors import Fault, ProjectError
from features.file_columns import FileColumns, outcome_columns
from features.operations import UNKNOWN
from features.project_files import Document, GoodRow, Origin, Row, cut_projects
from features.value_parser import GREATEST, number_in


@dataclass(frozen=True)
class ParsedRow:
    """One row: a project with whatever outcomes the file carries, or the faults that refuse it."""

    number: int
    project: DeclaredProject | None
    outcomes: Mapping[str, float]
    faults: tuple[Fault, ...] = ()


Key = tuple[str, int]
"""A project's id and its round."""
ONCE = "each project once in a round"
"""What is expected where a project came again in the same round."""


def declared_once(row: ParsedRow, first_rows: dict[Key, int]) -> ParsedRow:
    """The row, refused when its project already came in the same round.

    Args:
        first_rows: the row in which each project and round came first; the row is entered.
    """
    if row.project is None:
        return row
    key = (row.project.project_id, row.project.year)
    first = first_rows.setdefault(key, row.number)
    if first == row.number:
        return row
    got = f"{key[0]} of {key[1]} again, first in row {first}"
    fault = Fault(row.number, None, ONCE, got, "keep one of the rows")
    return ParsedRow(row.number, None, {}, (fault,))


@dataclass(frozen=True)
class ParsedBatch:
    """Consecutive rows of a file, in file order; unread are columns the catalogue does not name."""

    rows: tuple[ParsedRow, ...]
    unread: tuple[str, ...]
    origin: Origin


def parse_rows(path: Path, catalogue: Catalogue, batch_size: int = 2000) -> Iterator[ParsedBatch]:
    """Every row of a file in batches of bounded size: rows in = rows out.

    Raises:
        FileError: when the file cannot be read, or lacks the column of a required field.
    """
    origin, pieces = cut_projects(path, batch_size)
    parser = None
    for piece in pieces:
        parser = parser or RowParser.of(origin, catalogue)
        yield ParsedBatch(parser.parsed(piece.rows()), parser.unread, origin)


@dataclass(frozen=True)
class RowParser:
    """Parses the rows of one file; columns is None for JSON, where fields bear their names."""

    columns: FileColumns | None
    catalogue: Catalogue
    outcomes: frozenset[str]

    @classmethod
    def of(cls, origin: Origin, catalogue: Catalogue) -> RowParser:
        """The parser for a file of that origin.

        Raises:
            FileError: when the column of a required field is missing, or one comes twice.
        """
        columns = FileColumns.of(origin.columns, catalogue) if origin.columns else None
        return cls(columns, catalogue, outcome_columns(catalogue))

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns of the file that the catalogue does not name."""
        return self.columns.unread if self.columns else ()

    def parsed(self, rows: Iterable[Row]) -> tuple[ParsedRow, ...]:
        """Each row as a project or as the faults that refuse it, in the order given."""
        return tuple(
            self._row(row.number, row.document)
            if isinstance(row, GoodRow)
            else ParsedRow(row.number, None, {}, row.faults)
            for row in rows
        )

    def _row(self, number: int, document: Document) -> ParsedRow:
        columns = self.columns
        wanted = columns.outcomes if columns else self.outcomes & document.keys()
        given = columns.document(document) if columns else _without(document, wanted)
        faults: list[Fault] = []
        outcomes = {name: outcome_number(name, document.get(name), faults) for name in wanted}
        project = None
        try:
            project = parse_project(given, self.catalogue, cells=columns is not None)
        except ProjectError as error:
            faults += [columns.as_in_file(f) for f in error.faults] if columns else error.faults
        if faults:
            return ParsedRow(number, None, {}, tuple(fault.at_row(number) for fault in faults))
        return ParsedRow(number, project, outcomes)


def _without(document: Document, names: Collection[str]) -> Document:
    if not names:
        return document
    return {name: value for name, value in document.items() if name not in names}


def outcome_number(name: str, value: Any, faults: list[Fault]) -> float:
    """An outcome as a number; NaN where there is none yet."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return UNKNOWN
    number = number_in(value) if isinstance(value, str) else value
    if isinstance(number, int | float) and abs(number) <= GREATEST:
        return float(number)
    if not (isinstance(value, float) and math.isnan(value)):
        faults.append(Fault(None, name, "an outcome as a number", repr(value)[:40]))
    return UNKNOWN
