"""What rules find of planted violations: recall on a fresh province, and a control without them."""

from __future__ import annotations

import pytest

from training.results.rule_findings import FOUND_BY, RuleFigures, _section, measure


@pytest.fixture(scope="module")
def figures() -> RuleFigures:
    made = RuleFigures()
    measure(made, 41, 2_400)
    return made


def test_planted_violations_are_found(figures: RuleFigures) -> None:
    for kind in FOUND_BY:
        assert figures.planted[kind] >= 5
        assert figures.found[kind] / figures.planted[kind] >= 0.8, kind


def test_right_economic_classes_are_hardly_flagged(figures: RuleFigures) -> None:
    assert figures.judged > figures.lines / 2
    assert figures.wrong <= figures.judged / 500
    assert figures.proposed >= 0.8 * figures.found["wrong_economic_code"]


def test_control_the_rules_of_one_kind_do_not_find_the_others(
    figures: RuleFigures, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = dict(zip(FOUND_BY, [*[*FOUND_BY.values()][1:], ("POL-05",)], strict=True))
    monkeypatch.setattr("training.results.rule_findings.FOUND_BY", wrong)
    made = RuleFigures()
    measure(made, 41, 2_400)
    worst = min(made.found[kind] / made.planted[kind] for kind in made.planted)
    assert worst < 0.5


def test_the_section_tells_every_kind(figures: RuleFigures) -> None:
    told = _section(figures)
    assert told.startswith("## Rules")
    for kind in FOUND_BY:
        assert f"| {kind} |" in told
