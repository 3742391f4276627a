"""Offsets of ranges side by side: each its own, from the finest group that has any."""

from __future__ import annotations

import numpy as np

from models.range_offsets import RangeOffsets

NO = np.nan
# the first range has offsets for groups 0 and 2, the second for group 0 alone
OFFSETS = RangeOffsets(
    [np.array([1.0, 5, 3]), np.array([10.0, NO, NO])],
    [np.array([2.0, NO, 4]), np.array([20.0, 7, NO])],
)
MEMBERSHIPS = np.array([[2, 1, 0], [1, -1, 0], [-1, -1, -1]])


def test_the_finest_group_that_has_both_offsets_is_used() -> None:
    assert OFFSETS.group_used(MEMBERSHIPS).tolist() == [[2, 0, -1], [0, 0, -1]]


def test_ends_move_outwards_by_the_offset_in_units() -> None:
    used = OFFSETS.group_used(MEMBERSHIPS)
    middle, unit = np.zeros((2, 3)), np.array([[1.0, 1, 1], [0.5, 2, 1]])
    low, high = OFFSETS.apply(np.array([middle, middle]), unit, used)
    np.testing.assert_array_equal(low, [[-3, -1, NO], [-5, -20, NO]])
    np.testing.assert_array_equal(high, [[4, 2, NO], [10, 40, NO]])
