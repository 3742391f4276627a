"""With every cluster once, paired metrics are those of the evaluation; resampled, of the rows."""

from __future__ import annotations

import numpy as np
import pytest

from features.head_declaration import HeadDeclaration, HeadKind
from tests.rulers import label
from training.clusters import Clusters
from training.evaluation import _MEASURES
from training.paired_metrics import Side, metrics

CHANCE = np.random.default_rng(3)
N = 240


def _head(kind: HeadKind) -> HeadDeclaration:
    told = {"name": "x", "label": label("x"), "kind": kind, "outcome": {"column": "y"}}
    return HeadDeclaration.model_validate(told)


def _side(kind: HeadKind, chance: np.random.Generator = CHANCE, n: int = N) -> Side:
    """Rounded, so that there are ties; some ranges are not given, some amounts are 0."""
    value = chance.normal(0, 1, n)
    outcome = value + chance.normal(0, 1, n)
    if kind is HeadKind.PROBABILITY:
        nothing = np.full(n, np.nan)
        predicted = np.round(1 / (1 + np.exp(-value)), 1)
        return Side(predicted, (outcome > 0.5).astype(float), nothing, nothing)
    value, outcome = np.round(value, 1), np.round(outcome, 1)
    low, high = value - 1.2, value + 1.2
    if kind is HeadKind.AMOUNT:
        value, outcome, low, high = (np.exp(c) for c in (value, outcome, low, high))
        outcome[:5] = 0
        return Side(value, outcome, low, high)
    low[:20] = high[:20] = np.nan
    return Side(value, outcome, low, high)


@pytest.mark.parametrize("kind", list(HeadKind))
def test_every_cluster_once_is_the_evaluation(kind: HeadKind) -> None:
    head, side = _head(kind), _side(kind)
    clusters = Clusters.of([f"D{n % 9}" for n in range(N)])
    told = _MEASURES[kind](head, side.predicted, side.outcome, side.low, side.high)
    compared = 0
    for metric in metrics(head):
        if metric.name in told and metric.name != "width":
            value = metric.of(head, side, clusters)(clusters.once)
            assert value.shape == (1,)
            assert value[0] == pytest.approx(told[metric.name], rel=1e-9), metric.name
            compared += 1
    assert compared >= 3


def test_the_width_is_that_of_the_ranges_given() -> None:
    side, clusters = _side(HeadKind.SCORE), Clusters.of(["D1"] * N)
    head = _head(HeadKind.SCORE)
    width = next(m for m in metrics(head) if m.name == "width").of(head, side, clusters)
    assert width(clusters.once)[0] == pytest.approx(2.4)


@pytest.mark.parametrize("kind", list(HeadKind))
def test_a_drawing_is_the_metric_of_the_rows_drawn(kind: HeadKind) -> None:
    """The oracle repeats the rows of each cluster as often as it was drawn."""
    head, side = _head(kind), _side(kind)
    clusters = Clusters.of([f"D{n % 9}" for n in range(N)])
    drawn = clusters.resampled(6)
    for metric in metrics(head):
        if metric.name == "calibration_error":
            continue  # its tenths stay the same, the oracle would cut new ones
        found = metric.of(head, side, clusters)(drawn)
        for draw, value in zip(drawn, found, strict=True):
            rows = np.repeat(np.arange(N), draw[clusters.member].astype(int))
            again = Clusters.of(["one"] * len(rows))
            oracle = metric.of(head, side.rows(rows), again)(again.once)[0]
            assert value == pytest.approx(oracle, rel=1e-9), metric.name
