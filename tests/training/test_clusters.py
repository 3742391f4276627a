"""Intervals hold what they promise where projects of a department err together."""

from __future__ import annotations

import numpy as np
import pytest

from training.clusters import LEAST_CLUSTERS, Clusters

DEPARTMENTS, EACH, TRIALS = 12, 30, 300


def _covered(names: list[str]) -> float:
    """How often the interval of a mean holds the truth, 0, when departments have effects."""
    held = 0
    for trial in range(TRIALS):
        chance = np.random.default_rng(trial)
        effects = np.repeat(chance.normal(0, 1, DEPARTMENTS), EACH)
        values = effects + chance.normal(0, 1, DEPARTMENTS * EACH)
        clusters = Clusters.of(names)
        sums = clusters.sums(np.stack([values, np.ones_like(values)], axis=1))
        drawn = clusters.resampled(400) @ sums
        interval = clusters.interval(float(values.mean()), drawn[:, 0] / drawn[:, 1])
        assert interval is not None
        held += interval[0] <= 0 <= interval[1]
    return held / TRIALS


def test_clustered_intervals_hold_the_truth_at_their_level() -> None:
    departments = [f"D{n}" for n in range(DEPARTMENTS) for _ in range(EACH)]
    assert 0.91 <= _covered(departments) <= 0.98


def test_control_rows_that_pretend_to_stand_alone_promise_too_much() -> None:
    assert _covered([""] * (DEPARTMENTS * EACH)) < 0.6


def test_too_few_clusters_give_no_interval() -> None:
    clusters = Clusters.of([f"D{n % (LEAST_CLUSTERS - 1)}" for n in range(100)])
    assert clusters.interval(0.0, np.zeros(10)) is None
    enough = Clusters.of([f"D{n % LEAST_CLUSTERS}" for n in range(100)])
    assert enough.interval(0.0, np.zeros(10)) == (0.0, 0.0)


def test_the_same_clusters_are_drawn_again() -> None:
    clusters = Clusters.of([f"D{n % 9}" for n in range(40)])
    np.testing.assert_array_equal(clusters.resampled(5), clusters.resampled(5))
    assert clusters.resampled(5).sum(axis=1).tolist() == [9] * 5


def test_rows_of_a_group_keep_their_clusters() -> None:
    clusters = Clusters.of(["b", "a", "c", "a"])
    some = clusters.of_rows(np.array([1, 2, 3]))
    assert some.count == 2
    assert some.member[0] == some.member[2] != some.member[1]


def test_sums_are_per_cluster() -> None:
    sums = Clusters.of(["b", "a", "b"]).sums(np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]]))
    assert sums.tolist() == [[2, 6], [4, 12]]
    with pytest.raises(ValueError, match=r"bincount|length"):
        Clusters.of(["b"]).sums(np.array([[1.0], [2.0]]))
