"""A head: one thing predicted, with its range and the contributions that add up to it.

All three kinds share one additive scale, on which base + contributions = prediction: points for a
score, the natural logarithm of the amount for an amount, calibrated log-odds for a probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np

from features.head_declaration import HeadDeclaration
from features.indicator_table import IndicatorTable, Vocabulary, feature_matrix
from features.operations import UNKNOWN, Numbers
from models.conformal import ConformalRange
from models.margin_map import MarginMap
from models.peers import Groups
from models.raw_range import RawRange, raw_range
from models.tree_explainer import TreeExplanation
from models.trees import Trees


class HeadPrediction(NamedTuple):
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
        return self.margin(self.central.predict(matrix)) + self.offset(table)

    def raw_range(self, table: IndicatorTable, vocabulary: Vocabulary) -> RawRange:
        """The range before its conformal correction."""
        matrix = feature_matrix(table, self.central.features, vocabulary)
        return raw_range(self.central, self.bounds, matrix, self.offset(table))

    def offset(self, table: IndicatorTable) -> Numbers:
        """The logarithm of what the amount is relative to, shape (n,); 0 for other heads."""
        return offset(table, self.declaration)

    def over(self, columns: Sequence[str]) -> Head:
        """The same head for a matrix of these columns, which other heads may share."""
        bounds = self.bounds and (self.bounds[0].over(columns), self.bounds[1].over(columns))
        return replace(self, central=self.central.over(columns), bounds=bounds)


def terms(declaration: HeadDeclaration, features: tuple[str, ...]) -> tuple[str, ...]:
    """What contributes to a head: the trees' features, then what an amount is relative to."""
    return features + tuple(n for n in declaration.relative_to if n not in features)


def contributions_of(
    declaration: HeadDeclaration,
    named: tuple[str, ...],
    margin: MarginMap,
    logs: Mapping[str, Numbers],
    explanation: TreeExplanation,
) -> Numbers:
    """Contributions before any comparison, shape (n, terms).

    Args:
        named: the head's terms, the features of its trees first.
        logs: of what an amount is relative to, as `positive_logs` gives them.
        explanation: of the trees, row by row of the table.
    """
    rows, features = explanation.contributions.shape
    found = np.zeros((rows, len(named)))
    np.multiply(margin.slope, explanation.contributions, out=found[:, :features])
    for name in declaration.relative_to:
        found[:, named.index(name)] += logs[name]
    return found


def offset(table: IndicatorTable, declaration: HeadDeclaration) -> Numbers:
    """The sum of the logarithms of what an amount is relative to, shape (n,)."""
    logs = positive_logs(table, declaration.relative_to).values()
    return reduce(np.add, logs) if logs else np.zeros(table.length)


def positive_logs(table: IndicatorTable, names: Iterable[str]) -> dict[str, Numbers]:
    """The logarithm of each of these columns, shape (n,); unknown where it is not positive."""
    found = {}
    for name in names:
        column = table[name]
        found[name] = np.full(column.shape, UNKNOWN)
        np.log(column, out=found[name], where=column > 0)
    return found
