"""XGBoost as a learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.model_comparison.contestant import Predict, Settings, Wanted
from benchmarks.model_comparison.head_task import Columns
from features.operations import Numbers
from training.growing import TrainingRows

MOST_TREES, PATIENCE = 1_000, 50


class XGBoost:
    """Histogram trees with categories of their own; early stopping."""

    name = "XGBoost"
    packages = ("xgboost",)
    quantiles = True
    space: Mapping[str, Sequence[Any]] = {
        "learning_rate": (0.05, 0.03, 0.1),
        "max_depth": (4, 3, 6),
        "min_child_weight": (10.0, 1.0, 40.0),
        "lambda": (5.0, 1.0, 20.0),
        "subsample": (0.7, 1.0),
        "colsample_bytree": (0.7, 0.4, 1.0),
        "monotone": (True, False),
    }

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
        import xgboost

        parameters = dict(settings)
        monotone = parameters.pop("monotone") and wanted.level is None
        parameters |= {"nthread": 1, "seed": seed, "tree_method": "hist", "verbosity": 0}
        parameters |= _objective(wanted)
        if monotone:
            parameters["monotone_constraints"] = columns.directions
        kinds = ["c" if n in columns.categorical else "q" for n in range(len(columns.names))]

        def data(matrix: Numbers, target: Numbers | None = None) -> Any:
            return xgboost.DMatrix(
                matrix, label=target, feature_types=kinds, enable_categorical=True, nthread=1
            )

        booster = xgboost.train(
            parameters,
            data(fitted.matrix, fitted.target),
            MOST_TREES,
            evals=[(data(later.matrix, later.target), "later")],
            early_stopping_rounds=PATIENCE,
            verbose_eval=False,
        )
        used = (0, booster.best_iteration + 1)

        def predict(matrix: Numbers) -> Numbers:
            told = booster.predict(data(matrix), output_margin=True, iteration_range=used)
            return np.asarray(told, dtype=np.float64)

        return predict


def _objective(wanted: Wanted) -> dict[str, Any]:
    if wanted.event:
        return {"objective": "binary:logistic", "eval_metric": "logloss"}
    if wanted.level is not None:
        return {"objective": "reg:quantileerror", "quantile_alpha": wanted.level}
    return {"objective": "reg:squarederror"}
