"""What a contestant's answers are judged by: the measures of the evaluation, and two more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from features.head_declaration import HeadDeclaration, HeadKind
from features.operations import Numbers
from models.release.comparison import Better
from training.clusters import Clusters
from training.paired_metrics import Measure, Metric, Side, metrics

MAIN = {
    HeadKind.SCORE: "rmse",
    HeadKind.AMOUNT: "pinball",
    HeadKind.PROBABILITY: "brier",
}
"""By which a head is called better, in units of which the picture is drawn."""
BESIDE = {
    HeadKind.SCORE: ("spearman", "coverage", "width"),
    HeadKind.AMOUNT: ("mean_abs_log_error", "coverage", "log_width"),
    HeadKind.PROBABILITY: ("auc", "log_loss", "calibration_error"),
}
_SUREST = 1e-9


def measures(declaration: HeadDeclaration) -> list[Metric]:
    """The measures of a head, the main one first."""
    known = {metric.name: metric for metric in metrics(declaration)} | {m.name: m for m in _MORE}
    return [known[name] for name in (MAIN[declaration.kind], *BESIDE[declaration.kind])]


def _pinball(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    """The mean over low end, middle and high end of the range, of the logarithm."""
    known = {metric.name: metric for metric in metrics(head)}
    parts = [known[f"pinball_{end}"].of(head, side, clusters) for end in ("low", "mid", "high")]
    return _mean_of(parts)


def _mean_of(parts: list[Callable[[Numbers], Numbers]]) -> Measure:
    return lambda drawn: np.mean([part(drawn) for part in parts], axis=0)


def _log_loss(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    told = np.clip(side.predicted, _SUREST, 1 - _SUREST)
    loss = -np.where(side.outcome > 0, np.log(told), np.log(1 - told))
    return _ratio(clusters.sums(np.stack([loss, np.ones_like(loss)], axis=1)))


def _ratio(sums: Numbers) -> Measure:
    def measure(drawn: Numbers) -> Numbers:
        found = drawn @ sums
        return np.asarray(found[:, 0] / found[:, 1])

    return measure


def _spearman(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    """Ranks are made once: resampling a few thousand rows hardly changes them."""
    x, y = (_ranks(column) for column in (side.predicted, side.outcome))
    sums = clusters.sums(np.stack([x, y, x * x, y * y, x * y, np.ones_like(x)], axis=1))

    def measure(drawn: Numbers) -> Numbers:
        sx, sy, sxx, syy, sxy, n = (drawn @ sums).T
        spread = (sxx - sx**2 / n) * (syy - sy**2 / n)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((sxy - sx * sy / n) / np.sqrt(spread))

    return measure


def _ranks(values: Numbers) -> Numbers:
    """Ranks with ties at their mean, centred, so that their squares lose no digits."""
    _, dense, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found = (ends - (counts - 1) / 2)[dense]
    return np.asarray(found - found.mean(), dtype=np.float64)


_MORE = (
    Metric("pinball", Better.LOWER, _pinball),
    Metric("log_loss", Better.LOWER, _log_loss),
    Metric("spearman", Better.HIGHER, _spearman),
)
