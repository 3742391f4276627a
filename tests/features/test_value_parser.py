"""One value at the edge: what each kind takes, and the fault that names what it does not."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import Fault
from features.field import FieldDeclaration
from features.value_parser import (
    Value,
    ValueParser,
    decimal_year,
    effective_range,
    expectation,
)
from tests.rulers import LEVELS, label


def _field(kind: str, **more: Any) -> FieldDeclaration:
    return FieldDeclaration.model_validate(
        {"name": "thing", "label": label("thing"), "kind": kind, **more}
    )


LEVEL = _field("category", codes=LEVELS)
BUDGET = _field("money", unit={"zh": "元", "en": "yuan"})


def _json(field: FieldDeclaration, value: Any) -> Value | Fault:
    return ValueParser(field).parse(value, cell=False)


def _cell(field: FieldDeclaration, value: Any) -> Value | Fault:
    return ValueParser(field).parse(value, cell=True)


def _refused(found: Value | Fault) -> Fault:
    assert isinstance(found, Fault), f"accepted as {found!r}"
    assert found.field == "thing"
    return found


@pytest.mark.parametrize(
    ("field", "value", "parsed"),
    [
        (_field("number"), -2, -2.0),
        (_field("number"), 1e15, 1e15),
        (_field("number"), -1e-30, -1e-30),
        (_field("number"), -9e-31, 0.0),
        (BUDGET, 5e-324, 0.0),
        (_field("share"), 0.25, 0.25),
        (_field("share", range=[0, 2]), 1.5, 1.5),
        (BUDGET, 3200000, 3200000.0),
        (_field("count"), 12.0, 12.0),
        (LEVEL, "city", "city"),
        (_field("category"), "whatever", "whatever"),
        (_field("flag"), True, 1.0),
        (_field("flag"), False, 0.0),
        (_field("text"), " 桥 ", " 桥 "),
        (_field("text"), "", ""),
        (_field("date"), "2024-02-29", "2024-02-29"),
        (_field("date"), "2024/2/9", "2024-02-09"),
        (_field("date"), None, None),
    ],
)
def test_a_right_value_is_taken(field: FieldDeclaration, value: Any, parsed: Value) -> None:
    assert _json(field, value) == parsed


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (_field("number"), "2", "expected a number; got '2'"),
        (_field("number"), True, "true and false are not numbers"),
        (_field("count"), False, "true and false are not numbers"),
        (_field("number"), math.nan, "NaN and Infinity are not values; leave it out if unknown"),
        (_field("number"), [1], "expected a number; got [1]"),
        (_field("number"), 1.1e15, "of magnitude up to 1e+15"),
        (_field("number"), -math.inf, "of magnitude up to 1e+15"),
        (_field("number"), 10**400, "of magnitude up to 1e+15"),
        (_field("number", range=[None, 3]), 3.1, "a number, at most 3"),
        (_field("share"), 95, "a share as a number, at least 0 and at most 1"),
        (BUDGET, -1, "an amount as a number in yuan (元), at least 0"),
        (BUDGET, "320万元", "write 3200000, without a unit"),
        (BUDGET, "3,200,000元", "write 3200000, without a unit"),
        (BUDGET, "1.5 亿元", "write 150000000, without a unit"),
        (_field("count"), 1.5, "a whole number, at least 0"),
        (LEVEL, "town", "expected one of zoo, city, alp; got 'town'"),
        (LEVEL, label("city")["zh"], "expected one of zoo, city, alp"),  # words: in cells only
        (LEVEL, 3, "codes are texts: put them in quotes"),
        (_field("flag"), 1, "expected true or false; got 1"),
        (_field("flag"), "是", "expected true or false; got '是'"),
        (_field("text"), 5, "expected a text; got 5"),
        (_field("text", max_length=3), "abcd", "a text of at most 3 characters"),
        (_field("text"), "a\x00b", "a text without NUL characters"),
        (_field("text"), "\ud800", "a text of whole Unicode characters"),
        (_field("date"), "2023-02-29", "day is out of range for month"),
        (_field("date"), "2023-13-01", "month must be in 1..12"),
        (_field("date"), "0000-01-01", "year 0 is out of range"),
        (_field("date"), "1 May 2023", "a date such as 2025-03-31"),
        (_field("date"), 20230501, "a date such as 2025-03-31"),
        (_field("text", required=True), None, "got nothing; give this required value"),
    ],
)
def test_a_wrong_value_is_named(field: FieldDeclaration, value: Any, message: str) -> None:
    assert message in _refused(_json(field, value)).message()


@pytest.mark.parametrize(
    ("field", "value", "parsed"),
    [
        (BUDGET, "3,200,000.50", 3200000.5),
        (BUDGET, " 12 ", 12.0),
        (BUDGET, "", None),
        (BUDGET, "   ", None),
        (BUDGET, math.nan, None),
        (_field("share"), "1e-1", 0.1),
        (_field("share"), "95%", 0.95),
        (_field("share"), "9.5％", 0.095),
        (LEVEL, " city ", "city"),
        (LEVEL, label("alp")["zh"], "alp"),
        (_field("category"), 31, "31"),
        (_field("category"), 31.0, "31"),
        (_field("category"), 3.5, "3.5"),
        (_field("flag"), "是", 1.0),
        (_field("flag"), "否", 0.0),
        (_field("flag"), "TRUE", 1.0),
        (_field("flag"), 0, 0.0),
        (_field("flag"), 1.0, 1.0),
        (_field("text"), 7, "7"),
        (_field("text"), 7.0, "7"),
        (_field("text"), 330106202500012345, "330106202500012345"),
        (_field("text"), 12345678901234567890, "12345678901234567890"),
        (_field("text"), 0.1, "0.1"),
        (_field("date"), datetime(2024, 2, 29, 10, 30), "2024-02-29"),
        (_field("date"), date(2024, 2, 29), "2024-02-29"),
        (_field("date"), "2024-02-29T00:00:00", "2024-02-29"),
    ],
)
def test_a_cell_is_read_as_people_write_it(
    field: FieldDeclaration, value: Any, parsed: Value
) -> None:
    assert _cell(field, value) == parsed


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (BUDGET, "3,20,000", "an amount as a number"),
        (BUDGET, "1_000", "NaN and Infinity are not values"),
        (BUDGET, "nan", "NaN and Infinity are not values"),
        (BUDGET, "inf", "NaN and Infinity are not values"),
        (BUDGET, "320万元", "write 3200000, without a unit"),
        (BUDGET, "约320", "an amount as a number"),
        (LEVEL, "村", "expected one of zoo, city, alp"),
        (_field("category"), math.inf, "expected a code"),
        (_field("category"), True, "expected a code"),
        (_field("text"), True, "expected a text"),
        (_field("flag"), 2, "expected true or false"),
        (_field("flag"), "maybe", "expected true or false"),
        (_field("text", required=True), "  ", "give this required value"),
    ],
)
def test_a_wrong_cell_is_named(field: FieldDeclaration, value: Any, message: str) -> None:
    assert message in _refused(_cell(field, value)).message()


@pytest.mark.parametrize("value", ["11010519491231002X", 11010519491231002, ["110105"], "320万元"])
@pytest.mark.parametrize("kind", ["money", "date", "flag"])
def test_a_personal_value_appears_in_no_fault(kind: str, value: Any) -> None:
    hidden = _refused(_json(_field(kind, sensitivity="personal"), value))
    shown = _refused(_json(_field(kind, sensitivity="internal"), value))
    assert "110105" not in hidden.message()
    assert "3200000" not in hidden.message()
    assert hidden.got == "a value that is not shown"
    assert shown.got == repr(value)  # control


def test_a_long_value_is_shown_shortened() -> None:
    assert len(_refused(_json(BUDGET, "9" * 5000)).got) <= 60


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.dates()
        | st.datetimes(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=3,
    ),
    st.sampled_from(
        [_field(k) for k in ("number", "share", "money", "count", "category", "flag")]
        + [_field("text"), _field("date"), LEVEL]
    ),
    st.booleans(),
)
def test_whatever_comes_is_a_value_or_a_fault(
    value: Any, field: FieldDeclaration, cell: bool
) -> None:
    found = ValueParser(field).parse(value, cell)
    if isinstance(found, float):
        low, high = effective_range(field)
        assert math.isfinite(found)
        assert low is None or found >= low
        assert high is None or found <= high
    else:
        assert found is None or isinstance(found, str | Fault)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_whole_number_means_the_same_as_text_in_a_cell(value: int) -> None:
    field = _field("number")
    assert _cell(field, str(value)) == _cell(field, f"{value:,}") == _json(field, value) == value


def test_what_is_expected_is_said_with_its_limits() -> None:
    assert expectation(_field("share")) == "a share as a number, at least 0 and at most 1"
    assert expectation(LEVEL) == "one of zoo, city, alp"
    assert expectation(_field("text", unit=label("word"))).startswith("a text in The word")


def test_a_date_is_a_year_and_its_fraction() -> None:
    assert decimal_year("2024-01-01") == 2024.0
    assert decimal_year("2024-12-31") == pytest.approx(2024 + 365 / 366)
    assert decimal_year("2023-12-31") < 2024


NUMBER = "11010519491231002X"


@pytest.mark.parametrize(
    "text", [NUMBER, NUMBER.lower(), f"联系人{NUMBER}，电话另附", f"({NUMBER})"]
)
def test_an_identity_number_in_a_text_is_refused_and_not_shown(text: str) -> None:
    fault = _refused(_json(_field("text"), text))
    assert fault.expected == "a text without citizen identity numbers"
    assert NUMBER not in fault.message().upper()
    assert _json(_field("text", sensitivity="personal"), text) == text


@pytest.mark.parametrize(
    "text", ["110105194912310021", f"9{NUMBER}", "11010519491331002X", "330000202412310018"]
)
def test_what_is_no_identity_number_is_a_text(text: str) -> None:
    assert _json(_field("text"), text) == text
