"""Monitoring: from the record log, and the outcomes that have come, to a report of one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from features.errors import RegistryError
from models.monitoring.alerts import Level, alerts, retraining_due
from models.monitoring.drifts import drifts
from models.monitoring.forecasts import NO_OUTCOMES, Forecast, Outcomes, forecasts
from models.monitoring.monitoring_policy import MonitoringPolicy
from models.monitoring.observed import MOST_PROJECTS, Observed
from models.monitoring.series import Series
from models.registry import Release
from serving.monitoring.answered_log import observe
from serving.monitoring.monitoring_report import monitoring_folder, write_report
from serving.records.log_reader import LogReader
from serving.wording.envelope import Json

FORMAT = 1


def monitor(
    release: Release,
    log: LogReader,
    home: Path,
    policy: MonitoringPolicy,
    outcomes: Outcomes = NO_OUTCOMES,
    *,
    at: datetime | None = None,
    most: int = MOST_PROJECTS,
    progress: Callable[[int], None] = lambda records: None,
) -> Json:
    """The report on the version in service, which is kept, as is its series of estimates.

    Args:
        outcomes: those that have come, whether or not the version learned from them.
        at: the moment of the report; by default now.
        most: of how many projects the newest answers are looked at.

    Raises:
        RegistryError: when the version keeps no reference to hold answers against.
        RecordsError: when the log cannot be read.
        FormError: when the kept series is of another shape.
    """
    reference = release.model.reference
    if reference is None:
        raise RegistryError(
            f"expected version {release.version.number} to keep what its inputs and answers were "
            "like; got none: it is from an earlier version of Lingji; train it again"
        )
    policy.require_in(release.model.catalogue)
    now = at or datetime.now(UTC)
    observed = Observed(release.model, reference, most)
    since = now - timedelta(days=policy.window_days)
    read = observe(observed, log, release, since, policy.department_forecasts, progress)
    moved, told = (drifts(observed), forecasts(observed, outcomes)) if len(observed) else ([], [])
    made = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    catalogue = release.model.catalogue
    folder = monitoring_folder(home, catalogue.catalogue)
    version = release.version
    series = Series.of(folder).followed_by(
        told, digest=version.digest, version=version.number, made=made
    )
    series.save(folder)
    found = alerts(moved, told, policy)
    due = retraining_due(
        moved,
        told,
        policy,
        trained=release.model.facts.created,
        now=now,
        new_outcomes=_new(outcomes, release),
    )
    report: Json = {
        "format": FORMAT,
        "made": made,
        "catalogue": catalogue.identity,
        "model": {
            "version": str(version.number),
            "digest": version.digest,
            "trained": release.model.facts.created,
            "learned_from": list(release.model.facts.years),
            "simulated": release.model.facts.simulated,
        },
        "policy": policy.file_digest,
        "window": {"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")},
        "answers": {
            "read": read,
            "projects": len(observed),
            "complete": not observed.full,
        },
        "level": found[0].level.value if found else None,
        "alerts": [each.as_json() for each in found],
        "retraining_due": [each.as_json() for each in due],
        "drifts": [each.as_json() for each in moved],
        "forecasts": [_forecast(each) for each in told],
        "series": [entry.as_json() for entry in series.entries],
        "thresholds": {
            "note": policy.shift.note,
            "warn": policy.shift.warn,
            "least_projects": policy.least_projects,
            "least_outcomes": policy.least_outcomes,
        },
    }
    write_report(report, folder)
    return report


def worst(report: Json) -> Level | None:
    """The most urgent level of a report's alerts."""
    return Level(report["level"]) if report["level"] else None


def _new(outcomes: Outcomes, release: Release) -> int:
    """How many projects have outcomes of rounds that the version has not learned from."""
    learned = release.model.facts.years[1]
    return sum(year > learned for _, year in outcomes.rows)


def _forecast(each: Forecast) -> dict[str, Any]:
    told = asdict(each) | {"measure": each.measure.value}
    if each.realised is not None and each.estimate is not None:
        told["standard_errors"] = each.estimate.off(each.realised.value, each.realised.m)
    if each.skill is not None:
        told["skill"]["skill"] = each.skill.skill
    return told
