"""A rise of prices is found; where nothing moved, alarms are as rare as they promise."""

from __future__ import annotations

import numpy as np
import pytest

from tests.standards import learned, library
from tests.training.standards.made_up_prices import RISE, made_up_prices
from training.standards.approved_prices import ApprovedPrices
from training.standards.price_drift import ALPHA, price_drifts, winnings

STANDARD = learned(
    family="project", economic_code="", project_type="repair", mid=100.0, reference_index=1.0
)
LIBRARY = library(learned=(STANDARD,))


def revised(prices: ApprovedPrices) -> bool:
    return any(each.revise for each in price_drifts(prices, LIBRARY, 2022))


def test_a_rise_is_found_with_its_size_and_its_round() -> None:
    prices = made_up_prices(count=1_200, shift=0.12, shifted_from=2024)
    [found] = price_drifts(prices, LIBRARY, 2022)
    assert (found.revise, found.since) == (True, 2024)
    assert 0.05 < found.shift < 0.13
    steady = made_up_prices(count=1_200)
    assert not revised(steady)


def test_a_fall_is_found_too() -> None:
    assert revised(made_up_prices(count=1_200, shift=-0.12, shifted_from=2023))


def test_what_did_not_move_alarms_no_more_often_than_promised() -> None:
    """The control: a test that looks at every price without paying for it alarms far more often."""
    alarms = naive = 0
    for seed in range(200):
        prices = made_up_prices(count=300, seed=seed)
        alarms += revised(prices)
        late = prices.rounds > 2022
        above = np.sign(prices.price - prices.index - np.log(100))[late]
        sums = np.cumsum(above) / np.sqrt(np.arange(1, late.sum() + 1))
        naive += bool((np.abs(sums[20:]) > 1.96).any())
    assert alarms / 200 <= ALPHA
    assert naive / 200 > 3 * ALPHA


def test_winnings_are_those_of_a_fair_game() -> None:
    """Over all outcomes of four fair bets they are 1 on average, and right bets win."""
    every = np.array(np.meshgrid(*[[1.0, -1.0]] * 4)).reshape(4, -1).T
    assert np.mean([winnings(bets)[-1] for bets in every]) == pytest.approx(1.0)
    assert winnings(np.ones(30))[-1] > 1_000
    assert winnings(-np.ones(30))[-1] < 0.1


def test_few_prices_say_nothing() -> None:
    prices = made_up_prices(count=30, shift=1.0, shifted_from=2020)
    assert price_drifts(prices, LIBRARY, 2022) == []
    assert RISE > 0  # prices that rise with the published index are no drift
