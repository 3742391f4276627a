"""The time-ordered split: fit on older rounds, calibrate on a later one, test on the last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.errors import TrainingError

Years = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TimeSplit:
    """Rounds up to `fit_until` are learned from, up to `calibrate_until` calibrated, later tested.

    `test` is None when every round is learned from or calibrated on.
    """

    fit_until: int
    calibrate_until: int

    def __post_init__(self) -> None:
        if not self.fit_until < self.calibrate_until:
            raise TrainingError(
                f"expected a calibration round after the last round learned from; got fit until "
                f"{self.fit_until} and calibrate until {self.calibrate_until}"
            )

    @classmethod
    def of(cls, years: Years, test_rounds: int = 1) -> TimeSplit:
        """The usual split: the last round tests, the one before calibrates, the rest are fitted.

        Raises:
            TrainingError: when there are fewer than three rounds (two without a test round).
        """
        rounds = np.unique(years)
        if len(rounds) < 2 + test_rounds:
            raise TrainingError(
                f"expected at least {2 + test_rounds} rounds of outcomes (fit, calibrate, test); "
                f"got {len(rounds)}: {', '.join(map(str, rounds))}; add older rounds"
            )
        kept = rounds[: len(rounds) - test_rounds]
        return cls(int(kept[-2]), int(kept[-1]))

    def fit(self, years: Years) -> Mask:
        """Which rows are learned from."""
        return np.asarray(years <= self.fit_until)

    def calibrate(self, years: Years) -> Mask:
        """Which rows calibrate."""
        return np.asarray((years > self.fit_until) & (years <= self.calibrate_until))

    def test(self, years: Years) -> Mask:
        """Which rows test."""
        return np.asarray(years > self.calibrate_until)
