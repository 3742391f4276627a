"""Tuning: each head's tree settings, searched on past rounds only; the one door to Optuna.

Every trial grows the head on the rolling origins of the rounds that are learned from and
calibrated on, and forecasts the round after each; the rounds kept for testing are never looked
at. The settings that would be used without a search are the first trial. Taken are the cheapest
to explain of those that forecast as well as the best (`training.cheapest_settings`), so a search
never returns anything that is worse than the first trial beyond chance, nor dearer for a gain
within it. docs/tuning.md says whether that pays.
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
from training.cheapest_settings import Trial, best, cheapest, price
from training.fit_head import Grown, LearningRows, grow_head, learning_goal, shortage
from training.growing import Grower, TreeSettings
from training.rolling_origins import ORIGINS, Origin, rolling_origins
from training.split import Years
from training.train import TrainingSettings, known_targets, learning_rows

SEED = 7
SPACE: Mapping[str, tuple[int, int] | tuple[float, float]] = {
    "leaves": (4, 31),
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

    default_loss, best_loss, loss: the mean forecast loss over the origins with the settings given,
    with the best ones tried and with those taken: squared error in points², log loss, or mean
    pinball loss of the logarithm.
    trials: how many settings were tried, the given ones included; 0, with losses NaN, where the
    learned rounds are too few or too small to forecast one by those before it.
    """

    head: str
    trials: int
    default_loss: float
    best_loss: float
    loss: float
    given: TreeSettings
    settings: TreeSettings

    @property
    def default_price(self) -> int:
        """The price of an explanation with the settings given, in splits."""
        return price(self.given)

    @property
    def price(self) -> int:
        """The price of an explanation with the settings taken, in splits."""
        return price(self.settings)


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

    def trial(self, settings: TreeSettings) -> Trial:
        """The settings with each project's loss in each round that is forecast."""
        losses = tuple(self._losses_of(origin, settings) for origin in self.origins)
        return Trial(settings, losses)

    def _losses_of(self, origin: Origin, settings: TreeSettings) -> Numbers:
        years = self.rows.years
        fit = origin.fit(years)
        grown = grow_head(
            self.declaration, self.goal, self.rows, self.matrix, fit, settings, self.grower
        )
        later = origin.forecast(years) & np.isfinite(self.goal)
        return forecast_losses(self.declaration, grown, self.matrix[later], self.goal[later])


def _usable_origins(declaration: HeadDeclaration, goal: Numbers, years: Years) -> Iterator[Origin]:
    """The origins that have enough outcomes before and in their round."""
    rounds = len(np.unique(years))
    for origin in rolling_origins(years, min(ORIGINS, rounds - 1)):
        if shortage(declaration, goal, origin.fit(years), origin.forecast(years)) is None:
            yield origin


def forecast_losses(
    declaration: HeadDeclaration, grown: Grown, matrix: Numbers, goal: Numbers
) -> Numbers:
    """Each later row's loss with a head's trees, shape (n,).

    Squared error for a score, log loss for a probability; for an amount, the pinball loss of its
    logarithm, averaged over the low end, the middle and the high end.

    Args:
        matrix: (n, inputs). goal: (n,), finite, on the head's additive scale.
    """
    middle = grown[0].predict(matrix)
    if declaration.kind is HeadKind.SCORE:
        return np.asarray((middle - goal) ** 2, dtype=np.float64)
    if declaration.kind is HeadKind.PROBABILITY:
        told = np.clip(probability(middle), _SUREST, 1 - _SUREST)
        surprise = -(goal * np.log(told) + (1 - goal) * np.log(1 - told))
        return np.asarray(surprise, dtype=np.float64)
    ends = raw_range(*grown, matrix, np.zeros(len(goal)))
    tail = (1 - declaration.level) / 2
    levels = ((ends.low, tail), (middle, 0.5), (ends.high, 1 - tail))
    losses = [_pinballs(goal - predicted, level) for predicted, level in levels]
    return np.asarray(np.mean(losses, axis=0), dtype=np.float64)


def _pinballs(error: Numbers, level: float) -> Numbers:
    """Each row's pinball loss at a level, shape (n,)."""
    return np.asarray(np.maximum(level * error, (level - 1) * error), dtype=np.float64)


def _searched(task: _Forecasts, given: TreeSettings, budget: SearchBudget) -> Search:
    name, started = task.declaration.name, time.monotonic()
    if not task.origins:
        return Search(name, 0, math.nan, math.nan, math.nan, given, given)
    trials = [task.trial(given)]
    study = _study(given, trials[0].loss)
    while budget.allows(len(trials), time.monotonic() - started):
        asked = study.ask(_space())
        trials.append(task.trial(replace(given, **asked.params)))
        study.tell(asked, trials[-1].loss)
    taken = cheapest(trials)
    losses = (trials[0].loss, best(trials).loss, taken.loss)
    return Search(name, len(trials), *losses, given, taken.settings)


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
