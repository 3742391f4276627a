"""Growing gradient-boosted trees: the one door to LightGBM."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import lightgbm
import numpy as np

from features.operations import Numbers
from models.cluster_error import ClusterError
from models.trees import Trees
from training.node_counts import Counts
from training.objective import Objective

DETERMINISTIC: Mapping[str, Any] = {
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "num_threads": 1,
    "seed": 7,
    "feature_pre_filter": False,  # else few rows leave no feature, and LightGBM stops short
}
"""Settings under which a retraining gives the same text, bit for bit."""


_ROWS_COUNTED = 5_000
"""How many rows are led through all trees at a time."""


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


@dataclass(frozen=True)
class Growth:
    """What trees are grown from and how, in LightGBM's terms, wherever it is done.

    after: trees to go on from; they become the first of the grown ones.
    """

    rows: TrainingRows
    features: tuple[str, ...]
    categorical: tuple[str, ...]
    objective: Objective
    parameters: Mapping[str, Any]
    trees: int
    after: Trees | None


class Grower(Protocol):
    """Where trees are grown."""

    @property
    def software(self) -> Mapping[str, str]:
        """What grows them beside LightGBM, with its version; the model's facts keep it."""

    def grow(self, growth: Growth) -> str:
        """LightGBM's text of the trees, those to go on from first."""


@dataclass(frozen=True)
class ThisMachine:
    """Grows trees in this process."""

    software: Mapping[str, str] = field(default_factory=dict)

    def grow(self, growth: Growth) -> str:
        """LightGBM's text of the trees, those to go on from first."""
        data = lightgbm.Dataset(
            growth.rows.matrix,
            label=growth.rows.target,
            feature_name=list(growth.features),
            categorical_feature=list(growth.categorical),
            free_raw_data=growth.after is None,
        )
        objective = growth.objective.name or _custom(growth.objective)
        booster = lightgbm.train(
            {**growth.parameters, "objective": objective},
            data,
            growth.trees,
            init_model=_booster(growth.after) if growth.after else None,
        )
        return str(booster.model_to_string())


THIS_MACHINE = ThisMachine()


def _booster(trees: Trees) -> lightgbm.Booster:
    return lightgbm.Booster(model_str=trees.text)


def grow_trees(
    rows: TrainingRows,
    features: Sequence[str],
    categorical: Sequence[str],
    directions: Sequence[int],
    objective: Objective,
    settings: TreeSettings,
    after: Trees | None = None,
    grower: Grower = THIS_MACHINE,
    parts: Sequence[str] | None = None,
) -> Trees:
    """Trees fitted to `rows`.

    Args:
        directions: +1, -1 or 0 per feature; the prediction never moves against it.
        objective: the loss to minimise.
        after: trees to go on from; they become the first of the grown ones.
        grower: where to grow them.
        parts: the part each feature belongs to; features of different parts never share a tree.
    """
    parameters = {
        **DETERMINISTIC,
        **settings.parameters(len(features)),
        "monotone_constraints": list(directions),
        # The other methods let a prediction fall where another feature is unknown.
        "monotone_constraints_method": "basic",
    }
    if parts is not None:
        parameters["interaction_constraints"] = _places(parts)
    names = tuple(features)
    growth = Growth(rows, names, tuple(categorical), objective, parameters, settings.trees, after)
    return Trees(grower.grow(growth), names)


def _places(parts: Sequence[str]) -> list[list[int]]:
    """The places of the features of each part."""
    return [[n for n, part in enumerate(parts) if part == own] for own in dict.fromkeys(parts)]


def _custom(objective: Objective) -> Callable[[Numbers, lightgbm.Dataset], tuple[Numbers, Numbers]]:
    def derivatives(prediction: Numbers, data: lightgbm.Dataset) -> tuple[Numbers, Numbers]:
        label = np.asarray(data.get_label(), dtype=np.float64)
        return objective.derivatives(prediction, label)

    return derivatives


@dataclass(frozen=True)
class SpreadRows:
    """Rows as Dask arrays, part for part on the same workers.

    start: what trees grown before already predict, shape (n,); None if there are none.
    """

    matrix: Any
    target: Any
    start: Any | None


def grow_with_dask(growth: Growth, rows: SpreadRows, client: Any) -> str:
    """LightGBM's text of the new trees only, grown by the workers that hold the rows.

    Raises:
        ClusterError: when LightGBM fails on a worker.
    """
    parameters = {n: value for n, value in growth.parameters.items() if n != "num_threads"}
    estimator = lightgbm.DaskLGBMRegressor(
        client=client,
        n_estimators=growth.trees,
        objective=growth.objective.name or _Custom(growth.objective),
        **parameters,
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(client.as_current())  # it waits by the current client
        # It warns of a parameter that it sets itself, and prints that it looks for ports.
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        warnings.filterwarnings("ignore", "Parameter n_jobs will be ignored", UserWarning)
        try:
            estimator.fit(
                rows.matrix,
                rows.target,
                init_score=rows.start,
                feature_name=list(growth.features),
                categorical_feature=list(growth.categorical),
            )
        except lightgbm.basic.LightGBMError as error:
            raise ClusterError(f"expected the workers to grow trees; got {error}") from error
    return str(estimator.to_local().booster_.model_to_string())


@dataclass(frozen=True)
class _Custom:
    """A loss given by its derivatives, as the estimators of LightGBM call it."""

    objective: Objective

    def __call__(self, target: Any, prediction: Numbers) -> tuple[Numbers, Numbers]:
        return self.objective.derivatives(prediction, np.asarray(target, dtype=np.float64))


def rows_per_leaf(text: str, matrix: Numbers) -> Counts:
    """How many rows of a matrix of shape (n, features) reach each leaf of each tree."""
    booster = lightgbm.Booster(model_str=text)
    trees, widest = booster.num_trees(), int(booster.params.get("num_leaves", 1))
    first = np.arange(trees) * widest
    counts = np.zeros(trees * widest, dtype=np.int64)
    for begin in range(0, len(matrix), _ROWS_COUNTED):
        rows = matrix[begin : begin + _ROWS_COUNTED]
        leaves = np.asarray(booster.predict(rows, pred_leaf=True, num_threads=1), np.int64)
        counts += np.bincount((leaves.reshape(-1, trees) + first).ravel(), minlength=counts.size)
    return counts.reshape(trees, widest)


def rewritten(text: str) -> str:
    """The text as LightGBM writes it after reading it: sizes and importances made anew."""
    return str(lightgbm.Booster(model_str=text).model_to_string())


def version() -> str:
    """The version of LightGBM that grows and reads the trees."""
    return str(lightgbm.__version__)
