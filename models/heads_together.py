"""The heads of a model side by side: what all of them say, in few operations on arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from features.indicator_table import IndicatorTable
from features.operations import UNKNOWN, Numbers
from models.head import Head, HeadPrediction, positive_logs
from models.peers import Groups
from models.range_offsets import RangeOffsets
from models.raw_range import range_around
from models.tree_explainer import TreeExplanation


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
        starts = [0, *ends][: len(self._heads)]
        self._features = np.concatenate(
            [
                np.arange(start, start + len(head.central.features))
                for start, head in zip(starts, self._heads, strict=True)
            ]
        )
        self._slope_of_feature = np.concatenate(
            [np.full(len(head.central.features), head.margin.slope) for head in self._heads]
        )
        self._relative = [
            (name, place, starts[place] + head.terms.index(name))
            for place, head in enumerate(self._heads)
            for name in head.declaration.relative_to
        ]
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

    def begun(
        self,
        table: IndicatorTable,
        matrix: Numbers,
        memberships: Groups,
        peer: Groups,
        explain: bool,
    ) -> Callable[[], dict[str, HeadPrediction]]:
        """What gives, once, what each head says of n rows: value, range, contributions.

        The trees of a few rows are walked from now on, whatever is done meanwhile.

        Args:
            matrix: (n, columns), the table's rows as the trees want them.
            memberships: (n, depth), the peer groups of each row, finest first.
            peer: (n,), the one it is compared with.
            explain: without it, contributions and base are NaN and cost nothing.
        """
        walks = _Walks(self._heads, matrix, explain)
        logs = positive_logs(table, self._relative_to)
        offset = np.zeros((len(self._heads), len(peer)))
        for name, head, _ in self._relative:
            offset[head] += logs[name]
        used = self._offsets.group_used(memberships)
        return lambda: self._said(walks, logs, offset, peer, used)

    def _said(
        self,
        walks: _Walks,
        logs: Mapping[str, Numbers],
        offset: Numbers,
        peer: Groups,
        used: Groups,
    ) -> dict[str, HeadPrediction]:
        """What each head says of n rows, with the range and the contributions against the peers."""
        found, ends = walks.finished()
        raw, base, contributions = self._told(found, len(peer), logs)
        value = self._slope * raw + self._intercept + offset
        low, high = self._ranges(raw + offset, ends, offset, used)
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

    def _told(
        self, found: Sequence[TreeExplanation | Numbers], rows: int, logs: Mapping[str, Numbers]
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Raw predictions (h, n), bases (h, 1) and contributions (n, t) before any comparison."""
        explained = [each for each in found if isinstance(each, TreeExplanation)]
        if not explained:
            contributions = np.full((rows, self._background.shape[1]), UNKNOWN)
            return np.array(found), np.full((len(found), 1), UNKNOWN), contributions
        bases = self._slope * [[each.base] for each in explained] + self._intercept
        contributions = np.zeros((rows, self._background.shape[1]))
        parts = np.concatenate([each.contributions for each in explained], axis=1)
        contributions[:, self._features] = self._slope_of_feature * parts
        for name, _, term in self._relative:
            contributions[:, term] += logs[name]
        return np.array([each.values for each in explained]), bases, contributions

    def _ranges(
        self,
        middle: Numbers,
        ends: Sequence[tuple[Numbers, Numbers] | None],
        offset: Numbers,
        used: Groups,
    ) -> tuple[Numbers, Numbers]:
        """Both ends of each range (h, n)."""
        low, high, unit = middle.copy(), middle.copy(), np.ones_like(middle)
        for place, each in enumerate(ends):
            if each is not None:
                of_trees = each[0] + offset[place], each[1] + offset[place]
                raw = range_around(middle[place], of_trees)
                low[place], high[place], unit[place] = raw.low, raw.high, raw.unit
        return self._offsets.apply(low, high, unit, used)


class _Walks:
    """The walks of some rows through the trees of all heads, begun."""

    def __init__(self, heads: Sequence[Head], matrix: Numbers, explain: bool) -> None:
        self._central: list[Callable[[], TreeExplanation] | Callable[[], Numbers]] = [
            head.central.begun(matrix) if explain else head.central.values_begun(matrix)
            for head in heads
        ]
        self._ends = [
            head.bounds
            and (head.bounds[0].values_begun(matrix), head.bounds[1].values_begun(matrix))
            for head in heads
        ]

    def finished(
        self,
    ) -> tuple[list[TreeExplanation | Numbers], list[tuple[Numbers, Numbers] | None]]:
        """What the heads' trees say, and those of their ranges' ends.

        The last begun are asked first: what nobody has walked yet is walked here, while what is
        under way elsewhere comes to its end.
        """
        ends = [each and (each[0](), each[1]()) for each in reversed(self._ends)]
        central = [each() for each in reversed(self._central)]
        return central[::-1], ends[::-1]
