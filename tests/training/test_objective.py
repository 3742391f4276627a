"""Losses: their derivatives against finite differences, and where they are least."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from training.objective import LOG_LOSS, SQUARED_ERROR, Quantile

WIDTH = 0.05  # of the smoothing, in units of the spread


def _loss(prediction: Any, target: Any, level: float, spread: float) -> Any:
    """Zheng's smooth pinball loss, written down apart from the code under test.

    With the error e = target − prediction and the width a: level · e + a · log(1 + exp(−e/a)).
    """
    error, width = target - prediction, WIDTH * spread
    return level * error + width * np.logaddexp(0, -error / width)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("spread", [0.3, 4.0])
def test_derivatives_are_those_of_the_smooth_pinball_loss(level: float, spread: float) -> None:
    prediction = np.linspace(-0.6, 0.6, 41) * spread * 0.3
    target, step = np.zeros(41), 1e-5 * spread
    gradient, curvature = Quantile(level, spread).derivatives(prediction, target)
    up, down = (_loss(prediction + s, target, level, spread) for s in (step, -step))
    np.testing.assert_allclose(gradient, (up - down) / (2 * step), atol=1e-6)
    here = _loss(prediction, target, level, spread)
    second = (up - 2 * here + down) / step**2
    floor = 0.1 / spread
    np.testing.assert_allclose(curvature, np.maximum(second, floor), rtol=1e-3, atol=1e-3 * floor)


@pytest.mark.parametrize("level", [0.1, 0.25, 0.5, 0.9])
def test_the_loss_is_least_at_the_quantile(level: float) -> None:
    target = np.random.default_rng(3).normal(size=20_001)
    loss = Quantile.of(level, target)

    def slope(at: float) -> float:
        return float(loss.derivatives(np.full(len(target), at), target)[0].mean())

    low, high = -5.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    assert low == pytest.approx(float(np.quantile(target, level)), abs=0.02)
    assert low != pytest.approx(float(np.quantile(target, 1 - level)), abs=0.02) or level == 0.5


def test_far_from_the_target_the_loss_is_the_pinball_loss() -> None:
    gradient, curvature = Quantile(0.9, 1.0).derivatives(np.array([-1e9, 1e9]), np.zeros(2))
    np.testing.assert_allclose(gradient, [-0.9, 0.1], atol=1e-12)
    np.testing.assert_allclose(curvature, [0.1, 0.1])


def test_the_spread_is_the_robust_deviation_of_what_is_left() -> None:
    normal = np.random.default_rng(3).normal(scale=7, size=50_000)
    normal[:500] = 1e9  # a few slips do not matter
    assert Quantile.of(0.9, normal).spread == pytest.approx(7, rel=0.05)
    assert Quantile.of(0.9, np.zeros(10)).spread == 1e-6  # never zero
    finite = Quantile.of(0.9, np.zeros(10)).derivatives(np.zeros(10), np.zeros(10))
    assert all(math.isfinite(v) for v in np.concatenate(finite))


@pytest.mark.parametrize("loss", [SQUARED_ERROR, LOG_LOSS])
def test_losses_that_lightgbm_knows_are_left_to_it(loss: Any) -> None:
    with pytest.raises(NotImplementedError, match="is computed inside LightGBM"):
        loss.derivatives(np.zeros(1), np.zeros(1))
