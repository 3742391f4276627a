"""Columns of Arrow become the same plain values as each of their values alone."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.project_files.arrow_values import Unfit, _plain, plain_values

WHOLE = st.none() | st.integers(-(2**63), 2**63 - 1)
TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=5)
NUMBER = st.none() | st.floats(allow_infinity=False)
FLAG = st.none() | st.booleans()
RECORD = st.none() | st.fixed_dictionaries({"n": WHOLE, "t": TEXT, "x": NUMBER, "f": FLAG})
KINDS = [
    (pa.int64(), WHOLE),
    (pa.string(), TEXT),
    (pa.large_string(), TEXT),
    (pa.float64(), NUMBER),
    (pa.bool_(), FLAG),
    (pa.null(), st.none()),
    (pa.list_(pa.int64()), st.none() | st.lists(WHOLE, max_size=3)),
    (pa.dictionary(pa.int32(), pa.string()), TEXT),
    (
        pa.list_(
            pa.struct({"n": pa.int64(), "t": pa.string(), "x": pa.float64(), "f": pa.bool_()})
        ),
        st.none() | st.lists(RECORD, max_size=3),
    ),
]


@pytest.mark.parametrize(("kind", "values"), KINDS, ids=lambda part: str(part)[:20])
@settings(deadline=None)  # the first column brings pyarrow.compute
@given(data=st.data())
def test_a_column_together_is_its_values_one_by_one(kind: Any, values: Any, data: Any) -> None:
    given_values = data.draw(st.lists(values, max_size=6))
    start = data.draw(st.integers(0, len(given_values)))
    column = pa.array(given_values, kind).slice(start)  # as a part of something larger
    found = plain_values(column)
    assert found == [_plain(scalar.as_py()) for scalar in column]
    assert list(map(_types, found)) == list(map(_types, map(_plain, column.to_pylist())))


def _types(value: Any) -> Any:
    """The types of a value and of all that is in it: True is not 1, and 1 is not 1.0."""
    if isinstance(value, list):
        return [_types(item) for item in value]
    if isinstance(value, dict):
        return {name: _types(item) for name, item in value.items()}
    return type(value)


@pytest.mark.parametrize(
    ("values", "plain"),
    [
        ([date(2024, 2, 29), None], ["2024-02-29", None]),
        ([datetime(2024, 2, 29), datetime(2024, 2, 29, 1)], ["2024-02-29", "2024-02-29T01:00:00"]),
        ([Decimal("1.50"), None], [1.5, None]),
        ([math.nan, 2.0], [None, 2.0]),
        ([[math.nan], [2.0]], [[None], [2.0]]),
        ([{}, None], [{}, None]),
    ],
)
def test_what_tables_write_becomes_plain(values: list[Any], plain: list[Any]) -> None:
    assert plain_values(pa.array(values)) == plain


def test_a_whole_number_beyond_a_float_beside_an_absent_one_is_kept() -> None:
    values = [2**53 + 1, None]
    assert plain_values(pa.array(values)) == values
    changed = pa.array(values).to_pandas().tolist()  # control: pandas makes floats of them
    assert changed[0] != values[0]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, math.inf], "Infinity"),
        ([[1.0], [2.0, -math.inf]], "Infinity"),
        ([[{"a": 1.0}], [{"a": math.inf}]], "Infinity"),
        ([None, b"x"], "a value of type bytes"),
    ],
)
def test_an_unfit_value_is_told_and_costs_no_other(values: list[Any], said: str) -> None:
    good, unfit = plain_values(pa.array(values))
    assert good == values[0]
    assert isinstance(unfit, Unfit)
    assert str(unfit) == said


def test_bytes_that_are_no_text_cost_their_value() -> None:
    kept = pa.array([b"good", b"\xff\xfe", None]).view(pa.string())
    good, unfit, absent = plain_values(kept)
    assert (good, absent) == ("good", None)
    assert isinstance(unfit, Unfit)
    assert str(unfit) == "a value of type string that cannot be read"
