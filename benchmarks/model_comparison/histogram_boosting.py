"""scikit-learn's gradient boosting as a learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.model_comparison.contestant import Predict, Settings, Wanted
from benchmarks.model_comparison.head_task import Columns
from benchmarks.model_comparison.xgboost_trees import MOST_TREES, PATIENCE
from training.growing import TrainingRows


class HistogramBoosting:
    """HistGradientBoosting with categories of its own; early stopping."""

    name = "scikit-learn boosting"
    packages = ("sklearn",)
    quantiles = True
    space: Mapping[str, Sequence[Any]] = {
        "learning_rate": (0.05, 0.03, 0.1),
        "max_leaf_nodes": (15, 7, 31),
        "min_samples_leaf": (20, 40, 80),
        "l2_regularization": (0.0, 5.0, 20.0),
        "max_features": (1.0, 0.5),
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
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        parameters = dict(settings)
        if parameters.pop("monotone") and wanted.level is None:
            parameters["monotonic_cst"] = list(columns.directions)
        parameters |= {
            "max_iter": MOST_TREES,
            "early_stopping": True,
            "n_iter_no_change": PATIENCE,
            "categorical_features": list(columns.categorical) or None,
            "random_state": seed,
        }
        model: Any
        if wanted.event:
            model = HistGradientBoostingClassifier(**parameters)
        elif wanted.level is not None:
            model = HistGradientBoostingRegressor(
                loss="quantile", quantile=wanted.level, **parameters
            )
        else:
            model = HistGradientBoostingRegressor(**parameters)
        model.fit(fitted.matrix, fitted.target, X_val=later.matrix, y_val=later.target)
        told = model.decision_function if wanted.event else model.predict
        return lambda matrix: np.asarray(told(matrix), dtype=np.float64)
