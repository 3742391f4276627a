"""What a model promised, held against what came: estimated first, realised later.

Before outcomes come, the share of outcomes inside the ranges is estimated from the calibration
cases, weighted so that cells of similar projects have the shares that they have among the answers
(post-stratification: covariate shift is allowed for, a changed world is not); and the rate of an
event is the mean of the calibrated probabilities. When outcomes have come, both are seen, and so is
by how much the estimate was off.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from features.head_declaration import HeadKind
from features.operations import Numbers
from models.margin_map import probability
from models.monitoring.observed import Key, Observed
from models.reference import FIFTHS, Cells

LEAST_CELL = 20
"""Calibration cases with which a cell counts by itself; else its peer group does, or all."""
Mask = npt.NDArray[np.bool_]


class Measure(StrEnum):
    """What is forecast of a round: the share inside the ranges, or the rate of an event."""

    COVERAGE = "coverage"
    RATE = "rate"


@dataclass(frozen=True)
class Estimate:
    """What is expected of n answers: value ± error, both as shares.

    The error is that of the expectation; that of so many outcomes comes to it.
    """

    value: float
    error: float
    n: int

    def off(self, realised: float, m: int) -> float:
        """By how many standard errors a share of m outcomes differs from it."""
        chance = self.value * (1 - self.value) / m
        spread = math.sqrt(self.error**2 + chance)
        return (realised - self.value) / spread if spread > 0 else 0.0


@dataclass(frozen=True)
class Realised:
    """What came of m answers whose outcome is known, as a share.

    matched: what was to be expected of these very answers, so that it can be seen how far only the
    choice of whose outcomes are known explains a difference.
    """

    value: float
    m: int
    matched: Estimate


@dataclass(frozen=True)
class Skill:
    """Brier scores of the same m forecasts, the less the better, and of the difference.

    department: of the department's own forecasts; difference: department − model ± error, so that
    more than 0 speaks for the model. skill: 1 − model ÷ department.
    """

    model: float
    department: float
    difference: float
    error: float
    m: int

    @property
    def skill(self) -> float:
        """The share of the department's error that the model does without."""
        return 1 - self.model / self.department if self.department > 0 else 0.0


@dataclass(frozen=True)
class Forecast:
    """One thing forecast of one round."""

    head: str
    round: int
    measure: Measure
    nominal: float | None
    estimate: Estimate | None
    realised: Realised | None
    skill: Skill | None = None


@dataclass(frozen=True)
class Outcomes:
    """Outcomes that have come: on a head's additive scale, 0 or 1 for an event; NaN unknown.

    rows: the place of each project and round in the columns.
    """

    rows: Mapping[Key, int]
    values: Mapping[str, Numbers]

    def of(self, observed: Observed, head: str) -> Numbers:
        """The outcome of each row of what was observed, shape (n,)."""
        found = np.full(len(observed), np.nan)
        column = self.values.get(head)
        if column is not None:
            for key, row in observed.keys.items():
                at = self.rows.get(key)
                if at is not None:
                    found[row] = column[at]
        return found


NO_OUTCOMES = Outcomes({}, {})


def forecasts(observed: Observed, outcomes: Outcomes = NO_OUTCOMES) -> list[Forecast]:
    """What was forecast of each round that was answered for, and what has come of it."""
    years = observed.column("year")
    found: list[Forecast] = []
    for place, head in enumerate(observed.heads):
        outcome = outcomes.of(observed, head)
        for year in np.unique(years).tolist():
            found += _of_round(observed, head, place, years == year, int(year), outcome)
    return found


def _of_round(
    observed: Observed, head: str, place: int, inside: Mask, year: int, outcome: Numbers
) -> Iterator[Forecast]:
    declared = observed.model.catalogue.head(head)
    if declared.kind is HeadKind.PROBABILITY:
        given = probability(observed.column("value")[:, place])
        chosen = inside & ~np.isnan(given)
        if chosen.any():
            yield _rate(observed, head, place, chosen, year, given, outcome)
        return
    low, high = (observed.column(end)[:, place] for end in ("low", "high"))
    chosen = inside & ~np.isnan(low) & ~np.isnan(high)
    if chosen.any() and observed.reference.heads[head].cells is not None:
        hit = ((outcome >= low) & (outcome <= high)).astype(np.float64)
        yield _coverage(observed, head, place, chosen, year, hit, outcome)


