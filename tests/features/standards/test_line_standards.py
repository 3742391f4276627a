"""The library in the engine of checks: one line over its standard is one finding, with its code."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from features.catalogue import load_catalogue
from features.checks.checked import NotApplicable, Outcome
from features.checks.checks import Checks
from features.checks.reference import NOTHING, Reference
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import parse_project
from features.standards.library import Library
from features.standards.line_standards import LineStandards
from features.standards.over_standard import over_standard
from features.standards.priced_item import priced_items
from features.standards.unit_cost_fields import unit_cost_fields
from tests.standards import learned, library, set_standard

CATALOGUE = load_catalogue("zero_base")
BOOK = read_rule_book(rule_texts("zero_base", None), CATALOGUE, examples=False)
DOCUMENT = json.loads(Path("docs/examples/project.json").read_text(encoding="utf-8"))
LINE = {
    "task": "修缮施工",
    "dep_bgt_eco_code": "31006",
    "unit": "平方米",
    "price": 180.0,
    "qty": 10.0,
    "est_amt": 1_800.0,
}


def declared(*lines: dict[str, Any]) -> Any:
    document = deepcopy(DOCUMENT)
    document["cost_lines"] = list(lines)
    return parse_project(document, CATALOGUE)


def kept(**changes: Any) -> Library:
    return library(catalogue="zero_base", fields=unit_cost_fields(CATALOGUE), **changes)


def standard_check(project: Any, reference: Reference) -> Any:
    checked = Checks(BOOK, CATALOGUE, reference).checked(project)
    return next(each for each in checked.results if each.rule.code == "STD-01")


def test_a_line_over_its_standard_is_a_finding_with_threshold_actual_and_excess() -> None:
    unindexed = kept(learned=(learned(reference_index=None),))
    found = standard_check(declared(LINE), Reference(LineStandards(unindexed, CATALOGUE)))
    assert found.outcome is Outcome.FINDING
    [finding] = found.findings
    assert finding.place == "cost_lines[1]"
    assert finding.measure == (170.0, 180.0, 10.0, "L-31006-平方米-all")


def test_within_without_or_below_its_standard_it_is_none() -> None:
    reference = Reference(LineStandards(kept(), CATALOGUE))
    honest = LINE | {"price": 90.0, "est_amt": 900.0}
    assert standard_check(declared(honest), reference).outcome is Outcome.PASSED
    other = LINE | {"dep_bgt_eco_code": "30201"}
    assert standard_check(declared(other), reference).outcome is not Outcome.FINDING
    without = standard_check(declared(LINE), NOTHING)
    assert (without.outcome, without.why) == (Outcome.NOT_APPLICABLE, NotApplicable.NO_REFERENCE)


@pytest.mark.parametrize(
    ("standard", "limit"),
    [
        (set_standard(economic_codes=("31006",), unit="平方米", value=120.0), 120.0),
        (set_standard(economic_codes=("31006",), unit="", form="limit", value=1_500.0), 150.0),
    ],
)
def test_what_is_set_goes_before_what_is_learned(standard: Any, limit: float) -> None:
    limits = LineStandards(kept(set=(standard,)), CATALOGUE)
    project = declared(LINE)
    found = limits.of_line(project.values, 0)
    assert found is not None
    assert (found.standard.code, found.limit) == ("MEETING", limit)


def test_the_engine_finds_what_the_plain_function_finds() -> None:
    """Of several lines, equal ones among them, each is judged as itself."""
    standards = kept(learned=(learned(reference_index=None),))
    lines = [LINE, LINE | {"price": 100.0}, dict(LINE), LINE | {"price": 171.0, "qty": 3.0}]
    project = declared(*lines)
    items = list(priced_items(project, CATALOGUE, standards.fields))
    plain = [each.item.place for each in over_standard(items, standards)]
    checked = standard_check(project, Reference(LineStandards(standards, CATALOGUE)))
    assert plain == ["cost_lines[1]", "cost_lines[3]", "cost_lines[4]"]
    assert [each.place for each in checked.findings] == plain
