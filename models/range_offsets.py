"""The offsets of several ranges side by side, as they correct many rows at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.operations import Numbers
from models.peers import Groups


class RangeOffsets:
    """The offsets of r ranges for g groups, and how they are applied to n rows.

    A group without both offsets of a range is not used for it; −1 stands for no group.
    """

    def __init__(self, low: Sequence[Numbers], high: Sequence[Numbers]) -> None:
        """Offsets of each range, shape (g,), NaN where a group has none."""
        outwards = np.array([-np.array(low), np.array(high)])
        # The last column, which −1 finds too, is what no group has.
        self._outwards = np.pad(outwards, ((0, 0), (0, 0), (0, 1)), constant_values=np.nan)
        self._usable = ~np.isnan(self._outwards).any(axis=0)
        self._each = np.arange(len(low))[:, None]

    def group_used(self, memberships: Groups) -> Groups:
        """For each range the finest group of each row that has offsets, (r, n); −1 for none.

        Args:
            memberships: (n, depth), finest first.
        """
        depth = self._usable[:, memberships].argmax(axis=2)
        used = memberships[np.arange(len(memberships)), depth]
        return np.where(self._usable[self._each, used], used, -1)

    def apply(self, ends: Numbers, unit: Numbers, used: Groups) -> Numbers:
        """The corrected ends, low and high, (2, r, n); NaN where no group is used.

        Args:
            ends: low and high before, (2, r, n).
            unit: the unit of the scores on the prediction's scale, (r, n).
            used: the group whose offsets count, (r, n).
        """
        return np.asarray(ends + self._outwards[:, self._each, used] * unit, dtype=np.float64)
