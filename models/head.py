"""A head: one thing predicted, with its range and the contributions that add up to it.

All three kinds share one additive scale, on which base + contributions = prediction: points for a
score, the natural logarithm of the amount for an amount, calibrated log-odds for a probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from features.head_declaration import HeadDeclaration
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix
from features.operations import UNKNOWN, Numbers
from models.conformal import ConformalRange, Groups
from models.margin_map import MarginMap
from models.raw_range import RawRange, range_around, raw_range
from models.tree_explainer import TreeExplanation
from models.trees import Trees


@dataclass(frozen=True)
class HeadPrediction:
    """What one head says of n projects, on its additive scale; NaN where it cannot say.

    base: (n,), the mean prediction of the project's peers.
    contributions: (n, terms), how far each term moved the prediction from that base.
    value: (n,), base + contributions. low, high: (n,), the range at the head's level.
    range_group: (n,), the peer group that gave the range, −1 where there is none.
    """

    declaration: HeadDeclaration
    terms: tuple[str, ...]
    value: Numbers
    low: Numbers
    high: Numbers
    base: Numbers
    contributions: Numbers
    range_group: Groups


@dataclass(frozen=True)
class Head:
    """Trees, their calibration, and the mean contributions of each peer group.

    central: predicts the value; bounds: predict the raw low and high (None: both are the value).
    margin: identity except for a probability. background: (groups, terms), each peer group's mean
    contribution of each term on the additive scale; importance: (terms,), how far each term moves
    a prediction from that mean on average.
    """

    declaration: HeadDeclaration
    central: Trees
    bounds: tuple[Trees, Trees] | None
    margin: MarginMap
    range: ConformalRange | None
    background: Numbers
    importance: Numbers

    @property
    def name(self) -> str:
        """The head's name in the catalogue."""
        return self.declaration.name

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The indicators that contribute: the features, then those the amount is relative to."""
        return terms(self.declaration, self.central.features)

    def value(self, table: IndicatorTable, vocabulary: Vocabulary) -> Numbers:
        """The prediction of each row on the additive scale, shape (n,)."""
        matrix = feature_matrix(table, self.central.features, vocabulary)
        return self._value(self.central.predict(matrix), self.offset(table))

    def raw_range(self, table: IndicatorTable, vocabulary: Vocabulary) -> RawRange:
        """The range before its conformal correction."""
        matrix = feature_matrix(table, self.central.features, vocabulary)
        return raw_range(self.central, self.bounds, matrix, self.offset(table))

    def offset(self, table: IndicatorTable) -> Numbers:
        """The logarithm of what the amount is relative to, shape (n,); 0 for other heads."""
        return offset(table, self.declaration)

    def _value(self, raw: Numbers, offset: Numbers) -> Numbers:
        return self.margin(raw) + offset

    def over(self, columns: Sequence[str]) -> Head:
        """The same head for a matrix of these columns, which other heads may share."""
        bounds = self.bounds and (self.bounds[0].over(columns), self.bounds[1].over(columns))
        return replace(self, central=self.central.over(columns), bounds=bounds)

    def predict(
        self,
        table: IndicatorTable,
        matrix: Numbers,
        memberships: Groups,
        peer: Groups,
        explain: bool = True,
    ) -> HeadPrediction:
        """The prediction of each row with its range and its contributions against its peers.

        Args:
            matrix: (n, columns), the table's rows as the trees want them.
            memberships: (n, depth), the peer groups of each row.
            peer: (n,), the one it is compared with.
        """
        offset = self.offset(table)
        if explain:  # one walk through the trees gives the value and the reasons
            found = self.central.explain(matrix)
            raw = found.values
            contributions, base = contributions_of(
                self.declaration, self.terms, self.margin, table, found
            )
        else:
            raw = self.central.predict(matrix)
            contributions = np.full((table.length, len(self.terms)), UNKNOWN)
            base = np.full(table.length, UNKNOWN)
        value = self._value(raw, offset)
        background = self.background[peer]
        low, high, used = self._range(raw + offset, matrix, offset, memberships)
        return HeadPrediction(
            self.declaration,
            self.terms,
            value,
            np.minimum(low, value),
            np.maximum(high, value),
            base + self._background_sums[peer],
            contributions - background,
            used,
        )

    @cached_property
    def _background_sums(self) -> Numbers:
        """The sum of each peer group's mean contributions, shape (groups,)."""
        return np.asarray(self.background.sum(axis=1), dtype=np.float64)

    def _range(
        self, middle: Numbers, matrix: Numbers, offset: Numbers, memberships: Groups
    ) -> tuple[Numbers, Numbers, Groups]:
        if self.range is None:
            nothing = np.full(len(middle), UNKNOWN)
            return nothing, nothing, np.full(len(middle), -1, dtype=np.int64)
        raw = range_around(middle, self.bounds, matrix, offset)
        used = self.range.group_used(memberships)
        low, high = self.range.apply(raw.low, raw.high, raw.unit, used)
        return low, high, used


def terms(declaration: HeadDeclaration, features: tuple[str, ...]) -> tuple[str, ...]:
    """What contributes to a head: the trees' features, then what an amount is relative to."""
    return features + tuple(n for n in declaration.relative_to if n not in features)


def contributions_of(
    declaration: HeadDeclaration,
    named: tuple[str, ...],
    margin: MarginMap,
    table: IndicatorTable,
    explanation: TreeExplanation,
) -> tuple[Numbers, Numbers]:
    """Contributions before any comparison, shape (n, terms), and their base, shape (n,).

    Args:
        named: the head's terms, the features of its trees first.
        explanation: of the trees, row by row of the table.
    """
    found = np.zeros((table.length, len(named)))
    features = explanation.contributions.shape[1]
    np.multiply(margin.slope, explanation.contributions, out=found[:, :features])
    for name in declaration.relative_to:
        found[:, named.index(name)] += _positive_log(table[name])
    return found, margin(np.full(table.length, explanation.base))


def offset(table: IndicatorTable, declaration: HeadDeclaration) -> Numbers:
    """The sum of the logarithms of what an amount is relative to, shape (n,)."""
    logs = [_positive_log(table[name]) for name in declaration.relative_to]
    return np.sum(logs, axis=0) if logs else np.zeros(table.length)


def _positive_log(column: Numbers) -> Numbers:
    result = np.full(column.shape, UNKNOWN)
    np.log(column, out=result, where=column > 0)
    return result
