"""How far a distribution has moved, as an effect size with its sampling error.

The measure is the population stability index, Σ (p − q) ln (p ÷ q) over tenths of the earlier
values (codes of a category), with a bin of its own for what is unknown. Chance alone makes it about
(bins − 1)(1/n + 1/m) (Yurdakul 2018); that is taken off, so that the verdict is about the shift and
not about how many projects there are. Its sampling error stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import chdtri

from features.added import added
from features.operations import Numbers
from models.bins import Bins, Counts

SMALL, LARGE = 0.1, 0.25
"""From where a shift is to be watched, and from where it is large (Siddiqi 2006)."""
FALSE_ALARMS = 0.05
"""How often, where nothing has moved, anything at all may be taken to have."""
_HALF = 0.5


class Verdict(StrEnum):
    """What to think of a shift."""

    STABLE = "stable"
    WATCH = "watch"
    SHIFTED = "shifted"


@dataclass(frozen=True)
class Shift:
    """How far something has moved: effect ± error, and what to think of it."""

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


def shift(before: Numbers, after: Numbers, codes: bool = False) -> tuple[float, float]:
    """The effect, with chance taken off and not below 0, and its standard error.

    Args:
        before, after: (n,) and (m,), NaN unknown.
        codes: whether they are codes without an order.
    """
    bins = Bins.of(before, codes)
    return shift_of_counts(bins.counts(before), bins.counts(after))


def shift_of_counts(before: Counts, after: Counts) -> tuple[float, float]:
    """The same from how many values are in each bin, earlier and later, shape (bins,)."""
    counts = np.array([before, after], dtype=np.float64)
    counts = counts[:, counts.sum(axis=0) > 0]
    bins = counts.shape[1]
    n, m = (float(each) for each in counts.sum(axis=1))
    p, q = ((c + _HALF) / (c.sum() + _HALF * bins) for c in counts)
    ratio = np.log(p / q)
    index = float(((p - q) * ratio).sum())
    chance = (bins - 1) * (1 / n + 1 / m)
    slopes = (ratio + (p - q) / p, -ratio - (p - q) / q)
    spread = added(
        float((share * slope**2).sum() - (share * slope).sum() ** 2) / size
        for share, slope, size in zip((p, q), slopes, (n, m), strict=True)
    )
    # Where nothing moved the slopes vanish and what is left is the spread of chance itself.
    spread += 2 * (bins - 1) * (1 / n + 1 / m) ** 2
    return max(0.0, index - chance), float(np.sqrt(spread))


def told_from_chance(before: Counts, after: Counts, compared: int) -> bool:
    """Whether two sets of counts differ by more than chance makes any of so many differ.

    By Pearson's chi-squared statistic of two samples and Bonferroni's inequality: of `compared`
    things that have not moved, one or more is taken to have with a probability of at most
    `FALSE_ALARMS`. How far something has moved is the effect's to say.
    """
    some = (before + after) > 0
    bins, n, m = int(some.sum()), before.sum(), after.sum()
    if bins < 2 or not n or not m:
        return False
    ratio = np.sqrt(m / n)
    apart = (before[some] * ratio - after[some] / ratio) ** 2 / (before + after)[some]
    return float(apart.sum()) > float(chdtri(bins - 1, FALSE_ALARMS / max(compared, 1)))


def _verdict(effect: float) -> Verdict:
    if effect < SMALL:
        return Verdict.STABLE
    return Verdict.WATCH if effect < LARGE else Verdict.SHIFTED
