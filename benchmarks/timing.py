"""Timings that can be compared: taken in turn, in the same run, and told by median and spread."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timing:
    """Repeated timings of one thing, seconds, shape (repeats,)."""

    seconds: np.ndarray

    @property
    def median(self) -> float:
        """The median, seconds."""
        return float(np.median(self.seconds))

    def milliseconds(self, per: int = 1) -> str:
        """Median and interquartile range in milliseconds, each divided by `per`."""
        low, middle, high = np.quantile(self.seconds, [0.25, 0.5, 0.75]) * 1e3 / per
        return f"{middle:.3g} ({low:.3g}–{high:.3g})"

    def ratio_to(self, other: Timing) -> str:
        """How many times `other` this takes: median and interquartile range, turn by turn.

        Both were timed in turn, so that a disturbance of the machine touches both sides of most
        quotients alike.
        """
        low, middle, high = np.quantile(self.seconds / other.seconds, [0.25, 0.5, 0.75])
        return f"{middle:.3g} ({low:.3g}–{high:.3g})"


def taken_in_turn(
    tasks: Mapping[str, Callable[[], object]], repeats: int, warmed: bool = True
) -> dict[str, Timing]:
    """The timings of each task, all of them run once per turn, in `repeats` turns.

    What was alive before is kept from the garbage collector: a server holds no training data.
    """
    gc.collect()
    gc.freeze()
    if warmed:
        for task in tasks.values():
            task()
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            found[name].append(time.perf_counter() - started)
    gc.unfreeze()
    return {name: Timing(np.array(seconds)) for name, seconds in found.items()}
