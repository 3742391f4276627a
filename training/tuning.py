"""Tuning: each head's tree settings, searched on past rounds only; the one door to Optuna.

Every trial grows the head on the rolling origins of the rounds that are learned from and
calibrated on, and forecasts the round after each; the rounds kept for testing are never looked
at. The settings that would be used without a search are the first trial, so a search never
returns anything worse than them on its own criterion. docs/tuning.md says whether that pays.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.errors import TrainingError
from features.head_declaration import HeadDeclaration, HeadKind
from features.operations import Numbers
from models.margin_map import probability
from models.raw_range import raw_range
from training.appraisal_data import AppraisalData
from training.evaluation import pinball
from training.fit_head import Grown, LearningRows, grow_head, learning_goal, shortage
from training.growing import Grower, TreeSettings
from training.rolling_origins import ORIGINS, Origin, rolling_origins
from training.split import Years
from training.train import TrainingSettings, known_targets, learning_rows

SEED = 7
SPACE: Mapping[str, tuple[int, int] | tuple[float, float]] = {
    "leaves": (7, 31),
    "learning_rate": (0.02, 0.1),
    "trees": (100, 600),
    "least_rows_per_leaf": (10, 160),
    "features_tried": (4, 64),
    "l2": (0.5, 50.0),
}
"""Least and greatest value of each setting that is searched, all on a logarithmic scale.

