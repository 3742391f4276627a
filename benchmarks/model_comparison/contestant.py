"""A contestant: one way to learn a head, and how its settings are chosen by the common budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from benchmarks.model_comparison.head_task import Columns, HeadTask
from features.head_declaration import HeadKind
from features.operations import Numbers
from models.margin_map import probability
from training.evaluation import pinball
from training.growing import TrainingRows

Settings = Mapping[str, Any]
Predict = Callable[[Numbers], Numbers]
"""From a matrix (m, inputs) to raw predictions (m,), log-odds for an event."""
_SUREST = 1e-9


@dataclass(frozen=True)
class Fitted:
    """A head as learned.

    low, high: None where one prediction serves as both raw ends too. seconds: of the processor.
    """

    seconds: float
    middle: Predict
    low: Predict | None = None
    high: Predict | None = None


class Contestant(Protocol):
    """One way to learn any head."""

    @property
    def name(self) -> str:
        """What the page calls it."""

    @property
    def packages(self) -> tuple[str, ...]:
        """What must be installed for it."""

    def chosen(self, task: HeadTask, trials: int, seed: int) -> Settings:
        """The settings for a task, found within so many trials."""

    def fit(self, task: HeadTask, settings: Settings, seed: int) -> Fitted:
        """The head learned from the rows of the task that are to be fitted."""


@dataclass(frozen=True)
class Wanted:
    """What is to be predicted: the mean, a quantile at `level`, or the log-odds of an event."""

    event: bool = False
    level: float | None = None

    def loss(self, predicted: Numbers, goal: Numbers) -> float:
        """The mean loss that this prediction makes least."""
        if self.event:
            told = np.clip(probability(predicted), _SUREST, 1 - _SUREST)
            return float(-np.mean(goal * np.log(told) + (1 - goal) * np.log(1 - told)))
        if self.level is not None:
            return pinball(predicted, goal, self.level)
        return float(np.mean((predicted - goal) ** 2))


class Learner(Protocol):
    """A library's way to learn one prediction.

    space: the values that each setting is drawn from, the usual one first. quantiles: whether it
    can learn a quantile; if not, the ends of a range lie a constant distance from the mean.
    """

    name: str
    packages: tuple[str, ...]
    space: Mapping[str, Sequence[Any]]
    quantiles: bool

    def learn(
        self,
        fitted: TrainingRows,
        later: TrainingRows,
        columns: Columns,
        wanted: Wanted,
        settings: Settings,
        seed: int,
    ) -> Predict:
        """A prediction learned from `fitted`, ended early where `later` says so."""


class Learned(NamedTuple):
    """A prediction, and how long the processor took to learn it."""

    predict: Predict
    seconds: float


@dataclass(frozen=True)
class Searched:
    """A learner whose settings are chosen among a few drawn at random, the usual ones first.

    What the search learned is kept until the next, so that the chosen is not learned twice.
    """

    learner: Learner
    _tried: list[tuple[HeadTask, Settings, Learned]] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """What the page calls it."""
        return self.learner.name

    @property
    def packages(self) -> tuple[str, ...]:
        """What must be installed for it."""
        return self.learner.packages

    def chosen(self, task: HeadTask, trials: int, seed: int) -> Settings:
        """Of so many settings those with the least loss on the round after the fitted ones."""
        tried = _drawn(self.learner.space, trials)
        if len(tried) == 1:
            return tried[0]
        wanted, later = _mean(task), task.later
        learned = [self._learned(task, wanted, settings, seed) for settings in tried]
        losses = [wanted.loss(each.predict(later.matrix), later.target) for each in learned]
        best = int(np.argmin(losses))
        self._tried[:] = [(task, tried[best], learned[best])]
        return tried[best]

    def fit(self, task: HeadTask, settings: Settings, seed: int) -> Fitted:
        """The head learned with these settings."""
        known = [m for whose, what, m in self._tried if whose is task and what == settings]
        self._tried.clear()
        mean = known[0] if known else self._learned(task, _mean(task), settings, seed)
        if task.declaration.kind is not HeadKind.AMOUNT or not self.learner.quantiles:
            return Fitted(mean.seconds, mean.predict)
        # Quantiles of what the mean leaves over, as ours: from nothing they would take far longer.
        left = replace(task, goal=task.goal - mean.predict(task.matrix))
        tail = (1 - task.declaration.level) / 2
        parts = [
            self._learned(left, Wanted(level=level), settings, seed)
            for level in (0.5, tail, 1 - tail)
        ]
        seconds = mean.seconds + sum(part.seconds for part in parts)
        return Fitted(seconds, *(_sum(mean.predict, part.predict) for part in parts))

    def _learned(self, task: HeadTask, wanted: Wanted, settings: Settings, seed: int) -> Learned:
        begun = time.process_time()
        predict = self.learner.learn(task.fitted, task.later, task.columns, wanted, settings, seed)
        return Learned(predict, time.process_time() - begun)


def _mean(task: HeadTask) -> Wanted:
    return Wanted(event=task.declaration.kind is HeadKind.PROBABILITY)


def _sum(first: Predict, second: Predict) -> Predict:
    return lambda matrix: first(matrix) + second(matrix)


def _drawn(space: Mapping[str, Sequence[Any]], count: int) -> list[Settings]:
    """The usual settings, then others drawn at random: the same for the same space."""
    chance = np.random.default_rng(20_260)
    found: list[Settings] = [{name: values[0] for name, values in space.items()}]
    possible = int(np.prod([len(values) for values in space.values()]))
    while len(found) < min(count, possible):
        drawn = {name: values[chance.integers(len(values))] for name, values in space.items()}
        if drawn not in found:
            found.append(drawn)
    return found
