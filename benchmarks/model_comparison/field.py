"""Who takes part in the comparison."""

from __future__ import annotations

from benchmarks.model_comparison.additive_boosting import AdditiveBoosting
from benchmarks.model_comparison.catboost_trees import CatBoost
from benchmarks.model_comparison.contestant import Contestant, Searched
from benchmarks.model_comparison.histogram_boosting import HistogramBoosting
from benchmarks.model_comparison.ours import OTHER_WAY, Ours
from benchmarks.model_comparison.sceptic import Alike, FewFacts
from benchmarks.model_comparison.scorecard import Scorecard
from benchmarks.model_comparison.xgboost_trees import XGBoost

FIELD: tuple[Contestant, ...] = (
    Ours(),
    Ours(OTHER_WAY, other_way=True),
    Searched(XGBoost()),
    Searched(CatBoost()),
    Searched(HistogramBoosting()),
    Searched(AdditiveBoosting()),
    Searched(Scorecard()),
    FewFacts(),
    Alike(),
)
