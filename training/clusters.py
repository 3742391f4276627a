"""Clusters: projects that err together, such as those of one department, and their resampling.

The paired bootstrap draws whole clusters with replacement, the same ones for both models: what a
department's projects have in common then counts once. Source: Cameron, Gelbach and Miller (2008).
Student's t stands in for the normal law, with one degree of freedom less than there are clusters,
because with few of them the resampled spread is itself uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from features.operations import Numbers
from models.peers import Groups

LEAST_CLUSTERS = 5
CONFIDENCE = 0.95
REPLICATES = 1_000
_BLOCKS = 400
_SEED = 20_260


@dataclass(frozen=True)
class Clusters:
    """Which cluster each of n rows is in: `member` (n,), from 0 to `count` − 1."""

    member: Groups
    count: int

    @classmethod
    def of(cls, names: Sequence[str]) -> Clusters:
        """A cluster per name; where no row has a name, random blocks of rows that stand alone."""
        if any(names):
            return cls._numbered(np.asarray(names))
        blocks = np.random.default_rng(_SEED).permutation(len(names)) % _BLOCKS
        return cls._numbered(blocks)

    @classmethod
    def _numbered(cls, labels: np.ndarray[tuple[int], np.dtype[np.generic]]) -> Clusters:
        found, member = np.unique(labels, return_inverse=True)
        return cls(member.astype(np.int64), len(found))

    def of_rows(self, rows: Groups) -> Clusters:
        """The clusters of some rows only."""
        return self._numbered(self.member[rows])

    def sums(self, columns: Numbers) -> Numbers:
        """Columns (n, k) summed in each cluster: (count, k)."""
        found = [np.bincount(self.member, column, self.count) for column in columns.T]
        return np.stack(found, axis=1)

    @property
    def once(self) -> Numbers:
        """Every cluster once: the data as they are, shape (1, count)."""
        return np.ones((1, self.count))

    def resampled(self, replicates: int = REPLICATES) -> Numbers:
        """How often each cluster is drawn in each replicate, shape (replicates, count)."""
        chance = np.random.default_rng(_SEED)
        shares = np.full(self.count, 1 / self.count)
        return chance.multinomial(self.count, shares, replicates).astype(np.float64)

    def interval(
        self, estimate: float, replicates: Numbers, confidence: float = CONFIDENCE
    ) -> tuple[float, float] | None:
        """The interval around an estimate; None where the clusters are too few to say.

        Args:
            replicates: the estimate of each resampling, those that could not be told NaN.
        """
        told = replicates[np.isfinite(replicates)]
        if self.count < LEAST_CLUSTERS or len(told) < len(replicates) / 2:
            return None
        # Resampled clusters vary by (count − 1) ÷ count too little.
        error = float(told.std(ddof=1)) * np.sqrt(self.count / (self.count - 1))
        reach = float(student.ppf((1 + confidence) / 2, self.count - 1)) * error
        return estimate - reach, estimate + reach
