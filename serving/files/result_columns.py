"""Rows of results as columns, in which every value has its column's type."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

Cell = str | int | float | bool | None
Columns = Mapping[str, type[str] | type[int] | type[float] | type[bool]]

_NOTHING = type(None)
# Types that need no second look. True is an int to Python, and neither an int nor a float here.
_SOUND: Mapping[type, frozenset[type]] = {
    str: frozenset({str, _NOTHING}),
    int: frozenset({int, _NOTHING}),
    float: frozenset({float, _NOTHING}),
    bool: frozenset({bool, _NOTHING}),
}


def in_columns(rows: Iterable[Mapping[str, Cell]], columns: Columns) -> list[list[Cell]]:
    """The values of each column, in the order of `columns`; what a row does not name is None.

    Raises:
        ValueError: when a row names another column, or a value has not its column's type.
    """
    given = list(rows)
    for row in given:
        if not row.keys() <= columns.keys():
            unknown = sorted(row.keys() - columns.keys())
            raise ValueError(f"columns that were not announced: {', '.join(unknown)}")
    return [_column([row.get(name) for row in given], kind, name) for name, kind in columns.items()]


def _column(values: list[Cell], kind: type, name: str) -> list[Cell]:
    if set(map(type, values)) <= _SOUND[kind] and (kind is not float or _finite(values)):
        return values
    return [_checked(value, kind, name) for value in values]


def _finite(values: list[Any]) -> bool:
    return all(map(math.isfinite, filter(None, values)))


def _checked(value: Any, kind: type, name: str) -> Cell:
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
    checked: Cell = float(value) if kind is float else value
    return checked
