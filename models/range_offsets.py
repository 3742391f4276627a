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
        # The last column, which −1 finds too, is what no group has.
        self._low, self._high = (
            np.pad(np.array(each), ((0, 0), (0, 1)), constant_values=np.nan) for each in (low, high)
        )
        self._usable = ~np.isnan(self._low) & ~np.isnan(self._high)
        self._each = np.arange(len(low))[:, None]

    def group_used(self, memberships: Groups) -> Groups:
        """For each range the finest group of each row that has offsets, (r, n); −1 for none.

        Args:
            memberships: (n, depth), finest first.
        """
        depth = self._usable[:, memberships].argmax(axis=2)
        used = memberships[np.arange(len(memberships)), depth]
        return np.where(self._usable[self._each, used], used, -1)

    def apply(
        self, low: Numbers, high: Numbers, unit: Numbers, used: Groups
    ) -> tuple[Numbers, Numbers]:
        """The corrected ends, (r, n) as all that is given; NaN where no group is used.

        Args:
            unit: the unit of the scores on the prediction's scale.
        """
        place = self._each, used
        return low - self._low[place] * unit, high + self._high[place] * unit
