"""What findings and verified facts take from a dimension: by hand, and on any project."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

from features.checks.checks import Checks
from features.checks.dimensions.rated_dimension import (
    Deduction,
    Limited,
    NotScored,
    RatedDimension,
    RatedProject,
)
from features.checks.dimensions.ruler_files import ruler_in_force
from features.checks.rule_files import read_rule_book, rule_texts
from features.declared_project import parse_project
from features.errors import ProjectError
from features.indicator_table import indicator_table
from tests.features.checks.any_project import documents
from tests.features.checks.rule_texts import CATALOGUE
from tests.features.checks.test_checks import example

BOOK = read_rule_book(rule_texts("zero_base"), CATALOGUE, examples=False)
CHECKS = Checks(BOOK, CATALOGUE, ruler=ruler_in_force(Path("none"), "zero_base"))
LOOSE = CATALOGUE.model_copy(update={"checks": ()})
"""What disagrees between fields would be refused, and most that is made up does."""
SIX = ("necessity", "importance", "normativity", "compliance", "performance", "supervision")
HEADS = {"necessity": Decimal("70.1"), "importance": Decimal("60.4")}
TARGET = {
    "level1": "产出指标",
    "level2": "数量指标",
    "name": "服务面积",
    "target": "280",
    "unit": "平方米",
}


def rated(project: Any, heads: Mapping[str, Decimal] | None = HEADS, **fields: Any) -> RatedProject:
    """The dimensions of a parsed project, or of a least one with these fields."""
    if project is None:
        least = {"pro_code": "P1", "fiscal_year": 2025, "pro_name": "培训", "apply_amt": 1000}
        project = parse_project(least | fields, CATALOGUE)
    table = indicator_table([project], CATALOGUE)
    assert CHECKS.rating is not None
    return CHECKS.rating.rated(CHECKS.checked(project), heads, lambda name: float(table[name][0]))


def of(found: RatedProject, name: str) -> RatedDimension:
    (dimension,) = [each for each in found.dimensions if each.ruled.name == name]
    return dimension


def taken(dimension: RatedDimension, name: str) -> Deduction:
    (found,) = [each for each in dimension.deductions if each.name == name]
    return found


def test_a_sound_project_keeps_its_points_and_the_total_is_the_weighted_mean() -> None:
    found = rated(example("project.json"))
    assert {each.ruled.name: float(each.score or -1) for each in found.dimensions} == {
        "necessity": 70.1, "importance": 60.4, "normativity": 100, "compliance": 100,
        "performance": 97, "supervision": 95,
    }  # fmt: skip
    # .25·70.1 + .2·60.4 + .15·(100 + 100 + 97) + .1·95 = 83.655
    assert found.total == Decimal("83.7")
    assert found.weight == 1


def test_points_are_taken_for_each_finding_and_limited_for_each_rule() -> None:
    vague = [TARGET | {"name": f"指标{n}", "target": "显著提升"} for n in range(4)]
    one = taken(of(rated(None, kpi=vague[:1]), "performance"), "KPI-07")
    four = taken(of(rated(None, kpi=vague), "performance"), "KPI-07")
    assert (one.times, one.points, one.limited) == (1, 5, None)
    assert (four.times, four.points, four.limited) == (4, 15, Limited.BY_RULE)


def test_no_section_loses_more_than_it_has() -> None:
    """The weak example has faults of 37 points in its policy basis, which has 25."""
    normativity = of(rated(example("project_weak.json")), "normativity")
    section = next(s for s in normativity.ruled.sections if s.name == "policy")
    assert normativity.deducted_in(section) == 25
    last = taken(normativity, "POL-08")
    assert (last.times, last.points, last.limited) == (1, 0, Limited.BY_SECTION)


def test_leaving_a_part_out_is_never_better_than_filling_it_badly() -> None:
    bad = [{"name": "平台建设", "target": "较好", "direction": 4, "nature": 1, "weight": 7}] * 6
    silent, poor = (of(rated(None, kpi=kpi), "performance") for kpi in ([], bad))
    targets = silent.ruled.sections[0]
    assert silent.deducted_in(targets) == targets.points
    assert poor.deducted_in(targets) <= targets.points
    assert (silent.score or 0) <= (poor.score or 0)


def test_a_finding_lowers_its_own_dimension_and_no_other() -> None:
    sound = example("project.json")
    values = dict(sound.values)
    values["kpi"] = tuple({**target, "target": "显著提升"} for target in sound.values["kpi"])
    blurred = type(sound)(sound.project_id, sound.year, values)
    before, after = rated(sound), rated(blurred)
    moved = {
        one.ruled.name
        for one, other in zip(before.dimensions, after.dimensions, strict=True)
        if one.score != other.score
    }
    assert moved == {"performance"}
    assert (of(after, "performance").score or 0) < (of(before, "performance").score or 0)


def test_a_verified_indicator_takes_by_bands_or_by_what_it_counts() -> None:
    def spent(executed: float) -> RatedDimension:
        history = [{"year": 2024, "adjusted_amt": 100.0, "executed_amt": executed}]
        return of(rated(None, history=history), "compliance")

    assert [d.name for d in spent(95).deductions] == []
    # Bands end below their limit: 0.9 itself is not below 0.9.
    assert [d.name for d in spent(90).deductions] == []
    assert taken(spent(85), "last_execution_rate").points == 4
    assert taken(spent(50), "last_execution_rate").points == 20
    open_finding = {"source": "finance", "type": "其他", "date": "2024-03-01", "rectified": False}
    supervision = of(rated(None, findings=[open_finding] * 5), "supervision")
    assert taken(supervision, "findings_open").points == 30  # 5 × 10, at most 30
    assert taken(supervision, "findings_recent").points == 20  # 5 × 5, at most 20
    assert taken(supervision, "EXE-03").points == 10
    assert supervision.score == Decimal(40)


def test_where_nothing_was_declared_or_checked_there_is_no_score() -> None:
    bare = rated(None)
    assert (of(bare, "supervision").score, of(bare, "supervision").why) == (
        None, NotScored.TOO_LITTLE_JUDGED
    )  # fmt: skip
    assert of(bare, "compliance").score is None
    # The control: the audit system said that there are no findings, and that is something.
    assert of(rated(None, findings=[]), "supervision").score == Decimal(100)


def test_without_the_models_scores_there_is_no_total() -> None:
    found = rated(example("project.json"), None)
    assert [each.why for each in found.dimensions[:2]] == [NotScored.NOT_RATED] * 2
    assert of(found, "normativity").score == Decimal(100)
    assert found.total is None
    part = rated(example("project.json"), {"necessity": Decimal(50)})
    assert of(part, "importance").why is NotScored.NOT_PREDICTED
    assert part.total is None


def test_the_total_is_of_the_dimensions_that_have_a_score() -> None:
    found = rated(None)
    scored = [each for each in found.dimensions if each.score is not None]
    assert {each.ruled.name for each in scored} == {
        "necessity", "importance", "normativity", "performance"
    }  # fmt: skip
    assert found.weight == Decimal("0.75")
    products = sum(Decimal(str(each.ruled.weight)) * (each.score or 0) for each in scored)
    assert found.total == (products / found.weight).quantize(Decimal("0.1"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(CATALOGUE))
def test_any_project_has_six_dimensions_that_add_up(document: dict[str, Any]) -> None:
    try:
        project = parse_project(document, LOOSE)
    except ProjectError:
        return
    found = rated(project)
    assert tuple(each.ruled.name for each in found.dimensions) == SIX
    for each in found.dimensions:
        assert (each.score is None) is (each.why is not None)
        points = math.fsum(deduction.points for deduction in each.deductions)
        if each.ruled.head is None and each.score is not None:
            assert float(each.score) == 100 - points
            assert 0 <= each.score <= 100
        for section in each.ruled.sections:
            assert 0 <= each.deducted_in(section) <= section.points
            assert section in each.judged or each.deducted_in(section) == 0
