"""What is counted about the service, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from models.registry import Release
from serving.routes import ROUTES
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

    def stopped(self, now: bool) -> None:
        """Say whether the model is out of service."""
        self._stopped.set(now)

    def release_refused(self, now: bool) -> None:
        """Say whether the newest release was refused."""
        self._refused.set(now)

    def witnesses(self, *, alias_elsewhere: bool, unrecorded: bool) -> None:
        """Say whether MLflow's alias and the record log stand against the list of releases."""
        self._alias.set(alias_elsewhere)
        self._unrecorded.set(unrecorded)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        known = route if route in ROUTES else "other"
        named = method if method in _METHODS else "other"
        self._requests.labels(known, named, str(status)).inc()
        self._seconds.labels(known).observe(seconds)

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
