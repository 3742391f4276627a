"""The projects of a block that are written: which series in which round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.province.rounds import Block, Round
from training.province.span import BURN_IN


@dataclass(frozen=True)
class Rows:
    """One entry per written project, round after round."""

    block: Block
    round: np.ndarray
    series: np.ndarray  # index within the block

    @property
    def years(self) -> np.ndarray:
        """Fiscal years."""
        return self.block.span.year(0) + self.round

    def of_series(self, values: np.ndarray) -> np.ndarray:
        """An array over series, per row."""
        chosen: np.ndarray = values[self.series]
        return chosen

    def of_round(self, values: Callable[[Round], np.ndarray]) -> np.ndarray:
        """What `values` gives for each round (series first), per row."""
        chosen: np.ndarray = self.stacked(values)[self.round, self.series]
        return chosen

    def stacked(self, values: Callable[[Round], np.ndarray]) -> np.ndarray:
        """What `values` gives for each round, rounds × series …"""
        return np.stack([values(one) for one in self.block.rounds])

    def first(self, count: int) -> Rows:
        """The first `count` rows."""
        return Rows(self.block, self.round[:count], self.series[:count])


def written_rows(block: Block) -> Rows:
    """All active series of the rounds after the burn-in."""
    active = np.stack([one.situation.active for one in block.rounds])
    active[:BURN_IN] = False
    rounds, series = np.nonzero(active)
    return Rows(block, rounds, series)
