"""Grade and rank are rules: exact at the thresholds, strict in any order."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue_sections import Priority
from models.priority import GRADES, Ranked, grade, rank_score, ranked

POLICY = Priority(
    necessity="axis",
    importance="second",
    thresholds={"necessity": 60, "importance": 55.5},
    weights={"necessity": 0.6, "importance": 0.3},
)


@pytest.mark.parametrize(
    ("necessity", "importance", "expected"),
    [
        ("60.0", "55.5", "A"),
        ("60.0", "55.4", "B"),
        ("59.9", "55.5", "C"),
        ("59.9", "55.4", "D"),
        ("100", "0", "B"),
        ("0", "100", "C"),
    ],
)
def test_a_score_on_its_threshold_has_reached_it(
    necessity: str, importance: str, expected: str
) -> None:
    assert grade(Decimal(necessity), Decimal(importance), POLICY) == expected


def test_every_grade_has_words() -> None:
    assert set(GRADES) == {"A", "B", "C", "D"}
    assert GRADES["A"]["zh"] == "重点且必须"
    assert GRADES["B"]["zh"] == "非重点但必须"
    assert GRADES["C"]["zh"] == "重点但非必须"
    assert GRADES["D"]["zh"] == "非重点且非必须"


def test_the_rank_score_is_the_weighted_mean() -> None:
    # (0.6 · 70 + 0.3 · 40) ÷ 0.9 = 60
    assert rank_score(Decimal(70), Decimal(40), POLICY) == Decimal("60.00")
    assert rank_score(Decimal("70.1"), Decimal(40), POLICY) == Decimal("60.07")


POINTS = st.decimals(0, 100, places=1)


@given(POINTS, POINTS, st.decimals("0.1", 10, places=1))
def test_a_greater_axis_never_lowers_grade_or_rank(a: Decimal, b: Decimal, more: Decimal) -> None:
    assert rank_score(a + more, b, POLICY) >= rank_score(a, b, POLICY)
    better = {"D": "BD", "C": "AC", "B": "B", "A": "A"}
    assert grade(a + more, b, POLICY) in better[grade(a, b, POLICY)]


def _ranked(project_id: str, rank: str, necessity: str, importance: str) -> Ranked:
    return Ranked(project_id, Decimal(rank), Decimal(necessity), Decimal(importance))


def test_ties_go_to_necessity_then_importance_then_the_smaller_id() -> None:
    in_order = [
        _ranked("Z", "70", "50", "50"),
        _ranked("Y", "60", "65", "55"),
        _ranked("X", "60", "60", "61"),
        _ranked("B", "60", "60", "60"),
        _ranked("C", "60", "60", "60"),
    ]
    for shuffled in permutations(in_order):
        assert ranked(shuffled) == in_order
    backwards = in_order[::-1]
    by_rank_alone = sorted(backwards, key=lambda p: -p.rank_score)
    assert by_rank_alone != in_order  # control: without the tie-break the input's order shows


@given(
    st.lists(st.tuples(POINTS, POINTS), max_size=20),
    st.randoms(use_true_random=False),
)
def test_the_order_is_strict_and_independent_of_the_input(points: list, chance) -> None:
    projects = [
        Ranked(f"P{n:02}", rank_score(a, b, POLICY), a, b) for n, (a, b) in enumerate(points)
    ]
    shuffled = projects.copy()
    chance.shuffle(shuffled)
    order = ranked(shuffled)
    assert order == ranked(projects)
    assert len({p.project_id for p in order}) == len(projects)
    assert [p.rank_score for p in order] == sorted((p.rank_score for p in order), reverse=True)
