"""Who takes part in the comparison."""

from __future__ import annotations

from benchmarks.model_comparison.additive_boosting import AdditiveBoosting
from benchmarks.model_comparison.catboost_trees import CatBoost
from benchmarks.model_comparison.contestant import Contestant, Searched
from benchmarks.model_comparison.histogram_boosting import HistogramBoosting
from benchmarks.model_comparison.ours import Ours
from benchmarks.model_comparison.sceptic import Alike, FewFacts
from benchmarks.model_comparison.scorecard import Scorecard
from benchmarks.model_comparison.xgboost_trees import XGBoost

BY_DIMENSION, FREE = "Lingji, additive by dimension", "Lingji, free interactions"
FIELD: tuple[Contestant, ...] = (
    Ours(),
    Ours(BY_DIMENSION, by_dimension=True),
    Ours(FREE, by_dimension=False),
    Searched(XGBoost()),
    Searched(CatBoost()),
    Searched(HistogramBoosting()),
    Searched(AdditiveBoosting()),
    Searched(Scorecard()),
    FewFacts(),
    Alike(),
)
