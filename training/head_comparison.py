"""Two models' heads on the same later projects, metric by metric, with paired intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from features.head_declaration import HeadDeclaration
from features.operations import Numbers
from models.peers import Groups
from models.release.comparison import ComparedHead, ComparedMetric
from training.clusters import Clusters
from training.evaluation import LEAST_GROUP, HeadEvaluation
from training.paired_metrics import Metric, Side, metrics


def compared_head(
    challenger: HeadEvaluation,
    champion: HeadEvaluation | None,
    clusters: Clusters,
    groups: Mapping[str, Groups],
) -> ComparedHead:
    """One head of both models, over all projects and in each group of at least `LEAST_GROUP`.

    Only projects that both answer are compared. Without a champion there are no differences.

    Args:
        clusters, groups: of all projects that were evaluated.
    """
    rows = challenger.rows
    if champion is not None:
        rows = np.intersect1d(rows, champion.rows, assume_unique=True)
    ours = Side.of(challenger, np.searchsorted(challenger.rows, rows))
    theirs = None
    if champion is not None:
        theirs = Side.of(champion, np.searchsorted(champion.rows, rows))
    own = clusters.of_rows(rows)
    compared = {}
    for name, members in groups.items():
        inside = np.flatnonzero(np.isin(rows, members))
        if len(inside) >= LEAST_GROUP:
            compared[name] = dict(
                _compared(
                    challenger.declaration,
                    ours.rows(inside),
                    theirs and theirs.rows(inside),
                    own.of_rows(inside),
                    everywhere=False,
                )
            )
    over_all = dict(_compared(challenger.declaration, ours, theirs, own, everywhere=True))
    return ComparedHead(kind=challenger.declaration.kind, metrics=over_all, groups=compared)


def _compared(
    head: HeadDeclaration, ours: Side, theirs: Side | None, clusters: Clusters, everywhere: bool
) -> Iterator[tuple[str, ComparedMetric]]:
    n = len(ours.outcome)
    if not n:
        return
    drawn = clusters.resampled()
    for metric in metrics(head):
        if metric.costly and not everywhere:
            continue
        yield metric.name, _metric(head, metric, ours, theirs, clusters, drawn, n)


def _metric(
    head: HeadDeclaration,
    metric: Metric,
    ours: Side,
    theirs: Side | None,
    clusters: Clusters,
    drawn: Numbers,
    n: int,
) -> ComparedMetric:
    measure = metric.of(head, ours, clusters)
    value = float(measure(clusters.once)[0])
    before, interval = math.nan, None
    if theirs is not None:
        other = metric.of(head, theirs, clusters)
        before = float(other(clusters.once)[0])
        if math.isfinite(value - before):
            interval = clusters.interval(value - before, measure(drawn) - other(drawn))
    low, high = interval or (None, None)
    return ComparedMetric(
        challenger=_finite(value),
        champion=_finite(before),
        difference=_finite(value - before),
        low=low,
        high=high,
        n=n,
        better=metric.better,
        nominal=metric.nominal,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
