"""The kinds of result file: csv, xlsx, parquet and jsonl.

Each has two halves. Encoding turns rows into bytes; it needs nothing but the rows and may be done
anywhere, for several batches at once. The sink puts encoded batches into one file, in order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from features.errors import Fault, FileError
from serving.files.result_columns import Cell, Columns

MOST_SHEET_ROWS = 1_048_576
LONGEST_SHEET_TEXT = 32_767
GROUP_ROWS = 10_000
GROUP_BYTES = 32 * 2**20
"""A row group of Parquet ends with the batch that reaches one of these: what waits for its group is
held in memory, and the file's index holds every group."""

_CUT = "… [cut: a cell of Excel holds 32,767 characters]"
_LIVE = ("=", "+", "-", "@", "\t", "\r")

Values = Sequence[Sequence[Cell]]
"""The values of each column."""


class Sink(Protocol):
    """One result file, open for encoded batches of rows."""

    def append(self, encoded: bytes) -> None: ...

    def close(self) -> None: ...


class ResultKind(NamedTuple):
    """How a kind of file is made: rows to bytes, and bytes to the file."""

    encode: Callable[[Values, Columns], bytes]
    sink: Callable[[Path, Columns], Sink]


def _csv(values: Values, columns: Columns) -> bytes:
    """Lines of csv as `csv.writer` makes them, a column at a time, with no live formula."""
    texts = [
        [_csv_text(cell) for cell in column] if kind is str else list(map(_csv_value, column))
        for column, kind in zip(values, columns.values(), strict=True)
    ]
    # A line of one empty cell would be no row at all, were it not quoted.
    lines = (",".join(row) or '""' for row in zip(*texts, strict=True))
    return "".join(f"{line}\r\n" for line in lines).encode()


def _csv_text(text: Any) -> str:
    """A text, with a leading apostrophe if a spreadsheet would calculate it."""
    if not text:
        return ""
    inert = f"'{text}" if text.startswith(_LIVE) else text
    if '"' in inert or "," in inert or "\n" in inert or "\r" in inert:
        return '"' + inert.replace('"', '""') + '"'
    return str(inert)


def _csv_value(value: Cell) -> str:
    return "" if value is None else repr(value)


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as lines of csv, with the mark that Excel needs, and no text that is a live formula."""
    lines = (
        ",".join(_csv_text(c) if isinstance(c, str) else _csv_value(c) for c in row) for row in rows
    )
    return "".join(["\ufeff", *(f"{line}\r\n" for line in lines)]).encode()


class _CsvSink:
    """UTF-8 with the mark that Excel needs to see Chinese; no text is a live formula."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._stream = path.open("wb")
        header = ",".join(map(_csv_text, columns))
        self._stream.write(f"\ufeff{header}\r\n".encode())

    def append(self, encoded: bytes) -> None:
        self._stream.write(encoded)

    def close(self) -> None:
        self._stream.close()


def _json_lines(values: Values, columns: Columns) -> bytes:
    """One object per line, Chinese as it is."""
    encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True))
    return "".join(f"{encoded(row)}\n" for row in rows).encode()


class _JsonLinesSink:
    def __init__(self, path: Path, columns: Columns) -> None:
        self._stream = path.open("wb")

    def append(self, encoded: bytes) -> None:
        self._stream.write(encoded)

    def close(self) -> None:
        self._stream.close()


_TYPES: Mapping[type, Any] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}


def _schema(columns: Columns) -> pa.Schema:
    return pa.schema([(name, _TYPES[kind]) for name, kind in columns.items()])


def _parquet(values: Values, columns: Columns) -> bytes:
    schema = _schema(columns)
    arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
    encoded: bytes = pa.record_batch(arrays, schema=schema).serialize().to_pybytes()
    return encoded


class _ParquetSink:
    """Typed columns, in row groups of several batches."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._schema = _schema(columns)
        self._writer = pq.ParquetWriter(path, self._schema)
        self._group: list[Any] = []

    def append(self, encoded: bytes) -> None:
        self._group.append(pa.ipc.read_record_batch(pa.py_buffer(encoded), self._schema))
        rows = sum(batch.num_rows for batch in self._group)
        if rows >= GROUP_ROWS or sum(batch.nbytes for batch in self._group) >= GROUP_BYTES:
            self._end_group()

    def _end_group(self) -> None:
        if self._group:
            self._writer.write_table(pa.Table.from_batches(self._group, self._schema))
        self._group = []

    def close(self) -> None:
        try:
            self._end_group()
        finally:
            self._writer.close()


def _sheet_rows(values: Values, columns: Columns) -> bytes:
    """The rows as JSON: a worksheet can only be written by the one who has it open."""
    return json.dumps(list(zip(*values, strict=True))).encode()


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
        self._write([list(columns)])

    def append(self, encoded: bytes) -> None:
        self._write(json.loads(encoded))

    def _write(self, rows: Sequence[Sequence[Cell]]) -> None:
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


KINDS: Mapping[str, ResultKind] = {
    ".csv": ResultKind(_csv, _CsvSink),
    ".xlsx": ResultKind(_sheet_rows, _XlsxSink),
    ".parquet": ResultKind(_parquet, _ParquetSink),
    ".jsonl": ResultKind(_json_lines, _JsonLinesSink),
}
"""How the files of each name ending are made."""
