"""Fields of one project that must agree."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from features.consistency import Check, check_consistency
from features.errors import Fault

LINES = {"name": "lines", "operation": "same_unit", "of": ["cost_lines.est_amt", "apply_amt"]}
PRODUCTS = {
    "name": "products",
    "operation": "product_unit",
    "of": ["cost_lines.price", "cost_lines.qty", "cost_lines.est_amt"],
}


def _faults(check: dict[str, Any], project: dict[str, Any]) -> list[Fault]:
    return check_consistency([Check.model_validate(check)], project)


def _line(price: float, qty: float, amount: float | None) -> dict[str, float | None]:
    return {"price": price, "qty": qty, "est_amt": amount}


def test_a_request_in_wan_is_told_from_lines_in_yuan() -> None:
    project = {"apply_amt": 320.0, "cost_lines": [_line(1, 1, 2_000_000), _line(1, 1, 1_200_000)]}
    (fault,) = _faults(LINES, project)
    assert fault.field == "apply_amt"
    assert (fault.expected, fault.got) == ("an amount in the same unit as 3,200,000", "320")
    assert "万元" in fault.hint


def test_lines_in_wan_are_told_from_a_request_in_yuan() -> None:
    (fault,) = _faults(LINES, {"apply_amt": 3_200_000.0, "cost_lines": [_line(1, 1, 320.5)]})
    assert fault.field == "cost_lines.est_amt"
    assert fault.got == "320.50"


@pytest.mark.parametrize("request_", [3_200_000.0, 2_900_000.0, 100.0, None])
def test_other_differences_are_no_matter_of_units(request_: float | None) -> None:
    assert not _faults(LINES, {"apply_amt": request_, "cost_lines": [_line(1, 1, 3_200_000)]})
    assert not _faults(LINES, {"apply_amt": request_, "cost_lines": []})


def test_the_line_and_the_field_are_named() -> None:
    lines = [_line(50_000, 4, 200_000), _line(50_000, 4, 20), _line(5, 4, None)]
    (fault,) = _faults(PRODUCTS, {"cost_lines": lines})
    assert fault.field == "cost_lines[2].est_amt"
    assert (fault.expected, fault.got) == ("price × qty = 200,000", "20")


def test_an_end_before_the_start() -> None:
    check = {"name": "term", "operation": "not_before", "of": ["pro_start_year", "end_year"]}
    (fault,) = _faults(check, {"pro_start_year": 2025.0, "end_year": 2024.0})
    assert fault == Fault(None, "end_year", "2025 or later", "2024")
    assert not _faults(check, {"pro_start_year": 2025.0, "end_year": 2025.0})
    assert not _faults(check, {"pro_start_year": 2025.0, "end_year": None})


def test_dates_of_the_same_item_are_compared_to_the_day() -> None:
    check = {"name": "dates", "operation": "not_before", "of": ["basis.issued", "basis.valid_to"]}
    basis = [
        {"issued": "2023-04-02", "valid_to": "2023-04-01"},
        {"issued": "2023-04-02", "valid_to": "2023-04-02"},
    ]
    (fault,) = _faults(check, {"basis": basis})
    assert fault.field == "basis[1].valid_to"


def test_a_date_against_a_year_is_compared_by_year() -> None:
    check = {"name": "issued", "operation": "not_before", "of": ["basis.issued", "fiscal_year"]}
    basis = [{"issued": "2025-12-31"}, {"issued": "2026-01-01"}]
    (fault,) = _faults(check, {"basis": basis, "fiscal_year": 2025.0})
    assert fault == Fault(None, "basis[2].issued", "2025 or earlier", "2026-01-01")


def test_years_outside_the_term_and_years_twice() -> None:
    within = {"name": "in", "operation": "within", "of": ["plan.year", "start", "end"]}
    project = {
        "plan": [{"year": y} for y in (2024.0, 2025.0, 2025.0)],
        "start": 2025.0,
        "end": None,
    }
    (early,) = _faults(within, project)
    assert (early.field, early.expected) == ("plan[1].year", "a year of the term, 2025 to open")
    (twice,) = _faults({"name": "once", "operation": "distinct", "of": ["plan.year"]}, project)
    assert (twice.field, twice.got) == ("plan[3].year", "2025 a second time")


def test_history_of_the_year_itself_is_refused() -> None:
    check = {"name": "past", "operation": "before", "of": ["history.year", "fiscal_year"]}
    project = {"history": [{"year": 2024.0}, {"year": 2025.0}], "fiscal_year": 2025.0}
    (fault,) = _faults(check, project)
    assert (fault.field, fault.got) == ("history[2].year", "2025")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"operation": "same_units"}, "operation must be one of before, distinct"),
        ({"of": ["apply_amt"]}, "missing a required argument: 'whole'"),
        ({"options": {"tolerence": 0.1}}, "unexpected keyword argument 'tolerence'"),
        ({"off": []}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_check_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Check.model_validate(LINES | change)
