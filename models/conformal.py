"""Split-conformal correction of a range, per category, with fallback to the parent category.

A raw range [low, high] is widened or narrowed by two offsets so that it holds the outcome in the
stated share of later cases. Each tail is corrected on its own (asymmetric conformalised quantile
regression: Romano, Patterson and Candès, 2019), and each category with enough cases has offsets of
its own (Mondrian: Vovk et al., 2005), as far as categories differ by more than chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models.drift import Drift
from models.partial_pooling import partially_pooled
from models.peers import Groups
from models.range_offsets import RangeOffsets


@dataclass(frozen=True)
class ConformalRange:
    """Offsets of a range for each group that has enough cases; others fall back.

    `low[g]` is subtracted from the raw low of group g, `high[g]` added to its raw high, both in
    the unit of the scores; NaN where the group has too few cases of its own. `cases[g]` counts
    the cases of group g. `drift` made both tails stricter than the level asks.
    """

    level: float
    low: Numbers
    high: Numbers
    cases: npt.NDArray[np.int64]
    drift: Drift

    @classmethod
    def calibrate(
        cls,
        below: Numbers,
        above: Numbers,
        memberships: Groups,
        groups: int,
        level: float,
        least_cases: int,
        drift: Drift,
    ) -> ConformalRange:
        """Offsets from n calibration cases.

        Args:
            below: score of the low end, shape (n,): positive where the outcome fell below it;
                infinite where no range could have reached the outcome.
            above: score of the high end, shape (n,).
            memberships: the groups of each case, shape (n, depth), −1 for none.
            groups: how many groups there are.
            least_cases: with fewer cases, a group falls back to its parent.
        """
        tail = (1 + level) / 2 + drift.allowance
        inside = [(memberships == group).any(axis=1) for group in range(groups)]
        cases = np.array([int(members.sum()) for members in inside], dtype=np.int64)
        own = [group for group in range(groups) if cases[group] >= least_cases]
        ends = []
        for scores in (below, above):
            offsets = np.full(groups, np.nan)
            offsets[own] = partially_pooled(scores, [inside[group] for group in own], tail)
            offsets[np.isinf(offsets)] = np.nan
            ends.append(offsets)
        return cls(level, ends[0], ends[1], cases, drift)

    def group_used(self, memberships: Groups) -> Groups:
        """The finest group of each row that has offsets, shape (n,); −1 where none has."""
        return np.asarray(self._offsets.group_used(memberships)[0], dtype=np.int64)

    @cached_property
    def _offsets(self) -> RangeOffsets:
        return RangeOffsets([self.low], [self.high])

    def apply(
        self, low: Numbers, high: Numbers, unit: Numbers, used: Groups
    ) -> tuple[Numbers, Numbers]:
        """The corrected range of each row; NaN where no group of the row has offsets.

        Args:
            unit: the unit of the scores on the prediction's scale, shape (n,).
            used: the group whose offsets count for each row, as `group_used` gives it.
        """
        ends = self._offsets.apply(np.array([[low], [high]]), unit[None, :], used[None, :])
        return ends[0, 0], ends[1, 0]

    def to_json(self) -> dict[str, Any]:
        """A JSON form from which `from_json` makes an equal object."""
        return {
            "level": self.level,
            "low": _nullable(self.low),
            "high": _nullable(self.high),
            "cases": self.cases.tolist(),
            "drift": asdict(self.drift),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ConformalRange:
        """The object of which `data` is the JSON form."""
        return cls(
            float(data["level"]),
            np.array(data["low"], dtype=np.float64),
            np.array(data["high"], dtype=np.float64),
            np.array(data["cases"], dtype=np.int64),
            _drift(data["drift"]),
        )


def _drift(data: Mapping[str, Any]) -> Drift:
    misses = tuple((low, high) for low, high in data["misses"])
    return Drift(**{**data, "rounds": tuple(data["rounds"]), "misses": misses})


def _nullable(column: Numbers) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]
