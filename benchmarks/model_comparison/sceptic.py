"""What a sceptic would say is enough: everybody alike, similar projects' mean, a fact or two."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.model_comparison.contestant import Fitted, Settings
from benchmarks.model_comparison.head_task import HeadTask
from benchmarks.model_comparison.ours import Reseeded
from features.head_declaration import HeadKind
from training.growing import TrainingRows, TreeSettings, grow_trees
from training.objective import LOG_LOSS, SQUARED_ERROR
from training.results.japan_probability import baseline_inputs

JAPAN = "japan_review"
FEW_FACTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zero_base": {
        "necessity": ("policy_level_in_force", "statutory_duty"),
        "importance": ("strategic_match", "function_class"),
        "reasonable_cost": ("project_type",),
        "poor_performance": ("last_evaluation",),
        "low_execution": ("last_execution_rate",),
    },
    JAPAN: {
        "executed_amount": ("exec_rate_ym1",),
        "approval_share": ("request_next", "request_to_initial"),
    },
}
"""The facts that a reviewer would look at first, by catalogue and head."""


@dataclass(frozen=True)
class Alike:
    """The same for everybody: the learned mean or share."""

    name: str = "everybody alike"
    packages: tuple[str, ...] = ()

    def chosen(self, task: HeadTask, trials: int, seed: int) -> Settings:
        """Nothing to choose."""
        return {}

    def fit(self, task: HeadTask, settings: Settings, seed: int) -> Fitted:
        """The mean of what is learned from; an event's log-odds."""
        mean = float(task.fitted.target.mean())
        told = np.log(mean / (1 - mean)) if task.declaration.kind is HeadKind.PROBABILITY else mean
        return Fitted(0.0, lambda matrix: np.full(len(matrix), told))


@dataclass(frozen=True)
class FewFacts:
    """The facts that a reviewer would look at first, with trees of their own."""

    name: str = "a fact or two"
    packages: tuple[str, ...] = ()

    def chosen(self, task: HeadTask, trials: int, seed: int) -> Settings:
        """Nothing to choose: the facts are named."""
        return {}

    def fit(self, task: HeadTask, settings: Settings, seed: int) -> Fitted:
        """Trees over the few facts, in the head's directions."""
        begun = time.process_time()
        named = _named(task)
        places = [n for n, name in enumerate(task.columns.names) if name in named]
        fitted = task.fitted
        trees = grow_trees(
            TrainingRows(np.ascontiguousarray(fitted.matrix[:, places]), fitted.target),
            [task.columns.names[n] for n in places],
            [task.columns.names[n] for n in places if n in task.columns.categorical],
            [task.columns.directions[n] for n in places],
            LOG_LOSS if task.declaration.kind is HeadKind.PROBABILITY else SQUARED_ERROR,
            TreeSettings(),
            grower=Reseeded(seed),
        )
        seconds = time.process_time() - begun
        return Fitted(
            seconds, lambda matrix: trees.predict(np.ascontiguousarray(matrix[:, places]))
        )


def _named(task: HeadTask) -> Sequence[str]:
    """The head's few facts; of another catalogue the first two inputs."""
    catalogue, head = task.rows.catalogue, task.declaration.name
    if catalogue.catalogue == JAPAN and head not in FEW_FACTS[JAPAN]:
        return baseline_inputs(catalogue, head)
    return FEW_FACTS.get(catalogue.catalogue, {}).get(head, task.columns.names[:2])
