"""Which roles may call which route: one table, complete or the service does not start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from serving.access.caller import Caller, Role
from serving.errors import AccessError
from serving.routes import (
    ACTS,
    ALGORITHM_RECORD,
    APPROVE,
    AUDIT,
    AUDIT_DIFFERENCE,
    AUDIT_EXPORT,
    AUDIT_RECORD,
    AUDIT_REPLAY,
    AUDIT_VERIFY,
    CHECK_FINDINGS,
    CHECK_FINDINGS_EXPORT,
    DATA_SHEET,
    DISMISS_DUPLICATE,
    DUPLICATES,
    EXPORT,
    FIND_DUPLICATES,
    FINDING_ANSWER,
    FINDING_CLOSE,
    FINDING_OPEN,
    FINDING_RETURN,
    FINDINGS,
    MODEL,
    MONITORING,
    PROJECTS,
    PROMOTE,
    RECEIPT,
    RECORD,
    RECORDS,
    RELEASE,
    RELEASES,
    RESUME,
    REVIEW,
    REVIEW_CASE,
    REVIEW_CORRECTION,
    REVIEW_JUDGEMENT,
    REVIEW_OPINION,
    REVIEW_REPORT,
    ROLLBACK,
    SAY_OF_FINDING,
    SIGN_IN,
    SIGN_OUT,
    STANDARD,
    STANDARDS,
    STANDARDS_CHANGES,
    STANDARDS_EXPORT,
    STATEMENT,
    STATIC,
    STOP,
    TENDENCIES,
    TOPIC,
    TOPIC_EXPORT,
    TOPICS,
    Route,
)
from serving.wording.envelope import Refusal

EVERYONE = frozenset(Role)
STRANGERS: frozenset[Role] = frozenset()
"""Who is not asked who they are: the route is open, or asks by itself."""

Policy = Mapping[tuple[str, str], frozenset[Role]]

_SCORING = frozenset({Role.PLATFORM, Role.DEPARTMENT, Role.TRAINER, Role.ADMIN})
_WATCHING = frozenset({Role.PLATFORM, Role.TRAINER, Role.AUDITOR, Role.ADMIN})

_READING = frozenset({Role.PLATFORM, Role.DEPARTMENT, Role.EXPERT, Role.AUDITOR, Role.ADMIN})
_LOOKING = _READING - {Role.PLATFORM}
"""People who may look at records, each at those that it may see; a platform is a program."""
_AUDITING = frozenset({Role.AUDITOR, Role.ADMIN})
_MONITORING = frozenset({Role.TRAINER, Role.AUDITOR, Role.ADMIN})
_ACCOUNTABLE = frozenset({Role.EXPERT, Role.TRAINER, Role.AUDITOR, Role.ADMIN})
"""Who may know the people behind a model: who handed outcomes in, reviewed it and signed it."""
_JUDGING = frozenset({Role.EXPERT, Role.ADMIN})
_RELEASING = frozenset({Role.APPROVER, Role.ADMIN})
_WEIGHING = _RELEASING | {Role.EXPERT, Role.TRAINER, Role.AUDITOR}
"""Who sees what the gates say of a version, which may name departments."""
_REVIEWING = frozenset({Role.EXPERT, Role.AUDITOR, Role.ADMIN})

POLICY: Policy = {
    # An expert judges before seeing what the model says; an auditor repeats single answers.
    ("POST", "/score"): _SCORING | {Role.AUDITOR},
    ("POST", "/score_batch"): _SCORING,
    ("POST", "/what_if"): _SCORING,
    ("POST", "/improvements"): _SCORING,
    # It says what rules say, and nothing of what the model would.
    ("POST", "/check"): _SCORING | {Role.EXPERT, Role.AUDITOR},
    **{("POST", path): _JUDGING for path in ACTS},
    **{
        (method, path): _READING
        for path in (
            RECORD,
            RECEIPT,
            RECORDS,
            PROJECTS,
            TENDENCIES,
            EXPORT,
            TOPICS,
            TOPIC,
            TOPIC_EXPORT,
            CHECK_FINDINGS,
            CHECK_FINDINGS_EXPORT,
        )
        for method in ("GET", "HEAD")
    },
    **{
        (method, path): _LOOKING
        for path in (AUDIT, AUDIT_RECORD, AUDIT_EXPORT, AUDIT_DIFFERENCE)
        for method in ("GET", "HEAD")
    },
    **{
        (method, path): EVERYONE
        for path in (STANDARDS, STANDARD, STANDARDS_CHANGES, STANDARDS_EXPORT)
        for method in ("GET", "HEAD")
    },
    ("POST", FIND_DUPLICATES): _SCORING | {Role.AUDITOR},
    **{(method, DUPLICATES): _READING for method in ("GET", "HEAD")},
    ("POST", DISMISS_DUPLICATE): _JUDGING,
    ("POST", SAY_OF_FINDING): _JUDGING,
    ("POST", AUDIT_VERIFY): _LOOKING,
    # It loads a model for one record: whoever audits may have that done.
    ("POST", AUDIT_REPLAY): _AUDITING,
    # Whoever uses the model may know which one serves and who let it.
    **{(method, RELEASES): EVERYONE for method in ("GET", "HEAD")},
    **{(method, path): _WEIGHING for path in (RELEASE, STATEMENT) for method in ("GET", "HEAD")},
    # The signatures of two people are what releases; the role says who may bring them.
    **{("POST", path): _RELEASING for path in (APPROVE, PROMOTE, ROLLBACK, RESUME)},
    # Whoever watches the model may stop it at once; to put it back is not theirs alone.
    ("POST", STOP): _RELEASING | {Role.TRAINER},
    # An administrator sees every answer, and cannot judge unseen; a trainer could train for cases.
    **{
        (method, path): _REVIEWING | {Role.TRAINER, Role.APPROVER}
        for path in (REVIEW, REVIEW_REPORT, FINDINGS)
        for method in ("GET", "HEAD")
    },
    **{(method, REVIEW_CASE): _REVIEWING for method in ("GET", "HEAD")},
    **{
        ("POST", path): frozenset({Role.EXPERT})
        for path in (REVIEW_JUDGEMENT, REVIEW_OPINION, REVIEW_CORRECTION)
    },
    **{("POST", path): _REVIEWING for path in (FINDING_OPEN, FINDING_RETURN, FINDING_CLOSE)},
    ("POST", FINDING_ANSWER): frozenset({Role.TRAINER, Role.ADMIN}),
    ("POST", SIGN_IN): STRANGERS,
    ("POST", SIGN_OUT): EVERYONE,
    ("GET", "/livez"): STRANGERS,
    ("HEAD", "/livez"): STRANGERS,
    **{(method, MONITORING): _MONITORING for method in ("GET", "HEAD")},
    ("GET", "/metrics"): _WATCHING,
    ("HEAD", "/metrics"): _WATCHING,
    **{
        (method, path): _ACCOUNTABLE
        for path in (DATA_SHEET, ALGORITHM_RECORD)
        for method in ("GET", "HEAD")
    },
    **{
        (method, path): EVERYONE
        for path in ("/", "/schema", "/openapi.json", "/readyz", STATIC, MODEL)
        for method in ("GET", "HEAD")
    },
}


def require_complete(policy: Policy, routes: Iterable[Route]) -> None:
    """Return when the policy names every method of every route, and nothing else.

    Raises:
        AccessError: naming what is not declared, or declared and not there.
    """
    there = {(method, route.path) for route in routes for method in route.methods}
    wrong = [f"{' '.join(key)} has no policy" for key in sorted(there - policy.keys())]
    wrong += [f"{' '.join(key)} is no route" for key in sorted(policy.keys() - there)]
    if wrong:
        raise AccessError(f"expected a policy for every route; got: {'; '.join(wrong)}")


def may_call(caller: Caller, method: str, path: str, policy: Policy = POLICY) -> bool:
    """Whether the caller's role may call a route."""
    return caller.role in policy[method, path]


def require_allowed(caller: Caller, route: Route, method: str, policy: Policy) -> None:
    """Return when the caller's role may call the route.

    Raises:
        Refusal: 403 when it may not.
    """
    allowed = policy[method, route.path]
    if not may_call(caller, method, route.path, policy):
        roles = ", ".join(role.value for role in Role if role in allowed)
        said = f"{route.path} answers the roles {roles}; yours is {caller.role.value}."
        raise Refusal(403, said)
