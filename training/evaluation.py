"""Evaluation on later rounds: what each head is worth, overall and per peer group."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from features.errors import TrainingError
from features.head_declaration import HeadDeclaration, HeadKind
from features.operations import Numbers
from models.head import HeadPrediction
from models.margin_map import probability
from models.model import Model
from models.release.binomial_band import binomial_band
from training.appraisal_data import AppraisalData
from training.targets import target

LEAST_GROUP = 100
_BATCH = 2_000
_BINS = 10
Metrics = dict[str, float]


@dataclass(frozen=True)
class HeadEvaluation:
    """One head on later projects: its metrics, overall and per peer group of 100 or more.

    predicted, outcome, low, high: (n,), on the head's shown scale (points, amount, probability),
    for the n projects whose outcome is known and that the head can answer for.
    rows: (n,), their positions in the evaluated data.
    """

    declaration: HeadDeclaration
    metrics: Metrics
    groups: Mapping[str, Metrics]
    rows: Any
    predicted: Numbers
    outcome: Numbers
    low: Numbers
    high: Numbers


def evaluate(
    model: Model, data: AppraisalData, progress: Callable[[int], None] = lambda rows: None
) -> dict[str, HeadEvaluation]:
    """Every learned head's evaluation on the given projects, which it must not have learned from.

    A head of which no outcome is known yet, as of a round still being carried out, has none.

    Raises:
        TrainingError: when a project's round is one that the model learned from.
    """
    if len(data.projects) and int(data.years.min()) <= model.facts.years[1]:
        raise TrainingError(
            f"expected rounds after {model.facts.years[1]}, the last that the model learned from; "
            f"got {int(data.years.min())}"
        )
    parts: dict[str, list[HeadPrediction]] = {name: [] for name in model.heads}
    memberships = []
    for start in range(0, len(data.projects), _BATCH):
        projects = data.projects[start : start + _BATCH]
        prediction = model.predict(projects, explain=False)
        memberships.append(prediction.memberships)
        for name, found in prediction.heads.items():
            parts[name].append(found)
        progress(len(projects))
    if not memberships:
        return {}
    finest = np.vstack(memberships)
    evaluated = {
        name: _evaluated(model, found, target(model.catalogue.head(name), data.outcomes), finest)
        for name, found in parts.items()
    }
    return {name: found for name, found in evaluated.items() if found is not None}


def _evaluated(
    model: Model, parts: list[HeadPrediction], outcome: Numbers, memberships: Any
) -> HeadEvaluation | None:
    declaration = parts[0].declaration
    value, low, high = (
        _shown(declaration, np.concatenate([getattr(part, name) for part in parts]))
        for name in ("value", "low", "high")
    )
    known = np.flatnonzero(~np.isnan(outcome) & ~np.isnan(value))
    if not len(known):
        return None
    measured = _MEASURES[declaration.kind]
    groups = {}
    for number, group in enumerate(model.peers.groups):
        inside = known[(memberships[known] == number).any(axis=1)]
        if len(inside) >= LEAST_GROUP and group.indicator:
            name = f"{group.indicator}={group.code}"
            groups[name] = measured(
                declaration, value[inside], outcome[inside], low[inside], high[inside]
            )
    return HeadEvaluation(
        declaration,
        measured(declaration, value[known], outcome[known], low[known], high[known]),
        groups,
        known,
        value[known],
        outcome[known],
        low[known],
        high[known],
    )


def _shown(declaration: HeadDeclaration, column: Numbers) -> Numbers:
    if declaration.kind is HeadKind.AMOUNT:
        return np.exp(column)
    if declaration.kind is HeadKind.PROBABILITY:
        return probability(column)
    return column


def _score_metrics(
    declaration: HeadDeclaration, value: Numbers, outcome: Numbers, low: Numbers, high: Numbers
) -> Metrics:
    error = value - outcome
    variance = float(np.var(outcome))
    return {
        "n": len(outcome),
        "mae": float(np.abs(error).mean()),
        "mae_se": standard_error(np.abs(error)),
        "rmse": float(np.sqrt((error**2).mean())),
        "r2": 1 - float((error**2).mean()) / variance if variance > 0 else math.nan,
        "spearman": spearman(value, outcome),
        **range_metrics(declaration.level, outcome, low, high),
        "width": float(np.mean(high - low)),
    }


def _amount_metrics(
    declaration: HeadDeclaration, value: Numbers, outcome: Numbers, low: Numbers, high: Numbers
) -> Metrics:
    tail = (1 - declaration.level) / 2
    positive = outcome > 0
    log = np.log(outcome[positive])
    return {
        "n": len(outcome),
        "n_positive": int(positive.sum()),
        "mean_abs_log_error": float(np.abs(np.log(value[positive]) - log).mean()),
        "mean_abs_log_error_se": standard_error(np.abs(np.log(value[positive]) - log)),
        "pinball_low": pinball(np.log(low[positive]), log, tail),
        "pinball_mid": pinball(np.log(value[positive]), log, 0.5),
        "pinball_high": pinball(np.log(high[positive]), log, 1 - tail),
        **range_metrics(declaration.level, outcome, low, high),
        "log_width_median": float(np.median(np.log(high) - np.log(low))),
        "log_width": float(np.mean(np.log(high) - np.log(low))),
    }


def _probability_metrics(
    declaration: HeadDeclaration, value: Numbers, outcome: Numbers, low: Numbers, high: Numbers
) -> Metrics:
    rate = float(outcome.mean())
    return {
        "n": len(outcome),
        "positive": rate,
        "auc": auc(value, outcome),
        "auc_se": auc_standard_error(value, outcome),
        "brier": float(((value - outcome) ** 2).mean()),
        "brier_se": standard_error((value - outcome) ** 2),
        "brier_constant": rate * (1 - rate),
        "mean_predicted": float(value.mean()),
        "calibration_error": calibration_error(value, outcome),
    }


_MEASURES: Mapping[
    HeadKind, Callable[[HeadDeclaration, Numbers, Numbers, Numbers, Numbers], Metrics]
] = {
    HeadKind.SCORE: _score_metrics,
    HeadKind.AMOUNT: _amount_metrics,
    HeadKind.PROBABILITY: _probability_metrics,
}


def range_metrics(level: float, outcome: Numbers, low: Numbers, high: Numbers) -> Metrics:
    """Coverage of the ranges given, and the 99 % binomial band of the level."""
    given = ~np.isnan(low)
    cases = int(given.sum())
    if cases == 0:
        return {"ranges": 0.0, "coverage": math.nan}
    covered = (outcome[given] >= low[given]) & (outcome[given] <= high[given])
    band = binomial_band(cases, level)
    coverage = float(covered.mean())
    return {
        "ranges": float(cases),
        "coverage": coverage,
        "band_low": band[0],
        "band_high": band[1],
        "in_band": float(band[0] <= coverage <= band[1]),
    }


def pinball(predicted: Numbers, outcome: Numbers, level: float) -> float:
    """The mean pinball loss of a predicted quantile; NaN where none was predicted."""
    error = outcome - predicted
    return float(np.maximum(level * error, (level - 1) * error).mean())


def auc(value: Numbers, outcome: Numbers) -> float:
    """The area under the ROC curve; NaN where all outcomes agree."""
    if len(np.unique(outcome)) < 2:
        return math.nan
    return float(roc_auc_score(outcome, value))


def standard_error(values: Numbers) -> float:
    """The standard error of a mean; NaN of fewer than two values."""
    return float(np.std(values, ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def auc_standard_error(value: Numbers, outcome: Numbers) -> float:
    """The standard error of the area under the ROC curve (Hanley and McNeil, 1982)."""
    area = auc(value, outcome)
    if math.isnan(area):
        return area
    positive = float(outcome.sum())
    negative = len(outcome) - positive
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (positive - 1) * (first - area**2) + (negative - 1) * (second - area**2)
    return math.sqrt((area * (1 - area) + spread) / (positive * negative))


def spearman(left: Numbers, right: Numbers) -> float:
    """Spearman's rank correlation, ties at their mean rank; NaN for a constant."""
    ranks = [np.unique(c, return_inverse=True)[1].astype(np.float64) for c in (left, right)]
    first, second = (_mean_ranks(rank) for rank in ranks)
    if first.std() == 0 or second.std() == 0:
        return math.nan
    return float(np.corrcoef(first, second)[0, 1])


def _mean_ranks(dense: Numbers) -> Numbers:
    counts = np.bincount(dense.astype(np.int64))
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[dense.astype(np.int64)], dtype=np.float64)


def calibration_bins(value: Numbers, outcome: Numbers) -> list[tuple[float, float, int]]:
    """Per tenth of the projects by predicted probability: mean predicted, share observed, n."""
    order = np.argsort(value, kind="stable")
    return [
        (float(value[part].mean()), float(outcome[part].mean()), len(part))
        for part in np.array_split(order, _BINS)
        if len(part)
    ]


def calibration_error(value: Numbers, outcome: Numbers) -> float:
    """Expected calibration error over tenths of the projects, in probability."""
    bins = calibration_bins(value, outcome)
    return sum(abs(p - o) * n for p, o, n in bins) / len(value)
