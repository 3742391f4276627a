"""The explainable boosting machine of interpret as a learner."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.model_comparison.contestant import Predict, Settings, Wanted
from benchmarks.model_comparison.head_task import Columns
from training.growing import TrainingRows


class AdditiveBoosting:
    """EBM: a curve per indicator and a few surfaces of two, bagged; it stops by rows of its own."""

    name = "EBM"
    packages = ("interpret",)
    quantiles = False
    space: Mapping[str, Sequence[Any]] = {
        "interactions": (10, 0, 30),
        "learning_rate": (0.04, 0.02, 0.01),
        "min_samples_leaf": (4, 20),
        "max_leaves": (2, 3),
    }

    def __init__(self, bags: int = 2) -> None:
        """How many samples of the rows are learned from and averaged."""
        self.bags = bags

    def learn(
        self,
        fitted: TrainingRows,
        later: TrainingRows,
        columns: Columns,
        wanted: Wanted,
        settings: Settings,
        seed: int,
    ) -> Predict:
        """A prediction learned from `fitted`; `later` only chooses between settings."""
        from interpret.glassbox import (
            ExplainableBoostingClassifier,
            ExplainableBoostingRegressor,
        )

        kinds = [
            "nominal" if n in columns.categorical else "continuous"
            for n in range(len(columns.names))
        ]
        make = ExplainableBoostingClassifier if wanted.event else ExplainableBoostingRegressor
        model: Any = make(
            feature_names=list(columns.names),
            feature_types=kinds,
            outer_bags=self.bags,
            max_bins=128,
            n_jobs=1,
            random_state=seed,
            **settings,
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Missing values detected")  # of its pictures only
            model.fit(fitted.matrix, fitted.target)
        told = model.decision_function if wanted.event else model.predict
        return lambda matrix: np.asarray(told(matrix), dtype=np.float64)
