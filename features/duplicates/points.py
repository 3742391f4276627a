"""What resemblances count: an additive score, one entry for each step of each comparison."""

from __future__ import annotations

import math

import numpy as np

from features.field import Declaration

STEPS: dict[str, tuple[float, ...]] = {
    "name": (0.3, 0.5, 0.7, 0.85, 0.97),
    "texts": (0.3, 0.5, 0.7, 0.85, 0.95),
    "amount": (0.6, 0.75, 0.85, 0.92, 0.97),
    "quantity": (0.6, 0.8, 0.9, 0.96, 0.999),
    "unit_price": (0.6, 0.8, 0.9, 0.96, 0.99),
    "people": (0.8, 0.95, 0.999),
    "documents": (0.01, 0.5, 1.0),
    "targets": (0.2, 0.4, 0.6, 0.8, 0.95),
}
"""The comparisons, each with the closeness (0–1) from which its steps count."""


CALIBRATED_AMONG = 12_000
"""Projects, at most, among which points are calibrated."""


def lowered_by(projects: int) -> float:
    """How far the base is lowered among more projects than points are calibrated among.

    A project has as many duplicates as before, and by chance as many more look-alikes as there are
    more projects: log-odds fall by the logarithm of how many times as many they are.
    """
    return round(max(math.log(max(projects, 1) / CALIBRATED_AMONG), 0.0), 3)


class Points(Declaration):
    """Log-odds that two projects are related: a base, and points for each comparison.

    steps: for each comparison the points of closeness below the first step, from the first on, from
    the second on …; they never fall. unknown: the points where either side does not tell.
    limit: from how many points on a pair is shown.
    """

    base: float
    steps: dict[str, tuple[float, ...]]
    unknown: dict[str, float]
    limit: float

    def of(self, closeness: np.ndarray) -> np.ndarray:
        """Points of each pair, pairs × comparisons, from closeness (NaN: not known)."""
        columns = [self._of_one(name, closeness[:, place]) for place, name in enumerate(STEPS)]
        return np.stack(columns, axis=1)

    def total(self, closeness: np.ndarray) -> np.ndarray:
        """Log-odds of each pair."""
        total: np.ndarray = self.base + self.of(closeness).sum(axis=1)
        return total

    def _of_one(self, name: str, closeness: np.ndarray) -> np.ndarray:
        if name not in self.steps:
            return np.zeros(len(closeness))
        known = np.array(self.steps[name])[step_of(name, closeness)]
        points: np.ndarray = np.where(np.isnan(closeness), self.unknown[name], known)
        return points


def step_of(name: str, closeness: np.ndarray) -> np.ndarray:
    """Which step of a comparison each closeness reaches; 0 below the first, and for NaN."""
    known = np.nan_to_num(closeness, nan=-1.0)
    step: np.ndarray = np.searchsorted(np.array(STEPS[name]) - 1e-9, known, side="right")
    return step
