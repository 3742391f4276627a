"""The heads of a model side by side: what all of them say, in few operations on arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from features.indicator_table import IndicatorTable
from features.operations import UNKNOWN, Numbers
from models.head import Head, HeadPrediction, positive_logs
from models.peers import Groups
from models.range_offsets import RangeOffsets
from models.raw_range import least_unit, range_around
from models.walks import Walks


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
        self._slope_of_term = np.concatenate(
            [np.full(len(head.terms), head.margin.slope) for head in self._heads]
        )
        self._relative = [
            (name, place, starts[place] + head.terms.index(name))
            for place, head in enumerate(self._heads)
            for name in head.declaration.relative_to
        ]
        self._background = np.concatenate([head.background for head in self._heads], axis=1)
        self._slope = np.array([[head.margin.slope] for head in self._heads])
        self._intercept = np.array([[head.margin.intercept] for head in self._heads])
        trees = [head.central.explainer for head in self._heads]
        bases = self._slope * [[each.program.base] for each in trees] + self._intercept
        self._bases = bases + [head.background.sum(axis=1) for head in self._heads]
        bounds = [head.bounds for head in self._heads if head.bounds]
        of_ends = [(each[end].explainer, -1) for end in (0, 1) for each in bounds]
        explained = list(zip(trees, starts, strict=True))
        self._walks = Walks([*explained, *of_ends], len(self._slope_of_term))
        # Where the ends have no trees of their own, both are the middle.
        bounded = [place for place, head in enumerate(self._heads) if head.bounds]
        self._ends = np.array([range(len(self._heads))] * 2)
        self._ends[:, bounded] = len(self._heads) + np.arange(len(of_ends)).reshape(2, -1)
        self._least_unit = np.array([[least_unit(head.bounds)] for head in self._heads])
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
        walked = self._walks.begun(matrix, explain)
        logs = positive_logs(table, self._relative_to)
        offset = np.zeros((len(self._heads), len(peer)))
        for name, head, _ in self._relative:
            offset[head] += logs[name]
        used = self._offsets.group_used(memberships)
        return lambda: self._said(walked, logs, offset, peer, used)

    def _said(
        self,
        walked: Callable[[], tuple[Numbers, Numbers]],
        logs: Mapping[str, Numbers],
        offset: Numbers,
        peer: Groups,
        used: Groups,
    ) -> dict[str, HeadPrediction]:
        """What each head says of n rows, with the range and the contributions against the peers."""
        predicted, parts = walked()
        raw = predicted[: len(self._heads)]
        values = self._slope * raw + self._intercept + offset
        low, high = predicted[self._ends] + offset
        ranges = range_around(raw + offset, low, high, self._least_unit)
        lows, highs = self._offsets.apply(np.array([ranges.low, ranges.high]), ranges.unit, used)
        np.minimum(lows, values, out=lows)
        np.maximum(highs, values, out=highs)
        bases, contributions = self._against_peers(parts, logs, peer)
        told = zip(self._heads, values, lows, highs, bases, self._terms, used, strict=True)
        return {
            head.name: HeadPrediction(
                *(head.declaration, head.terms, value, low, high, base),
                *(contributions[:, terms], group),
            )
            for head, value, low, high, base, terms, group in told
        }

    def _against_peers(
        self, parts: Numbers, logs: Mapping[str, Numbers], peer: Groups
    ) -> tuple[Numbers, Numbers]:
        """Bases (h, n) and contributions (n, t) against the peers.

        Args:
            parts: what the trees tell of each term, (n, t); (n, 0) where that is not wanted.
        """
        if not parts.shape[1]:
            unknown = np.full((len(peer), len(self._slope_of_term)), UNKNOWN)
            return np.full((len(self._heads), len(peer)), UNKNOWN), unknown
        contributions = self._slope_of_term * parts
        for name, _, term in self._relative:
            contributions[:, term] += logs[name]
        contributions -= self._background[peer]
        return self._bases[:, peer], contributions
