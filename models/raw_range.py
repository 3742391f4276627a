"""The range that trees give before calibration, and the scores that calibrate it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from models.trees import Trees

NARROWEST = 1e-6


@dataclass(frozen=True)
class RawRange:
    """Raw ends of n ranges and the unit in which their scores are counted, each of shape (n,).

    Where the ends have trees of their own, the unit is the raw width, so that one offset widens a
    range that is uncertain by more than one that is certain; else it is 1.
    """

    low: Numbers
    high: Numbers
    unit: Numbers

    def scores(self, outcome: Numbers) -> tuple[Numbers, Numbers]:
        """How far the outcomes lie below the low and above the high end, in units, (n,) each."""
        return (self.low - outcome) / self.unit, (outcome - self.high) / self.unit


def raw_range(
    central: Trees, bounds: tuple[Trees, Trees] | None, matrix: Numbers, offset: Numbers
) -> RawRange:
    """The raw range of each row of a feature matrix; the middle is always inside."""
    middle = central.predict(matrix) + offset
    low, high = (each.predict(matrix) + offset for each in bounds) if bounds else (middle, middle)
    return range_around(middle, low, high, least_unit(bounds))


def least_unit(bounds: tuple[Trees, Trees] | None) -> float:
    """The least unit of scores: 1 where the ends have no trees of their own and are the middle."""
    return NARROWEST if bounds else 1.0


def range_around(middle: Numbers, low: Numbers, high: Numbers, least: Numbers | float) -> RawRange:
    """The raw ranges of middles and ends, offset included, that are predicted already.

    Args:
        least: the unit of each, at least, as `least_unit` gives it.
    """
    low, high = np.minimum(low, middle), np.maximum(high, middle)
    return RawRange(low, high, np.maximum(high - low, least))
