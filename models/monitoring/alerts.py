"""Alerts: what of that which has moved, or did not come as promised, somebody has to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.monitoring.drifts import Drift, Moved
from models.monitoring.forecasts import Forecast, Measure
from models.monitoring.monitoring_policy import MonitoringPolicy
from models.release.binomial_band import binomial_band

OFF = 3.0
"""Standard errors by which what came must differ from what was expected, to be told from chance."""


class Level(StrEnum):
    """How urgent an alert is: to be known, to be looked into, or to be acted on now."""

    NOTE = "note"
    WARN = "warn"
    ALARM = "alarm"


@dataclass(frozen=True)
class Alert:
    """One alert.

    code: what it is about, by which its words are found. subject: the indicator or head, or "".
    round: the one concerned, or None. figure, limit: what was measured, and against what.
    """

    level: Level
    code: str
    subject: str = ""
    round: int | None = None
    figure: float | None = None
    limit: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The alert for machines."""
        return {**asdict(self), "level": self.level.value}


@dataclass(frozen=True)
class RetrainingReason:
    """Why retraining is due: what was measured, and the policy's limit."""

    code: str
    figure: float
    limit: float

    def as_json(self) -> dict[str, Any]:
        """The reason for machines."""
        return asdict(self)


def alerts(
    drifts: Sequence[Drift], forecasts: Sequence[Forecast], policy: MonitoringPolicy
) -> list[Alert]:
    """Every alert, the most urgent first."""
    found = [*_of_drifts(drifts, policy)]
    for forecast in forecasts:
        found += _of_forecast(forecast, policy)
    order = list(Level)[::-1]
    return sorted(found, key=lambda each: order.index(each.level))


def _of_drifts(drifts: Sequence[Drift], policy: MonitoringPolicy) -> Iterator[Alert]:
    rule = policy.shift
    if not any(each.n >= policy.least_projects for each in drifts):
        most = max((each.n for each in drifts), default=0)
        yield Alert(Level.NOTE, "too_few", figure=most, limit=policy.least_projects)
        return
    judged = [each for each in drifts if each.n >= policy.least_projects and each.told]
    for each in judged:
        if each.effect >= rule.note:
            level = Level.WARN if each.effect >= rule.warn else Level.NOTE
            limit = rule.warn if level is Level.WARN else rule.note
            yield Alert(level, f"{each.kind.value}_shift", each.name, None, each.effect, limit)
    inputs = sum(each.kind is Moved.INPUT for each in drifts)
    moved = shifted_inputs(drifts, policy)
    if inputs and moved / inputs >= policy.many_inputs:
        share, limit = moved / inputs, policy.many_inputs
        yield Alert(Level.ALARM, "many_inputs", figure=share, limit=limit)


def shifted_inputs(drifts: Iterable[Drift], policy: MonitoringPolicy) -> int:
    """How many inputs have shifted as far as the policy warns of."""
    return sum(
        each.kind is Moved.INPUT
        and each.told
        and each.n >= policy.least_projects
        and each.effect >= policy.shift.warn
        for each in drifts
    )


def _of_forecast(each: Forecast, policy: MonitoringPolicy) -> Iterator[Alert]:
    realised, estimate = each.realised, each.estimate
    known = realised is not None and realised.m >= policy.least_outcomes
    if each.measure is Measure.COVERAGE:
        yield from _of_coverage(each, policy, known)
    if not known or realised is None:
        return
    if each.measure is Measure.RATE and (off := rate_off(each, policy)):
        level = Level.ALARM if abs(off) >= policy.rate_off.alarm else Level.WARN
        limit = policy.rate_off.alarm if level is Level.ALARM else policy.rate_off.warn
        yield Alert(level, "rate_off", each.head, each.round, off, limit)
    apart = realised.value - estimate.value if estimate else 0.0
    if estimate and abs(estimate.off(realised.value, realised.m)) > OFF:
        yield Alert(Level.NOTE, "estimate_off", each.head, each.round, apart, 0.0)
    skill = each.skill
    if skill and skill.m >= policy.least_outcomes and skill.difference < -2 * skill.error:
        yield Alert(Level.WARN, "department_better", each.head, each.round, skill.skill, 0.0)


def _of_coverage(each: Forecast, policy: MonitoringPolicy, known: bool) -> Iterator[Alert]:
    realised, estimate, nominal = each.realised, each.estimate, each.nominal or 0.0
    if known and realised is not None:
        low = binomial_band(realised.m, nominal, policy.confidence)[0]
        if realised.value < low:
            yield Alert(Level.ALARM, "coverage_lost", each.head, each.round, realised.value, low)
        return
    least = nominal - policy.coverage_below
    if not estimate or estimate.n < policy.least_projects:
        return
    if estimate.value + 2 * estimate.error < least:
        figure = estimate.value
        yield Alert(Level.WARN, "coverage_expected_low", each.head, each.round, figure, least)


def rate_off(each: Forecast, policy: MonitoringPolicy) -> float:
    """By how much a realised rate is off what these answers said; 0 where that may be chance."""
    realised = each.realised
    if each.measure is not Measure.RATE or realised is None or realised.m < policy.least_outcomes:
        return 0.0
    off = realised.value - realised.matched.value
    beyond = abs(realised.matched.off(realised.value, realised.m)) > OFF
    return off if beyond and abs(off) >= policy.rate_off.warn else 0.0


def retraining_due(
    drifts: Sequence[Drift],
    forecasts: Sequence[Forecast],
    policy: MonitoringPolicy,
    *,
    trained: str,
    now: datetime,
    new_outcomes: int,
) -> list[RetrainingReason]:
    """Why retraining is due; empty where it is not.

    Args:
        trained: when the model was, as its facts say.
        new_outcomes: projects with outcomes of rounds that it has not learned from.
    """
    rule = policy.retraining
    moment = datetime.fromisoformat(trained)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=now.tzinfo)
    lost = sum(a.code == "coverage_lost" for each in forecasts for a in _of_forecast(each, policy))
    off = sum(bool(rate_off(each, policy)) for each in forecasts)
    measured = [
        ("age", (now - moment).days, rule.oldest_days),
        ("new_outcomes", new_outcomes, rule.new_outcomes),
        ("shifted_inputs", shifted_inputs(drifts, policy), rule.shifted_inputs),
        *([("coverage_lost", lost, 1)] if rule.coverage_lost else []),
        *([("rate_off", off, 1)] if rule.rate_off else []),
    ]
    return [
        RetrainingReason(code, float(figure), float(limit))
        for code, figure, limit in measured
        if figure >= limit
    ]
