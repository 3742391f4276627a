"""The cells in which unit prices are alike: by type, by band of scale, by group of regions.

A cell is split where its parts differ by more than chance; the middle of a group of regions is
drawn to that of all regions by its share of chance, so that small groups borrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.operations import Numbers

Rows = npt.NDArray[np.int64]
MAD_TO_SD = 1.4826
"""The standard deviation of normal values ÷ their median absolute deviation."""
_MEDIAN_VARIANCE = np.pi / 2
"""Variance of the median of n normal values × n ÷ their variance."""


@dataclass(frozen=True)
class Middle:
    """The middle of a part of a cell. own: how far it is its own, 0–1; n: values it rests on."""

    value: float
    own: float
    n: int


def spread(values: Numbers) -> float:
    """The robust standard deviation of values: 1.4826 × median absolute deviation."""
    if len(values) == 0:
        return 0.0
    return float(MAD_TO_SD * np.median(np.abs(values - np.median(values))))


def difference_beyond_chance(values: Numbers, parts: Mapping[str, Rows]) -> float:
    """The standard deviation between the middles of parts that chance does not explain.

    By the method of moments for random effects (DerSimonian and Laird, 1986), on medians.
    """
    between, _ = _between(values, parts)
    return float(np.sqrt(between))


def pooled_middles(values: Numbers, parts: Mapping[str, Rows]) -> dict[str, Middle]:
    """The middle of each part, drawn to the middle of all by its share of chance.

    Args:
        values: (n,), logarithms of comparable unit prices.
        parts: which rows each part has; a part without rows borrows everything.
    """
    common = float(np.median(values))
    between, chance = _between(values, parts)
    middles = {}
    for name, rows in parts.items():
        if len(rows) == 0:
            middles[name] = Middle(common, 0.0, 0)
            continue
        total = between + chance[name]
        own = between / total if total > 0 else 1.0
        moved = float(np.median(values[rows])) - common
        middles[name] = Middle(common + own * moved, own, len(rows))
    return middles


def _between(values: Numbers, parts: Mapping[str, Rows]) -> tuple[float, dict[str, float]]:
    """The variance between parts beyond chance, and the variance by chance of each middle."""
    present = {name: rows for name, rows in parts.items() if len(rows)}
    within = np.concatenate(
        [values[rows] - np.median(values[rows]) for rows in present.values()] or [np.empty(0)]
    )
    noise = spread(within) ** 2
    chance = {name: _MEDIAN_VARIANCE * noise / len(rows) for name, rows in present.items()}
    if len(present) < 2:
        return 0.0, chance
    common = float(np.median(values))
    excess = [
        (float(np.median(values[rows])) - common) ** 2 - chance[name]
        for name, rows in present.items()
    ]
    weights = [len(rows) for rows in present.values()]
    return max(0.0, float(np.average(excess, weights=weights))), chance
