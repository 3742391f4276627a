"""Gradient-boosted trees: the one door to LightGBM, for growing, predicting and explaining."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models.errors import raise_unless

DETERMINISTIC: Mapping[str, Any] = {
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "num_threads": 2,
    "seed": 20250101,
}
"""Settings under which a retraining gives the same text, bit for bit."""


@dataclass(frozen=True)
class Trees:
    """Trees as LightGBM's text, with the names of the features in the order of the matrix."""

    text: str
    features: tuple[str, ...]
    _booster: lightgbm.Booster = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        booster = lightgbm.Booster(model_str=self.text)
        raise_unless(
            tuple(booster.feature_name()) == self.features,
            f"trees over the features {self.features}",
            f"{tuple(booster.feature_name())}",
        )
        object.__setattr__(self, "_booster", booster)

    @property
    def count(self) -> int:
        """How many trees there are."""
        return int(self._booster.num_trees())

    def predict(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """The raw prediction of each row, shape (n,), from a matrix of shape (n, features)."""
        raw = self._booster.predict(matrix, raw_score=True, num_threads=threads)
        return np.asarray(raw, dtype=np.float64)

    def contributions(self, matrix: Numbers, threads: int = 1) -> Numbers:
        """Path-dependent tree SHAP values, shape (n, features + 1); the last column is the base.

        Source: Lundberg et al. (2020), "From local explanations to global understanding".
        """
        raw = self._booster.predict(matrix, pred_contrib=True, num_threads=threads)
        return np.asarray(raw, dtype=np.float64)


@dataclass(frozen=True)
class TreeSettings:
    """How trees are grown. The defaults are explained in docs/training.md."""

    trees: int = 300
    leaves: int = 15
    learning_rate: float = 0.05
    least_rows_per_leaf: int = 40
    feature_share: float = 0.7
    row_share: float = 0.8
    l2: float = 5.0
    early_stopping: int = 0

    def parameters(self) -> dict[str, Any]:
        """The settings under LightGBM's names."""
        return {
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.least_rows_per_leaf,
            "feature_fraction": self.feature_share,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1 if self.row_share < 1 else 0,
            "lambda_l2": self.l2,
            "cat_smooth": 20,
            "min_data_per_group": 50,
        }


@dataclass(frozen=True)
class TrainingRows:
    """A feature matrix (n, p) with its target (n,) and, optionally, row weights (n,)."""

    matrix: Numbers
    target: Numbers
    weight: Numbers | None = None


def grow_trees(
    rows: TrainingRows,
    features: Sequence[str],
    categorical: Sequence[str],
    directions: Sequence[int],
    objective: Mapping[str, Any],
    settings: TreeSettings,
    watched: TrainingRows | None = None,
) -> Trees:
    """Trees fitted to `rows`.

    Args:
        directions: +1, -1 or 0 per feature; the prediction never moves against it.
        objective: LightGBM's objective and its own parameters.
        watched: later rows on which growing stops early, when settings.early_stopping > 0.
    """
    parameters = {
        **DETERMINISTIC,
        **settings.parameters(),
        **objective,
        "monotone_constraints": list(directions),
        "monotone_constraints_method": "advanced" if any(directions) else "basic",
    }
    data = _dataset(rows, features, categorical)
    stopping = settings.early_stopping > 0 and watched is not None
    booster = lightgbm.train(
        parameters,
        data,
        num_boost_round=settings.trees,
        valid_sets=[_dataset(watched, features, categorical, data)] if watched else [],
        callbacks=[lightgbm.early_stopping(settings.early_stopping, verbose=False)]
        if stopping
        else [],
    )
    best = booster.best_iteration if stopping and booster.best_iteration > 0 else None
    return Trees(booster.model_to_string(num_iteration=best), tuple(features))


def _dataset(
    rows: TrainingRows,
    features: Sequence[str],
    categorical: Sequence[str],
    reference: lightgbm.Dataset | None = None,
) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        rows.matrix,
        label=rows.target,
        weight=rows.weight,
        feature_name=list(features),
        categorical_feature=list(categorical),
        reference=reference,
        free_raw_data=True,
    )


def version() -> str:
    """The version of LightGBM that grows and reads the trees."""
    return str(lightgbm.__version__)


Rows = npt.NDArray[np.bool_]
