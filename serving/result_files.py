"""Results as csv, xlsx, parquet or jsonl, written row by row and only ever seen complete."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from features.errors import Fault, FileError

Cell = str | int | float | bool | None
Columns = Mapping[str, type[str] | type[int] | type[float] | type[bool]]

MOST_SHEET_ROWS = 1_048_576
LONGEST_SHEET_TEXT = 32_767
_CUT = "… [cut: a cell of Excel holds 32,767 characters]"
_LIVE = re.compile(r"[=+\-@\t\r]")


class Sink(Protocol):
    """One kind of file, open for rows; each row holds a cell for every column, in order."""

    def write(self, rows: Sequence[Sequence[Cell]]) -> None: ...

    def close(self) -> None: ...


class ResultWriter:
    """Writes rows to a file that appears under its name when, and only when, all is written.

    Inside `with`, rows go to a hidden folder beside the target; leaving normally renames, leaving
    by an exception removes, and a file that was there before stays untouched until the rename.
    `count` is the number of rows written.

    >>> columns = {"project_id": str, "necessity": float}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with ResultWriter(f"{folder}/results.jsonl", columns) as results:
    ...         results.write([{"project_id": "A1", "necessity": 78.2}])
    ...     Path(folder, "results.jsonl").read_text()
    '{"project_id": "A1", "necessity": 78.2}\\n'
    """

    def __init__(self, path: str | Path, columns: Columns) -> None:
        """Prepare to write `columns`: names to the type of their values, any of which may be None.

        Raises:
            FileError: when the ending of `path` is not one of KINDS, or its folder is not there.
        """
        self._path = Path(path)
        self._columns = dict(columns)
        self._closing = ExitStack()
        self.count = 0
        faults = list(_path_faults(self._path))
        if faults:
            raise FileError(faults, str(path))

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            folder = opening.enter_context(
                tempfile.TemporaryDirectory(prefix=".writing-", dir=self._path.parent)
            )
            self._part = Path(folder) / self._path.name
            self._sink = KINDS[self._path.suffix.lower()](self._part, self._columns)
            self._closing = opening.pop_all()
        return self

    def write(self, rows: Iterable[Mapping[str, Cell]]) -> None:
        """Write rows; a column that a row does not name is empty.

        Raises:
            ValueError: when a row names another column, or a value has not its column's type.
            FileError: when the kind of file cannot hold so many rows.
        """
        cells = [self._cells(row) for row in rows]
        self._sink.write(cells)
        self.count += len(cells)

    def _cells(self, row: Mapping[str, Cell]) -> list[Cell]:
        if unknown := row.keys() - self._columns.keys():
            raise ValueError(f"columns that were not announced: {', '.join(sorted(unknown))}")
        return [_checked(row.get(name), kind, name) for name, kind in self._columns.items()]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._closing:
            self._sink.close()
            if error is None:
                _keep(self._part)
                os.replace(self._part, self._path)


def _path_faults(path: Path) -> list[Fault]:
    if path.suffix.lower() not in KINDS:
        expected = f"a file ending in {', '.join(KINDS)}"
        return [Fault(None, None, expected, path.suffix or "no ending")]
    if not path.parent.is_dir():
        return [Fault(None, None, "a folder that exists", str(path.parent), "make it first")]
    if path.is_dir():
        return [Fault(None, None, "a file name", "the name of a folder")]
    return []


def _checked(value: Cell, kind: type, name: str) -> Cell:
    """The value in its column's type.

    Raises:
        ValueError: when it has another type or is not finite.
    """
    if value is None:
        return None
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name}: expected {kind.__name__}, got {type(value).__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name}: expected a finite number, got {value}")
    return float(value) if kind is float else value


def _keep(path: Path) -> None:
    """Have the file's bytes on the disk before its name is."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


class _CsvSink:
    """UTF-8 with the mark that Excel needs to see Chinese; no text is a live formula."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._stream = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._stream)
        self._writer.writerow(list(map(_inert, columns)))

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        self._writer.writerows([_inert(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._stream.close()


def _inert(cell: Cell) -> Cell:
    """The cell with a leading apostrophe if it is a text that a spreadsheet would calculate."""
    return f"'{cell}" if isinstance(cell, str) and _LIVE.match(cell) else cell


class _XlsxSink:
    """A workbook of one sheet in which texts stay texts."""

    def __init__(self, path: Path, columns: Columns) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": str(path.parent),
        }
        self._book = xlsxwriter.Workbook(path, options)
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._rows = 0
        self.write([list(columns)])

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        if self._rows + len(rows) > MOST_SHEET_ROWS:
            expected = f"at most {MOST_SHEET_ROWS - 1:,} results in a worksheet"
            raise FileError([Fault(None, None, expected, "more", "write csv, parquet or jsonl")])
        for row in rows:
            for column, cell in enumerate(row):
                self._write_cell(column, cell)
            self._rows += 1

    def _write_cell(self, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            if len(cell) > LONGEST_SHEET_TEXT:
                cell = cell[: LONGEST_SHEET_TEXT - len(_CUT)] + _CUT
            self._sheet.write_string(self._rows, column, cell)
        elif cell is not None:
            self._sheet.write(self._rows, column, cell)

    def close(self) -> None:
        self._book.close()


class _ParquetSink:
    """Typed columns; a row group for each call of write."""

    _TYPES: Mapping[type, Any] = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
    }

    def __init__(self, path: Path, columns: Columns) -> None:
        fields = [(name, self._TYPES[kind]) for name, kind in columns.items()]
        self._schema = pa.schema(fields)
        self._writer = pq.ParquetWriter(path, self._schema)

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        names = self._schema.names
        columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
        self._writer.write_table(pa.table(columns, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


class _JsonLinesSink:
    """One object per line, Chinese as it is."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._stream = path.open("w", encoding="utf-8")
        self._names = tuple(columns)

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            document = dict(zip(self._names, row, strict=True))
            line = json.dumps(document, ensure_ascii=False, allow_nan=False)
            self._stream.write(line + "\n")

    def close(self) -> None:
        self._stream.close()


KINDS: Mapping[str, Callable[[Path, Columns], Sink]] = {
    ".csv": _CsvSink,
    ".xlsx": _XlsxSink,
    ".parquet": _ParquetSink,
    ".jsonl": _JsonLinesSink,
}
"""The writer of each file name ending."""
