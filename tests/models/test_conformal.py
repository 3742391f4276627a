"""Ranges that hold their level, category by category, or say that they cannot."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from models.conformal import ConformalRange
from models.drift import NO_DRIFT, Drift
from models.release.binomial_band import binomial_band

ALL = 0


def _range(
    scores: Any, memberships: Any, groups: int, least: int = 20, level: float = 0.8,
    drift: Drift = NO_DRIFT,
) -> ConformalRange:  # fmt: skip
    return ConformalRange.calibrate(scores, -scores, memberships, groups, level, least, drift)


def _two_groups(count: int, spread: tuple[float, float]) -> tuple[Any, Any]:
    """Scores of two categories of different spread; columns: category, all."""
    chance = np.random.default_rng(3)
    category = np.arange(count) % 2 + 1
    scores = chance.normal(size=count) * np.array(spread)[category - 1]
    return scores, np.column_stack([category, np.zeros(count, dtype=np.int64)])


def test_offsets_by_hand() -> None:
    scores = np.arange(1.0, 20.0)  # 19 cases: rank ⌈20 · 0.9⌉ = 18 of each tail
    found = _range(scores, np.zeros((19, 1), dtype=np.int64), 1, least=19)
    assert (found.low[ALL], found.high[ALL], found.cases[ALL]) == (18.0, -2.0, 19)


def test_a_range_holds_later_outcomes_in_the_stated_share_of_each_category() -> None:
    scores, members = _two_groups(4000, (1.0, 6.0))
    later, later_members = _two_groups(20_000, (1.0, 6.0))
    later = np.random.default_rng(9).permutation(later.reshape(-1, 2)).reshape(-1)
    found = _range(scores, members, 3)
    zero, one = np.zeros(20_000), np.ones(20_000)
    low, high = found.apply(zero, zero, one, found.group_used(later_members))
    for group in (1, 2):
        rows = later_members[:, 0] == group
        # scores count downwards for the low end: a score is how far the outcome lies below zero
        held = (-later[rows] >= low[rows]) & (-later[rows] <= high[rows])
        # calibration and test are both samples: the band of the smaller one
        bottom, top = binomial_band(2000, 0.8)
        assert bottom <= held.mean() <= top
    common = _range(scores, members[:, 1:], 1)
    low, high = common.apply(zero, zero, one, common.group_used(later_members[:, 1:]))
    held = (-later >= low) & (-later <= high)
    assert not bottom <= held[later_members[:, 0] == 1].mean() <= top  # control: one for both


def test_a_category_of_few_cases_falls_back_to_its_parent() -> None:
    scores, members = _two_groups(200, (1.0, 5.0))
    members = np.column_stack([members[:, 0], np.full(200, 3), members[:, 1]])
    members[:190, 0] = 1  # ten cases of category 2
    found = _range(scores, members, 4, least=50)
    assert np.isnan(found.low[2])
    assert found.cases.tolist() == [200, 195, 5, 200]
    rows = np.array([[1, 3, 0], [2, 3, 0], [-1, 3, 0], [-1, -1, 0], [2, -1, 0]])
    assert found.group_used(rows).tolist() == [1, 3, 3, 0, 0]


def test_no_range_is_given_where_even_all_are_too_few() -> None:
    scores = np.arange(19.0)
    members = np.zeros((19, 1), dtype=np.int64)
    found = _range(scores, members, 1, least=20)
    assert found.group_used(members[:1]).tolist() == [-1]
    low, high = found.apply(np.zeros(1), np.zeros(1), np.ones(1), found.group_used(members[:1]))
    assert np.isnan([low[0], high[0]]).all()


def test_a_level_that_the_cases_cannot_reach_gives_no_range() -> None:
    members = np.zeros((30, 1), dtype=np.int64)
    found = _range(np.arange(30.0), members, 1, least=20, level=0.95)  # ⌈31 · 0.975⌉ = 31 > 30
    assert found.group_used(members[:1]).tolist() == [-1]


def test_outcomes_that_no_range_reaches_count_as_misses() -> None:
    members = np.zeros((100, 1), dtype=np.int64)
    scores = np.arange(100.0)
    few, many = scores.copy(), scores.copy()
    few[:5], many[:20] = np.inf, np.inf
    calm = np.zeros(100)
    reached = ConformalRange.calibrate(few, calm, members, 1, 0.8, 20, NO_DRIFT)
    lost = ConformalRange.calibrate(many, calm, members, 1, 0.8, 20, NO_DRIFT)
    assert reached.low[ALL] == 95.0  # rank ⌈101 · 0.9⌉ = 91 of 5 … 99, then five infinite
    assert np.isnan(lost.low[ALL])
    assert lost.group_used(members[:1]).tolist() == [-1]


def test_an_offset_counts_in_units_of_the_row() -> None:
    found = ConformalRange(0.8, np.array([0.5]), np.array([0.25]), np.array([100]), NO_DRIFT)
    rows = np.zeros((2, 1), dtype=np.int64)
    low, high = found.apply(
        np.array([10.0, 10]), np.array([20.0, 20]), np.array([2.0, 8]), found.group_used(rows)
    )
    assert (low.tolist(), high.tolist()) == ([9.0, 6.0], [20.5, 22.0])


def test_drift_makes_both_tails_stricter() -> None:
    scores = np.random.default_rng(4).normal(size=500)
    members = np.zeros((500, 1), dtype=np.int64)
    stricter = _range(scores, members, 1, drift=Drift(0.03, 0.02, (1, 2), ((0.1, 0.1),) * 2))
    plain = _range(scores, members, 1)
    assert stricter.low[0] > plain.low[0]
    assert stricter.high[0] > plain.high[0]


def test_a_range_is_the_same_after_json() -> None:
    scores, members = _two_groups(200, (1.0, 5.0))
    drift = Drift(0.03, 0.02, (2020, 2021), ((0.1, 0.2), (0.3, 0.1)))
    found = _range(scores, members, 3, least=150, drift=drift)
    again = ConformalRange.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))
    assert again.drift == drift
    assert again.level == 0.8
    for name in ("low", "high", "cases"):
        assert getattr(again, name).tobytes() == getattr(found, name).tobytes()
    with pytest.raises(KeyError, match="cases"):
        ConformalRange.from_json({"level": 0.8, "low": [], "high": [], "drift": {}})
