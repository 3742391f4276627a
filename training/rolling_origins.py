"""Rolling origins: forecasts of past rounds, each from a window of rounds before it.

All windows are equally long, so that rounds differ by what happened in them and not by how much
the model had learned. Source: Tashman (2000), "Out-of-sample tests of forecasting accuracy".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.split import Mask, Years

ORIGINS = 3


@dataclass(frozen=True)
class Origin:
    """One forecast round with the rounds that its model may learn from."""

    window: tuple[int, ...]
    round: int

    def fit(self, years: Years) -> Mask:
        """Which rows are learned from, shape (n,)."""
        return np.asarray(np.isin(years, self.window))

    def forecast(self, years: Years) -> Mask:
        """Which rows are forecast, shape (n,)."""
        return np.asarray(years == self.round)


def rolling_origins(years: Years, count: int = ORIGINS) -> tuple[Origin, ...]:
    """The last `count` rounds as origins, oldest first; none when there are too few rounds."""
    rounds = [int(year) for year in np.unique(years)]
    window = len(rounds) - count
    if window < 1:
        return ()
    return tuple(
        Origin(tuple(rounds[start : start + window]), rounds[start + window])
        for start in range(count)
    )
