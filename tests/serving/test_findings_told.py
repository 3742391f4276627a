"""Findings as JSON: what is kept of one is what would be written of the next."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from features.checks.checked import Checked, Finding, Measure
from features.checks.checks import Checks
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import parse_project
from features.errors import ProjectError
from serving.wording import findings as module
from serving.wording.envelope import encoded
from serving.wording.findings import finding_told, findings_told
from tests.features.checks.any_project import documents
from tests.features.checks.rule_texts import CATALOGUE, OWN, checks_of

SHIPPED = Checks(read_rule_book(rule_texts("zero_base"), CATALOGUE, examples=False), CATALOGUE)
RULE = checks_of(OWN).book.rules[0]


def _checked(*findings: Finding) -> Checked:
    """The findings of a project, each the result of a check of its own."""
    of_rule = SHIPPED.checked(parse_project(LEAST, CATALOGUE)).results[0]
    return Checked("", "", {}, tuple(of_rule._replace(findings=(each,)) for each in findings))


LEAST = {"pro_code": "P1", "fiscal_year": 2025, "pro_name": "培训", "apply_amt": 1000}


@given(documents(CATALOGUE))
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
def test_every_finding_is_written_as_it_is_told(document: dict[str, Any]) -> None:
    try:
        checked = SHIPPED.checked(parse_project(document, CATALOGUE))
    except ProjectError:
        return
    told = encoded([finding_told(finding) for finding in checked.findings])
    assert findings_told(checked).text == told
    assert findings_told(checked).text == told  # once they are kept


def _at(actual: float | str | None, item: int = 1, **record: Any) -> Finding:
    return Finding(RULE, item, Measure(550.0, actual, None), {"task": "培训", **record})


def test_what_differs_anywhere_is_told_apart() -> None:
    some = [_at(812.5), _at(812.25), _at(0.0), _at(-0.0), _at("0.0"), _at(None), _at(812.5, 2)]
    some += [_at(812.5, task="会议"), _at(812.5, task=None)]
    told = findings_told(_checked(*some, *some)).text
    assert told == encoded([finding_told(finding) for finding in [*some, *some]])
    assert len({encoded(finding_told(finding)) for finding in some}) == len(some)  # control


def test_what_a_sentence_does_not_name_does_not_matter() -> None:
    first, other = (
        findings_told(_checked(_at(812.5, price=price))) for price in (812.5, "another")
    )
    assert first.text == other.text


def test_control_a_memory_without_the_record_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "named_fields", lambda rule: ())
    rule = checks_of(OWN).book.rules[0]  # another one, of which nothing is kept yet
    finding = _at(812.5)._replace(rule=rule)
    assert findings_told(_checked(finding)).text != encoded([finding_told(finding)])
