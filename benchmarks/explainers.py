"""Every way to explain trees that is measured, each on matrices that are ready.

Each function takes models with their matrices and returns what explains the first so many rows
of all of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import lightgbm

from benchmarks.reference import CATEGORICAL, NAMES, ReferenceHead
from benchmarks.sizes import Sizes
from features.operations import Numbers
from models.trees import Trees
from training.growing import DETERMINISTIC, TreeSettings

OURS = "Lingji"
OURS_PREDICT = "Lingji, prediction only"
PREDICT = "LightGBM `predict`"
CONTRIB = "LightGBM `pred_contrib`"
SHAP = "`shap.TreeExplainer`"
XGBOOST = "XGBoost `pred_contribs`"

Rows = Callable[[int], object]


@dataclass(frozen=True)
class Explained:
    """Trees with a matrix of rows to explain, shape (rows, features)."""

    trees: Trees
    matrix: Numbers

    @cached_property
    def booster(self) -> lightgbm.Booster:
        """The same trees in bare LightGBM."""
        return lightgbm.Booster(model_str=self.trees.text)

    @cached_property
    def explainer(self) -> Any:
        """The same trees in shap."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # importing it sets up colours in a way of the past
            import shap

            return shap.TreeExplainer(self.booster)


Heads = Sequence[Explained]


def ours(heads: Heads, threads: int) -> Rows:
    """The project's own walk, which gives predictions and contributions at once."""
    return lambda rows: [h.trees.explain(h.matrix[:rows], threads) for h in heads]


def ours_predict(heads: Heads) -> Rows:
    """The project's own predictions, which take one thread."""
    return lambda rows: [h.trees.predict(h.matrix[:rows]) for h in heads]


def predict(heads: Heads, threads: int) -> Rows:
    """LightGBM's bare raw predictions."""

    def predicted(rows: int) -> object:
        return [
            h.booster.predict(h.matrix[:rows], raw_score=True, num_threads=threads) for h in heads
        ]

    return predicted


def contrib(heads: Heads, threads: int) -> Rows:
    """LightGBM's own contributions."""

    def contributed(rows: int) -> object:
        return [
            h.booster.predict(h.matrix[:rows], pred_contrib=True, num_threads=threads)
            for h in heads
        ]

    return contributed


def tree_explainer(heads: Heads) -> Rows:
    """shap's explainer, built before; it takes as many threads as OpenMP allows."""
    explainers = [head.explainer for head in heads]

    def explained(rows: int) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shap tells of each binary model how its form changed
            return [
                explainer.shap_values(head.matrix[:rows])
                for explainer, head in zip(explainers, heads, strict=True)
            ]

    return explained


def xgboost_models(heads: Sequence[ReferenceHead], sizes: Sizes) -> list[Any]:
    """XGBoost's models of the same size, learned from the same rows."""
    import xgboost

    def learned(head: ReferenceHead) -> Any:
        data = _xgboost_data(head.learned.matrix, label=head.learned.target)
        return xgboost.train(xgboost_parameters(sizes.reference), data, sizes.reference.trees)

    return [learned(head) for head in heads]


def xgboost_contribs(boosters: Sequence[Any], matrix: Numbers, threads: int) -> Rows:
    """XGBoost's contributions, its own form of the matrix made before."""
    ready: dict[int, Any] = {}

    def contributed(rows: int) -> object:
        if rows not in ready:
            ready[rows] = _xgboost_data(matrix[:rows], nthread=threads)
        for booster in boosters:
            booster.set_param({"nthread": threads})
        return [booster.predict(ready[rows], pred_contribs=True) for booster in boosters]

    return contributed


def _xgboost_data(matrix: Numbers, **more: Any) -> Any:
    import xgboost

    kinds = ["c" if name in CATEGORICAL else "q" for name in NAMES]
    return xgboost.DMatrix(matrix, feature_types=kinds, enable_categorical=True, **more)


def xgboost_parameters(given: TreeSettings) -> dict[str, Any]:
    """Tree settings under XGBoost's names."""
    return {
        "tree_method": "hist",
        "grow_policy": "lossguide",
        "max_leaves": given.leaves,
        "max_depth": 0,
        "max_bin": given.bins,
        "eta": given.learning_rate,
        "lambda": given.l2,
        "min_child_weight": given.least_rows_per_leaf,
        "subsample": given.row_share,
        "nthread": DETERMINISTIC["num_threads"],
        "seed": DETERMINISTIC["seed"],
        "verbosity": 0,
    }
