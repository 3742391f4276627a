"""Judgements: what may be said, and which grade the scores make."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from features.catalogue_sections import Priority
from models.review.judgement import JudgedAmount, Judgement

POLICY = Priority(
    necessity="need",
    importance="weight",
    thresholds={"necessity": 60, "importance": 50},
    weights={"necessity": 0.5, "importance": 0.5},
)


def judgement(need: float, weight: float) -> Judgement:
    return Judgement(
        case="2-0123456789ab-001",
        case_digest=f"sha256:{'0' * 64}",
        scores={"need": need, "weight": weight},
    )


@pytest.mark.parametrize(
    ("need", "weight", "grade"), [(60, 50, "A"), (60, 49.9, "B"), (59.9, 50, "C"), (0, 0, "D")]
)
def test_the_grade_follows_the_published_rule(need: float, weight: float, grade: str) -> None:
    assert judgement(need, weight).grade(POLICY) == grade
    assert judgement(need, weight).grade(None) is None


def test_the_middle_of_a_range_is_that_of_ratios() -> None:
    assert JudgedAmount(low=100, high=400).middle == 200
    assert JudgedAmount(low=100, mid=150, high=400).middle == 150


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ({}, "a range or an amount"),
        ({"low": 5.0}, "both ends"),
        ({"low": 5.0, "high": 4.0}, "low at most"),
        ({"low": 5.0, "mid": 9.0, "high": 8.0}, "low at most"),
        ({"mid": 0.0}, "greater than 0"),
    ],
)
def test_what_is_no_amount(amount: dict[str, float], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        JudgedAmount(**amount)


@pytest.mark.parametrize("points", [-0.1, 100.1, float("nan")])
def test_points_lie_between_0_and_100(points: float) -> None:
    with pytest.raises(ValidationError):
        judgement(points, 50)
