"""The order of reasons: the same in C and in Python, and by hand."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import reason_order as module
from models.part_scale import FACTORS, POINTS, PartScale
from models.reason_order import Joint, in_order, in_order_in_python
from models.rounding import round_steps, round_steps_in_python

compiled_here = pytest.mark.skipif(in_order is in_order_in_python, reason="no C compiler here")
BOTH = pytest.mark.parametrize("order", [in_order, in_order_in_python])

TERMS = st.integers(0, 40)
STEPS = st.integers(-3, 3) | st.integers(-100_000, 100_000)
MOVES = st.sampled_from([0.0, -0.0, 0.5, -0.5, 1e-9]) | st.floats(-50, 50)
FACTOR = st.sampled_from([Decimal("1.000"), Decimal("1.25"), Decimal("0.8"), Decimal("0.9999")])


def _drawn(data: st.DataObject, count: int, of: st.SearchStrategy[Any]) -> list[Any]:
    return data.draw(st.lists(of, min_size=count, max_size=count))


@compiled_here
@given(st.data(), TERMS, st.booleans(), st.booleans())
def test_c_gives_what_python_gives(
    data: st.DataObject, count: int, of_factors: bool, with_odds: bool
) -> None:
    scale: PartScale[Any] = FACTORS if of_factors else POINTS
    parts = _drawn(data, count, FACTOR if of_factors else STEPS)
    odds = _drawn(data, count, st.integers(-2, 2)) if with_odds else None
    moves = _drawn(data, count, MOVES)
    sides = tuple(_drawn(data, count, st.sampled_from([None, -1, 0, 1])))
    ranks = data.draw(st.permutations(range(count)))
    terms = [
        (data.draw(st.integers(0, count - 1)), data.draw(st.integers(-1, 1)), rank, rank % 3)
        for rank in ranks
    ]
    in_short = np.array(terms, dtype=np.int32).reshape(count, 4)
    given_ = (parts, scale.moved(parts), odds, moves, sides, in_short, scale.joined, Joint)
    assert in_order(*given_) == in_order_in_python(*given_)


def _told(order: Any, parts: list[int], sides: tuple[Any, ...], **other: Any) -> Any:
    """The order of terms of two dimensions, all of a free direction."""
    count = len(parts)
    in_short = np.array([(n, 0, n, n % 2) for n in range(count)], dtype=np.int32)
    moves = other.get("moves", [float(part) for part in parts])
    odds = other.get("odds")
    return order(parts, parts, odds, moves, sides, in_short, POINTS.joined, Joint)


@BOTH
def test_by_hand(order: Any) -> None:
    above, same = 1, None
    assert _told(order, [1, -3, 0, 2], (above,) * 4) == [1, 3, 0]
    assert _told(order, [2, -2, 0, 2], (above,) * 4, moves=[1.9, -2.1, 0.0, 1.9]) == [1, 0, 3]
    told = _told(order, [1, 2, 4, -2], (same,) * 4)
    assert told == [Joint([0, 2], 5, 0)]  # 2 and −2 cancel out as shown
    told = _told(order, [1, 2, 4, -2], (same,) * 4, odds=[0, 1, 0, 1])
    assert told == [Joint([0, 2], 5, 0), Joint([1, 3], 0, 2)]
    assert _told(order, [5, 1, 2, 4], (above, same, above, same)) == [0, Joint([1, 3], 5, 0), 2]
    assert _told(order, [0, 0], (above,) * 2, odds=[0, 3]) == [1]
    assert _told(order, [], ()) == []


@BOTH
def test_a_move_against_the_declared_direction_is_told_jointly(order: Any) -> None:
    def told(expected: int, side: int) -> Any:
        in_short = np.array([(0, expected, 0, 0)], dtype=np.int32)
        return order([2], [2], None, [0.2], (side,), in_short, POINTS.joined, Joint)

    assert told(1, 1) == told(-1, -1) == told(-1, 0) == told(0, 1) == told(0, -1) == [0]
    assert told(1, -1) == told(-1, 1) == [Joint([0], 2, 0)]


@BOTH
@pytest.mark.parametrize("short", range(4))
def test_lists_of_other_lengths_are_refused(order: Any, short: int) -> None:
    lists = [[1, 2], [1, 2], [0, 0], [0.1, 0.2]]
    lists[short] = lists[short][:1]
    in_short = np.array([(0, 0, 0, 0), (0, 0, 1, 1)], dtype=np.int32)
    with pytest.raises((ValueError, IndexError)):
        order(*lists, (None,), in_short, POINTS.joined, Joint)


@compiled_here
def test_what_goes_wrong_within_is_raised_and_nothing_is_kept() -> None:
    in_short = np.array([(0, 0, 0, 0), (0, 0, 1, 1)], dtype=np.int32)

    def joined(parts: list[int]) -> tuple[int, float]:
        if parts == [2]:
            raise ArithmeticError("these do not go together")
        return parts[0], parts[0]

    made: list[Any] = []

    class Kept(Joint):
        def __new__(cls, *of: Any) -> Any:
            made.append(Joint.__new__(cls, *of))
            return made[-1]

    with pytest.raises(ArithmeticError, match="do not go together"):
        in_order([1, 2], [1, 2], None, [0.1, 0.2], (None,), in_short, joined, Kept)
    alike = [Joint([0], 1, 0)]
    references, expected = sys.getrefcount(made[0]), sys.getrefcount(alike[0])
    assert references == expected
    for wrong in (
        ([1, "2"], [1, "2"], None, [0.1, 0.2], (None,), in_short, joined, Joint),
        ([1, 2], [1, 2], None, [0.1, None], (0,), in_short, joined, Joint),
        ([1, 2], [1, 2], 5, [0.1, 0.2], (0,), in_short, joined, Joint),
        ([1, 2], [1, 2], None, [0.1, 0.2], (), in_short, joined, Joint),
        ([1, 2], [1, 2], None, [0.1, 0.2], ("above",), in_short, joined, Joint),
    ):
        with pytest.raises((TypeError, ValueError)):
            in_order(*wrong)  # type: ignore[arg-type]


TIED = st.sampled_from([-0.25, -0.05, 0.0, -0.0, 0.025, 0.05, 0.15, 0.25, 1.0])


@given(st.lists(TIED | st.floats(-1e9, 1e9), max_size=60), st.sampled_from([0.1, 0.001]))
def test_parts_are_rounded_alike(parts: list[float], unit: float) -> None:
    assert round_steps(parts, unit) == round_steps_in_python(parts, unit)


@pytest.mark.parametrize("part", [1e16, -1e300, float("inf"), float("nan")])
def test_too_many_units_are_refused(part: float) -> None:
    with pytest.raises(OverflowError, match=r"2\*\*53 units"):
        round_steps([1.0, part], 0.1)
    with pytest.raises(OverflowError, match=r"2\*\*53 units"):
        round_steps_in_python([1.0, part], 0.1)


_WITHOUT = """
import sys
sys.modules["models._reasons"] = None  # as where there was no C compiler
from models import reason_order, rounding
print(reason_order.in_order is reason_order.in_order_in_python)
print(rounding.round_steps is rounding.round_steps_in_python)
"""


def test_without_a_compiler_python_does_it() -> None:
    root = Path(module.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]
