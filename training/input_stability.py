"""Stability of inputs: how far each has moved since the rounds learned from, as an effect size.

The measure is the population stability index, Σ (p − q) ln (p ÷ q) over tenths of the earlier
values (codes of a category), with a bin of its own for what is unknown. Chance alone makes it about
(bins − 1)(1/n + 1/m) (Yurdakul 2018); that is taken off, so that the verdict is about the shift and
not about how many projects there are. Its sampling error stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from features.declared_project import DeclaredProject
from features.field import Kind
from features.indicator_table import feature_matrix, indicator_table
from features.operations import Numbers
from models.model import Model

SMALL, LARGE = 0.1, 0.25
"""From where a shift is to be watched, and from where it is large (Siddiqi 2006)."""
_TENTHS = 10
_COMMONEST = 20
_HALF = 0.5


class Verdict(StrEnum):
    """What to think of a shift."""

    STABLE = "stable"
    WATCH = "watch"
    SHIFTED = "shifted"


@dataclass(frozen=True)
class Shift:
    """How far an indicator has moved: effect ± error, and what to think of it."""

    indicator: str
    effect: float
    error: float

    @property
    def verdict(self) -> Verdict:
        """By the effect alone, whatever the number of projects."""
        return _verdict(self.effect)

    @property
    def certain(self) -> bool:
        """Whether the verdict is the same two errors further down and up."""
        reach = 2 * self.error
        return _verdict(self.effect - reach) is _verdict(self.effect + reach)


def input_shifts(
    model: Model, earlier: Sequence[DeclaredProject], later: Sequence[DeclaredProject]
) -> list[Shift]:
    """The shift of each indicator that any head reads, greatest first."""
    columns = dict.fromkeys(name for head in model.heads.values() for name in head.central.features)
    matrices = [
        feature_matrix(indicator_table(side, model.catalogue), list(columns), model.vocabulary)
        for side in (earlier, later)
    ]
    found = []
    for place, name in enumerate(columns):
        indicator = model.catalogue.by_name[name]
        unordered = indicator.kind is Kind.CATEGORY and not indicator.ordered
        before, after = (matrix[:, place] for matrix in matrices)
        found.append(Shift(name, *shift(before, after, unordered)))
    return sorted(found, key=lambda each: (-each.effect, each.indicator))


def shift(before: Numbers, after: Numbers, codes: bool = False) -> tuple[float, float]:
    """The effect, with chance taken off and not below 0, and its standard error.

    Args:
        before, after: (n,) and (m,), NaN unknown.
        codes: whether they are codes without an order.
    """
    counts = np.array(list(_counts(before, after, codes)), dtype=np.float64).T
    counts = counts[:, counts.sum(axis=0) > 0]
    bins = counts.shape[1]
    n, m = len(before), len(after)
    p, q = ((c + _HALF) / (c.sum() + _HALF * bins) for c in counts)
    ratio = np.log(p / q)
    index = float(((p - q) * ratio).sum())
    chance = (bins - 1) * (1 / n + 1 / m)
    slopes = (ratio + (p - q) / p, -ratio - (p - q) / q)
    spread = sum(
        float((share * slope**2).sum() - (share * slope).sum() ** 2) / size
        for share, slope, size in zip((p, q), slopes, (n, m), strict=True)
    )
    # Where nothing moved the slopes vanish and what is left is the spread of chance itself.
    spread += 2 * (bins - 1) * (1 / n + 1 / m) ** 2
    return max(0.0, index - chance), float(np.sqrt(spread))


def _counts(before: Numbers, after: Numbers, codes: bool) -> Iterator[tuple[int, int]]:
    known = [column[~np.isnan(column)] for column in (before, after)]
    yield len(before) - len(known[0]), len(after) - len(known[1])
    values, sizes = np.unique(known[0], return_counts=True)
    if codes or len(values) <= _TENTHS:
        kept = values[np.argsort(-sizes, kind="stable")[:_COMMONEST]]
        for value in kept:
            yield tuple(int((column == value).sum()) for column in known)  # type: ignore[misc]
        yield tuple(int((~np.isin(column, kept)).sum()) for column in known)  # type: ignore[misc]
        return
    cuts = np.unique(np.quantile(known[0], np.arange(1, _TENTHS) / _TENTHS))
    placed = [np.searchsorted(cuts, column, side="right") for column in known]
    for number in range(len(cuts) + 1):
        yield tuple(int((column == number).sum()) for column in placed)  # type: ignore[misc]


def _verdict(effect: float) -> Verdict:
    if effect < SMALL:
        return Verdict.STABLE
    return Verdict.WATCH if effect < LARGE else Verdict.SHIFTED
