"""Rows of a Parquet file, nested columns included."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import Fault, FileError
from features.project_files.batch import BadRow, GoodRow, Origin, Row
from features.project_files.dates import plain_date

_ROWS_AT_A_TIME = 1_000
_DAMAGED = (pa.ArrowException, OSError, ValueError)
_AGAIN = "the file is damaged or cut short: write or copy it again"


class _Unfit(ValueError):
    """A value that a project document cannot hold."""


def read_parquet(path: Path) -> tuple[Origin, Iterator[Row]]:
    """How a Parquet file is read, and its rows, numbered from 1.

    Raises:
        FileError: when its metadata cannot be read or two columns have the same name.
    """
    try:
        file = pq.ParquetFile(path)
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
    return Origin("parquet", columns=columns), _rows(file)


def _rows(file: pq.ParquetFile) -> Iterator[Row]:
    number, total = 0, file.metadata.num_rows
    try:
        for batch in file.iter_batches(_ROWS_AT_A_TIME, use_threads=False):
            for document in batch.to_pylist():
                number += 1
                yield _row(number, document)
    except _DAMAGED as error:
        expected = f"{total} rows, as the file announces"
        fault = Fault(number + 1, None, expected, f"only {number}: {_first_line(error)}", _AGAIN)
        yield BadRow(number + 1, (fault,))
    finally:
        file.close()


def _row(number: int, values: dict[str, Any]) -> Row:
    document: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in values.items():
        try:
            document[name] = _plain(value)
        except _Unfit as error:
            faults.append(Fault(number, name, "a number, a text, a date or a list", str(error)))
    return BadRow(number, tuple(faults)) if faults else GoodRow(number, document)


def _plain(value: Any) -> Any:
    """A value as JSON would hold it; NaN, which is how tables write "absent", becomes None."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, Decimal):
        return _finite(float(value))
    if isinstance(value, date):
        return plain_date(value)
    raise _Unfit(f"a value of type {type(value).__name__}")


def _finite(value: float) -> float | None:
    if math.isinf(value):
        raise _Unfit("Infinity")
    return None if math.isnan(value) else value


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0][:200] if lines else type(error).__name__
