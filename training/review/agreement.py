"""How far two agree on the same cases: differences, rank correlation, weighted κ.

Cases weigh the inverse of their chance to be chosen, so that a figure tells of all projects that
could be; with equal weights each figure is the usual one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.operations import Numbers
from models.priority import GRADES
from models.review.judgement import BIN_POINTS
from models.review.report import Agreement, AmountAgreement, Figure, ScoreAgreement, WhyNot
from training.weighted_kappa import weighted_kappa

RESAMPLES = 1_000
_SEED = 1
_TAILS = (2.5, 97.5)
_FULL = 100
Statistic = Callable[[npt.NDArray[np.int64]], float]
"""A figure of the cases at some places, of which one may come several times."""


@dataclass(frozen=True)
class Word:
    """What somebody says of one case, an expert or a model. amounts: low, middle, high; low and
    high are None where there is no range."""

    scores: Mapping[str, float]
    amounts: Mapping[str, tuple[float | None, float, float | None]]
    grade: str | None


@dataclass(frozen=True)
class Compared:
    """One case of which both say something. weight: how many projects it stands for."""

    first: Word
    second: Word
    weight: float


def agreement(cases: Sequence[Compared], least: int, *, intervals: bool = False) -> Agreement:
    """How far the two agree.

    Args:
        least: with fewer cases a figure is not told.
        intervals: whether to give bootstrap intervals, which take some time.
    """
    scores = dict.fromkeys(name for case in cases for name in case.first.scores)
    amounts = dict.fromkeys(name for case in cases for name in case.first.amounts)
    graded = [case for case in cases if case.first.grade and case.second.grade]
    telling = _Telling(least, intervals)
    return Agreement(
        cases=len(cases),
        grade_kappa=telling.grade_kappa(graded) if graded else None,
        grade_share=telling.grade_share(graded) if graded else None,
        scores={
            name: telling.score(
                [c for c in cases if name in c.first.scores and name in c.second.scores], name
            )
            for name in scores
        },
        amounts={
            name: telling.amount(
                [c for c in cases if name in c.first.amounts and name in c.second.amounts], name
            )
            for name in amounts
        },
    )


@dataclass(frozen=True)
class _Telling:
    """What is told of how many cases, and with which intervals."""

    least: int
    intervals: bool

    def grade_kappa(self, cases: Sequence[Compared]) -> Figure:
        """κ of the grades, in their order."""
        order = {grade: place for place, grade in enumerate(GRADES)}
        first = np.array([order[case.first.grade or ""] for case in cases])
        second = np.array([order[case.second.grade or ""] for case in cases])
        weights = _weights(cases)
        return self._figure(
            len(cases),
            lambda at: weighted_kappa(first[at], second[at], len(order), weights[at]),
        )

    def grade_share(self, cases: Sequence[Compared]) -> Figure:
        """The share of cases of the same grade."""
        same = np.array([float(case.first.grade == case.second.grade) for case in cases])
        return self._mean(same, _weights(cases))

    def score(self, cases: Sequence[Compared], name: str) -> ScoreAgreement:
        """The agreement of one score head."""
        first = np.array([case.first.scores[name] for case in cases])
        second = np.array([case.second.scores[name] for case in cases])
        weights, classes = _weights(cases), _FULL // BIN_POINTS
        bins = [np.minimum(c // BIN_POINTS, classes - 1).astype(np.int64) for c in (first, second)]
        return ScoreAgreement(
            difference=self._mean(first - second, weights),
            spearman=self._figure(
                len(cases), lambda at: weighted_spearman(first[at], second[at], weights[at])
            ),
            kappa=self._figure(
                len(cases),
                lambda at: weighted_kappa(bins[0][at], bins[1][at], classes, weights[at]),
            ),
        )

    def amount(self, cases: Sequence[Compared], name: str) -> AmountAgreement:
        """The agreement of one amount head."""
        first = np.array([case.first.amounts[name][1] for case in cases])
        second = np.array([case.second.amounts[name][1] for case in cases])
        logs, weights = np.log(first) - np.log(second), _weights(cases)
        ratio = self._figure(
            len(cases), lambda at: math.exp(float(np.average(logs[at], weights=weights[at])))
        )
        ranged = [
            (float(low <= case.first.amounts[name][1] <= high), case.weight)
            for case in cases
            if (low := case.second.amounts[name][0]) is not None
            and (high := case.second.amounts[name][2]) is not None
        ]
        inside, weight = np.array(ranged).reshape(-1, 2).T
        return AmountAgreement(ratio=ratio, within=self._mean(inside, weight))

    def _mean(self, values: Numbers, weights: Numbers) -> Figure:
        return self._figure(
            len(values), lambda at: float(np.average(values[at], weights=weights[at]))
        )

    def _figure(self, n: int, statistic: Statistic) -> Figure:
        if n < self.least:
            return Figure(n=n, why_not=WhyNot.TOO_FEW)
        value = statistic(np.arange(n))
        if not math.isfinite(value):
            return Figure(n=n, why_not=WhyNot.CONSTANT)
        if not self.intervals:
            return Figure(value=value, n=n)
        drawn = np.random.default_rng(_SEED).integers(0, n, (RESAMPLES, n))
        found = np.array([statistic(at) for at in drawn])
        low, high = np.percentile(found[np.isfinite(found)], _TAILS)
        return Figure(value=value, low=float(low), high=float(high), n=n)


def _weights(cases: Sequence[Compared]) -> Numbers:
    return np.array([case.weight for case in cases])


def weighted_spearman(first: Numbers, second: Numbers, weights: Numbers) -> float:
    """Spearman's correlation of weighted ranks, ties at their mean; NaN for a constant."""
    ranks = [_ranks(values, weights) for values in (first, second)]
    centred = [rank - np.average(rank, weights=weights) for rank in ranks]
    spreads = [float(np.average(each**2, weights=weights)) for each in centred]
    if min(spreads) <= 0:
        return math.nan
    together = float(np.average(centred[0] * centred[1], weights=weights))
    return together / math.sqrt(spreads[0] * spreads[1])


def _ranks(values: Numbers, weights: Numbers) -> Numbers:
    """For each value the weight of all smaller ones and half of that of its equals."""
    distinct, place = np.unique(values, return_inverse=True)
    totals = np.bincount(place, weights=weights, minlength=len(distinct))
    return np.asarray((np.cumsum(totals) - totals / 2)[place], dtype=np.float64)
