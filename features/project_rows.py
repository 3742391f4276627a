"""Declared projects parsed from a file, row by row, good rows and faults side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, parse_project
from features.errors import Fault, ProjectError
from features.file_columns import FileColumns, outcome_columns
from features.operations import UNKNOWN
from features.project_files import Batch, Origin, read_projects
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
    fault = Fault(row.number, None, "each project once in a round", got, "keep one of the rows")
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
    columns: FileColumns | None = None
    for batch in read_projects(path, batch_size):
        if columns is None and batch.origin.columns:
            columns = FileColumns.of(batch.origin.columns, catalogue)
        yield _parsed(batch, columns, catalogue)


def _parsed(batch: Batch, columns: FileColumns | None, catalogue: Catalogue) -> ParsedBatch:
    rows = [_row(number, document, columns, catalogue) for number, document in batch.documents]
    for number in batch.refused_rows:
        faults = tuple(fault for fault in batch.faults if fault.row == number)
        rows.append(ParsedRow(number, None, {}, faults))
    rows.sort(key=lambda row: row.number)
    return ParsedBatch(tuple(rows), columns.unread if columns else (), batch.origin)


def _row(
    number: int, document: dict[str, Any], columns: FileColumns | None, catalogue: Catalogue
) -> ParsedRow:
    wanted = columns.outcomes if columns else outcome_columns(catalogue) & document.keys()
    given = columns.document(document) if columns else _without(document, wanted)
    faults: list[Fault] = []
    outcomes = {name: outcome_number(name, document.get(name), faults) for name in wanted}
    project = None
    try:
        project = parse_project(given, catalogue, cells=columns is not None)
    except ProjectError as error:
        faults += [columns.as_in_file(f) for f in error.faults] if columns else error.faults
    if faults:
        return ParsedRow(number, None, {}, tuple(fault.at_row(number) for fault in faults))
    return ParsedRow(number, project, outcomes)


def _without(document: dict[str, Any], names: Any) -> dict[str, Any]:
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
