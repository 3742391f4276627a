"""What the service answers: every path, its method, and which limits apply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from serving.wording.envelope import Refusal

STATIC = "/static"
MODEL = "/model"
MONITORING = "/monitoring"
DATA_SHEET, ALGORITHM_RECORD = "/model/data_sheet", "/model/algorithm_record"
SIGN_IN, SIGN_OUT = "/sign_in", "/sign_out"
RECORD, RECEIPT, RECORDS = "/record/{id}", "/record/{id}/receipt", "/records"
PROJECTS = "/projects"
TENDENCIES, EXPORT = "/projects/tendencies", "/projects/export"
ACTS = ("/record/{id}/override", "/record/{id}/review", "/record/{id}/handling")
STANDARDS, STANDARD = "/standards", "/standards/standard"
STANDARDS_CHANGES, STANDARDS_EXPORT = "/standards/changes", "/standards/export"
TOPICS, TOPIC, TOPIC_EXPORT = "/topics", "/topics/topic", "/topics/export"
AUDIT, AUDIT_DIFFERENCE = "/audit", "/audit/difference"
AUDIT_RECORD, AUDIT_EXPORT = "/audit/records/{id}", "/audit/records/{id}/export"
AUDIT_REPLAY, AUDIT_VERIFY = "/audit/records/{id}/replay", "/audit/records/{id}/verify"
RELEASES, RELEASE, STATEMENT = "/releases", "/releases/{n}", "/releases/{n}/statement"
APPROVE, PROMOTE = "/releases/{n}/approve", "/releases/{n}/promote"
ROLLBACK, STOP, RESUME = "/releases/rollback", "/releases/stop", "/releases/resume"
REVIEW, REVIEW_CASE, REVIEW_REPORT = "/review", "/review/cases/{id}", "/review/reports/{id}"
REVIEW_JUDGEMENT, REVIEW_OPINION = "/review/cases/{id}/judgement", "/review/cases/{id}/opinion"
REVIEW_CORRECTION = "/review/cases/{id}/correction"
FINDINGS, FINDING_OPEN = "/review/findings", "/review/findings/open"
FINDING_ANSWER, FINDING_RETURN = "/review/findings/{id}/answer", "/review/findings/{id}/return"
FINDING_CLOSE = "/review/findings/{id}/close"
CHECK_FINDINGS, CHECK_FINDINGS_EXPORT = "/findings", "/findings/export"
SAY_OF_FINDING = "/record/{id}/findings"
DUPLICATES, FIND_DUPLICATES = "/duplicates", "/duplicates/check"
DISMISS_DUPLICATE = "/duplicates/dismiss"
_ID = "{id}"
_PARAMETERS = {_ID: "([^/]+)", "{n}": "([1-9][0-9]{0,8})"}
"""What may stand in a path: an id, which is looked up, or the number of a version."""


@dataclass(frozen=True)
class Route:
    """One path. question: whether it takes JSON and waits its turn.

    batch: whether it takes many projects at once. once: whether a key can make it take effect once.
    form: whether it takes a form of a page.
    """

    path: str
    question: bool = False
    batch: bool = False
    once: bool = False
    form: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it answers."""
        return ("POST",) if self.question or self.form else ("GET", "HEAD")


_QUESTIONS = (
    Route("/score", question=True, once=True),
    Route("/score_batch", question=True, batch=True, once=True),
    Route("/what_if", question=True),
    Route("/improvements", question=True),
    Route("/check", question=True),
    Route(FIND_DUPLICATES, question=True, batch=True),
)
_ACTS = tuple(Route(path, question=True, once=True) for path in ACTS)
_PAGES = tuple(
    Route(path)
    for path in (
        *("/", "/schema", "/openapi.json", "/livez", "/readyz", "/metrics", STATIC, MODEL),
        *(DATA_SHEET, ALGORITHM_RECORD),
        *(RECORD, RECEIPT, RECORDS),
        *(AUDIT, AUDIT_DIFFERENCE, AUDIT_RECORD, AUDIT_EXPORT),
        *(PROJECTS, TENDENCIES, EXPORT),
        MONITORING,
        *(RELEASES, RELEASE, STATEMENT),
        *(REVIEW, REVIEW_CASE, REVIEW_REPORT, FINDINGS),
        *(STANDARDS, STANDARD, STANDARDS_CHANGES, STANDARDS_EXPORT),
        *(TOPICS, TOPIC, TOPIC_EXPORT),
        DUPLICATES,
        *(CHECK_FINDINGS, CHECK_FINDINGS_EXPORT),
    )
)
_FORMS = tuple(
    Route(path, form=True)
    for path in (
        *(SIGN_IN, SIGN_OUT, AUDIT_REPLAY, AUDIT_VERIFY),
        *(APPROVE, PROMOTE, ROLLBACK, STOP, RESUME),
        *(REVIEW_JUDGEMENT, REVIEW_OPINION, REVIEW_CORRECTION),
        *(FINDING_OPEN, FINDING_ANSWER, FINDING_RETURN, FINDING_CLOSE),
        DISMISS_DUPLICATE,
        SAY_OF_FINDING,
    )
)
ROUTES: Mapping[str, Route] = {
    route.path: route for route in (*_QUESTIONS, *_ACTS, *_FORMS, *_PAGES)
}


_WITH_PARAMETER = tuple(
    (re.compile(path.replace(name, pattern)), route)
    for path, route in ROUTES.items()
    for name, pattern in _PARAMETERS.items()
    if name in path
)


def route_of(path: str) -> Route | None:
    """The route that a request's path belongs to; None where nothing is."""
    named = ROUTES.get(STATIC if path.startswith(f"{STATIC}/") else path)
    if named is not None:
        return named
    return next((route for pattern, route in _WITH_PARAMETER if pattern.fullmatch(path)), None)


def record_named(path: str) -> str:
    """The id of the record that a path names; "" where it names none."""
    if path in ROUTES:
        return ""
    about = (pattern for pattern, route in _WITH_PARAMETER if _ID in route.path)
    found = (pattern.fullmatch(path) for pattern in about)
    return next((match[1] for match in found if match), "")


def require_route(path: str, method: str) -> Route:
    """The route that answers a request.

    Raises:
        Refusal: 404 where there is none, 405 where it does not answer the method.
    """
    route = route_of(path)
    if route is None:
        raise Refusal(404)
    if method not in route.methods:
        allowed = ", ".join(route.methods)
        raise Refusal(405, f"{route.path} answers {allowed}.", headers={"Allow": allowed})
    return route
