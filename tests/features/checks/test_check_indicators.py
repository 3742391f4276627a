"""Indicators that say what checks find: from one calculation, so that both always agree."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from features.catalogue import catalogue_text, parse_catalogue
from features.checks.checked import Checked
from features.checks.checks import Checks
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import DeclaredProject, parse_project
from features.errors import ProjectError
from features.indicator_table import indicator_table
from tests.features.checks.any_project import documents
from tests.features.checks.rule_texts import CATALOGUE, OWN, checks_of

BOOK = read_rule_book(rule_texts("zero_base"), CATALOGUE, examples=False)
SHIPPED = Checks(BOOK, CATALOGUE)
LOOSE = CATALOGUE.model_copy(update={"checks": ()})
POLICY = {"doc_no": "岚政发〔2018〕3号", "issue_date": "2018-06-01"}
LINES = [
    {"task": "业务培训", "dep_bgt_eco_code": "30216"},
    {"task": "业务培训", "dep_bgt_eco_code": "30215"},
    {"task": "会议"},
]


def project(**fields: Any) -> DeclaredProject:
    least = {"pro_code": "P1", "fiscal_year": 2025, "pro_name": "培训", "apply_amt": 1000}
    return parse_project(least | fields, CATALOGUE)


def value(name: str, declared: DeclaredProject) -> float:
    return float(indicator_table([declared], CATALOGUE)[name][0])


def found(code: str, checked: Checked) -> int:
    """How often a rule found something."""
    (result,) = [r for r in checked.results if r.rule.code == code]
    return len(result.findings) + result.more


def test_the_words_of_the_catalogue_are_those_of_the_rule() -> None:
    declared = yaml.safe_load(catalogue_text("zero_base"))["indicators"]
    (fitting,) = [i for i in declared if i["name"] == "lines_fitting"]
    assert fitting["derive"]["options"]["words"] == BOOK.tables["economic_words"]


def test_lines_fit_where_no_rule_finds_that_they_do_not() -> None:
    some = project(cost_lines=LINES)
    checked = SHIPPED.checked(some)
    assert (found("ECO-01", checked), found("ECO-03", checked)) == (1, 1)
    assert value("lines_fitting", some) == 1 / 3


def test_a_policy_counts_where_no_rule_finds_a_fault_in_it() -> None:
    expired = POLICY | {"valid_to": "2022-12-31"}
    for policies, count in (([POLICY], 1), ([POLICY, POLICY], 1), ([expired], 0), ([], 0)):
        assert value("policies_verifiable", project(policy_basis=policies)) == count
    assert found("POL-04", SHIPPED.checked(project(policy_basis=[expired]))) == 1
    assert found("POL-10", SHIPPED.checked(project(policy_basis=[POLICY, POLICY]))) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(CATALOGUE))
def test_indicators_and_rules_agree_on_any_project(document: dict[str, Any]) -> None:
    try:
        declared = parse_project(document | {"fiscal_year": 2025}, LOOSE)
    except ProjectError:
        return
    checked = SHIPPED.checked(declared)
    lines, targets = declared.values["cost_lines"], declared.values["kpi"]
    if lines:
        wrong = found("ECO-01", checked) + found("ECO-03", checked)
        assert value("lines_fitting", declared) == pytest.approx(1 - wrong / len(lines))
    if targets:
        absent = sum(found(code, checked) for code in ("KPI-03", "KPI-04", "KPI-05"))
        assert round(3 * value("targets_core", declared)) == 3 - absent
    if str(declared.values["kpi_goal_total"] or "").strip():
        assert (value("goal_measurable", declared) == 0) == bool(found("KPI-17", checked))


def test_a_bureaus_own_rule_moves_no_indicator() -> None:
    """The catalogue alone says what an indicator means; rules in use are no part of a model."""
    some = project(cost_lines=[{"task": "培训", "dep_bgt_eco_code": "30216", "price": 900}])
    assert found("OWN-01", checks_of(OWN).checked(some)) == 1  # the control: it does find
    assert value("lines_fitting", some) == 1
    declared = catalogue_text("zero_base").replace('"30216": [培训]', '"30216": [培训, 研修]')
    assert parse_catalogue(declared).digest != CATALOGUE.digest
