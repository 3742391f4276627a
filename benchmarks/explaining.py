"""Explaining a batch, per row and head: the project beside LightGBM, shap and XGBoost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from benchmarks import explainers
from benchmarks.affordable import affordable
from benchmarks.competitor import Field, threads
from benchmarks.explainers import CONTRIB, OURS, OURS_PREDICT, PREDICT, SHAP, XGBOOST, Explained
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject, filled
from benchmarks.timing import Task, taken_in_turn
from benchmarks.ways import Ways

REFERENCE, OWN = "reference models", "the bundle's central trees"
THREADS = (1, 2)


@dataclass(frozen=True)
class Explanations(Ways):
    """One set of models explained with one number of threads, in seconds per row and head.

    heads, trees: how many. rows: by name, of a batch.
    """

    models: str
    threads: int
    heads: int
    trees: int
    rows: Mapping[str, int]


@dataclass(frozen=True)
class Explaining:
    """Both sets of models, each with every number of threads."""

    found: tuple[Explanations, ...]

    def of(self, models: str, threads: int = 1) -> Explanations:
        """The explanations of one set of models with so many threads."""
        return next(f for f in self.found if (f.models, f.threads) == (models, threads))


def measure(measured: Subject, sizes: Sizes) -> Explaining:
    """The seconds per row and head of every way to explain a batch."""
    reference = measured.reference
    sets = {
        REFERENCE: [Explained(head.trees, reference.matrix) for head in reference.heads],
        OWN: [
            Explained(head.central, filled(matrix, sizes.fast_rows))
            for head, matrix in measured.matrices
        ],
    }
    xgboosts = cache(lambda: explainers.xgboost_models(reference.heads, sizes))
    return Explaining(
        tuple(
            _explanations(name, heads, count, xgboosts, measured, sizes)
            for name, heads in sets.items()
            for count in THREADS
        )
    )


def _explanations(
    name: str,
    heads: list[Explained],
    count: int,
    xgboosts: Callable[[], list[Any]],
    measured: Subject,
    sizes: Sizes,
) -> Explanations:
    entered, rows = Field(), {}

    def enter(way: str, packages: tuple[str, ...], prepare: Callable[[], explainers.Rows]) -> None:
        def prepared() -> Task:
            task = prepare()
            rows[way] = affordable(sizes, task)
            return partial(task, rows[way])

        entered.enter(way, packages, prepared, warmed=False)  # it was run to know the rows

    with threads(count):
        enter(OURS, (), lambda: explainers.ours(heads, count))
        if count == 1:
            enter(OURS_PREDICT, (), lambda: explainers.ours_predict(heads))
        enter(PREDICT, (), lambda: explainers.predict(heads, count))
        enter(CONTRIB, (), lambda: explainers.contrib(heads, count))
        enter(SHAP, ("shap",), lambda: explainers.tree_explainer(heads))
        if name == REFERENCE:
            matrix = measured.reference.matrix
            enter(
                XGBOOST,
                ("xgboost",),
                lambda: explainers.xgboost_contribs(xgboosts(), matrix, count),
            )
        seconds = taken_in_turn(entered.tasks, sizes.repeats, warmed=False)
    each = {way: s.times(1 / rows[way] / len(heads)) for way, s in seconds.items()}
    trees = sum(head.booster.num_trees() for head in heads)
    return Explanations(each, entered.absent, name, count, len(heads), trees, rows)
