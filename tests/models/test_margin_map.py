"""Calibration of a probability, against logistic regression as others fit it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from features.errors import TrainingError
from models.margin_map import MarginMap, probability


def _cases(slope: float, intercept: float, count: int = 4000) -> tuple[Any, Any]:
    chance = np.random.default_rng(2)
    margin = chance.normal(scale=1.5, size=count)
    event = chance.random(count) < 1 / (1 + np.exp(-(slope * margin + intercept)))
    return margin, event.astype(np.float64)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.4, -2.0), (2.5, 1.0)])
def test_it_is_what_logistic_regression_finds(slope: float, intercept: float) -> None:
    margin, event = _cases(slope, intercept)
    ours = MarginMap.fit(margin, event)
    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(margin[:, None], event)
    # the ridge towards 1 weighs as one case in 4,000
    assert ours.slope == pytest.approx(theirs.coef_[0, 0], abs=0.01)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=0.01)


def test_the_mean_probability_is_the_share_of_events() -> None:
    margin, event = _cases(0.5, -1.0)
    assert probability(MarginMap.fit(margin, event)(margin)).mean() == pytest.approx(event.mean())
    assert probability(margin).mean() != pytest.approx(event.mean(), abs=0.05)  # control


def test_few_separable_cases_are_held_by_the_ridge() -> None:
    found = MarginMap.fit(np.array([-1.0, 1.0]), np.array([0.0, 1.0]))
    assert 1 < found.slope < 5
    assert found.intercept == pytest.approx(0, abs=1e-9)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-8, 8), st.floats(-4, 4)), min_size=40, max_size=80),
)
def test_a_fit_that_is_not_refused_is_the_best_one(cases: list[tuple[float, float]]) -> None:
    margin = np.array([m for m, _ in cases])
    event = np.array([float(m + noise > 0) for m, noise in cases])
    try:
        found = MarginMap.fit(margin, event)
    except TrainingError:
        assume(False)
    assert found.slope >= 0.05
    gradient = (probability(found(margin)) - event).sum()
    assert gradient == pytest.approx(0, abs=1e-6)  # truly the greatest likelihood


def test_extreme_margins_still_converge() -> None:
    margin = np.array([-30.0] * 20 + [30.0] * 20 + [-30.0, 30.0])
    event = np.array([0.0] * 20 + [1.0] * 20 + [1.0, 0.0])
    found = MarginMap.fit(margin, event)
    assert probability(found(np.array([30.0])))[0] == pytest.approx(20 / 21, abs=0.01)


def test_one_outcome_only_is_refused() -> None:
    with pytest.raises(TrainingError, match="expected both outcomes among the calibration cases"):
        MarginMap.fit(np.arange(5.0), np.ones(5))


def test_margins_that_point_the_wrong_way_are_refused() -> None:
    margin, event = _cases(-1.0, 0.0)
    with pytest.raises(TrainingError, match="got a slope of -"):
        MarginMap.fit(margin, event)
    MarginMap.fit(-margin, event)  # control


def test_probability_by_hand() -> None:
    margins = np.array([-1e3, 0.0, np.log(3), 1e3])
    assert probability(margins).tolist() == pytest.approx([0.0, 0.5, 0.75, 1.0])