Small trees on purpose: they predict these tasks as well as large ones and are far cheaper to
explain (docs/training.md). What is not listed stays as given.
"""
_SUREST = 1e-9


@dataclass(frozen=True)
class SearchBudget:
    """How long to search per head: so many trials, so many seconds, or whichever ends first.

    Bounded by trials alone, a search gives the same settings each time. Bounded by seconds it
    does not: how many trials fit depends on the machine and on what else it does. A trial that
    has begun is finished.
    """

    trials: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        given = [limit for limit in (self.trials, self.seconds) if limit is not None]
        if not given or min(given) <= 0:
            raise TrainingError(
                "expected a positive number of trials or of seconds per head; "
                f"got {self.trials} trials and {self.seconds} seconds"
            )

    def allows(self, trials: int, seconds: float) -> bool:
        """Whether another trial may begin after so many trials and seconds."""
        return trials < (self.trials or math.inf) and seconds < (self.seconds or math.inf)


@dataclass(frozen=True)
class Search:
    """What the search for one head found.

    default_loss, loss: the mean forecast loss over the origins with the settings given and with
    those found: squared error in points², log loss, or mean pinball loss of the logarithm.
    trials: how many settings were tried, the given ones included; 0, with losses NaN, where the
    learned rounds are too few or too small to forecast one by those before it.
    """

    head: str
    trials: int
    default_loss: float
    loss: float
    settings: TreeSettings


def tuned_settings(
    data: AppraisalData,
    settings: TrainingSettings,
    budget: SearchBudget,
    report: Callable[[Search], None] = lambda found: None,
) -> TrainingSettings:
    """The settings with each head's trees as found by a search.

    `report` is called with each head's search as it ends. A head without outcomes is passed over,
    as it is in training.
    """
    split, years = settings.split, data.years
    learned = data.where(split.fit(years) | split.calibrate(years))
    rows, _ = learning_rows(learned, split)
    targets, _ = known_targets(learned)
    heads = dict(settings.heads)
    for name, target in targets.items():
        task = _Forecasts.of(learned.catalogue.head(name), target, rows, settings.grower)
        found = _searched(task, settings.of(name), budget)
        heads[name] = found.settings
        report(found)
    return replace(settings, heads=heads)


@dataclass(frozen=True)
class _Forecasts:
    """One head's forecasts of past rounds: what a trial is judged by.

    goal: (n,), on the head's additive scale. matrix: (n, inputs).
    """

    declaration: HeadDeclaration
    goal: Numbers
    rows: LearningRows
    matrix: Numbers
    origins: tuple[Origin, ...]
    grower: Grower

    @classmethod
    def of(
        cls, declaration: HeadDeclaration, target: Numbers, rows: LearningRows, grower: Grower
    ) -> _Forecasts:
        goal = learning_goal(declaration, target, rows)
        usable = tuple(_usable_origins(declaration, goal, rows.years))
        return cls(declaration, goal, rows, rows.matrix(declaration.name), usable, grower)

    def loss(self, settings: TreeSettings) -> float:
        """The mean loss over the origins, each round counting alike."""
        return float(np.mean([self._loss_of(origin, settings) for origin in self.origins]))

    def _loss_of(self, origin: Origin, settings: TreeSettings) -> float:
        years = self.rows.years
        fit = origin.fit(years)
        grown = grow_head(
            self.declaration, self.goal, self.rows, self.matrix, fit, settings, self.grower
        )
        later = origin.forecast(years) & np.isfinite(self.goal)
        return forecast_loss(self.declaration, grown, self.matrix[later], self.goal[later])


def _usable_origins(declaration: HeadDeclaration, goal: Numbers, years: Years) -> Iterator[Origin]:
    """The origins that have enough outcomes before and in their round."""
    rounds = len(np.unique(years))
    for origin in rolling_origins(years, min(ORIGINS, rounds - 1)):
        if shortage(declaration, goal, origin.fit(years), origin.forecast(years)) is None:
            yield origin


def forecast_loss(
    declaration: HeadDeclaration, grown: Grown, matrix: Numbers, goal: Numbers
) -> float:
    """The mean loss of a head's trees on later rows.

    Squared error for a score, log loss for a probability; for an amount, the pinball loss of its
    logarithm, averaged over the low end, the middle and the high end.

    Args:
        matrix: (n, inputs). goal: (n,), finite, on the head's additive scale.
    """
    middle = grown[0].predict(matrix)
    if declaration.kind is HeadKind.SCORE:
        return float(np.mean((middle - goal) ** 2))
    if declaration.kind is HeadKind.PROBABILITY:
        told = np.clip(probability(middle), _SUREST, 1 - _SUREST)
        return float(-np.mean(goal * np.log(told) + (1 - goal) * np.log(1 - told)))
    ends = raw_range(*grown, matrix, np.zeros(len(goal)))
    tail = (1 - declaration.level) / 2
    levels = ((ends.low, tail), (middle, 0.5), (ends.high, 1 - tail))
    return float(np.mean([pinball(predicted, goal, level) for predicted, level in levels]))


def _searched(task: _Forecasts, given: TreeSettings, budget: SearchBudget) -> Search:
    name, started = task.declaration.name, time.monotonic()
    if not task.origins:
        return Search(name, 0, math.nan, math.nan, given)
    default = best = task.loss(given)
    found, trials, study = given, 1, _study(given, default)
    while budget.allows(trials, time.monotonic() - started):
        trial = study.ask(_space())
        proposed = replace(given, **trial.params)
        loss = task.loss(proposed)
        study.tell(trial, loss)
        trials += 1
        if loss < best:
            best, found = loss, proposed
    return Search(name, trials, default, best, found)


def _study(given: TreeSettings, loss: float) -> Any:
    """A tree-structured Parzen estimator that knows what the given settings are worth.

    Source: Bergstra et al. (2011), "Algorithms for hyper-parameter optimization".
    """
    import optuna  # costs half a second, so only where a search was asked for

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=SEED))
    values = {name: getattr(given, name) for name in SPACE}
    if all(low <= values[name] <= high for name, (low, high) in SPACE.items()):
        study.add_trial(
            optuna.trial.create_trial(params=values, distributions=_space(), value=loss)
        )
    return study


def _space() -> dict[str, Any]:
    from optuna.distributions import FloatDistribution, IntDistribution

    return {
        name: IntDistribution(int(low), int(high), log=True)
        if isinstance(low, int)
        else FloatDistribution(low, high, log=True)
        for name, (low, high) in SPACE.items()
    }
