"""Which of the settings tried is taken: the cheapest to explain that forecasts as well as the best.

The time to explain a row grows with the splits of the trees (docs/performance.md), so size is
bought only where it forecasts better. "As well as the best" means within one standard error.
Source: the one-standard-error rule of Breiman, Friedman,
Olshen and Stone (1984), "Classification and Regression Trees", section 3.4.3, with the error of
the paired differences, since all trials forecast the same projects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.operations import Numbers
from training.growing import TreeSettings


def price(settings: TreeSettings) -> int:
    """The price of an explanation: how many splits the trees have at most."""
    return settings.trees * (settings.leaves - 1)


@dataclass(frozen=True)
class Trial:
    """Settings with their losses on past rounds.

    losses: for each round that was forecast, each project's loss, shape (projects of the round,).
    """

    settings: TreeSettings
    losses: tuple[Numbers, ...]

    @property
    def loss(self) -> float:
        """The mean loss, each round counting alike."""
        return float(np.mean([losses.mean() for losses in self.losses]))


def noise(one: Trial, other: Trial) -> float:
    """The standard error of the difference between two trials' losses, from the paired losses."""
    apart = [a - b for a, b in zip(one.losses, other.losses, strict=True)]
    variances = [float(np.var(d, ddof=1)) / len(d) for d in apart]
    return float(np.sqrt(sum(variances))) / len(variances)


def best(trials: Sequence[Trial]) -> Trial:
    """The trial of the smallest loss; of equals, the earliest."""
    return min(trials, key=lambda trial: trial.loss)


def cheapest(trials: Sequence[Trial]) -> Trial:
    """The trial to take, the first of the trials being the settings that were given.

    Of those within the noise of the best the cheapest, and of equally cheap ones the better; but
    never one dearer than the given settings, unless it is better than them beyond the noise.
    """
    given, leader = trials[0], best(trials)
    as_good = [trial for trial in trials if trial.loss - leader.loss <= noise(trial, leader)]
    worth_it = [
        trial
        for trial in as_good
        if price(trial.settings) <= price(given.settings)
        or given.loss - trial.loss > noise(given, trial)
    ]
    return min(worth_it, key=lambda trial: (price(trial.settings), trial.loss))
