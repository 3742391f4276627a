"""The metrics of two models on the same projects, as functions of how often clusters are drawn.

A metric that is a function of sums is told from each cluster's sums, so that a thousand resamplings
cost one product of matrices. With every cluster once it is the metric of `training.evaluation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features.head_declaration import HeadDeclaration, HeadKind
from features.operations import Numbers
from models.peers import Groups
from models.release.comparison import Better
from training.clusters import Clusters
from training.evaluation import HeadEvaluation

Measure = Callable[[Numbers], Numbers]
"""From how often each cluster is drawn (b, clusters) to the metric of each drawing (b,)."""
_BINS = 10
_CELLS = 4_000_000


@dataclass(frozen=True)
class Side:
    """One model's answers and what came: (n,) each, on the head's shown scale."""

    predicted: Numbers
    outcome: Numbers
    low: Numbers
    high: Numbers

    @classmethod
    def of(cls, found: HeadEvaluation, places: Groups) -> Side:
        """The answers of an evaluation at some of its places."""
        return cls(*(c[places] for c in (found.predicted, found.outcome, found.low, found.high)))

    def rows(self, rows: Groups) -> Side:
        """The same of some rows only."""
        return Side(*(c[rows] for c in (self.predicted, self.outcome, self.low, self.high)))


class Metric(NamedTuple):
    """A metric's name, which way it is better, and how it is measured.

    nominal: the value that `near` is near to. costly: it sees every row in every resampling, and is
    told over all projects only.
    """

    name: str
    better: Better
    of: Callable[[HeadDeclaration, Side, Clusters], Measure]
    nominal: float | None = None
    costly: bool = False


def metrics(declaration: HeadDeclaration) -> Iterator[Metric]:
    """The metrics of a head, by its kind."""
    yield from _METRICS[declaration.kind]
    if declaration.kind is not HeadKind.PROBABILITY:
        yield Metric("coverage", Better.NEAR, _coverage, declaration.level)


def _mean(values: Numbers, clusters: Clusters, where: Numbers | None = None) -> Measure:
    """The mean over the rows of `where`, those without a value left out."""
    counted = ~np.isnan(values) if where is None else where & ~np.isnan(values)
    columns = np.stack([np.where(counted, values, 0.0), counted], axis=1)
    return _of_sums(columns, clusters, lambda s: s[..., 0] / s[..., 1])


def _of_sums(columns: Numbers, clusters: Clusters, told: Callable[[Numbers], Numbers]) -> Measure:
    sums = clusters.sums(columns)

    def measure(drawn: Numbers) -> Numbers:
        with np.errstate(divide="ignore", invalid="ignore"):
            return told(drawn @ sums)

    return measure


def _mae(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    return _mean(np.abs(side.predicted - side.outcome), clusters)


def _rmse(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    squared = _mean((side.predicted - side.outcome) ** 2, clusters)
    return lambda drawn: np.sqrt(squared(drawn))


def _r2(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    error, y = side.predicted - side.outcome, side.outcome - side.outcome.mean()
    columns = np.stack([error**2, y, y**2, np.ones_like(y)], axis=1)

    def told(s: Numbers) -> Numbers:
        spread = s[..., 2] - s[..., 1] ** 2 / s[..., 3]
        return np.where(spread > 0, 1 - s[..., 0] / spread, np.nan)

    return _of_sums(columns, clusters, told)


def _bias(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    return _mean(side.predicted - side.outcome, clusters)


def _spearman(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    """Ranks are made anew in each resampling: a row drawn twice takes two places."""
    sides = [np.unique(c, return_inverse=True) for c in (side.predicted, side.outcome)]

    def ranks(weights: Numbers, dense: Groups, values: int) -> Numbers:
        order = np.argsort(dense, kind="stable")
        starts = np.searchsorted(dense[order], np.arange(values))
        each = np.add.reduceat(weights[:, order], starts, axis=1)
        middle: Numbers = np.cumsum(each, axis=1) - each / 2
        return middle[:, dense]

    def measure(drawn: Numbers) -> Numbers:
        found = []
        step = max(1, _CELLS // len(side.predicted))
        for start in range(0, len(drawn), step):
            weights = drawn[start : start + step][:, clusters.member]
            total = weights.sum(axis=1, keepdims=True)
            x, y = (ranks(weights, dense, len(values)) for values, dense in sides)
            x, y = (r - (weights * r).sum(axis=1, keepdims=True) / total for r in (x, y))
            with np.errstate(divide="ignore", invalid="ignore"):
                spread = (weights * x * x).sum(axis=1) * (weights * y * y).sum(axis=1)
                found.append((weights * x * y).sum(axis=1) / np.sqrt(spread))
        return np.concatenate(found)

    return measure


def _coverage(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    inside = (side.outcome >= side.low) & (side.outcome <= side.high)
    return _mean(inside.astype(np.float64), clusters, ~np.isnan(side.low))


def _width(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    return _mean(side.high - side.low, clusters)


def _log_width(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    return _mean(np.log(side.high) - np.log(side.low), clusters)


def _log_error(side: Side, end: Numbers) -> Numbers:
    """log(outcome) − log(end); unknown where the outcome is 0."""
    found = np.full(len(end), np.nan)
    positive = side.outcome > 0
    found[positive] = np.log(side.outcome[positive]) - np.log(end[positive])
    return found


def _mean_abs_log_error(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    return _mean(np.abs(_log_error(side, side.predicted)), clusters)


def _log_bias(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    return _mean(-_log_error(side, side.predicted), clusters)


def _pinball(end: str, level_of: Callable[[float], float]) -> Callable[..., Measure]:
    def of(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
        error, level = _log_error(side, getattr(side, end)), level_of(head.level)
        return _mean(np.maximum(level * error, (level - 1) * error), clusters)

    return of


def _auc(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    """From the share of pairs won between each two clusters, a tie being half won."""
    event = side.outcome > 0
    won = np.zeros((clusters.count, clusters.count))
    above, whose = side.predicted[event], clusters.member[event]
    for cluster in range(clusters.count):
        below = np.sort(side.predicted[~event & (clusters.member == cluster)])
        places = np.searchsorted(below, above, "left") + np.searchsorted(below, above, "right")
        won[:, cluster] = np.bincount(whose, places / 2, clusters.count)
    totals = clusters.sums(np.stack([event, ~event], axis=1).astype(np.float64))

    def measure(drawn: Numbers) -> Numbers:
        events, others = (drawn @ totals).T
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Numbers = ((drawn @ won) * drawn).sum(axis=1) / (events * others)
        return found

    return measure


def _brier(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    return _mean((side.predicted - side.outcome) ** 2, clusters)


def _calibration_error(head: HeadDeclaration, side: Side, clusters: Clusters) -> Measure:
    """Over tenths of the projects by predicted probability; they stay the same when resampled."""
    order = np.argsort(side.predicted, kind="stable")
    bins = np.zeros((len(order), _BINS + 1))
    for number, part in enumerate(np.array_split(order, _BINS)):
        bins[part, number] = (side.predicted - side.outcome)[part]
    bins[:, _BINS] = 1
    return _of_sums(bins, clusters, lambda s: np.abs(s[..., :_BINS]).sum(axis=-1) / s[..., _BINS])


_METRICS: dict[HeadKind, tuple[Metric, ...]] = {
    HeadKind.SCORE: (
        Metric("mae", Better.LOWER, _mae),
        Metric("rmse", Better.LOWER, _rmse),
        Metric("r2", Better.HIGHER, _r2),
        Metric("spearman", Better.HIGHER, _spearman, costly=True),
        Metric("bias", Better.NEAR, _bias, 0.0),
        Metric("width", Better.LOWER, _width),
    ),
    HeadKind.AMOUNT: (
        Metric("mean_abs_log_error", Better.LOWER, _mean_abs_log_error),
        Metric("log_bias", Better.NEAR, _log_bias, 0.0),
        Metric("pinball_low", Better.LOWER, _pinball("low", lambda level: (1 - level) / 2)),
        Metric("pinball_mid", Better.LOWER, _pinball("predicted", lambda level: 0.5)),
        Metric("pinball_high", Better.LOWER, _pinball("high", lambda level: (1 + level) / 2)),
        Metric("log_width", Better.LOWER, _log_width),
    ),
    HeadKind.PROBABILITY: (
        Metric("auc", Better.HIGHER, _auc),
        Metric("brier", Better.LOWER, _brier),
        Metric("bias", Better.NEAR, _bias, 0.0),
        Metric("calibration_error", Better.LOWER, _calibration_error),
    ),
}
