"""Arithmetic of calculation lines."""

from __future__ import annotations

import pytest

from features import cost_lines


def test_lines_that_multiply() -> None:
    prices, quantities, amounts = [50.0, 50.0, None], [4.0, 4.0, 1.0], [200.0, 300.0, 10.0]
    assert cost_lines.share_multiplying(prices, quantities, amounts) == 1 / 3
    assert cost_lines.share_multiplying([33.33], [3.0], [100.0]) == 1  # rounded to the fen
    assert cost_lines.share_multiplying([], [], []) == 0


def test_gap_between_the_lines_and_the_request() -> None:
    assert cost_lines.gap_to_total([60.0, 50.0], 100.0) == pytest.approx(0.1)
    assert cost_lines.gap_to_total([60.0, 40.0], 100.0) == 0
    assert cost_lines.gap_to_total([], 100.0) is None
    assert cost_lines.gap_to_total([60.0], 0.0) is None


def test_the_largest_line_and_round_lines() -> None:
    assert cost_lines.largest_share([60.0, 20.0, None, 20.0]) == 0.6
    assert cost_lines.largest_share([]) is None
    assert cost_lines.share_round([20_000.0, 20_500.0], multiple=10_000) == 0.5
    assert cost_lines.share_round([], multiple=10_000) is None


def test_years_of_the_term_that_are_planned() -> None:
    assert cost_lines.years_covered([2025.0, 2026.0], 2025.0, 2028.0) == 0.5
    assert cost_lines.years_covered([2030.0], 2025.0, 2028.0) == 0
    assert cost_lines.years_covered([2025.0], None, 2028.0) == 0


def test_lines_whose_class_fits_what_is_paid_for() -> None:
    words = {"30216": ["培训"], "30215": ["会议"], "31002": ["办公设备"]}
    codes = ["30216", "30215", "30299", None, "30902"]
    tasks = ["业务培训", "业务培训", "其他支出", "会议", "办公设备"]
    # The second is denied and the fourth has no class; 309 and 310 are for the same things.
    assert cost_lines.share_fitting_class(codes, tasks, words=words) == 3 / 5
    assert cost_lines.share_fitting_class(codes, tasks, words={"30299": ["培训"]}) == 2 / 5
    assert cost_lines.share_fitting_class([], [], words=words) == 0
