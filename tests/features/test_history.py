"""Execution rates of earlier years."""

from __future__ import annotations

import pytest

from features import history

YEARS = [2022.0, 2024.0, 2023.0, 2025.0]
EXECUTED = [50.0, 90.0, 70.0, 1.0]
BUDGETS = [100.0, 100.0, 100.0, 100.0]


def test_rates_of_the_years_before_the_one_appraised() -> None:
    past = (YEARS, EXECUTED, BUDGETS, 2025.0)
    assert history.latest_rate(*past) == 0.9
    assert history.mean_rate(*past) == pytest.approx(0.7)
    assert history.change_of_rate(*past) == pytest.approx(0.4)
    assert history.share_of_rates_below(*past, limit=0.8) == pytest.approx(2 / 3)


def test_a_later_round_sees_the_year_that_an_earlier_one_did_not() -> None:
    assert history.latest_rate(YEARS, EXECUTED, BUDGETS, 2026.0) == 0.01


def test_no_budget_is_no_rate() -> None:
    years, executed, budgets = [2023.0, 2024.0], [80.0, 80.0], [100.0, 0.0]
    assert history.latest_rate(years, executed, budgets, 2025.0) == 0.8
    assert history.change_of_rate(years, executed, budgets, 2025.0) is None
    assert history.mean_rate([], [], [], 2025.0) is None
    assert history.share_of_rates_below([], [], [], 2025.0, limit=0.8) is None
