"""Probabilities on the Japanese reviews: how well each orders, and how honest it is."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from features.catalogue import Catalogue
from features.derivation import origins
from features.operations import Numbers
from models.margin_map import MarginMap, probability
from training.evaluation import auc, calibration_bins, calibration_error
from training.objective import LOG_LOSS
from training.results.discrimination import auc_standard_error, auc_within
from training.results.japan_data import JapanReview, Progress
from training.results.text_alone import Letters
from training.split import Mask
from training.targets import target

HEADS = ("cut", "low_execution", "low_outcome")
LEAST_LEFT_OUT = 20
_THREADS = 2
_STATIC = frozenset(
    ("name", "purpose", "overview", "no_quant_goal_reason", "account", "method", "policies",
     "start_year", "end_year", "sheet_year", "n_outcome", "n_output")
)  # fmt: skip
"""What a sheet says without money, results or payees."""

Bins = tuple[tuple[float, float, int], ...]


@dataclass(frozen=True)
class Discrimination:
    """How a prediction orders the test projects, and its Brier score."""

    total: float
    within: float
    unseen: float
    brier: float


@dataclass(frozen=True)
class LeftOut:
    """One ministry's test projects, judged by a model that never saw the ministry."""

    ministry: str
    n: int
    without: float
    with_it: float


@dataclass(frozen=True)
class Calibration:
    """Tenths of the test projects: mean predicted, share observed, number; and the mean error."""

    bins: Bins
    error: float
    mean: float


@dataclass(frozen=True)
class ProbabilityResult:
    """One probability head on the test round.

    constant: the Brier score of the learned share for everybody. unseen_error: bootstrap standard
    error of the model's AUC on unseen programmes. baseline_inputs: how many indicators it has.
    texts: a linear model of the letters in name, purpose and outline.
    """

    head: str
    n: int
    positive: float
    unseen_n: int
    unseen_positive: int
    unseen_error: float
    model: Discrimination
    constant: float
    baseline: Discrimination
    baseline_inputs: int
    texts: Discrimination
    left_out: tuple[LeftOut, ...]
    before: Calibration
    after: Calibration
    slope: float
    intercept: float

    @property
    def left_out_mean(self) -> float:
        """The mean AUC over ministries left out, weighted by their projects."""
        weights = [one.n for one in self.left_out]
        return float(np.average([one.without for one in self.left_out], weights=weights))

    @property
    def left_out_worst(self) -> LeftOut:
        """The ministry on which a model that never saw it does worst."""
        return min(self.left_out, key=lambda one: one.without)


def probability_result(
    japan: JapanReview, head: str, letters: Letters, progress: Progress
) -> ProbabilityResult:
    """The measured figures of one probability head."""
    goal = target(japan.data.catalogue.head(head), japan.data.outcomes)
    rows, evaluation = japan.tested(head), japan.evaluation[head]
    outcome, margin = goal[rows], japan.model.heads[head].margin
    log_odds = np.log(evaluation.predicted / (1 - evaluation.predicted))
    before = probability((log_odds - margin.intercept) / margin.slope)
    unseen = japan.unseen()[rows]
    learned = goal[japan.fit & ~np.isnan(goal)]
    names = baseline_inputs(japan.data.catalogue, head)
    progress(f"{head}: the sceptic's baseline")
    baseline = _baseline(japan, head, goal, names)
    progress(f"{head}: texts alone")
    texts = letters.probability(goal, japan.fit & ~np.isnan(goal), rows)
    progress(f"{head}: each ministry left out")
    return ProbabilityResult(
        head,
        len(rows),
        float(outcome.mean()),
        int(unseen.sum()),
        int(outcome[unseen].sum()),
        auc_standard_error(evaluation.predicted[unseen], outcome[unseen]),
        _discrimination(japan, head, evaluation.predicted, outcome),
        float(((outcome - learned.mean()) ** 2).mean()),
        _discrimination(japan, head, baseline, outcome),
        len(names),
        _discrimination(japan, head, texts, outcome),
        _ministries_left_out(japan, head, goal),
        _calibration(before, outcome),
        _calibration(evaluation.predicted, outcome),
        margin.slope,
        margin.intercept,
    )


def baseline_inputs(catalogue: Catalogue, head: str) -> list[str]:
    """What a sceptic would say is enough: a single fact or two, or no money and no results."""
    if head == "cut":
        return ["request_next", "request_to_initial"]
    if head == "low_execution":
        return ["exec_rate_ym1"]
    return [i.name for i in catalogue.inputs(head) if _given(i.name, catalogue) <= _STATIC]


def letters_of(japan: JapanReview) -> Letters:
    """The letters of every sheet's name, purpose and outline."""
    columns = [japan.table[name] for name in ("name", "purpose", "overview")]
    texts = [" ".join(part or "" for part in parts) for parts in zip(*columns, strict=True)]
    return Letters.of(texts, japan.fit)


def _given(name: str, catalogue: Catalogue) -> frozenset[str]:
    given = {indicator.name for indicator in catalogue.given}
    return origins(name, catalogue.by_name) & given


def _baseline(japan: JapanReview, head: str, goal: Numbers, names: Sequence[str]) -> Numbers:
    known = ~np.isnan(goal)
    raw = japan.grower().grown(head, names, goal, japan.fit & known, LOG_LOSS).predict()
    calibrating = japan.calibrate & known
    margin = MarginMap.fit(raw[calibrating], goal[calibrating])
    return probability(margin(raw[japan.tested(head)]))


def _discrimination(
    japan: JapanReview, head: str, predicted: Numbers, outcome: Numbers
) -> Discrimination:
    rows = japan.tested(head)
    unseen = japan.unseen()[rows]
    return Discrimination(
        auc(predicted, outcome),
        auc_within(predicted, outcome, [japan.data.groups[row] for row in rows]),
        auc(predicted[unseen], outcome[unseen]),
        float(((predicted - outcome) ** 2).mean()),
    )


def _calibration(predicted: Numbers, outcome: Numbers) -> Calibration:
    bins = tuple(calibration_bins(predicted, outcome))
    return Calibration(bins, calibration_error(predicted, outcome), float(predicted.mean()))


def _ministries_left_out(japan: JapanReview, head: str, goal: Numbers) -> tuple[LeftOut, ...]:
    ministries = np.asarray(japan.data.groups)
    rows = japan.tested(head)
    predicted, outcome = japan.evaluation[head].predicted, goal[rows]
    names = [str(name) for name in np.unique(ministries[rows])]
    chosen = [name for name in names if _judged(outcome[ministries[rows] == name])]

    def left_out(name: str) -> LeftOut:
        inside = ministries[rows] == name
        without = _without(japan, head, goal, ministries == name)[rows[inside]]
        own = outcome[inside]
        return LeftOut(name, int(inside.sum()), auc(without, own), auc(predicted[inside], own))

    with ThreadPoolExecutor(_THREADS) as pool:  # LightGBM works outside Python's lock
        return tuple(pool.map(left_out, chosen))


def _judged(outcome: Numbers) -> bool:
    return len(outcome) >= LEAST_LEFT_OUT and 0 < outcome.sum() < len(outcome)


def _without(japan: JapanReview, head: str, goal: Numbers, left_out: Mask) -> Numbers:
    grower = japan.grower()
    learned = japan.fit & ~np.isnan(goal) & ~left_out
    return grower.grown(head, grower.inputs(head), goal, learned, LOG_LOSS).predict()
