"""Columns of Arrow as plain JSON values, a column at a time where a column allows it."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from features.project_files.dates import plain_date

_UNREADABLE = (pa.ArrowException, ArithmeticError, ImportError, OSError, ValueError)


class Unfit(ValueError):
    """Stands for, or tells of, a value that a project document cannot hold."""


class _OneByOne(Exception):
    """Raised for a column whose values have to be looked at one by one."""


def plain_values(column: pa.Array) -> list[Any]:
    """The values of a column as JSON would hold them, an Unfit in the place of each that cannot be.

    NaN, which is how tables write "absent", becomes None.
    """
    try:
        return _together(column)
    except (_OneByOne, *_UNREADABLE):
        return [_value_or_unfit(scalar) for scalar in column]


def _together(column: pa.Array) -> list[Any]:
    """All values at once.

    Raises:
        _OneByOne: when one of them is, or may be, unfit.
    """
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind):
        return _list(column)
    if pa.types.is_integer(kind):
        return _whole_numbers(column)
    if pa.types.is_floating(kind):
        return _decimals(column)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _lists(column)
    if pa.types.is_struct(kind):
        return _records(column)
    if pa.types.is_dictionary(kind):
        return _together(column.dictionary_decode())
    if pa.types.is_null(kind):
        return [None] * len(column)
    raise _OneByOne


def _list(column: pa.Array) -> list[Any]:
    values: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
    return values


def _whole_numbers(column: pa.Array) -> list[Any]:
    if not column.null_count:
        return _list(column)
    # NumPy has no absent integer: with one it would make floats of them all.
    known = column.is_valid().to_numpy(zero_copy_only=False)
    values: list[Any] = column.fill_null(0).to_numpy().astype(object).tolist()
    return [value if here else None for value, here in zip(values, known.tolist(), strict=True)]


def _decimals(column: pa.Array) -> list[Any]:
    numbers = column.to_numpy(zero_copy_only=False)
    if np.isinf(numbers).any():
        raise _OneByOne
    values: list[Any] = numbers.tolist()
    if np.isnan(numbers).any():
        return [None if value != value else value for value in values]
    return values


def _lists(column: pa.Array) -> list[Any]:
    items = iter(_together(column.flatten()))
    lengths = column.value_lengths().fill_null(-1).to_numpy().tolist()
    return [None if length < 0 else list(islice(items, length)) for length in lengths]


def _records(column: pa.Array) -> list[Any]:
    names = [column.type.field(i).name for i in range(column.type.num_fields)]
    if not names or len(set(names)) < len(names):
        raise _OneByOne
    values = zip(*map(_together, column.flatten()), strict=True)
    records: list[Any] = [dict(zip(names, row, strict=True)) for row in values]
    if not column.null_count:
        return records
    known = column.is_valid().to_pylist()
    return [record if here else None for record, here in zip(records, known, strict=True)]


def _value_or_unfit(scalar: pa.Scalar) -> Any:
    try:
        return _plain(scalar.as_py())
    except Unfit as unfit:
        return unfit
    except _UNREADABLE:
        return Unfit(f"a value of type {scalar.type} that cannot be read")


def _plain(value: Any) -> Any:
    """A value as JSON would hold it.

    Raises:
        Unfit: when JSON cannot hold it.
    """
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
    raise Unfit(f"a value of type {type(value).__name__}")


def _finite(value: float) -> float | None:
    if math.isinf(value):
        raise Unfit("Infinity")
    return None if math.isnan(value) else value