def _rate(
    observed: Observed,
    head: str,
    place: int,
    chosen: Mask,
    year: int,
    given: Numbers,
    outcome: Numbers,
) -> Forecast:
    calibrated = int(observed.reference.heads[head].values.counts.sum())
    told = chosen & ~np.isnan(outcome)
    realised = skill = None
    if told.any():
        matched = expected_rate(given[told], calibrated)
        realised = Realised(float(outcome[told].mean()), int(told.sum()), matched)
        own = observed.column("forecasts")[:, place].astype(np.float64)
        both = told & ~np.isnan(own)
        if both.sum() > 1:
            skill = compared_forecasts(given[both], own[both], outcome[both])
    estimate = expected_rate(given[chosen], calibrated)
    return Forecast(head, year, Measure.RATE, None, estimate, realised, skill)


def expected_rate(given: Numbers, calibrated: int) -> Estimate:
    """The rate to be expected from calibrated probabilities, shape (n,).

    Its error is that of a calibration by so many cases.
    """
    mean = float(given.mean())
    return Estimate(mean, math.sqrt(mean * (1 - mean) / max(calibrated, 1)), len(given))


def compared_forecasts(model: Numbers, department: Numbers, outcome: Numbers) -> Skill:
    """The model's probabilities beside the department's, of the same events, shape (m,)."""
    ours, theirs = (model - outcome) ** 2, (department - outcome) ** 2
    apart = theirs - ours
    error = float(apart.std(ddof=1) / math.sqrt(len(apart)))
    scores = (float(ours.mean()), float(theirs.mean()))
    return Skill(*scores, float(apart.mean()), error, len(apart))


def _coverage(
    observed: Observed,
    head: str,
    place: int,
    chosen: Mask,
    year: int,
    hit: Numbers,
    outcome: Numbers,
) -> Forecast:
    cells = observed.reference.heads[head].cells
    assert cells is not None  # noqa: S101 - asked before
    range_ = observed.model.heads[head].range
    between = 0.0 if range_ is None else range_.drift.between
    at = observed.column("cells")[:, place]
    told = chosen & ~np.isnan(outcome)
    realised = None
    if told.any():
        matched = expected_coverage(cells, at[told], between)
        realised = Realised(float(hit[told].mean()), int(told.sum()), matched)
    nominal = observed.model.catalogue.head(head).level
    estimate = expected_coverage(cells, at[chosen], between)
    return Forecast(head, year, Measure.COVERAGE, nominal, estimate, realised)


def expected_coverage(cells: Cells, at: npt.NDArray[np.integer], between: float = 0.0) -> Estimate:
    """The coverage to be expected of answers that are in these cells, shape (n,).

    Args:
        between: the standard deviation of a tail's miss rate between rounds, where it is known.
    """
    shares, cases = _rates(cells)
    weights = np.bincount(at[at >= 0], minlength=shares.size) / max(int((at >= 0).sum()), 1)
    value = float(weights @ shares)
    sampled = float((weights**2 * shares * (1 - shares) / cases).sum())
    return Estimate(value, math.sqrt(sampled + 2 * between**2), int((at >= 0).sum()))


def _rates(cells: Cells) -> tuple[Numbers, Numbers]:
    """Of each cell the share covered, and the cases it rests on: its own, its group's, or all."""
    cases, covered = cells.cases.astype(np.float64), cells.covered.astype(np.float64)
    of_group, inside_group = (
        np.repeat(each.sum(axis=1, keepdims=True), FIFTHS, axis=1) for each in (cases, covered)
    )
    enough = [cases >= LEAST_CELL, of_group >= LEAST_CELL]
    rests_on = np.select(enough, [cases, of_group], max(cases.sum(), 1.0))
    inside = np.select(enough, [covered, inside_group], covered.sum())
    return (inside / rests_on).ravel(), rests_on.ravel()
