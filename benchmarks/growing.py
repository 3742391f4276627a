"""Training one head on many rows: the project beside LightGBM, XGBoost and CatBoost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import lightgbm
import numpy as np

from benchmarks.competitor import Field
from benchmarks.explainers import xgboost_parameters
from benchmarks.reference import NAMES, grown, smooth_matrix, smooth_target
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject
from benchmarks.timing import Task, taken_in_turn
from benchmarks.ways import Ways
from features.operations import Numbers
from training.growing import DETERMINISTIC, TrainingRows, TreeSettings

OURS, BARE, XGBOOST, CATBOOST = "Lingji", "LightGBM", "XGBoost hist", "CatBoost"
WAYS = (OURS, BARE, XGBOOST, CATBOOST)
_THREADS = DETERMINISTIC["num_threads"]
_SEED = 11
_HELD_OUT = 20_000
_FEW = 500
Predict = Callable[[Numbers], Numbers]
Learn = Callable[[TrainingRows, TreeSettings], Predict]


@dataclass(frozen=True)
class Grown(Ways):
    """One row count: seconds to train, and the error on held-out rows (RMSE; noise alone: 1)."""

    rows: int
    error: Mapping[str, float]


@dataclass(frozen=True)
class Growing:
    """Every row count that was trained on, all with the same settings."""

    settings: TreeSettings
    found: tuple[Grown, ...]


def measure(measured: Subject, sizes: Sizes) -> Growing:
    """Training time and held-out error at every row count, one thread, the same settings."""
    held_out = _rows(_HELD_OUT, _SEED + 1)
    found = (
        _grown(_rows(rows, _SEED), held_out, repeats, sizes.growing)
        for rows, repeats in sizes.growing_rows.items()
    )
    return Growing(sizes.growing, tuple(found))


def _rows(count: int, seed: int) -> TrainingRows:
    matrix = smooth_matrix(count, seed, categorical=False)
    return TrainingRows(matrix, smooth_target(matrix, 0, categorical=False))


def _grown(
    learned: TrainingRows, held_out: TrainingRows, repeats: int, settings: TreeSettings
) -> Grown:
    made: dict[str, Predict] = {}
    entered = Field()

    def enter(name: str, packages: tuple[str, ...], learn: Learn) -> None:
        def task() -> None:
            made[name] = learn(learned, settings)

        def prepared() -> Task:
            # A way that fails is found out on few rows, so that many are not trained on twice.
            learn(TrainingRows(learned.matrix[:_FEW], learned.target[:_FEW]), settings)
            return task

        entered.enter(name, packages, prepared, warmed=False)

    enter(OURS, (), _ours)
    enter(BARE, (), _lightgbm)
    enter(XGBOOST, ("xgboost",), _xgboost)
    enter(CATBOOST, ("catboost",), _catboost)
    seconds = taken_in_turn(entered.tasks, repeats, warmed=False)
    error = {
        name: float(np.sqrt(np.mean((predict(held_out.matrix) - held_out.target) ** 2)))
        for name, predict in made.items()
    }
    return Grown(seconds, entered.absent, len(learned.target), error)


def _ours(learned: TrainingRows, settings: TreeSettings) -> Predict:
    return grown(learned, settings, categorical=False).predict


def _lightgbm(learned: TrainingRows, settings: TreeSettings) -> Predict:
    parameters = {
        **DETERMINISTIC,
        **settings.parameters(len(NAMES)),
        "objective": "regression",
    }
    data = lightgbm.Dataset(learned.matrix, label=learned.target)
    booster = lightgbm.train(parameters, data, settings.trees)
    return lambda matrix: np.asarray(booster.predict(matrix, num_threads=_THREADS))


def _xgboost(learned: TrainingRows, settings: TreeSettings) -> Predict:
    import xgboost

    parameters = xgboost_parameters(settings)
    data = xgboost.QuantileDMatrix(
        learned.matrix, label=learned.target, max_bin=settings.bins, nthread=_THREADS
    )
    booster = xgboost.train(parameters, data, settings.trees)
    return lambda matrix: np.asarray(booster.predict(xgboost.DMatrix(matrix)))


def _catboost(learned: TrainingRows, settings: TreeSettings) -> Predict:
    import catboost

    model = catboost.CatBoostRegressor(
        iterations=settings.trees,
        learning_rate=settings.learning_rate,
        grow_policy="Lossguide",
        max_leaves=settings.leaves,
        min_data_in_leaf=settings.least_rows_per_leaf,
        l2_leaf_reg=settings.l2,
        border_count=settings.bins,
        bootstrap_type="Bernoulli",
        subsample=settings.row_share,
        thread_count=_THREADS,
        random_seed=DETERMINISTIC["seed"],
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(learned.matrix, learned.target)
    return lambda matrix: np.asarray(model.predict(matrix))
