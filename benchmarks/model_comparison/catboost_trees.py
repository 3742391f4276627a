"""CatBoost as a learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.model_comparison.contestant import Predict, Settings, Wanted
from benchmarks.model_comparison.head_task import Columns
from benchmarks.model_comparison.xgboost_trees import MOST_TREES, PATIENCE
from features.operations import Numbers
from training.growing import TrainingRows


class CatBoost:
    """Symmetric trees with CatBoost's own treatment of categories; early stopping."""

    name = "CatBoost"
    packages = ("catboost",)
    quantiles = True
    space: Mapping[str, Sequence[Any]] = {
        "learning_rate": (0.05, 0.03, 0.1),
        "depth": (6, 4, 5),
        "l2_leaf_reg": (3.0, 10.0, 30.0),
        "random_strength": (1.0, 3.0),
        "monotone": (False, True),
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
        import catboost

        parameters = dict(settings)
        monotone = parameters.pop("monotone") and wanted.level is None
        if wanted.event:
            parameters["loss_function"] = "Logloss"
        elif wanted.level is not None:
            parameters["loss_function"] = f"Quantile:alpha={wanted.level:g}"
        else:
            parameters["loss_function"] = "RMSE"
        numbers = [n for n in range(len(columns.names)) if n not in columns.categorical]
        codes = list(columns.categorical)

        def data(matrix: Numbers, target: Numbers | None = None) -> Any:
            """CatBoost takes numbers and codes apart, the numbers first."""
            told = np.where(np.isnan(matrix[:, codes]), -1, matrix[:, codes]).astype(np.int64)
            found = catboost.FeaturesData(
                num_feature_data=matrix[:, numbers].astype(np.float32),
                cat_feature_data=told.astype(bytes).astype(object) if codes else None,
            )
            return catboost.Pool(found, target)

        if monotone:
            signs = columns.directions
            parameters["monotone_constraints"] = [signs[n] for n in numbers] + [0] * len(codes)
        model = catboost.CatBoost(
            {
                **parameters,
                "iterations": MOST_TREES,
                "random_seed": seed,
                "thread_count": 1,
                "boosting_type": "Plain",  # as it does by itself with many rows
                "max_ctr_complexity": 1,
                "one_hot_max_size": 32,  # a flag per code: the codes are few
                "border_count": 64,
                "allow_writing_files": False,
                "verbose": False,
            }
        )
        model.fit(
            data(fitted.matrix, fitted.target),
            eval_set=data(later.matrix, later.target),
            early_stopping_rounds=PATIENCE,
        )
        return lambda matrix: np.asarray(
            model.predict(data(matrix), prediction_type="RawFormulaVal"), dtype=np.float64
        )
