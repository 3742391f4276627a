"""Results in columns: every value has its column's type, or the rows are refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.files.result_columns import Columns, in_columns

COLUMNS: Columns = {"text": str, "rank": int, "share": float, "rated": bool}
ANY = st.none() | st.text(max_size=2) | st.integers(-9, 9) | st.floats() | st.booleans()


def _fits(value: Any, kind: type) -> bool:
    """The rule, said once more and value by value."""
    if value is None or type(value) is kind:
        return not (isinstance(value, float) and not math.isfinite(value))
    return kind is float and type(value) is int


@given(st.sampled_from(sorted(COLUMNS)), st.lists(ANY, max_size=4))
def test_a_column_is_taken_as_its_values_are(name: str, values: list[Any]) -> None:
    kind = COLUMNS[name]
    rows = [{name: value} for value in values]
    if not all(_fits(value, kind) for value in values):
        with pytest.raises(ValueError, match=f"{name}: expected "):
            in_columns(rows, {name: kind})
        return
    (column,) = in_columns(rows, {name: kind})
    assert column == values
    assert {type(value) for value in column} <= {kind, type(None)}


def test_columns_keep_their_order_and_absent_cells_are_nothing() -> None:
    rows: list[Any] = [{"rank": 1, "text": "a"}, {}, {"rated": False, "share": 2}]
    assert in_columns(rows, COLUMNS) == [
        ["a", None, None],
        [1, None, None],
        [None, None, 2.0],
        [None, None, False],
    ]
    assert in_columns([], COLUMNS) == [[], [], [], []]


def test_a_column_that_was_not_announced_is_refused() -> None:
    with pytest.raises(ValueError, match="columns that were not announced: colour, size"):
        in_columns([{"text": "a"}, {"size": 1, "colour": "red", "rank": 1}], COLUMNS)
