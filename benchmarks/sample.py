"""Repeated measurements of one thing, told by median and spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ratio:
    """A quotient of two samples: its quartiles, turn by turn."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        return f"{short(self.median)} ({short(self.low)}–{short(self.high)})"


@dataclass(frozen=True)
class Sample:
    """Values of one thing measured once per turn; of times, in seconds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median."""
        return self.quantile(0.5)

    def quantile(self, level: float) -> float:
        """The value that a share `level` of the sample does not exceed."""
        return float(np.quantile(self.values, level))

    def times(self, factor: float) -> Sample:
        """The sample in another unit."""
        return Sample(tuple(value * factor for value in self.values))

    def ratio_to(self, other: Sample) -> Ratio:
        """How many times `other` this is: the quartiles of the quotients, turn by turn.

        Both were measured in turn, so that a disturbance of the machine touches both sides of
        most quotients alike. Where one was measured more often, its last turns have no partner.
        """
        pairs = zip(self.values, other.values, strict=False)
        low, middle, high = np.quantile([a / b for a, b in pairs], [0.25, 0.5, 0.75])
        return Ratio(float(low), float(middle), float(high))

    def __str__(self) -> str:
        """Median and interquartile range."""
        low, middle, high = np.quantile(self.values, [0.25, 0.5, 0.75])
        return f"{short(middle)} ({short(low)}–{short(high)})"


def short(value: float) -> str:
    """Three figures, and no exponent where people would not write one."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
