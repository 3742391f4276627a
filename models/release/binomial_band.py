"""The band in which a share lies by chance when its true value is the level."""

from __future__ import annotations

from functools import cache

CONFIDENCE = 0.99


@cache
def binomial_band(cases: int, level: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The central `confidence` band of the share of successes among `cases` trials of `level`."""
    from scipy.stats import binom  # which takes longer to import than all else that answers

    tail = (1 - confidence) / 2
    low, high = binom.ppf([tail, 1 - tail], cases, level)
    return float(low) / cases, float(high) / cases


def simultaneous(groups: int, confidence: float = CONFIDENCE) -> float:
    """The confidence of each of several bands so that all hold at once with `confidence`.

    Source: Bonferroni's inequality. With one group it is the confidence itself.
    """
    return 1 - (1 - confidence) / max(groups, 1)
