"""One good call of every route: what tests of every route begin with. A new route gets one too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
)
from tests.serving.conftest import tiny_project

OVERRIDE, REVIEW, HANDLING = ACTS
CASES = (REVIEW_CASE, REVIEW_REPORT, REVIEW_JUDGEMENT, REVIEW_OPINION, REVIEW_CORRECTION)
OF_REVIEWS = (*CASES, FINDING_OPEN, FINDING_ANSWER, FINDING_RETURN, FINDING_CLOSE)
"""Routes about a case or a finding, and no record of a score: `tests/serving/review` calls them."""


@dataclass(frozen=True)
class GoodCall:
    """How a route is called well.

    where: its path; `{id}` stands for a record's id and `{project}` for a project's. body: what is
    posted, of a question. form: what a page's form sends. declares: whether the body declares a
    project, or several. answer: what whoever may call it is answered, where nothing was prepared
    for the call.
    """

    where: str
    body: Mapping[str, Any] | None = None
    declares: bool = False
    answer: int = 200
    form: Mapping[str, str] | None = None

    def at(self, record_id: str, project_id: str = "P0001") -> str:
        """The path, with its query, for a record or a project."""
        return self.where.format(id=record_id, project=project_id)


SAID = {"finding": "TNY-01", "state": "violation", "comment": "seen on site"}
_GOOD = (
    GoodCall("/score", {"project": tiny_project()}, declares=True),
    GoodCall("/score_batch", {"projects": [tiny_project()]}, declares=True),
    GoodCall("/what_if", {"project": tiny_project(), "changes": {}}, declares=True),
    GoodCall("/improvements", {"project": tiny_project()}, declares=True),
    GoodCall("/check", {"project": tiny_project()}, declares=True),
    GoodCall(
        OVERRIDE, {"reason": "special_case", "comment": "seen on site", "values": {"grade": "A"}}
    ),
    GoodCall(HANDLING, SAID),
    GoodCall(SAY_OF_FINDING, form=SAID),
    GoodCall(REVIEW, {"verdict": "confirmed", "comment": "seen on site"}),
    GoodCall(RECORD),
    GoodCall(RECEIPT),
    *(
        GoodCall(path)
        for path in ("/", "/schema", "/openapi.json", "/livez", "/readyz", "/metrics")
    ),
    GoodCall(FIND_DUPLICATES, {"projects": [tiny_project()]}, declares=True),
    *(GoodCall(path) for path in (DUPLICATES, DISMISS_DUPLICATE)),
    *(GoodCall(path) for path in (CHECK_FINDINGS, CHECK_FINDINGS_EXPORT)),
    *(GoodCall(path) for path in (SIGN_IN, SIGN_OUT)),
    *(GoodCall(path) for path in (MODEL, MONITORING, DATA_SHEET, ALGORITHM_RECORD)),
    *(GoodCall(path) for path in (PROJECTS, TENDENCIES, EXPORT)),
    GoodCall(RELEASES),
    GoodCall(ROLLBACK, {"releases": 0}, answer=409),
    GoodCall(STOP, {"reason": "looked into"}),
    GoodCall(RESUME, {}),
    *(GoodCall(path) for path in ("/review", FINDINGS, *OF_REVIEWS)),
    *(GoodCall(path) for path in (STANDARDS, STANDARDS_CHANGES, STANDARDS_EXPORT, TOPICS)),
    *(GoodCall(path) for path in (AUDIT, AUDIT_RECORD, AUDIT_EXPORT, AUDIT_REPLAY, AUDIT_VERIFY)),
)
GOOD: Mapping[str, GoodCall] = {
    **{call.where: call for call in _GOOD},
    RECORDS: GoodCall(f"{RECORDS}?project_id={{project}}"),
    AUDIT_DIFFERENCE: GoodCall(f"{AUDIT_DIFFERENCE}?a={{id}}&b={{id}}"),
    TOPIC: GoodCall(f"{TOPIC}?name=roads"),
    TOPIC_EXPORT: GoodCall(f"{TOPIC_EXPORT}?name=roads"),
    STANDARD: GoodCall(f"{STANDARD}?code=MEETING"),
    STATIC: GoodCall(f"{STATIC}/page.css"),
    RELEASE: GoodCall("/releases/1"),
    STATEMENT: GoodCall("/releases/1/statement", answer=409),
    APPROVE: GoodCall("/releases/1/approve", {"approval": {}}, answer=422),
    PROMOTE: GoodCall("/releases/1/promote", {"statement": "sha256:0"}, answer=409),
}
"""By the route's path."""


def declaring(body: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The body of a call that declares a project, with fields of the project changed."""
    if "projects" in body:
        return {**body, "projects": [{**project, **changes} for project in body["projects"]]}
    return {**body, "project": {**body["project"], **changes}}
