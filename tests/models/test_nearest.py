"""The nearest of many points: the same bits in C and in NumPy."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.operations import Numbers
from models import nearest as module
from models.nearest import frame, nearest, nearest_in_numpy

compiled_here = pytest.mark.skipif(nearest is nearest_in_numpy, reason="no C compiler here")

NUMBER = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 2.0, 1e-300, 1e300]), st.floats(-1e6, 1e6, width=32)
)


@compiled_here
@given(st.data(), st.integers(1, 20), st.integers(0, 150), st.integers(0, 160))
def test_c_gives_the_bits_of_numpy(
    data: st.DataObject, features: int, members: int, count: int
) -> None:
    def drawn(rows: int, of: st.SearchStrategy[float]) -> Numbers:
        values = data.draw(st.lists(of, min_size=rows * features, max_size=rows * features))
        return np.array(values, dtype=np.float64).reshape(rows, features)

    few = drawn(min(members, 4), NUMBER)  # the same ones again and again: ties
    points = np.ascontiguousarray(np.resize(few, (members, features)).T)
    unit, limit = np.abs(drawn(2, st.floats(-1e6, 1e6))) + 0.5
    placed = frame(*drawn(2, NUMBER), unit, limit)
    (row,) = drawn(1, st.one_of(NUMBER, st.just(math.nan)))
    told = nearest(points, members, placed, row, count)
    expected = nearest_in_numpy(points, members, placed, row, count)
    assert [(place, distance.hex()) for place, distance in told] == [
        (place, distance.hex()) for place, distance in expected
    ]


@compiled_here
def test_many_points_in_many_features() -> None:
    draw = np.random.default_rng(6)
    points, row = draw.normal(size=(16, 5_000)), draw.normal(size=16)
    placed = frame(np.zeros(16), np.zeros(16), np.ones(16), np.full(16, 3.0))
    for members in (1, 2, 3, 63, 64, 65):
        some = np.ascontiguousarray(points[:, :members])
        told = nearest(some, members, placed, row, members)
        assert told == nearest_in_numpy(some, members, placed, row, members)
    told = nearest(points, 5_000, placed, row, 7)
    assert told == nearest_in_numpy(points, 5_000, placed, row, 7)
    assert told == nearest(points, 5_000, placed, row, 5_000)[:7]
    nearer = frame(np.zeros(16), np.zeros(16), np.ones(16), np.full(16, 0.1))
    assert told != nearest(points, 5_000, nearer, row, 7)  # control: the limit counts


@pytest.mark.parametrize("found", [nearest, nearest_in_numpy])
def test_by_hand(found: Callable[..., list[tuple[int, float]]]) -> None:
    points = np.array([[0.0, 4.0, 1.0, 1.0]])
    placed = frame(np.array([9.0]), np.array([1.0]), np.array([2.0]), np.array([3.0]))
    assert found(points, 4, placed, np.array([5.0]), 3) == [(2, 1.0), (3, 1.0), (0, 2.0)]
    unknown = found(points, 4, placed, np.array([math.nan]), 4)  # counts as 9, which lies at 4
    assert unknown == [(1, 0.0), (0, 3.0), (2, 3.0), (3, 3.0)]  # 4 apart counts as 3
    assert found(points, 4, placed, np.array([5.0]), 0) == []
    assert found(np.empty((1, 0)), 0, placed, np.array([5.0]), 5) == []


@compiled_here
@pytest.mark.parametrize("members", [3, 5])
def test_sizes_that_do_not_fit_are_refused(members: int) -> None:
    placed = frame(*np.ones((4, 2)))
    with pytest.raises(ValueError, match="buffers of other sizes"):
        nearest(np.ones((2, 4)), members, placed, np.ones(2), 1)
    with pytest.raises(ValueError, match="buffers of other sizes"):
        nearest(np.ones((2, 4)), 4, placed, np.ones(3), 1)
    with pytest.raises(ValueError, match="buffers of other sizes"):
        nearest(np.ones((2, 4)), 4, placed, np.ones(2), -1)


_WITHOUT = """
import sys
sys.modules["models._nearest"] = None  # as where there was no C compiler
from models.nearest import nearest, nearest_in_numpy
print(nearest is nearest_in_numpy)
"""


def test_without_a_compiler_numpy_does_it() -> None:
    root = Path(module.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True"]
