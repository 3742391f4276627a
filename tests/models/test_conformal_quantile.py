"""The conformal quantile: by hand, and as other libraries have it."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from crepes import ConformalRegressor
from hypothesis import given
from hypothesis import strategies as st
from mapie.regression import SplitConformalRegressor
from sklearn.dummy import DummyRegressor

from models.conformal_quantile import conformal_quantile

LEVELS = [0.5, 0.8, 0.9, 0.95]


@pytest.mark.parametrize(
    ("count", "level", "rank"),
    [(9, 0.8, 8), (9, 0.9, 9), (10, 0.8, 9), (99, 0.9, 90), (4, 0.8, 4), (1, 0.5, 1)],
)
def test_the_rank_by_hand(count: int, level: float, rank: int) -> None:
    scores = np.random.default_rng(1).permutation(count) + 1.0
    assert conformal_quantile(scores, level) == rank


@pytest.mark.parametrize(("count", "level"), [(8, 0.9), (3, 0.8), (0, 0.5)])
def test_too_few_scores_give_no_bound(count: int, level: float) -> None:
    assert conformal_quantile(np.arange(float(count)), level) == math.inf


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60), st.integers(1, 99))
def test_it_is_the_smallest_score_that_suffices(scores: list[int], percent: int) -> None:
    found = conformal_quantile(np.array(scores, dtype=float), percent / 100)
    level, places = Fraction(percent, 100), len(scores) + 1

    def enough(score: float) -> bool:
        return Fraction(sum(s <= score for s in scores), places) >= level

    assert math.isinf(found) or enough(found)
    assert not any(enough(score) for score in scores if score < found)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", [40, 101, 200])  # at 99 its rank of a whole number slips by one
def test_it_is_what_crepes_finds(level: float, count: int) -> None:
    residuals = np.random.default_rng(count).normal(size=count)
    ours = conformal_quantile(np.abs(residuals), level)
    theirs = ConformalRegressor().fit(residuals).predict_int(np.zeros(1), confidence=level)
    assert theirs[0, 1] == pytest.approx(ours)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", [40, 99, 200])
def test_it_is_what_mapie_finds(level: float, count: int) -> None:
    target = np.random.default_rng(count).normal(size=count)
    nothing = np.zeros((count, 1))
    model = DummyRegressor(strategy="constant", constant=0.0).fit(nothing, target)
    theirs = SplitConformalRegressor(model, confidence_level=level, prefit=True)
    theirs.conformalize(nothing, target)
    _, ends = theirs.predict_interval(np.zeros((1, 1)))
    assert ends[0, 1, 0] == pytest.approx(conformal_quantile(np.abs(target), level))


def test_control_the_plain_quantile_is_too_low() -> None:
    scores = np.random.default_rng(5).normal(size=50)
    assert np.quantile(scores, 0.9) < conformal_quantile(scores, 0.9)


def test_later_scores_stay_below_in_the_stated_share() -> None:
    chance = np.random.default_rng(11)
    draws = chance.exponential(size=(4000, 20))
    below = [row[-1] <= conformal_quantile(row[:-1], 0.8) for row in draws]
    # exchangeable: exactly ⌈20 · 0.8⌉ / 20 = 0.8; four standard errors of 4,000 draws
    assert np.mean(below) == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / 4000))
