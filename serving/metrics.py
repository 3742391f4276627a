"""What is counted about the service, for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from features.checks.reference import Reference
from models.monitoring.alerts import Level
from models.registry import Release
from serving.beside.beside import Beside
from serving.beside.beside_queue import OUTCOMES
from serving.routes import ROUTES
from serving.service_state import REFERENCE_KINDS
from serving.wording.envelope import CODES, SPECIAL

CONTENT_TYPE = CONTENT_TYPE_LATEST
_ERROR_CODES = frozenset({*(code for code, _ in CODES.values()), *SPECIAL})
_FROM_THE_LOG = ("cannot_record", "key_conflict", "key_expired")
_METHODS = frozenset({"GET", "HEAD", "POST"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """Counts of one service. It has a registry of its own: a second service cannot reset it.

    Labels come from fixed sets only, so that no caller can make a new series.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "lingji_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._refusals = Counter(
            "lingji_refusals",
            "Requests refused, by the code of the error: cannot_record where the answer could not "
            "be recorded.",
            ("route", "code"),
            registry=self._registry,
        )
        for route in ROUTES.values():
            for code in _FROM_THE_LOG if route.question else ():
                self._refusals.labels(route.path, code)  # there from the start, to be watched
        self._seconds = Histogram(
            "lingji_request_seconds",
            "Time from a request to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._of = cache(self._labelled)
        self._projects = Counter(
            "lingji_projects",
            "Projects answered, by outcome: rated, not_rated or refused.",
            ("outcome",),
            registry=self._registry,
        )
        self._model = Gauge(
            "lingji_model",
            "1 for the model that answers.",
            ("catalogue", "version", "digest"),
            registry=self._registry,
        )

        self._reviewed = Gauge(
            "lingji_model_reviewed",
            "1 where the model that answers was released with an approval.",
            registry=self._registry,
        )
        self._stopped = Gauge(
            "lingji_model_stopped",
            "1 while the model is out of service.",
            registry=self._registry,
        )
        self._refused = Gauge(
            "lingji_release_refused",
            "1 while the newest release is not what it must be and the one before answers.",
            registry=self._registry,
        )

        self._beside = Gauge(
            "lingji_beside",
            "1 for what runs beside the model that answers: shadow, or pilot in its regions.",
            ("role", "version", "digest"),
            registry=self._registry,
        )
        self._beside_refused = Gauge(
            "lingji_beside_refused",
            "1 while what is to run beside is not what it must be, and does not.",
            ("role",),
            registry=self._registry,
        )
        self._beside_answers = Counter(
            "lingji_beside_answers",
            "Answers made beside those given: recorded, refused, failed, or dropped for want of "
            "room.",
            ("outcome",),
            registry=self._registry,
        )
        for outcome in OUTCOMES:
            self._beside_answers.labels(outcome)  # there from the start, to be watched

        self._alerts = Gauge(
            "lingji_monitoring_alerts",
            "Alerts of the newest monitoring report.",
            ("level",),
            registry=self._registry,
        )
        self._drift = Gauge(
            "lingji_monitoring_drift",
            "Effect size of a shift since the model was made, of the newest monitoring report.",
            ("kind", "name"),
            registry=self._registry,
        )
        self._off = Gauge(
            "lingji_monitoring_forecast_off",
            "What came less what was estimated, as a share, of the newest monitoring report.",
            ("head", "measure", "round"),
            registry=self._registry,
        )
        self._due = Gauge(
            "lingji_retraining_due",
            "1 while the newest monitoring report says that retraining is due.",
            registry=self._registry,
        )
        self._monitored_at = Gauge(
            "lingji_monitoring_made_seconds",
            "When the newest monitoring report was made, in seconds since 1970.",
            registry=self._registry,
        )
        self._reference = Gauge(
            "lingji_reference",
            "1 for what checks compare projects with: standards by version, duplicates by round.",
            ("kind", "version", "digest"),
            registry=self._registry,
        )
        self._reference_refused = Gauge(
            "lingji_reference_refused",
            "1 while the newest of a kind is not what it must be and the one before is compared "
            "with.",
            ("kind",),
            registry=self._registry,
        )
        self.reference_refused({})
        self._alias = Gauge(
            "lingji_mlflow_alias_elsewhere",
            "1 while MLflow's alias champion is at a version that nobody released.",
            registry=self._registry,
        )
        self._unrecorded = Gauge(
            "lingji_release_unrecorded",
            "1 while the last release that the record log knows is not what is in service.",
            registry=self._registry,
        )

    def in_service(self, release: Release) -> None:
        """Name the model that answers."""
        version = release.version
        catalogue = release.model.catalogue.identity
        self._model.clear()
        self._model.labels(catalogue, str(version.number), version.digest).set(1)
        self._reviewed.set(release.reviewed)
        if release.checks is not None:
            self._compared_with(release.checks.reference)

    def stopped(self, now: bool) -> None:
        """Say whether the model is out of service."""
        self._stopped.set(now)

    def release_refused(self, now: bool) -> None:
        """Say whether the newest release was refused."""
        self._refused.set(now)

    def beside(self, runs: Beside) -> None:
        """Name what runs beside the model that answers."""
        self._beside.clear()
        if runs.shadow is not None:
            named = (str(runs.shadow.number), runs.shadow.digest)
            self._beside.labels("shadow", *named).set(1)
        if runs.pilot is not None and not runs.pilot.statement.over():
            version = runs.pilot.release.version
            self._beside.labels("pilot", str(version.number), version.digest).set(1)
        for role in ("shadow", "pilot"):
            self._beside_refused.labels(role).set(role in runs.refused)

    def answered_beside(self, outcome: str, count: int) -> None:
        """Count answers made beside those given by what became of them."""
        self._beside_answers.labels(outcome).inc(count)

    def monitored(self, report: Mapping[str, Any]) -> None:
        """Tell the newest monitoring report; it is read beside the requests, never in one."""
        levels = [alert["level"] for alert in report["alerts"]]
        for level in Level:
            self._alerts.labels(level.value).set(levels.count(level.value))
        self._drift.clear()
        for each in report["drifts"]:
            self._drift.labels(each["kind"], each["name"]).set(each["effect"])
        self._off.clear()
        for each in report["series"]:
            if each["digest"] == report["model"]["digest"] and each["off"] is not None:
                named = (each["head"], each["measure"], str(each["round"]))
                self._off.labels(*named).set(each["off"])
        self._due.set(bool(report["retraining_due"]))
        self._monitored_at.set(datetime.fromisoformat(report["made"]).timestamp())

    def reference_refused(self, refused: Mapping[str, str]) -> None:
        """Say of which kinds of reference data the newest was refused."""
        for kind in REFERENCE_KINDS:
            self._reference_refused.labels(kind).set(kind in refused)

    def _compared_with(self, now: Reference) -> None:
        """Name what checks compare projects with."""
        self._reference.clear()
        if now.standards is not None:
            version = str(now.standards.library.version)
            self._reference.labels("standards", version, now.standards.digest).set(1)
        for each in () if now.duplicates is None else now.duplicates.rounds:
            version = f"{each.year}/{each.version}"
            self._reference.labels("duplicates", version, each.digest).set(1)

    def witnesses(self, *, alias_elsewhere: bool, unrecorded: bool) -> None:
        """Say whether MLflow's alias and the record log stand against the list of releases."""
        self._alias.set(alias_elsewhere)
        self._unrecorded.set(unrecorded)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        known = route if route in ROUTES else "other"
        named = method if method in _METHODS else "other"
        requests, took = self._of(known, named, status)
        requests.inc()
        took.observe(seconds)

    def _labelled(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(route, method, str(status)), self._seconds.labels(route)

    def refused(self, route: str, code: str) -> None:
        """Count one refused request by the code of its error."""
        known = route if route in ROUTES else "other"
        self._refusals.labels(known, code if code in _ERROR_CODES else "other").inc()

    def appraised(self, outcome: str, count: int = 1) -> None:
        """Count projects by what became of them."""
        self._projects.labels(outcome).inc(count)

    def text(self) -> bytes:
        """Everything counted, in Prometheus' text form."""
        return generate_latest(self._registry)
