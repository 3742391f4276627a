"""Calibration of a probability by an affine map of its margin, which keeps additivity.

Source: Platt (1999). Because calibrated margin = slope · margin + intercept, every contribution
in log-odds is multiplied by the same slope, and the parts still add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.errors import TrainingError
from features.operations import Numbers

LEAST_SLOPE = 0.05
_STEPS = 100
_TOLERANCE = 1e-12
_FLATTEST = 1e-6
"""Keeps a step finite where every case is certain."""
_RIDGE = 1.0


def probability(margin: Numbers) -> Numbers:
    """The logistic function of a margin in log-odds."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * margin)), dtype=np.float64)


@dataclass(frozen=True)
class MarginMap:
    """calibrated margin = slope · margin + intercept, with a positive slope."""

    slope: float = 1.0
    intercept: float = 0.0

    def __call__(self, margin: Numbers) -> Numbers:
        """The calibrated margin, log-odds."""
        return self.slope * margin + self.intercept

    @classmethod
    def fit(cls, margin: Numbers, event: Numbers) -> MarginMap:
        """The map of greatest likelihood, its slope held lightly towards 1 (ridge).

        Raises:
            TrainingError: when all cases agree, or the margins point the wrong way.
        """
        if len(np.unique(event)) < 2:
            raise TrainingError(
                "expected both outcomes among the calibration cases; got one; "
                "give a calibration round with more outcomes"
            )
        slope, intercept = _greatest_likelihood(margin, event)
        if not slope >= LEAST_SLOPE:
            raise TrainingError(
                f"expected margins that rise with the outcome; got a slope of {slope:.3f}; "
                "the head cannot be learned from these indicators"
            )
        return cls(slope, intercept)


def _greatest_likelihood(margin: Numbers, event: Numbers) -> tuple[float, float]:
    """Slope and intercept by Newton's method, each step shortened until it is an improvement."""
    place = np.array([1.0, 0.0])
    loss = _loss(place, margin, event)
    for _ in range(_STEPS):
        step = _newton_step(place, margin, event)
        while (reached := _loss(place - step, margin, event)) > loss:
            if np.abs(step).max() < _TOLERANCE:
                return float(place[0]), float(place[1])
            step = step / 2
        place, loss = place - step, reached
        if np.abs(step).max() < _TOLERANCE:
            break
    return float(place[0]), float(place[1])


def _loss(place: Numbers, margin: Numbers, event: Numbers) -> float:
    """The negative logarithm of the likelihood, with the ridge."""
    mapped = place[0] * margin + place[1]
    fitted = np.sum(np.logaddexp(0.0, mapped) - event * mapped)
    return float(fitted + _RIDGE / 2 * (place[0] - 1) ** 2)


def _newton_step(place: Numbers, margin: Numbers, event: Numbers) -> Numbers:
    p = probability(place[0] * margin + place[1])
    weight = p * (1 - p)
    gradient = np.array([(p - event) @ margin + _RIDGE * (place[0] - 1), (p - event).sum()])
    hessian = np.array(
        [
            [weight @ margin**2 + _RIDGE, weight @ margin],
            [weight @ margin, weight.sum() + _FLATTEST],
        ]
    )
    return np.linalg.solve(hessian, gradient)
