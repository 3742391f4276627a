"""The heads of a model side by side: what all of them say, in few operations on arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from features.indicator_table import IndicatorTable
from features.operations import UNKNOWN, Numbers
from models.head import Head, HeadPrediction, contributions_of, positive_logs, summed
from models.peers import Groups
from models.range_offsets import RangeOffsets
from models.raw_range import range_around


class HeadsTogether:
    """h heads over one matrix, which they share, with t terms in all."""

    def __init__(self, heads: Iterable[Head], columns: Sequence[str]) -> None:
        """The heads for a matrix of these columns, the features of each among them."""
        self._heads = [head.over(columns) for head in heads]
        self._relative_to = tuple(
            dict.fromkeys(name for head in self._heads for name in head.declaration.relative_to)
        )
        ends = np.cumsum([len(head.terms) for head in self._heads]).tolist()
        self._terms = [slice(a, b) for a, b in zip([0, *ends], ends, strict=False)]
        self._background = np.concatenate([head.background for head in self._heads], axis=1)
        self._background_sums = np.array([head.background.sum(axis=1) for head in self._heads])
        self._slope = np.array([[head.margin.slope] for head in self._heads])
        self._intercept = np.array([[head.margin.intercept] for head in self._heads])
        none = np.full(len(self._background), UNKNOWN)
        ranges = [head.range for head in self._heads]
        self._offsets = RangeOffsets(
            [each.low if each else none for each in ranges],
            [each.high if each else none for each in ranges],
        )

    def predict(
        self,
        table: IndicatorTable,
        matrix: Numbers,
        memberships: Groups,
        peer: Groups,
        explain: bool,
    ) -> dict[str, HeadPrediction]:
        """What each head says of n rows, with the range and the contributions against the peers.

        Args:
            matrix: (n, columns), the table's rows as the trees want them.
            memberships: (n, depth), the peer groups of each row, finest first.
            peer: (n,), the one it is compared with.
            explain: without it, contributions and base are NaN and cost nothing.
        """
        logs = positive_logs(table, self._relative_to)
        count = len(peer)
        raw, base, contributions = self._walked(matrix, logs, explain)
        offset = np.array([summed(logs, head.declaration, count) for head in self._heads])
        value = self._slope * raw + self._intercept + offset
        low, high, used = self._ranges(raw + offset, matrix, offset, memberships)
        np.minimum(low, value, out=low)
        np.maximum(high, value, out=high)
        base = base + self._background_sums[:, peer]
        contributions = contributions - self._background[peer]
        return {
            head.name: HeadPrediction(
                head.declaration,
                head.terms,
                value[place],
                low[place],
                high[place],
                base[place],
                contributions[:, self._terms[place]],
                used[place],
            )
            for place, head in enumerate(self._heads)
        }

    def _walked(
        self, matrix: Numbers, logs: Mapping[str, Numbers], explain: bool
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Raw predictions (h, n), bases (h, 1) and contributions (n, t) before any comparison."""
        if not explain:
            raw = np.array([head.central.predict(matrix) for head in self._heads])
            contributions = np.full((len(matrix), self._background.shape[1]), UNKNOWN)
            return raw, np.full((len(raw), 1), UNKNOWN), contributions
        found = [head.central.explain(matrix) for head in self._heads]
        bases = self._slope * [[each.base] for each in found] + self._intercept
        parts = [
            contributions_of(head.declaration, head.terms, head.margin, logs, each)
            for head, each in zip(self._heads, found, strict=True)
        ]
        return np.array([each.values for each in found]), bases, np.concatenate(parts, axis=1)

    def _ranges(
        self, middle: Numbers, matrix: Numbers, offset: Numbers, memberships: Groups
    ) -> tuple[Numbers, Numbers, Groups]:
        """Both ends of each range (h, n), and the group that gave it."""
        low, high, unit = middle.copy(), middle.copy(), np.ones_like(middle)
        for place, head in enumerate(self._heads):
            if head.bounds is not None:
                raw = range_around(middle[place], head.bounds, matrix, offset[place])
                low[place], high[place], unit[place] = raw.low, raw.high, raw.unit
        used = self._offsets.group_used(memberships)
        return *self._offsets.apply(low, high, unit, used), used
