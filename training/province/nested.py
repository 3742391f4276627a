"""Nested Arrow columns from flat arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def offsets_of(lengths: np.ndarray) -> pa.Array:
    """Offsets of lists with these lengths."""
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]), type=pa.int32())


def list_of_records(lengths: np.ndarray, fields: Mapping[str, pa.Array]) -> pa.Array:
    """One list of records per project from flat fields, in project order."""
    records = pa.StructArray.from_arrays(list(fields.values()), names=list(fields))
    return pa.ListArray.from_arrays(offsets_of(lengths), records)


def texts(values: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """A string column; null where `absent`."""
    return pa.array(values, type=pa.string(), mask=absent)


def pick(table: np.ndarray | tuple[str, ...], index: np.ndarray) -> pa.Array:
    """`table[index]` as a string column; null where the index is negative."""
    known = pa.array(index, mask=index < 0)
    return pc.take(pa.array(table, type=pa.string()), known)


def joined(*parts: pa.Array | str) -> pa.Array:
    """The parts of each row one after another; an absent part is empty."""
    return pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")


def integers(values: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """An integer column; null where `absent`."""
    whole = np.nan_to_num(np.asarray(values, dtype=float))
    return pa.array(np.rint(whole).astype(np.int64), mask=absent)


def numbers(values: np.ndarray) -> pa.Array:
    """A column of 64-bit numbers; null where the value is NaN."""
    return pa.array(np.asarray(values, dtype=np.float64), from_pandas=True)


def as_text(values: np.ndarray) -> pa.Array:
    """Whole numbers written as text."""
    return pc.cast(integers(values), pa.string())


def date_texts(year: np.ndarray, day: np.ndarray) -> pa.Array:
    """Dates as text: `day` 0–335 is spread over the year, 28 days a month."""
    start = np.datetime64("0000-01", "M")
    month = start + (np.asarray(year) * 12 + day // 28).astype("timedelta64[M]")
    dates = month.astype("datetime64[D]") + (day % 28).astype("timedelta64[D]")
    return texts(np.datetime_as_string(dates))
