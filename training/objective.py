"""What trees are grown to predict: the mean, a quantile, or a log-odds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from features.operations import Numbers

_SMOOTHING = 0.05
_LEAST_CURVATURE = 0.1
_NORMAL_IQR = 1.349
_STEEPEST = 40.0
_NARROWEST = 1e-6


class Objective(Protocol):
    """A loss to be minimised, as LightGBM wants it."""

    @property
    def name(self) -> str | None:
        """LightGBM's name for a loss that it knows; None for one given by its derivatives."""

    def derivatives(self, prediction: Numbers, target: Numbers) -> tuple[Numbers, Numbers]:
        """First and second derivative of the loss by the prediction, each of shape (n,)."""


@dataclass(frozen=True)
class _Named:
    """A loss that LightGBM knows."""

    name: str | None

    def derivatives(self, prediction: Numbers, target: Numbers) -> tuple[Numbers, Numbers]:
        raise NotImplementedError(f"{self.name} is computed inside LightGBM")


SQUARED_ERROR = _Named("regression")
LOG_LOSS = _Named("binary")


@dataclass(frozen=True)
class Quantile:
    """The smoothed pinball loss, whose least value is at the quantile `level` of the target.

    LightGBM's own quantile loss re-fits the leaves after the splits and therefore refuses
    monotone constraints; this one keeps them. Smoothing: Zheng (2011), "Gradient descent
    algorithms for quantile regression with smooth approximation".
    """

    level: float
    spread: float
    name: str | None = None

    @classmethod
    def of(cls, level: float, residual: Numbers) -> Quantile:
        """The loss, smoothed over a twentieth of the residuals' robust standard deviation.

        Args:
            residual: target minus what trees grown before already predict, shape (n,).
        """
        low, high = np.quantile(residual, [0.25, 0.75])
        return cls(level, max(float(high - low) / _NORMAL_IQR, _NARROWEST))

    def derivatives(self, prediction: Numbers, target: Numbers) -> tuple[Numbers, Numbers]:
        """First and second derivative by the prediction; the second is kept above a floor."""
        width = _SMOOTHING * self.spread
        apart = np.clip((prediction - target) / width, -_STEEPEST, _STEEPEST)
        above = 1.0 / (1.0 + np.exp(-apart))
        floor = _LEAST_CURVATURE / self.spread
        return above - self.level, np.maximum(above * (1 - above) / width, floor)
