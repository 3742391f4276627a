"""Points for resemblances, calibrated on pairs whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from features.duplicates.points import STEPS, Points, step_of

_RIDGE = 0.5  # what a squared point costs: steps that hardly any pair reaches stay near nothing
_PRECISION = 0.985  # of the pairs that are shown, on the calibration's own


def calibrated(
    closeness: np.ndarray, related: np.ndarray, names: Sequence[str] = tuple(STEPS)
) -> Points:
    """Points that tell related pairs from others: a logistic regression on the steps.

    Every step adds something or nothing, so that the closer never counts less. Not known has a
    weight of its own of either sign.

    Args:
        closeness: pairs × comparisons, as in STEPS.
        related: of each pair.
        names: the comparisons that count.
    """
    design, bounds = _design(closeness, names)
    truth = related.astype(float)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = design @ weights
        error = 1 / (1 + np.exp(-np.clip(odds, -50, 50))) - truth
        cost = np.logaddexp(0, odds) - truth * odds
        penalty = _RIDGE * (weights[1:] ** 2).sum() / 2
        gradient = design.T @ error
        gradient[1:] += _RIDGE * weights[1:]
        return float(cost.sum() + penalty), gradient

    start = np.zeros(design.shape[1])
    weights = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    steps, unknown = _told(weights, names)
    points = Points(base=round(float(weights[0]), 3), steps=steps, unknown=unknown, limit=0.0)
    return points.model_copy(update={"limit": _limit(points.total(closeness), related)})


def _design(
    closeness: np.ndarray, names: Sequence[str]
) -> tuple[np.ndarray, list[tuple[float | None, float | None]]]:
    columns = [np.ones(len(closeness))]
    bounds: list[tuple[float | None, float | None]] = [(None, None)]
    for name in names:
        values = closeness[:, list(STEPS).index(name)]
        known, step = ~np.isnan(values), step_of(name, values)
        for place in range(len(STEPS[name])):
            columns.append((known & (step > place)).astype(float))
            bounds.append((0.0, None))
        columns.append((~known).astype(float))
        bounds.append((None, None))
    return np.stack(columns, axis=1), bounds


def _told(
    weights: np.ndarray, names: Sequence[str]
) -> tuple[dict[str, tuple[float, ...]], dict[str, float]]:
    steps, unknown, place = {}, {}, 1
    for name in names:
        count = len(STEPS[name])
        added = np.concatenate([[0.0], np.cumsum(weights[place : place + count])])
        steps[name] = tuple(round(float(value), 3) for value in added)
        unknown[name] = round(float(weights[place + count]), 3)
        place += count + 1
    return steps, unknown


def _limit(score: np.ndarray, related: np.ndarray) -> float:
    """The lowest score from which on nearly all pairs are related; equal scores go together."""
    order = np.argsort(-score, kind="stable")
    share = np.cumsum(related[order]) / np.arange(1, len(order) + 1)
    ranked = score[order]
    ends = np.append(ranked[1:] != ranked[:-1], True)
    enough = np.flatnonzero(ends & (share >= _PRECISION))
    return round(float(ranked[enough[-1]]), 3) if len(enough) else float(score.max() + 1)
