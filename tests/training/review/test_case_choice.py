"""The choice of cases: by kind and chance, the same again, and weights that lead back to all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.errors import FormError
from models.appraised_project import AppraisedProject
from models.review.case import Kind, ModelRole
from tests.small_model import small
from training.review.case_choice import Answered, Choice, choose_cases
from training.review.case_policy import CasePolicy, case_policy
from training.same_projects import answers_of

NOBODY = dict.fromkeys(Kind, 0)


@pytest.fixture(scope="module")
def rule(tmp_path_factory: pytest.TempPathFactory) -> CasePolicy:
    return case_policy(None, tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def answered() -> list[Answered]:
    """The newest projects by two models, of which one lets its axis differ by up to 12 points."""
    model = small().model
    axis = model.heads["axis"]
    moved = replace(axis, margin=replace(axis.margin, intercept=axis.margin.intercept + 12))
    other = replace(model, heads={**model.heads, "axis": moved})
    projects = small().newest
    first, second = answers_of(model, projects), answers_of(other, projects)
    return [Answered(*pair) for pair in zip(second, first, strict=True)]


def of(kind: Kind, rule: CasePolicy, number: int = 5, **changes: Any) -> CasePolicy:
    """A rule that draws from one kind, and one by chance, which every rule needs."""
    drawn = {**NOBODY, Kind.RANDOM: 1, kind: number}
    return rule.model_copy(update={"drawn": drawn, **changes})


def chosen(
    answered: Sequence[Answered], rule: CasePolicy, kind: Kind
) -> list[tuple[Answered, float]]:
    choice = choose_cases(answered, small().model.catalogue, rule)
    return [(answered[c.place], c.chance) for c in choice.cases if kind.value in c.strata]


def grade(answer: AppraisedProject | None) -> str:
    assert answer is not None
    assert answer.standing is not None
    return answer.standing.grade


def test_each_kind_is_what_it_says(answered: list[Answered], rule: CasePolicy) -> None:
    for each, _ in chosen(answered, of(Kind.GRADE, rule), Kind.GRADE):
        assert grade(each.challenger) != grade(each.champion)
    near = chosen(answered, of(Kind.BOUNDARY, rule), Kind.BOUNDARY)
    assert len(near) >= 5
    for each, _ in near:
        values = [
            float(side.heads[name].value) for side in each.both for name in ("axis", "second")
        ]
        assert min(abs(value - 60) for value in values) <= rule.boundary_points
    asked = sorted(float(e.challenger.project.values["asked"] or 0) for e in answered)  # type: ignore[arg-type]
    for each, _ in chosen(answered, of(Kind.LARGE, rule), Kind.LARGE):
        assert each.challenger.project.values["asked"] in asked[-10:]
    choice = choose_cases(answered, small().model.catalogue, of(Kind.TOPIC, rule, 3))
    assert {n for n in choice.strata if n.startswith("topic=")} == {"topic=road", "topic=care"}
    assert choice.strata["topic=road"].drawn == 3


def test_the_same_projects_give_the_same_cases(answered: list[Answered], rule: CasePolicy) -> None:
    catalogue = small().model.catalogue
    first, again = (choose_cases(answered, catalogue, rule) for _ in range(2))
    assert first == again
    other = choose_cases(answered, catalogue, rule.model_copy(update={"seed": 2}))
    assert {c.place for c in other.cases} != {c.place for c in first.cases}, "control"
    sides = {case.sides for case in first.cases}
    roles = (ModelRole.CHALLENGER, ModelRole.CHAMPION)
    assert sides == {roles, roles[::-1]}, "chance gives the sides"


def test_the_chance_of_a_case_is_how_often_it_is_drawn(
    answered: list[Answered], rule: CasePolicy
) -> None:
    """Over many seeds each project comes as often as its chance says, whatever it belongs to."""
    catalogue, some = small().model.catalogue, answered[:60]
    small_rule = rule.model_copy(
        update={"drawn": {**NOBODY, Kind.RANDOM: 6, Kind.BOUNDARY: 3, Kind.GRADE: 3}}
    )
    draws = 200
    counts, chances = np.zeros(len(some)), np.zeros(len(some))
    for seed in range(draws):
        choice = choose_cases(some, catalogue, small_rule.model_copy(update={"seed": seed}))
        for case in choice.cases:
            counts[case.place] += 1
            chances[case.place] = case.chance
    drawn = chances > 0
    assert drawn.mean() > 0.9
    deviation = np.sqrt(draws * chances * (1 - chances))[drawn]
    far = np.abs(counts[drawn] - draws * chances[drawn]) / np.maximum(deviation, 1)
    assert far.max() < 4.5
    assert len(set(np.round(chances[drawn], 6))) > 1, "control: the chances differ"


def estimate(answered: Sequence[Answered], choice: Choice, *, weighted: bool) -> float:
    values = [_shift(answered[case.place]) for case in choice.cases]
    weights = [1 / case.chance if weighted else 1.0 for case in choice.cases]
    return float(np.average(values, weights=weights))


def _shift(each: Answered) -> float:
    """Whether the grades differ: what the choice prefers, so that it shows a bias."""
    return float(grade(each.challenger) != grade(each.champion))


def test_weighted_back_the_cases_tell_of_all_projects(
    answered: list[Answered], rule: CasePolicy
) -> None:
    catalogue = small().model.catalogue
    rated = [each for each in answered if each.rated]
    truth = float(np.mean([_shift(each) for each in rated]))
    choices = [
        choose_cases(answered, catalogue, rule.model_copy(update={"seed": seed}))
        for seed in range(60)
    ]
    back = float(np.mean([estimate(answered, c, weighted=True) for c in choices]))
    plain = float(np.mean([estimate(answered, c, weighted=False) for c in choices]))
    assert abs(back - truth) < 0.03
    assert plain - truth > 0.06, "control: unweighted, the odd ones count too much"


def test_without_a_champion_cases_are_chosen_all_the_same(
    answered: list[Answered], rule: CasePolicy
) -> None:
    alone = [Answered(each.challenger, None) for each in answered]
    choice = choose_cases(alone, small().model.catalogue, rule)
    assert Kind.GRADE.value not in choice.strata
    assert {case.sides for case in choice.cases} == {(ModelRole.CHALLENGER,)}


def test_a_rule_that_draws_nothing_by_chance_is_refused(tmp_path: Path, rule: CasePolicy) -> None:
    file = tmp_path / "cases.yaml"
    told = rule.model_dump(mode="json")
    told["drawn"]["random"] = 0
    file.write_text(str(told), encoding="utf-8")
    with pytest.raises(FormError, match="random cases"):
        case_policy(None, tmp_path)
    told["drawn"]["random"] = 1
    file.write_text(str(told), encoding="utf-8")
    assert case_policy(None, tmp_path).drawn[Kind.RANDOM] == 1, "control"
