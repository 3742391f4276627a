"""Rounded for people, and still exact: parts that add up, factors that multiply."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.rounding import round_factors, round_significant, round_steps

POINT = Decimal("0.1")


def round_parts(parts: list[float], unit: Decimal) -> list[Decimal]:
    """The parts as they are shown."""
    return [steps * unit for steps in round_steps(parts, float(unit))]


PARTS = st.lists(st.floats(-100, 100), min_size=1, max_size=80)


@given(PARTS, st.sampled_from([Decimal("0.1"), Decimal("0.01"), Decimal("0.001")]))
@example([0.04] * 30, POINT)  # thirty small ones make a visible sum
@example([-0.04, 0.04], POINT)
def test_parts_add_up_to_the_rounded_sum_exactly(parts: list[float], unit: Decimal) -> None:
    shown = round_parts(parts, unit)
    assert sum(shown) == Decimal(round(math.fsum(p / float(unit) for p in parts))) * unit
    for part, told in zip(parts, shown, strict=True):
        assert told % unit == 0
        assert abs(float(told) - part) < float(unit) * (1 + 1e-9)
        assert told * Decimal(part) >= 0  # no part changes its sign


def _largest_remainder(parts: list[float], unit: Decimal) -> list[Decimal]:
    """Hare–Niemeyer as it is told: floors first, then one more to each of the most short."""
    exact = [part / float(unit) for part in parts]
    shares = [math.floor(value) for value in exact]
    wanting = round(math.fsum(exact)) - sum(shares)
    short = sorted(range(len(parts)), key=lambda i: (shares[i] - exact[i], i))
    return [(shares[i] + (short.index(i) < wanting)) * unit for i in range(len(parts))]


TIED = st.sampled_from([-0.25, -0.05, 0.0, 0.025, 0.05, 0.15, 0.25, 1.0])


@given(st.lists(TIED | st.floats(-100, 100), max_size=60), st.sampled_from(["0.1", "0.01"]))
@example([0.05] * 7, "0.1")
def test_parts_are_those_of_the_largest_remainders(parts: list[float], unit: str) -> None:
    told = _largest_remainder(parts, Decimal(unit))
    assert round_parts(parts, Decimal(unit)) == told


def test_control_ties_that_go_to_the_later_part_are_noticed() -> None:
    parts = [0.05, 0.05]
    assert round_parts(parts, POINT) == [POINT, 0]
    assert round_parts(parts, POINT) != round_parts(parts[::-1], POINT)[::-1]


def test_rounding_by_hand() -> None:
    # 0.14 + 0.14 + 0.14 = 0.42 → 0.4, four tenths for three parts of one each: the first gains
    assert round_parts([0.14, 0.14, 0.14], POINT) == [Decimal("0.2"), POINT, POINT]
    assert round_parts([-0.14, 0.04], POINT) == [Decimal("-0.1"), Decimal("0.0")]
    assert round_parts([0.0, 2.0], POINT) == [0, 2]


def test_control_rounding_each_part_alone_does_not_add_up() -> None:
    parts = [0.14, 0.14, 0.14]
    assert sum(Decimal(str(round(part, 1))) for part in parts) != sum(round_parts(parts, POINT))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (1234.5, "1230"),
        (2_235_000, "2.24E+6"),
        (0.0012345, "0.00123"),
        (999.6, "1.00E+3"),
        (-12345, "-1.23E+4"),
        (Decimal("1.225"), "1.22"),  # half to even
        (Decimal("1.235"), "1.24"),
    ],
)
def test_three_significant_digits(value: float, shown: str) -> None:
    assert round_significant(value) == Decimal(shown)


@given(st.floats(-1e15, 1e15, allow_subnormal=False), st.integers(1, 6))
@example(0.5, 1)
@example(2.5, 1)
@example(1225.0, 3)
def test_a_float_is_rounded_like_its_exact_decimal(value: float, digits: int) -> None:
    assert round_significant(value, digits) == round_significant(Decimal(value), digits)


LOGS = st.lists(st.floats(-1.5, 1.5) | st.just(0.0) | st.floats(-1e-5, 1e-5), max_size=60)


@given(st.floats(1e-3, 1e12), LOGS)
def test_factors_multiply_to_the_amount_as_shown(base: float, logs: list[float]) -> None:
    shown_base, factors, amount = round_factors(base, logs)
    assert round_significant(math.prod(factors, start=shown_base)) == amount
    assert amount == round_significant(base * math.exp(math.fsum(logs)))
    for log, factor in zip(logs, factors, strict=True):
        assert factor > 0
        assert (factor - 1) * Decimal(log) >= 0  # a factor keeps its side of 1
        assert log != 0 or factor == 1  # what moves nothing is not told as moving
        assert float(factor) == pytest.approx(math.exp(log), rel=0.004)
    assert float(shown_base) == pytest.approx(base, rel=0.004)


def test_control_factors_rounded_alone_do_not_multiply() -> None:
    base, logs = 1234.0, [0.0004] * 40
    shown_base, factors, amount = round_factors(base, logs)
    naive = [round_significant(math.exp(log), 4) for log in logs]
    assert round_significant(math.prod(naive, start=shown_base)) != amount
    assert round_significant(math.prod(factors, start=shown_base)) == amount
