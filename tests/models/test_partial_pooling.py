"""Offsets of categories: their own as far as categories differ by more than chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.conformal_quantile import conformal_quantile
from models.partial_pooling import partially_pooled

TAIL = 0.9


def _groups(spreads: list[float], count: int) -> tuple[Any, list[Any]]:
    chance = np.random.default_rng(8)
    scores = np.concatenate([chance.normal(scale=spread, size=count) for spread in spreads])
    group = np.repeat(np.arange(len(spreads)), count)
    return scores, [group == number for number in range(len(spreads))]


def test_categories_alike_share_one_offset_nearly() -> None:
    scores, members = _groups([1.0] * 12, 150)
    common = conformal_quantile(scores, TAIL)
    own = np.array([conformal_quantile(scores[m], TAIL) for m in members])
    found = partially_pooled(scores, members, TAIL)
    assert np.abs(found - common).max() < 0.25 * np.abs(own - common).max()


def test_categories_unlike_keep_their_own() -> None:
    scores, members = _groups([0.1, 1.0, 10.0], 400)
    common = conformal_quantile(scores, TAIL)
    own = np.array([conformal_quantile(scores[m], TAIL) for m in members])
    found = partially_pooled(scores, members, TAIL)
    assert np.abs(found - own).max() < 0.1 * np.abs(common - own).max()


def test_by_hand() -> None:
    # 20 scores: 1…10 in the first group, 11…20 in the second; tail 0.5.
    scores = np.arange(1.0, 21.0)
    members = [scores <= 10, scores > 10]
    # common: rank ⌈21 · 0.5⌉ = 11; own: rank ⌈11 · 0.5⌉ = 6 → 6 and 16
    # missed: 0 of 10 and 9 of 10; between = mean(0.5², 0.4²) − 0.025 = 0.18
    trust = 0.18 / (0.18 + 0.025)
    expected = [11 + trust * (6 - 11), 11 + trust * (16 - 11)]
    assert partially_pooled(scores, members, 0.5) == pytest.approx(expected)


def test_an_offset_lies_between_its_own_and_the_common_one() -> None:
    scores, members = _groups([0.5, 1.0, 2.0], 60)
    common = conformal_quantile(scores, TAIL)
    for found, inside in zip(partially_pooled(scores, members, TAIL), members, strict=True):
        own = conformal_quantile(scores[inside], TAIL)
        assert min(own, common) <= found <= max(own, common)


def test_a_group_too_small_for_the_level_has_no_offset() -> None:
    scores = np.arange(50.0)
    members = [scores < 5, scores >= 0]
    found = partially_pooled(scores, members, TAIL)
    assert np.isinf(found[0])
    assert np.isfinite(found[1])


def test_where_the_common_offset_is_out_of_reach_nothing_is_pooled() -> None:
    scores = np.concatenate([np.arange(100.0), np.full(60, np.inf)])
    members = [np.arange(160) < 100, np.arange(160) >= 0]
    found = partially_pooled(scores, members, TAIL)
    assert found[0] == conformal_quantile(scores[:100], TAIL)
    assert np.isinf(found[1])


def test_no_groups_have_no_offsets() -> None:
    assert partially_pooled(np.arange(5.0), [], TAIL).shape == (0,)
