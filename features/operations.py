"""Column operations: the closed set of named calculations that a catalogue may declare.

Every operation takes one array per argument, shape (n,), and returns one array, shape (n,).
Numbers are float64 with NaN for "unknown"; texts and categories are object arrays of str or None.
An unknown argument gives an unknown result unless the operation's description says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

Numbers = npt.NDArray[np.float64]
Column = npt.NDArray[Any]

Words = Annotated[Sequence[str], Field(min_length=1)]

MANY = 64
UNKNOWN = float("nan")

MOST = 1e290
"""The greatest magnitude of a result, so that sums of results are numbers still."""


@dataclass(frozen=True)
class ColumnOperation:
    """A named calculation on whole columns.

    Args:
        arguments: least and greatest number of arguments.
        function: the calculation; keyword arguments are the catalogue's `options`.
        takes: "numbers", "texts", or "any".
        gives: "number", "flag" or "category".
        required / optional: names of the options that must / may be given.
    """

    arguments: tuple[int, int]
    function: Callable[..., Column]
    takes: str = "numbers"
    gives: str = "number"
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    @property
    def description(self) -> str:
        """The first line of the function's docstring."""
        return (self.function.__doc__ or "").strip().splitlines()[0]


def _finite(column: Numbers) -> Numbers:
    """The column, unknown where a result is beyond `MOST`."""
    return np.where(np.abs(column) <= MOST, column, UNKNOWN)


def _divide(above: Numbers, below: Numbers) -> Numbers:
    with np.errstate(all="ignore"):
        return _finite(above / below)


