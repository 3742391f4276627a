"""Which role may call which route of reviews; and a page of another site may call none."""

from __future__ import annotations

import pytest

from serving.access.caller import parse_grant
from serving.access.policy import POLICY
from serving.routes import FINDING_ANSWER, FINDING_CLOSE, FINDING_RETURN, REVIEW_CASE, REVIEW_REPORT
from tests.serving.access.conftest import GRANTS
from tests.serving.good_calls import CASES, OF_REVIEWS
from tests.serving.review.conftest import JUDGEMENT, OTHER, Reviewed
from tests.serving.test_bad_requests import assert_refused

TEXT = {"text": "looked at", "evidence": "tests/test_grade.py"}
OPENED = {"severity": "major", "owner": "Li", "due": "2999-01-31", "text": "too high for roads"}


def where(reviewed: Reviewed, path: str, finding: str) -> str:
    """The address of a route about the first case, its round or a finding."""
    subject = reviewed.kept.round.name if path == REVIEW_REPORT else reviewed.id()
    return path.format(id=subject if path in CASES else finding)


@pytest.mark.parametrize("path", OF_REVIEWS)
def test_every_role_gets_what_the_table_says(reviewed: Reviewed, path: str) -> None:
    reviewed.judge(OTHER)
    subject = {"subject": reviewed.id(2)}
    for grant in GRANTS:
        opened = reviewed.send("auditor", "/review/findings/open", **OPENED, **subject)
        finding = opened.json()["record_id"]
        if path in (FINDING_CLOSE, FINDING_RETURN):
            reviewed.send("trainer", f"/review/findings/{finding}/answer", **TEXT)
        method = "GET" if path in (REVIEW_CASE, REVIEW_REPORT) else "POST"
        fields = {**JUDGEMENT, **OPENED, **TEXT, **subject, "reason": "seen"}
        given = {} if method == "GET" else {"data": fields}
        answer = reviewed.keyed.call(grant, method, where(reviewed, path, finding), **given)
        allowed = parse_grant(grant).role in POLICY[method, path]
        assert (answer.status_code != 403) is allowed, (grant, path, answer.text)
        assert answer.status_code < 500


@pytest.mark.parametrize("path", [path for path in OF_REVIEWS if path != REVIEW_REPORT])
def test_what_is_not_there_is_not_found(reviewed: Reviewed, path: str) -> None:
    if "{id}" not in path:
        return
    grant = "trainer" if path == FINDING_ANSWER else "expert"
    method = "GET" if path == REVIEW_CASE else "POST"
    for absent in (
        "nothing",
        "2-dddddddddddd-999",
        "%2e%2e",
        "01a21a7e-9dda-7a37-af06-c5e0403ba6e6",
    ):
        given = {} if method == "GET" else {"data": {**JUDGEMENT, **TEXT, "reason": "seen"}}
        answer = reviewed.keyed.call(grant, method, path.format(id=absent), **given)
        assert_refused(answer, 404)


def test_a_page_of_another_site_can_send_no_form(reviewed: Reviewed) -> None:
    holder = reviewed.keyed.access.keys.holder(reviewed.keyed.keys["expert"])
    cookie = f"lingji_session={reviewed.keyed.access.sessions.begin(holder)}"
    path = f"/review/cases/{reviewed.id()}/judgement"
    service, size = reviewed.keyed.service, reviewed.keyed.records.head().size
    for headers in ({}, {"sec-fetch-site": "cross-site"}, {"origin": "http://evil.example"}):
        answer = service.call("POST", path, data=JUDGEMENT, headers={"cookie": cookie, **headers})
        assert_refused(answer, 403)
    assert reviewed.keyed.records.head().size == size
    own = {"cookie": cookie, "sec-fetch-site": "same-origin", "accept": "text/html"}
    answer = service.call("POST", path, data=JUDGEMENT, headers=own)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"../../../review/cases/{reviewed.id()}?lang=zh",
    )
    assert reviewed.keyed.records.head().size == size + 1


def test_who_trains_does_not_learn_which_projects_are_judged(reviewed: Reviewed) -> None:
    told = reviewed.keyed.call("trainer", "GET", "/review").json()
    assert (told["rounds"][0]["cases"], told["rounds"][0]["total"]) == ([], 3)
    assert "P0001" not in reviewed.page("trainer", "/review")
    assert "P0001" in reviewed.page("auditor", "/review"), "control"
