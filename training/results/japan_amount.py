"""The executed amount on the Japanese reviews: how sharp, and whether the range holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from features.operations import UNKNOWN, Numbers
from models.conformal import ConformalRange
from models.drift import NO_DRIFT, Drift
from models.head import Head
from models.peers import Groups
from models.raw_range import RawRange, raw_range
from models.release.binomial_band import CONFIDENCE, binomial_band, simultaneous
from training.evaluation import LEAST_GROUP, pinball
from training.fit_head import LEAST_RANGE_CASES, LearningRows, grow_head, learning_goal
from training.results.japan_data import JapanReview, Progress
from training.rolling_origins import rolling_origins
from training.split import Mask
from training.targets import target

HEAD = "executed_amount"
LEVELS = (0.1, 0.5, 0.9)
Pinballs = tuple[float, float, float]


@dataclass(frozen=True)
class RangeQuality:
    """One sort of range on the test round.

    coverage: of all, an execution of zero counting as a miss; spent: of those that spent anything;
    below, above: shares missed on either side. widths: logarithms of high ÷ low.
    """

    coverage: float
    spent: float
    below: float
    above: float
    median_width: float
    mean_width: float


@dataclass(frozen=True)
class GroupCoverage:
    """Coverage in one group, with its band alone and its band beside those of all groups."""

    group: str
    n: int
    raw: float
    plain: float
    shown: float
    width: float
    band: tuple[float, float]
    wide_band: tuple[float, float]

    @property
    def outside(self) -> bool:
        """Whether the shown range leaves its own band."""
        return not self.band[0] <= self.shown <= self.band[1]

    @property
    def far_outside(self) -> bool:
        """Whether the shown range leaves the band that all groups keep at once."""
        return not self.wide_band[0] <= self.shown <= self.wide_band[1]


@dataclass(frozen=True)
class OrdinaryRound:
    """A past round, forecast from the rounds before it: what the allowance does when little is new.

    wider: by how much the allowance widens the range, on the logarithmic scale.
    """

    round: int
    n: int
    plain: float
    with_allowance: float
    wider: float


@dataclass(frozen=True)
class AmountResult:
    """The amount head on the test round.

    pinball_*: of the three quantiles where request and execution are positive (`n_asked` cases),
    and where execution is (`n_spent`). constant: the request times a learned constant ratio.
    """

    n: int
    n_spent: int
    n_asked: int
    pinball_shown: Pinballs
    pinball_raw: Pinballs
    pinball_constant: Pinballs
    pinball_shown_spent: Pinballs
    pinball_raw_spent: Pinballs
    raw: RangeQuality
    plain: RangeQuality
    shown: RangeQuality
    asked_coverage: float
    groups: tuple[GroupCoverage, ...]
    band: tuple[float, float]
    drift: Drift
    ordinary: tuple[OrdinaryRound, ...]


@dataclass(frozen=True)
class _Range:
    """Ends on the logarithmic scale, shape (n,) each; the middle is inside."""

    low: Numbers
    middle: Numbers
    high: Numbers

    def holds(self, outcome: Numbers) -> Mask:
        return np.asarray((outcome >= self.low) & (outcome <= self.high))

    def pinballs(self, outcome: Numbers) -> Pinballs:
        low, middle, high = (
            pinball(end, outcome, level)
            for end, level in zip((self.low, self.middle, self.high), LEVELS, strict=True)
        )
        return low, middle, high

    def where(self, rows: Mask) -> _Range:
        return _Range(self.low[rows], self.middle[rows], self.high[rows])


def amount_result(japan: JapanReview, progress: Progress) -> AmountResult:
    """The measured figures of the amount head."""
    head, rows = japan.model.heads[HEAD], japan.tested(HEAD)
    outcome = _logarithm(target(head.declaration, japan.data.outcomes)[rows])
    asked = np.asarray(japan.table["request_next"], dtype=np.float64)
    spent = np.isfinite(outcome)
    both = spent & (asked[rows] > 0)
    raw, plain, shown = _ranges(japan, head, rows)
    progress(f"{HEAD}: past rounds, each from the rounds before it")
    return AmountResult(
        len(rows),
        int(spent.sum()),
        int(both.sum()),
        shown.where(both).pinballs(outcome[both]),
        raw.where(both).pinballs(outcome[both]),
        _constant_ratio(japan, asked, rows[both]),
        shown.where(spent).pinballs(outcome[spent]),
        raw.where(spent).pinballs(outcome[spent]),
        _quality(raw, outcome),
        _quality(plain, outcome),
        _quality(shown, outcome),
        float(shown.holds(outcome)[both].mean()),
        _groups(japan, rows, outcome, (raw, plain, shown)),
        binomial_band(len(rows), head.declaration.level),
        _fitted(head).drift,
        _ordinary_rounds(japan, head),
    )


def _logarithm(amount: Numbers) -> Numbers:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(amount), dtype=np.float64)


def _fitted(head: Head) -> ConformalRange:
    if head.range is None:
        raise ValueError(f"expected a calibrated range of {head.name}; got none")
    return head.range


def _ranges(japan: JapanReview, head: Head, rows: Groups) -> tuple[_Range, _Range, _Range]:
    """The raw range, the one calibrated on the last round alone, and the one shown."""
    table, vocabulary = japan.table.rows(rows), japan.model.vocabulary
    raw, middle = head.raw_range(table, vocabulary), head.value(table, vocabulary)
    memberships = japan.memberships[rows]

    def corrected(by: ConformalRange) -> _Range:
        low, high = by.apply(raw.low, raw.high, raw.unit, by.group_used(memberships))
        return _Range(np.minimum(low, middle), middle, np.maximum(high, middle))

    plain = _last_round_alone(japan, head)
    return _Range(raw.low, middle, raw.high), corrected(plain), corrected(_fitted(head))


def _last_round_alone(japan: JapanReview, head: Head) -> ConformalRange:
    goal = target(head.declaration, japan.data.outcomes)
    reference = head.offset(japan.table)
    rows = np.flatnonzero(japan.calibrate & ~np.isnan(goal) & ~np.isnan(reference))
    raw: RawRange = head.raw_range(japan.table.rows(rows), japan.model.vocabulary)
    below, above = raw.scores(_logarithm(goal[rows]))
    return _calibrated(below, above, japan.memberships[rows], japan, head, NO_DRIFT)


def _calibrated(
    below: Numbers, above: Numbers, members: Groups, japan: JapanReview, head: Head, drift: Drift
) -> ConformalRange:
    groups = len(japan.model.peers.groups)
    level = head.declaration.level
    return ConformalRange.calibrate(below, above, members, groups, level, LEAST_RANGE_CASES, drift)


def _quality(range_: _Range, outcome: Numbers) -> RangeQuality:
    held, width = range_.holds(outcome), range_.high - range_.low
    return RangeQuality(
        float(held.mean()),
        float(held[np.isfinite(outcome)].mean()),
        float((outcome < range_.low).mean()),
        float((outcome > range_.high).mean()),
        float(np.median(width)),
        float(width.mean()),
    )


def _groups(
    japan: JapanReview, rows: Groups, outcome: Numbers, ranges: tuple[_Range, _Range, _Range]
) -> tuple[GroupCoverage, ...]:
    members = japan.memberships[rows]
    inside = {
        f"{group.indicator}={group.code}": (members == number).any(axis=1)
        for number, group in enumerate(japan.model.peers.groups)
        if group.indicator
    }
    inside = {name: rows for name, rows in inside.items() if rows.sum() >= LEAST_GROUP}
    level = japan.model.heads[HEAD].declaration.level
    shown = ranges[2]
    found = []
    for name, chosen in inside.items():
        raw, plain, kept = (float(r.holds(outcome)[chosen].mean()) for r in ranges)
        n = int(chosen.sum())
        found.append(
            GroupCoverage(
                name,
                n,
                raw,
                plain,
                kept,
                float(np.median((shown.high - shown.low)[chosen])),
                binomial_band(n, level),
                binomial_band(n, level, simultaneous(len(inside), CONFIDENCE)),
            )
        )
    return tuple(found)


def _constant_ratio(japan: JapanReview, asked: Numbers, tested: Groups) -> Pinballs:
    """The pinball losses of the request times the learned quantiles of executed ÷ requested."""
    goal = target(japan.data.catalogue.head(HEAD), japan.data.outcomes)
    ratio = np.full(len(asked), UNKNOWN)
    ratio[asked > 0] = _logarithm(goal[asked > 0] / asked[asked > 0])
    learned = ratio[japan.fit & (asked > 0) & (goal > 0)]
    low, middle, high = (
        pinball(np.full(len(tested), np.quantile(learned, level)), ratio[tested], level)
        for level in LEVELS
    )
    return low, middle, high


def _ordinary_rounds(japan: JapanReview, head: Head) -> tuple[OrdinaryRound, ...]:
    """Past rounds under a range calibrated on the round before, without and with the allowance."""
    learning = japan.learning_rows()
    scores = _origin_scores(head, learning, japan)
    found = []
    for earlier, later in pairwise(scores):
        plain, careful = (
            _calibrated(
                earlier.below, earlier.above, learning.memberships[earlier.rows], japan, head, d
            )
            for d in (NO_DRIFT, _fitted(head).drift)
        )
        members = learning.memberships[later.rows]
        held, factor = _held(later, plain, members)
        kept, wider = _held(later, careful, members)
        found.append(
            OrdinaryRound(
                later.round,
                len(later.rows),
                float(held.mean()),
                float(kept.mean()),
                float((wider / factor).mean()),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class _Forecast:
    """The conformal scores of a past round, forecast from the rounds before it."""

    round: int
    rows: Groups
    below: Numbers
    above: Numbers


def _origin_scores(head: Head, learning: LearningRows, japan: JapanReview) -> Sequence[_Forecast]:
    whole = target(head.declaration, japan.data.outcomes)[~japan.test]
    goal = learning_goal(head.declaration, whole, learning)
    matrix = learning.matrix(head.name)
    found = []
    for origin in rolling_origins(learning.years):
        fit = origin.fit(learning.years)
        rows = np.flatnonzero(origin.forecast(learning.years) & ~np.isnan(goal))
        settings = japan.settings.of(head.name)
        grown = grow_head(head.declaration, goal, learning, matrix, fit, settings)
        raw = raw_range(*grown, matrix[rows], np.zeros(len(rows)))
        found.append(_Forecast(origin.round, rows, *raw.scores(goal[rows])))
    return found


def _held(one: _Forecast, by: ConformalRange, members: Groups) -> tuple[Mask, Numbers]:
    """Which outcomes the corrected range holds, and its width in raw widths, shape (n,) each."""
    group = by.group_used(members)
    low, high = by.low[group], by.high[group]
    return np.asarray((one.below <= low) & (one.above <= high)), 1 + low + high
