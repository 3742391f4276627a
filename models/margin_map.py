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
        slope, intercept = 1.0, 0.0
        for _ in range(_STEPS):
            p = probability(slope * margin + intercept)
            weight = p * (1 - p)
            gradient = np.array([(p - event) @ margin + _RIDGE * (slope - 1), (p - event).sum()])
            hessian = np.array(
                [
                    [weight @ margin**2 + _RIDGE, weight @ margin],
                    [weight @ margin, weight.sum() + _TOLERANCE],
                ]
            )
            step = np.linalg.solve(hessian, gradient)
            slope, intercept = slope - step[0], intercept - step[1]
            if np.abs(step).max() < _TOLERANCE:
                break
        if not slope >= LEAST_SLOPE:
            raise TrainingError(
                f"expected margins that rise with the outcome; got a slope of {slope:.3f}; "
                "the head cannot be learned from these indicators"
            )
        return cls(float(slope), float(intercept))
