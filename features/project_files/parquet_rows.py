"""Rows of a Parquet file, nested columns included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Fault, FileError
from features.project_files.arrow_values import Unfit, plain_values
from features.project_files.batch import BadRow, GoodRow, Origin, Row
from features.project_files.piece import Piece, ReadRows

_DAMAGED = (pa.ArrowException, OSError, ValueError)
_AGAIN = "the file is damaged or cut short: write or copy it again"
_BUFFER = 2**18
"""Bytes read ahead in each column. Without it a whole row group is read at once, which may be a
million rows."""

_GROUPS_AT_ONCE = 8
"""Row groups of together at most so many pieces are read by one reader."""


@dataclass(frozen=True)
class ParquetPiece:
    """Consecutive rows of a Parquet file, still in columns."""

    first: int
    batch: pa.RecordBatch

    @property
    def last(self) -> int:
        """The number of its last row."""
        return self.first + int(self.batch.num_rows) - 1

    def rows(self) -> list[Row]:
        """The rows as documents."""
        names = self.batch.schema.names
        columns = [plain_values(column) for column in self.batch.columns]
        records = zip(*columns, strict=True) if columns else [()] * self.batch.num_rows
        documents = [dict(zip(names, record, strict=True)) for record in records]
        unfit = {i for column in columns for i, v in enumerate(column) if type(v) is Unfit}
        return [
            BadRow(number, tuple(_faults(number, document)))
            if number - self.first in unfit
            else GoodRow(number, document)
            for number, document in enumerate(documents, start=self.first)
        ]

    def __reduce__(self) -> tuple[Any, ...]:
        # As Arrow's own bytes: pickled as it is, a batch would drag along what it is a part of.
        return _received, (self.first, _sent(self.batch))


def _sent(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _received(first: int, content: bytes) -> ParquetPiece:
    with pa.ipc.open_stream(content) as stream:
        return ParquetPiece(first, stream.read_next_batch())


def _faults(number: int, document: dict[str, Any]) -> Iterator[Fault]:
    for name, value in document.items():
        if isinstance(value, Unfit):
            yield Fault(number, name, "a number, a text, a date or a list", str(value))


def read_parquet(path: Path, size: int) -> tuple[Origin, Iterator[Piece]]:
    """How a Parquet file is read, and its rows, numbered from 1, in pieces of at most `size`.

    Raises:
        FileError: when its metadata cannot be read or two columns have the same name.
    """
    try:
        file = pq.ParquetFile(path, buffer_size=_BUFFER)
    except _DAMAGED as error:
        raise FileError(
            [Fault(None, None, "a Parquet file", _first_line(error), _AGAIN)]
        ) from error
    columns = tuple(file.schema_arrow.names)
    repeated = [name for name, count in Counter(columns).items() if count > 1]
    if repeated:
        file.close()
        got = "the same name again"
        raise FileError([Fault(None, name, "each column name once", got) for name in repeated])
    return Origin("parquet", columns=columns), _pieces(file, size)


def _pieces(file: pq.ParquetFile, size: int) -> Iterator[Piece]:
    number, total = 0, file.metadata.num_rows
    try:
        for batch in _batches(file, size):
            if batch.num_rows:
                yield ParquetPiece(number + 1, batch.replace_schema_metadata(None))
            number += batch.num_rows
    except _DAMAGED as error:
        expected = f"{total} rows, as the file announces"
        fault = Fault(number + 1, None, expected, f"only {number}: {_first_line(error)}", _AGAIN)
        yield ReadRows((BadRow(number + 1, (fault,)),))
    finally:
        file.close()


def _batches(file: pq.ParquetFile, size: int) -> Iterator[pa.RecordBatch]:
    """The rows of a file, a few row groups at a time: a reader of all would keep what it has read.

    Many tiny groups are read together, so that pieces are not tiny as well.
    """
    rows = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
    first = 0
    while first < len(rows):
        end, together = first + 1, rows[first]
        while end < len(rows) and together + rows[end] <= _GROUPS_AT_ONCE * size:
            together += rows[end]
            end += 1
        yield from file.iter_batches(size, range(first, end), use_threads=False)
        first = end


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0][:200] if lines else type(error).__name__
