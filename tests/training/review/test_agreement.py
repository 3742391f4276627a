"""Agreement, worked out by hand, against SciPy and against another reckoning of κ."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from models.review.report import WhyNot
from training.review.agreement import (
    Compared,
    Word,
    agreement,
    weighted_spearman,
)
from training.weighted_kappa import weighted_kappa

EQUAL = np.ones(4)


def word(points: float, grade: str | None = None, amount: float | None = None) -> Word:
    amounts = {} if amount is None else {"cost": (amount / 2, amount, amount * 2)}
    return Word({"axis": points}, amounts, grade)


def compared(
    pairs: list[tuple[float, float]], weights: list[float] | None = None
) -> list[Compared]:
    given = weights or [1.0] * len(pairs)
    return [
        Compared(word(first), word(second), weight)
        for (first, second), weight in zip(pairs, given, strict=True)
    ]


def kappa_by_definition(first: list[int], second: list[int], weights: list[float]) -> float:
    """One less the observed over the expected squared distance."""
    total = sum(weights)
    observed = sum(w * (a - b) ** 2 for a, b, w in zip(first, second, weights, strict=True))
    expected = sum(
        u * v * (first[i] - second[j]) ** 2
        for (i, u), (j, v) in itertools.product(enumerate(weights), repeat=2)
    )
    return 1 - observed / total / (expected / total**2)


def test_kappa_worked_out_by_hand() -> None:
    """Classes 0 0 1 2 and 0 1 1 2: the squares are 1 of 4; by chance 20/16 of 1."""
    first, second = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    by_chance = sum((a - b) ** 2 for a in first for b in second) / 16
    assert by_chance == 20 / 16
    assert weighted_kappa(first, second, 3, EQUAL) == pytest.approx(1 - 0.25 / 1.25)
    assert weighted_kappa(first, first, 3, EQUAL) == 1
    assert weighted_kappa(np.array([0, 2]), np.array([2, 0]), 3) == pytest.approx(-1)
    # Control: without the weights of the squares a far miss would count as a near one.
    far = np.array([0, 2, 1, 2])
    assert weighted_kappa(first, far, 3, EQUAL) < weighted_kappa(first, second, 3, EQUAL)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.floats(0.5, 20)), min_size=3, max_size=12
    )
)
def test_kappa_is_what_its_definition_says(rows: list[tuple[int, int, float]]) -> None:
    first, second, weights = (list(column) for column in zip(*rows, strict=True))
    found = weighted_kappa(np.array(first), np.array(second), 5, np.array(weights))
    if len({*first, *second}) < 2:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(kappa_by_definition(first, second, weights), abs=1e-9)
        theirs = cohen_kappa_score(
            first, second, labels=range(5), weights="quadratic", sample_weight=weights
        )
        assert found == pytest.approx(theirs, abs=1e-9)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4)), min_size=3),
)
def test_weighted_ranks_are_those_of_cases_that_came_so_often(
    rows: list[tuple[int, int, int]],
) -> None:
    first, second, times = (np.array(column) for column in zip(*rows, strict=True))
    found = weighted_spearman(first.astype(float), second.astype(float), times.astype(float))
    repeated = [np.repeat(column, times) for column in (first, second)]
    if any(len(set(column)) < 2 for column in repeated):
        assert math.isnan(found)
    else:
        assert found == pytest.approx(spearmanr(*repeated).statistic, abs=1e-9)


def test_a_difference_weighs_cases_by_what_they_stand_for() -> None:
    cases = compared([(60, 50), (40, 50)], [3.0, 1.0])
    told = agreement(cases, 2).scores["axis"].difference
    assert (told.value, told.n) == (5.0, 2)
    plain = agreement(compared([(60, 50), (40, 50)]), 2).scores["axis"].difference
    assert plain.value == 0.0, "control: without weights they cancel out"


def test_with_few_cases_nothing_is_told() -> None:
    told = agreement(compared([(60, 50)] * 9), 10).scores["axis"]
    for figure in (told.difference, told.spearman, told.kappa):
        assert (figure.value, figure.why_not, figure.n) == (None, WhyNot.TOO_FEW, 9)
    enough = agreement(compared([(60, 50)] * 10), 10).scores["axis"]
    assert enough.difference.value == 10.0
    assert enough.spearman.why_not is WhyNot.CONSTANT


def test_grades_and_amounts() -> None:
    def both(first: str, second: str, amount: float, other: float) -> Compared:
        return Compared(word(50, first, amount), word(50, second, other), 1.0)

    told = agreement([both("A", "A", 100, 100), both("D", "C", 400, 100)], 2)
    assert told.grade_share is not None
    assert told.grade_share.value == 0.5
    assert told.grade_kappa is not None
    assert told.grade_kappa.value == pytest.approx(kappa_by_definition([0, 3], [0, 2], [1, 1]))
    assert told.amounts["cost"].ratio.value == pytest.approx(2.0), "the root of 1 × 4"
    assert told.amounts["cost"].within.value == 0.5, "400 is not within 50 … 200"


def test_the_interval_is_the_same_always_and_holds_the_figure() -> None:
    chance = np.random.default_rng(5)
    pairs = [(float(a), float(a + e)) for a, e in chance.normal(0, 1, (40, 2)) * 8 + [50, 3]]
    first, again = (agreement(compared(pairs), 10, intervals=True).scores["axis"] for _ in range(2))
    assert first == again
    for figure in (first.difference, first.spearman, first.kappa):
        assert figure.low is not None
        assert figure.high is not None
        assert figure.value is not None
        assert figure.low < figure.value < figure.high
    assert first.difference.low is not None
    assert first.difference.high is not None
    spread = np.std([a - b for a, b in pairs], ddof=1) / math.sqrt(40)
    assert first.difference.high - first.difference.low == pytest.approx(2 * 1.96 * spread, rel=0.2)