def _sum_and_count(columns: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """The sum of the known values of each row, and how many there are.

    Column by column: NumPy's own sum over an axis adds one row in another order than many rows, so
    that the last bit of a row would depend on its neighbours.
    """
    zeros = np.zeros(columns[0].shape)
    sums = reduce(lambda a, b: a + np.where(np.isnan(b), 0.0, b), columns, zeros)
    return sums, np.asarray(reduce(lambda a, b: a + ~np.isnan(b), columns, zeros))


def ratio(above: Numbers, below: Numbers) -> Numbers:
    """First ÷ second; unknown where the second is zero."""
    return _divide(above, below)


def growth(now: Numbers, before: Numbers) -> Numbers:
    """(First − second) ÷ |second|; unknown where the second is zero."""
    return _divide(now - before, np.abs(before))


def difference(left: Numbers, right: Numbers) -> Numbers:
    """First − second."""
    return left - right


def total(*columns: Numbers) -> Numbers:
    """Sum of the known values; unknown where none is known."""
    sums, known = _sum_and_count(columns)
    return np.where(known > 0, sums, UNKNOWN)


def product(*columns: Numbers) -> Numbers:
    """Product of all values."""
    with np.errstate(over="ignore", under="ignore"):
        return _finite(np.asarray(reduce(np.multiply, columns), dtype=np.float64))


def mean(*columns: Numbers) -> Numbers:
    """Mean of the known values; unknown where none is known."""
    sums, known = _sum_and_count(columns)
    return _divide(sums, known)


def minimum(*columns: Numbers) -> Numbers:
    """Smallest known value; unknown where none is known."""
    return np.asarray(reduce(np.fmin, columns), dtype=np.float64)


def maximum(*columns: Numbers) -> Numbers:
    """Greatest known value; unknown where none is known."""
    return np.asarray(reduce(np.fmax, columns), dtype=np.float64)


def first_known(*columns: Numbers) -> Numbers:
    """The first value that is known, in the order given."""
    return np.asarray(reduce(lambda a, b: np.where(np.isnan(a), b, a), columns), dtype=np.float64)


def logarithm(column: Numbers, plus: float = 0.0) -> Numbers:
    """Natural logarithm of value + `plus`; unknown where that is not positive."""
    shifted = column + plus
    result = np.full(column.shape, UNKNOWN)
    np.log(shifted, out=result, where=shifted > 0)
    return result


def years_since(now: Numbers, then: Numbers) -> Numbers:
    """Whole years from the second (a year or a date's year) to the first."""
    return np.floor(now) - np.floor(then)


def is_missing(column: Column) -> Numbers:
    """1 where the value is unknown or an empty text, else 0."""
    return (~_present(column)).astype(np.float64)


def count_known(*columns: Column) -> Numbers:
    """How many of the values are known."""
    return np.asarray(np.sum([_present(c) for c in columns], axis=0), dtype=np.float64)


def _present(column: Column) -> npt.NDArray[np.bool_]:
    if column.dtype == object:
        return np.array([value is not None and value != "" for value in column], dtype=bool)
    return ~np.isnan(column)


def _flag(condition: npt.NDArray[np.bool_], *columns: Numbers) -> Numbers:
    unknown = np.any([np.isnan(column) for column in columns], axis=0)
    return np.where(unknown, UNKNOWN, condition.astype(np.float64))


def at_least(column: Numbers, value: float) -> Numbers:
    """1 where the value is at least `value`, else 0."""
    return _flag(column >= value, column)


def below(column: Numbers, value: float) -> Numbers:
    """1 where the value is less than `value`, else 0."""
    return _flag(column < value, column)


def limited(column: Numbers, low: float | None = None, high: float | None = None) -> Numbers:
    """The value, held within `low` and `high`."""
    bounds: tuple[float, float] = (
        -np.inf if low is None else low,
        np.inf if high is None else high,
    )
    return np.asarray(np.clip(column, *bounds), dtype=np.float64)


def unknown_if_zero(column: Numbers) -> Numbers:
    """The value, with zero read as unknown (where a form prints a blank as 0)."""
    return np.where(column == 0, UNKNOWN, column)


def band(column: Numbers, edges: Sequence[float], codes: Sequence[str]) -> Column:
    """The code of the band that the value falls in; band i is [edges[i-1], edges[i])."""
    positions = np.searchsorted(np.asarray(edges, dtype=np.float64), column, side="right")
    found = np.asarray(codes, dtype=object)[positions]
    found[np.isnan(column)] = None
    return found


def _per_text(column: Column, measure: Callable[[str], float]) -> Numbers:
    return np.array([UNKNOWN if v is None else measure(v) for v in column], dtype=np.float64)


def text_length(column: Column) -> Numbers:
    """Number of characters, blanks aside; 0 for an absent text."""
    return np.array([0.0 if v is None else len("".join(v.split())) for v in column], dtype=float)


def contains_any(column: Column, words: Words) -> Numbers:
    """1 where the text contains any of `words`, else 0."""
    found = re.compile("|".join(map(re.escape, words))).search
    return _per_text(column, lambda text: float(found(text) is not None))


def count_words(column: Column, words: Words) -> Numbers:
    """How many times any of `words` occurs in the text."""
    found = re.compile("|".join(map(re.escape, words))).findall
    return _per_text(column, lambda text: float(len(found(text))))


def count_parts(column: Column, separator: str) -> Numbers:
    """How many non-blank parts the text has when split at `separator`; 0 for an absent text."""
    return np.array(
        [
            0.0 if v is None else sum(1 for part in v.split(separator) if part.strip())
            for v in column
        ]
    )


def equals_any(column: Column, values: Sequence[str]) -> Numbers:
    """1 where the category or text is one of `values`, else 0."""
    wanted = frozenset(values)
    return _per_text(column, lambda text: float(text in wanted))


def prefix(column: Column, length: int) -> Column:
    """The first `length` characters of a code."""
    return np.array([None if v is None else v[:length] for v in column], dtype=object)


def _bigrams(text: str) -> frozenset[str]:
    letters = re.sub(r"\W+", "", text)
    return frozenset(letters[i : i + 2] for i in range(len(letters) - 1))


def text_similarity(left: Column, right: Column) -> Numbers:
    """Share of character pairs that two texts have in common (Jaccard, 0 to 1)."""

    def similarity(a: str | None, b: str | None) -> float:
        if not a or not b:
            return UNKNOWN
        one, two = _bigrams(a), _bigrams(b)
        union = len(one | two)
        return len(one & two) / union if union else UNKNOWN

    return np.array([similarity(a, b) for a, b in zip(left, right, strict=True)], dtype=np.float64)


COLUMN_OPERATIONS: Mapping[str, ColumnOperation] = {
    "ratio": ColumnOperation((2, 2), ratio),
    "growth": ColumnOperation((2, 2), growth),
    "difference": ColumnOperation((2, 2), difference),
    "sum": ColumnOperation((1, MANY), total),
    "product": ColumnOperation((2, MANY), product),
    "mean": ColumnOperation((1, MANY), mean),
    "minimum": ColumnOperation((1, MANY), minimum),
    "maximum": ColumnOperation((1, MANY), maximum),
    "first_known": ColumnOperation((2, MANY), first_known),
    "logarithm": ColumnOperation((1, 1), logarithm, optional=frozenset({"plus"})),
    "years_since": ColumnOperation((2, 2), years_since),
    "limited": ColumnOperation((1, 1), limited, optional=frozenset({"low", "high"})),
    "unknown_if_zero": ColumnOperation((1, 1), unknown_if_zero),
    "at_least": ColumnOperation((1, 1), at_least, gives="flag", required=frozenset({"value"})),
    "below": ColumnOperation((1, 1), below, gives="flag", required=frozenset({"value"})),
    "is_missing": ColumnOperation((1, 1), is_missing, takes="any", gives="flag"),
    "count_known": ColumnOperation((1, MANY), count_known, takes="any"),
    "band": ColumnOperation((1, 1), band, gives="category", required=frozenset({"edges", "codes"})),
    "text_length": ColumnOperation((1, 1), text_length, takes="texts"),
    "contains_any": ColumnOperation(
        (1, 1), contains_any, takes="texts", gives="flag", required=frozenset({"words"})
    ),
    "count_words": ColumnOperation(
        (1, 1), count_words, takes="texts", required=frozenset({"words"})
    ),
    "count_parts": ColumnOperation(
        (1, 1), count_parts, takes="texts", required=frozenset({"separator"})
    ),
    "equals_any": ColumnOperation(
        (1, 1), equals_any, takes="texts", gives="flag", required=frozenset({"values"})
    ),
    "prefix": ColumnOperation(
        (1, 1), prefix, takes="texts", gives="category", required=frozenset({"length"})
    ),
    "text_similarity": ColumnOperation((2, 2), text_similarity, takes="texts"),
}
