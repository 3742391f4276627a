"""Learned standards: where the truth is known, robustly, with the coverage that they promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.field import Label
from features.standards.learned_standard import LearnedStandard
from features.standards.priced_item import Family, Subject
from features.standards.region_groups import RegionGroup, RegionGroups
from tests.training.standards.made_up_prices import PRICE, RISE, groups_of, made_up_prices
from training.split import TimeSplit
from training.standards.approved_prices import ApprovedPrices
from training.standards.cells import difference_beyond_chance, pooled_middles, spread
from training.standards.learning import learned_standards
from training.standards.standards_policy import StandardsPolicy


def regions(count: int) -> RegionGroups:
    return RegionGroups(
        groups=tuple(
            RegionGroup(
                name=name,
                label=Label(zh=name, en=name),
                level="county",
                divisions=divisions,
                price_level=1.0,
            )
            for name, divisions in groups_of(count).items()
        )
    )


def standards(prices: ApprovedPrices, groups: int = 2) -> dict[str, LearnedStandard]:
    """The standards by their group of regions; of bands, the last."""
    return {each.region_group: each for each in every_standard(prices, groups)}


def every_standard(prices: ApprovedPrices, groups: int = 2) -> list[LearnedStandard]:
    split = TimeSplit.of(prices.rounds)
    return learned_standards(prices, regions(groups), split, StandardsPolicy())


def test_the_middle_is_the_price_at_the_index_of_the_last_round() -> None:
    found = standards(made_up_prices())[""]
    index = np.exp(RISE * 5)
    assert found.reference_index == pytest.approx(index, rel=1e-3)
    assert found.mid == pytest.approx(PRICE * index, rel=0.02)
    assert found.low < found.mid < found.high < found.ceiling
    assert (found.n, found.level, found.parent) == (1_200, 0.8, None)


def test_later_prices_lie_in_the_range_as_often_as_it_says() -> None:
    """The control: ranges a third narrower miss the band on the same prices."""
    inside = cases = narrow = 0
    for seed in range(5):
        prices = made_up_prices(seed=seed)
        for found in every_standard(prices):
            if found.region_group:
                continue
            inside, cases = inside + found.measured.inside, cases + found.measured.cases
            rows = (prices.rounds == 2025) & np.array([found.covers(q) for q in prices.scale])
            at = np.log(found.reference_index or 1) - np.log(found.mid)
            last = (prices.price - prices.index)[rows] + at
            low, high = np.log(found.low / found.mid), np.log(found.high / found.mid)
            narrow += int(((last >= low * 2 / 3) & (last <= high * 2 / 3)).sum())
    assert cases == 1_500
    assert 0.76 < inside / cases < 0.84
    assert not 0.76 < narrow / cases < 0.84


def test_a_fifth_of_padded_prices_hardly_moves_the_standard() -> None:
    """The control: a mean moves by far more."""
    honest = made_up_prices()
    padded = honest.price + np.where(np.arange(1_800) % 5 == 0, np.log(3), 0.0)
    moved = standards(replace(honest, price=padded))[""].mid / standards(honest)[""].mid
    assert 1 <= moved < 1.06
    assert np.exp(np.mean(padded) - np.mean(honest.price)) > 1.2


def test_small_groups_borrow_and_large_ones_keep_their_own() -> None:
    effects = (0.0,) * 8 + (0.3,)
    prices = made_up_prices(effects=effects, count=1_800)
    rare = (np.array([item.division for item in prices.items]) != "990801") | (
        np.arange(1_800) % 20 == 0
    )
    everything, few = standards(prices, 9), standards(prices.where(rare), 9)
    own, borrowed = everything["county_9"], few["county_9"]
    assert own.n > 5 * borrowed.n > 0
    assert own.own > borrowed.own
    assert (own.parent, own.mid / everything[""].mid > 1.2) == (everything[""].code, True)
    empty = standards(prices.where(np.array([i.division != "990801" for i in prices.items])), 9)
    assert (empty["county_9"].n, empty["county_9"].own) == (0, 0.0)
    assert empty["county_9"].mid == pytest.approx(empty[""].mid, rel=0.01)


def test_groups_that_do_not_differ_share_one_middle() -> None:
    alike = standards(made_up_prices(effects=(0.0,) * 6), 6)
    assert max(alike[f"county_{n}"].own for n in range(1, 7)) < 0.5
    apart = standards(made_up_prices(effects=(-0.5, -0.3, -0.1, 0.1, 0.3, 0.5)), 6)
    assert min(apart[f"county_{n}"].own for n in range(1, 7)) > 0.95


def test_what_has_no_price_gets_no_standard() -> None:
    prices = made_up_prices()
    scattered = np.random.default_rng(0).normal(8, 1.0, len(prices.price))
    assert standards(replace(prices, price=scattered)) == {}
    assert standards(prices.where(np.arange(1_800) < 40)) == {}  # too few
    assert standards(prices)  # the control


def test_of_lines_beside_the_driver_only_prices_that_follow_the_index_are_told_at_it() -> None:
    prices = made_up_prices()
    side = Subject(Family.LINE, "30201", "批")
    lines = tuple(replace(item, subject=side) for item in prices.items)
    fixed = replace(prices, price=prices.price - prices.index, index=prices.index * 5)
    assert standards(replace(fixed, items=lines))[""].reference_index is None
    assert standards(replace(prices, items=lines, index=prices.index))[""].reference_index
    assert standards(fixed)[""].reference_index  # of whole projects it is published


def test_pooling_against_a_closed_form() -> None:
    """Two groups of equal size and equal distance from the common middle."""
    values = np.concatenate([np.linspace(-0.3, -0.1, 101), np.linspace(0.1, 0.3, 101)])
    parts = {"a": np.arange(101), "b": np.arange(101, 202)}
    chance = np.pi / 2 * spread(np.linspace(-0.1, 0.1, 101)) ** 2 / 101
    between = 0.2**2 - chance
    assert difference_beyond_chance(values, parts) == pytest.approx(np.sqrt(between))
    middles = pooled_middles(values, parts)
    assert middles["b"].own == pytest.approx(between / (between + chance))
    assert middles["b"].value == pytest.approx(0.2 * middles["b"].own)


def test_a_few_lump_sums_that_happen_to_agree_make_no_price() -> None:
    """The control: on their own they would."""
    prices = made_up_prices()
    chance = np.random.default_rng(0)
    few = np.arange(1_800) % 10 == 0
    scattered = np.where(few, prices.price, chance.normal(8, 1.0, len(prices.price)))
    items = tuple(
        replace(item, project_type="agreeing" if few[row] else "lump")
        for row, item in enumerate(prices.items)
    )
    together = replace(prices, price=scattered, items=items)
    assert every_standard(together) == []
    assert every_standard(together.where(few)) != []
