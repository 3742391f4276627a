"""Gradient-boosted trees: the one door to LightGBM, which grows them; they explain themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import lightgbm
import numpy as np

from features.operations import Numbers
from models.errors import raise_unless
from models.objective import Objective
from models.tree_explainer import TreeExplainer, TreeExplanation
from models.tree_program import compiled
from models.tree_text import read_trees

DETERMINISTIC: Mapping[str, Any] = {
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "num_threads": 1,
    "seed": 7,
    "feature_pre_filter": False,  # else few rows leave no feature, and LightGBM stops short
}
"""Settings under which a retraining gives the same text, bit for bit."""


@dataclass(frozen=True)
class Trees:
    """Trees as LightGBM's text, with the names of the features in the order of the matrix."""

    text: str
    features: tuple[str, ...]
    _explainer: TreeExplainer = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nodes = read_trees(self.text)
        raise_unless(
            nodes.names == self.features, f"trees over the features {self.features}", f"{nodes.names}"
        )
        object.__setattr__(self, "_explainer", TreeExplainer(compiled(nodes)))

    @property
    def count(self) -> int:
        """How many trees there are."""
        return len(self._explainer.program.trees)

    @cached_property
    def booster(self) -> lightgbm.Booster:
        """LightGBM's own form, for growing on."""
        return lightgbm.Booster(model_str=self.text)

    def over(self, columns: Sequence[str]) -> Trees:
        """The same trees for a matrix of these columns, the features among them."""
        places = [columns.index(feature) for feature in self.features]
        placed = copy(self)
        program = self._explainer.program.over(places)
        object.__setattr__(placed, "_explainer", TreeExplainer(program))
        return placed

    def predict(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """The raw prediction of each row, shape (n,), from a matrix of shape (n, columns)."""
        return self._explainer.predict(matrix, threads)

    def explain(self, matrix: Numbers, threads: int = 1) -> TreeExplanation:
        """The raw prediction of each row of a matrix (n, columns), and what makes it."""
        return self._explainer.explain(matrix, threads)


@dataclass(frozen=True)
class TreeSettings:
    """How trees are grown. The defaults are explained in docs/training.md."""

    trees: int = 300
    leaves: int = 15
    learning_rate: float = 0.03
    least_rows_per_leaf: int = 40
    features_tried: int = 40
    row_share: float = 0.7
    l2: float = 5.0
    bins: int = 63

    def parameters(self, features: int) -> dict[str, Any]:
        """The settings under LightGBM's names, for trees over so many features."""
        return {
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.least_rows_per_leaf,
            "feature_fraction": min(1.0, self.features_tried / features),
            "bagging_fraction": self.row_share,
            "bagging_freq": 1 if self.row_share < 1 else 0,
            "lambda_l2": self.l2,
            "max_bin": self.bins,
            "cat_smooth": 20,
            "min_data_per_group": 50,
        }


@dataclass(frozen=True)
class TrainingRows:
    """A feature matrix (n, p) with its target (n,)."""

    matrix: Numbers
    target: Numbers


def grow_trees(
    rows: TrainingRows,
    features: Sequence[str],
    categorical: Sequence[str],
    directions: Sequence[int],
    objective: Objective,
    settings: TreeSettings,
    after: Trees | None = None,
) -> Trees:
    """Trees fitted to `rows`.

    Args:
        directions: +1, -1 or 0 per feature; the prediction never moves against it.
        objective: the loss to minimise.
        after: trees to go on from; they become the first of the grown ones.
    """
    parameters = {
        **DETERMINISTIC,
        **settings.parameters(len(features)),
        "objective": objective.name or _custom(objective),
        "monotone_constraints": list(directions),
        # The other methods let a prediction fall where another feature is unknown.
        "monotone_constraints_method": "basic",
    }
    data = lightgbm.Dataset(
        rows.matrix,
        label=rows.target,
        feature_name=list(features),
        categorical_feature=list(categorical),
        free_raw_data=after is None,
    )
    start = after.booster if after is not None else None
    booster = lightgbm.train(parameters, data, settings.trees, init_model=start)
    return Trees(booster.model_to_string(), tuple(features))


def _custom(objective: Objective) -> Callable[[Numbers, lightgbm.Dataset], tuple[Numbers, Numbers]]:
    def derivatives(prediction: Numbers, data: lightgbm.Dataset) -> tuple[Numbers, Numbers]:
        label = np.asarray(data.get_label(), dtype=np.float64)
        return objective.derivatives(prediction, label)

    return derivatives


def version() -> str:
    """The version of LightGBM that grows and reads the trees."""
    return str(lightgbm.__version__)
