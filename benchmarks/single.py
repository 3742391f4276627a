"""One explained score in process: the project beside the usual ways to explain one row."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from benchmarks import explainers
from benchmarks.competitor import Field, threads
from benchmarks.explainers import CONTRIB, PREDICT, SHAP, Explained
from benchmarks.explaining import OWN, REFERENCE
from benchmarks.sizes import Sizes
from benchmarks.subject import Subject
from benchmarks.timing import Task, taken_in_turn
from benchmarks.ways import Ways
from serving.appraisal import appraise

ANSWER = "Lingji: document in, whole answer out"
NUMBERS = "Lingji: numbers from a numpy row"
SHAP_FRAME = f"{SHAP} on a DataFrame"
SHAP_NUMPY = f"{SHAP} on numpy"


@dataclass(frozen=True)
class OneRow(Ways):
    """Seconds to predict and explain one row with all heads of some models."""

    models: str
    heads: int


@dataclass(frozen=True)
class Single:
    """One row of the bundle and one of the reference models."""

    own: OneRow
    reference: OneRow


def measure(measured: Subject, sizes: Sizes) -> Single:
    """The seconds of every way to explain one row, one thread, all heads."""
    reference = measured.reference
    own = [Explained(head.central, matrix) for head, matrix in measured.matrices]
    others = [Explained(head.trees, reference.matrix) for head in reference.heads]
    answer = partial(appraise, measured.example, measured.release)
    return Single(_row(OWN, own, sizes, answer), _row(REFERENCE, others, sizes))


def _row(name: str, heads: Sequence[Explained], sizes: Sizes, answer: Task | None = None) -> OneRow:
    entered = Field()
    if answer is not None:
        entered.enter(ANSWER, (), lambda: answer)
    entered.enter(NUMBERS, (), lambda: partial(explainers.ours(heads, 1), 1))
    entered.enter(SHAP_FRAME, ("shap",), lambda: partial(_frame_way, heads, _frame(heads)))
    entered.enter(SHAP_NUMPY, ("shap",), lambda: _both(_bare(heads), _shap(heads)))
    entered.enter(CONTRIB, (), lambda: _both(_bare(heads), explainers.contrib(heads, 1)))
    entered.enter(PREDICT, (), lambda: partial(_bare(heads), 1))
    with threads(1):
        seconds = taken_in_turn(entered.tasks, sizes.singles)
    return OneRow(seconds, entered.absent, name, len(heads))


def _bare(heads: Sequence[Explained]) -> Callable[[int], object]:
    return explainers.predict(heads, 1)


def _shap(heads: Sequence[Explained]) -> Callable[[int], object]:
    return explainers.tree_explainer(heads)


def _both(predict: Callable[[int], object], explain: Callable[[int], object]) -> Task:
    return lambda: (predict(1), explain(1))


def _frame(heads: Sequence[Explained]) -> dict[str, float]:
    """The values of every head's features, as a program that uses DataFrames would hold them."""
    return {
        name: float(value)
        for head in heads
        for name, value in zip(head.trees.features, head.matrix[0], strict=True)
    }


def _frame_way(heads: Sequence[Explained], record: Mapping[str, float]) -> object:
    """A DataFrame of one row, then each head's prediction and shap values from its columns."""
    frame = pd.DataFrame([record])
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for head in heads:
            row = frame[list(head.trees.features)]
            found.append(
                (head.booster.predict(row, num_threads=1), head.explainer.shap_values(row))
            )
    return found
