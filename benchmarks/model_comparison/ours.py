"""The project's own recipe as a contestant: nothing is searched, what ships is measured."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from benchmarks.model_comparison.contestant import Fitted, Settings
from benchmarks.model_comparison.head_task import HeadTask
from training.fit_head import grow_head
from training.growing import THIS_MACHINE, Growth, TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings

LINGJI = "Lingji"
OTHER_WAY = "Lingji, the other way"
"""Additive by dimension where that is not declared, with free interactions where it is."""


@dataclass(frozen=True)
class Reseeded:
    """Grows trees in this process by another seed, to see how much is luck."""

    seed: int
    software: Mapping[str, str] = field(default_factory=dict)

    def grow(self, growth: Growth) -> str:
        """LightGBM's text of the trees."""
        seeded = {**growth.parameters, "seed": self.seed}
        return THIS_MACHINE.grow(replace(growth, parameters=seeded))


@dataclass(frozen=True)
class Ours:
    """The recipe that ships, or one that differs from it in named settings.

    trees: how all heads' trees are grown; None as usual. other_way: whether indicators act together
    in the other way than the catalogue declares: within their dimension only, or freely.
    """

    name: str = LINGJI
    trees: TreeSettings | None = None
    other_way: bool = False
    packages: tuple[str, ...] = ()

    def chosen(self, task: HeadTask, trials: int, seed: int) -> Settings:
        """Nothing: the settings are the recipe's."""
        return {}

    def fit(self, task: HeadTask, settings: Settings, seed: int) -> Fitted:
        """The head's trees as training grows them."""
        begun = time.process_time()
        declaration, rows = task.declaration, task.rows
        usual = TrainingSettings.usual(TimeSplit.of(rows.years), rows.catalogue)
        if self.other_way:
            changed = {"additive_by_dimension": not declaration.additive_by_dimension}
            declaration = declaration.model_copy(update=changed)
        middle, bounds = grow_head(
            declaration,
            task.goal,
            rows,
            task.matrix,
            rows.fit,
            self.trees or usual.of(declaration.name),
            Reseeded(seed),
        )
        seconds = time.process_time() - begun
        if bounds is None:
            return Fitted(seconds, middle.predict)
        return Fitted(seconds, middle.predict, bounds[0].predict, bounds[1].predict)
