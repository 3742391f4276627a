"""What checks say of a project: every check, and why one does not apply; findings with measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from features.checks.checked import MOST_FINDINGS, Checked, NotApplicable, Outcome
from features.checks.checks import Checks
from features.checks.finding_words import finding_text
from features.checks.reference import Reference
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import DeclaredProject, parse_project
from features.errors import ProjectError
from features.standards.line_standards import LineStandards
from features.standards.unit_cost_fields import unit_cost_fields
from tests.features.checks.any_project import documents
from tests.features.checks.rule_texts import CATALOGUE, HEAD, OWN, another, book_of, checks_of
from tests.standards import library, set_standard

ROOT = Path(__file__).parents[3]
SHIPPED = Checks(read_rule_book(rule_texts("zero_base"), CATALOGUE, examples=False), CATALOGUE)


def project(**fields: Any) -> DeclaredProject:
    """A least project with some fields."""
    least = {"pro_code": "P1", "fiscal_year": 2025, "pro_name": "培训", "apply_amt": 1000}
    return parse_project(least | fields, CATALOGUE)


def lines(*prices: float | None, code: str = "30216") -> list[dict[str, Any]]:
    """Calculation lines of these prices."""
    return [
        {"task": f"培训{n}", "dep_bgt_eco_code": code} | ({} if p is None else {"price": p})
        for n, p in enumerate(prices, start=1)
    ]


def example(name: str) -> DeclaredProject:
    """A project of the documentation."""
    text = (ROOT / "docs" / "examples" / name).read_text(encoding="utf-8")
    return parse_project(json.loads(text), CATALOGUE)


def test_a_finding_says_where_against_what_and_by_how_much() -> None:
    checked = checks_of(OWN).checked(project(cost_lines=lines(500, 812.5)))
    (finding,) = checked.findings
    assert (finding.finding_id, finding.item) == ("OWN-01:cost_lines[2]", 2)
    assert finding.measure == (550.0, 812.5, 262.5, None)
    assert finding_text(finding, "zh") == "第2行“培训2”812.5元，高于550元，超出262.5元。"
    assert finding_text(finding, "en") == "Line 2, 培训2: 812.5 yuan, 262.5 yuan above 550 yuan."


@pytest.mark.parametrize(
    ("fields", "why", "named"),
    [
        ({"fiscal_year": 2023}, NotApplicable.NOT_IN_FORCE, ()),
        ({"fiscal_year": 2027}, NotApplicable.NOT_IN_FORCE, ()),
        ({"cost_lines": []}, NotApplicable.NO_RECORDS, ()),
        ({"cost_lines": lines(900, code="30201")}, NotApplicable.NO_SUCH_RECORD, ()),
        ({"cost_lines": lines(None)}, NotApplicable.NOT_GIVEN, ("cost_lines.price",)),
    ],
)
def test_a_check_that_does_not_apply_says_why(
    fields: dict[str, Any], why: NotApplicable, named: tuple[str, ...]
) -> None:
    (result,) = checks_of(OWN).checked(project(**fields)).results
    assert (result.outcome, result.why, result.fields) == (Outcome.NOT_APPLICABLE, why, named)


def test_control_the_same_check_applies_where_there_is_something_to_check() -> None:
    for year in (2024, 2025, 2026):
        found = checks_of(OWN).checked(project(fiscal_year=year, cost_lines=lines(900)))
        assert found.results[0].outcome is Outcome.FINDING


@pytest.mark.parametrize(
    ("code", "outcome", "why"),
    [
        ("990103", Outcome.FINDING, None),
        ("990203", Outcome.NOT_APPLICABLE, NotApplicable.OUT_OF_SCOPE),
        (None, Outcome.NOT_APPLICABLE, NotApplicable.NOT_GIVEN),
    ],
)
def test_a_scope_holds_for_regions_that_begin_with_its_codes(
    code: str | None, outcome: Outcome, why: NotApplicable | None
) -> None:
    scoped = OWN.replace("severity: warn", 'severity: warn\n    scope: {mof_div_code: ["9901"]}')
    scoped = scoped.replace("apply_amt: 1000}", 'apply_amt: 1000, mof_div_code: "990103"}')
    found = project(cost_lines=lines(900), **({} if code is None else {"mof_div_code": code}))
    (result,) = checks_of(scoped).checked(found).results
    assert (result.outcome, result.why) == (outcome, why)


def test_lines_that_cannot_be_judged_are_counted_and_the_others_judged() -> None:
    (result,) = checks_of(OWN).checked(project(cost_lines=lines(500, None, 600))).results
    assert (result.judged, result.unjudged, len(result.findings)) == (2, 1, 1)


def test_findings_beyond_the_listed_ones_are_counted() -> None:
    (result,) = checks_of(OWN).checked(project(cost_lines=lines(*[600] * 70))).results
    assert (len(result.findings), result.more, result.judged) == (MOST_FINDINGS, 20, 70)


def test_every_check_is_listed_for_every_project() -> None:
    codes = [rule.code for rule in SHIPPED.book.rules]
    for one in (project(), example("project.json"), example("project_weak.json")):
        checked = SHIPPED.checked(one)
        assert [result.rule.code for result in checked.results] == codes
        assert sum(checked.counts.values()) == len(codes)


def test_a_sound_project_is_admitted_and_a_weak_one_is_not() -> None:
    sound, weak = (SHIPPED.checked(example(n)) for n in ("project.json", "project_weak.json"))
    assert sound.admitted
    assert list(sound.findings) == []
    assert not weak.admitted
    found = {finding.finding_id for finding in weak.findings}
    assert {"POL-05", "AMT-02:cost_lines[3]", "KPI-07:kpi[3]", "ECO-03:cost_lines[2]"} <= found
    assert weak.findings[0].rule.severity == "block"  # the gravest first


CLEANING = LineStandards(
    library(
        catalogue="zero_base",
        fields=unit_cost_fields(CATALOGUE),
        learned=(),
        set=(set_standard(code="S-1", economic_codes=("30209",), unit="月", value=100.0),),
    ),
    CATALOGUE,
)
"""A made-up library: a month of cleaning costs at most 100."""


def test_a_price_is_held_against_a_library_of_standards() -> None:
    checks = Checks(SHIPPED.book, CATALOGUE, Reference(standards=CLEANING))

    def line(code: str, price: float) -> dict[str, Any]:
        return {"task": "保洁", "dep_bgt_eco_code": code, "unit": "月", "qty": 12, "price": price}

    def standard(code: str, price: float) -> tuple[Outcome, NotApplicable | None]:
        checked = checks.checked(project(cost_lines=[line(code, price)]))
        (result,) = [r for r in checked.results if r.rule.code == "STD-01"]
        for finding in result.findings:
            assert finding.measure == (100.0, price, price - 100.0, "S-1")
        return result.outcome, result.why

    assert standard("30209", 100) == (Outcome.PASSED, None)
    assert standard("30209", 130) == (Outcome.FINDING, None)
    assert standard("30213", 130) == (Outcome.NOT_APPLICABLE, NotApplicable.NO_REFERENCE)
    assert checks.checked(project()).reference == {"standards": CLEANING.digest}
    without = SHIPPED.checked(project(cost_lines=[line("30209", 130)]))
    (result,) = [r for r in without.results if r.rule.code == "STD-01"]
    assert result.why is NotApplicable.NO_REFERENCE


@pytest.mark.parametrize(
    ("calculated", "found"),
    [
        ("{product: [apply_amt, apply_amt]}", 1e30),
        (f"{{product: [{', '.join(['apply_amt'] * 20)}]}}", None),
        ("{ratio: [1.0e+280, last_budget_amt]}", None),
        ("{total: [9.0e+289, {product: [apply_amt, 9.0e+274]}]}", None),
    ],
)
def test_a_result_beyond_every_number_is_unknown(calculated: str, found: float | None) -> None:
    own = another("OWN-02", ("[cost_lines.price, 550]", f"[{calculated}, 550]"))
    book = book_of(HEAD + own, examples=False)
    line = {"task": "培训", "dep_bgt_eco_code": "30216"}
    some = project(apply_amt=1e15, last_budget_amt=1e-30, cost_lines=[line])
    (result,) = Checks(book, CATALOGUE).checked(some).results
    actual = [finding.measure.actual for finding in result.findings]
    assert actual == [pytest.approx(found)] if found else result.why is NotApplicable.NOT_GIVEN


def told(checked: Checked) -> list[str]:
    """The words of all findings, in both languages."""
    return [finding_text(finding, lang) for finding in checked.findings for lang in ("zh", "en")]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(CATALOGUE))
def test_no_rule_fails_on_any_project_that_meets_the_schema(document: dict[str, Any]) -> None:
    # Straight from the parser: what disagrees between fields would be refused before.
    loose = CATALOGUE.model_copy(update={"checks": ()})
    try:
        parsed = parse_project(document, loose)
    except ProjectError:  # a date of no calendar, an identity number
        return
    checked = SHIPPED.checked(parsed)
    assert len(checked.results) == len(SHIPPED.book.rules)
    assert all(told(checked))


def test_control_most_made_up_projects_are_checked() -> None:
    seen: list[bool] = []

    @settings(
        max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(documents(CATALOGUE))
    def parsed(document: dict[str, Any]) -> None:
        try:
            parse_project(document, CATALOGUE.model_copy(update={"checks": ()}))
            seen.append(True)
        except ProjectError:
            seen.append(False)

    parsed()
    assert sum(seen) > len(seen) / 2
