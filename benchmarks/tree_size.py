"""Tree size is part of the answer: what larger leaves gain, and what they cost to explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks import explainers
from benchmarks.affordable import affordable
from benchmarks.explainers import CONTRIB, OURS, PREDICT, Explained
from benchmarks.reference import CATEGORICAL, NAMES, smooth_matrix, smooth_target
from benchmarks.sample import Sample
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject
from benchmarks.timing import taken_in_turn
from features.operations import Numbers
from models.trees import Trees
from training.growing import DETERMINISTIC, TreeSettings

RMSE, AUC = "RMSE", "AUC"
OBJECTIVES = {RMSE: "regression", AUC: "binary"}
_LEARNING_RATE = 0.1
_PATIENCE = 50
_SEED = 21
_HEAD = 100


@dataclass(frozen=True)
class Grown:
    """Trees of one size, stopped early. error: RMSE or AUC on other rows.

    seconds: to explain and to predict a row.
    """

    leaves: int
    trees: int
    error: float
    seconds: Mapping[str, Sample]


@dataclass(frozen=True)
class TreeSize:
    """By measure, the trees of each size. rows: to learn from, to stop by and to test on, each."""

    rows: int
    found: Mapping[str, tuple[Grown, ...]]


def measure(measured: Subject, sizes: Sizes) -> TreeSize:
    """The error and the cost of trees with each number of leaves, for both measures."""
    found = {
        name: tuple(_grown(name, leaves, sizes) for leaves in sizes.leaves) for name in OBJECTIVES
    }
    return TreeSize(sizes.size_rows, found)


def _grown(measure: str, leaves: int, sizes: Sizes) -> Grown:
    learned, stopping, test = (_data(measure, sizes.size_rows, _SEED + n) for n in range(3))
    settings = TreeSettings(leaves=leaves, learning_rate=_LEARNING_RATE, trees=sizes.most_trees)
    parameters = {
        **DETERMINISTIC,
        **settings.parameters(len(NAMES)),
        "objective": OBJECTIVES[measure],
    }
    given = lightgbm.Dataset(
        learned[0],
        label=learned[1],
        feature_name=list(NAMES),
        categorical_feature=list(CATEGORICAL),
    )
    booster = lightgbm.train(
        parameters,
        given,
        settings.trees,
        valid_sets=[given.create_valid(stopping[0], label=stopping[1])],
        callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
    )
    booster = lightgbm.Booster(
        model_str=booster.model_to_string(num_iteration=booster.best_iteration)
    )
    head = Explained(Trees(booster.model_to_string(), NAMES), test[0])
    return Grown(leaves, booster.num_trees(), _error(measure, booster, *test), _cost(head, sizes))


def _data(measure: str, rows: int, seed: int) -> tuple[Numbers, Numbers]:
    matrix = smooth_matrix(rows, seed)
    target = smooth_target(matrix, _HEAD)
    return matrix, target if measure == RMSE else (target > 0).astype(np.float64)


def _error(measure: str, booster: Any, matrix: Numbers, target: Numbers) -> float:
    predicted = np.asarray(booster.predict(matrix, num_threads=1))
    if measure == AUC:
        return float(roc_auc_score(target, predicted))
    return float(np.sqrt(np.mean((predicted - target) ** 2)))


def _cost(head: Explained, sizes: Sizes) -> dict[str, Sample]:
    ways = {
        OURS: explainers.ours([head], 1),
        PREDICT: explainers.predict([head], 1),
        CONTRIB: explainers.contrib([head], 1),
    }
    rows = {name: affordable(sizes, way) for name, way in ways.items()}
    tasks = {name: (lambda way=way, n=rows[name]: way(n)) for name, way in ways.items()}
    found = taken_in_turn(tasks, sizes.repeats)
    return {name: seconds.times(1 / rows[name]) for name, seconds in found.items()}
