"""Every role on every route: what the table says is what the service does."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

import serving.assembly
from models.registry import Release
from serving.access.caller import Role, parse_grant
from serving.access.gate import Gate
from serving.access.policy import EVERYONE, POLICY, STRANGERS, require_complete
from serving.errors import AccessError
from serving.questions import questions
from serving.routes import (
    APPROVE,
    DISMISS_DUPLICATE,
    PROMOTE,
    RELEASE,
    RELEASES,
    RESUME,
    ROLLBACK,
    ROUTES,
    SIGN_IN,
    SIGN_OUT,
    STATEMENT,
    STOP,
    Route,
)
from serving.settings import Limits
from tests.serving.access.conftest import GRANTS, Keyed
from tests.serving.conftest import tiny_project
from tests.serving.good_calls import GOOD, OF_REVIEWS
from tests.serving.test_bad_requests import assert_refused

CALLS = [
    (method, path)
    for path, route in ROUTES.items()
    for method in route.methods
    if path not in OF_REVIEWS  # which need a case: see tests/serving/review/test_roles.py
]
OWN = {"sec-fetch-site": "same-origin"}


def asked(keyed: Keyed, grant: str | None, method: str, path: str) -> httpx.Response:
    """A sound call of a route, with the key of a role or none."""
    given: dict[str, Any] = {"headers": dict(OWN)}
    call, record_id = GOOD[path], ""
    if call.body is not None:
        given["json"] = call.body
    elif path == SIGN_IN:
        given["data"] = {"key": keyed.keys[grant or "admin"]}
    elif path == DISMISS_DUPLICATE:
        given["data"] = dismissal(keyed)
    elif call.form is not None:
        given["data"] = call.form
    if path == RESUME:
        keyed.post("admin", STOP, GOOD[STOP].body)
    if "{id}" in call.where:
        scored = keyed.post("platform", "/score", GOOD["/score"].body)
        record_id = scored.json()["record_id"]
    where = call.at(record_id)
    if grant is None:
        return keyed.service.call(method, where, **given)
    return keyed.call(grant, method, where, **given)


def dismissal(keyed: Keyed) -> dict[str, str]:
    """A form that dismisses a pair of two scored projects."""
    records = [
        keyed.post("platform", "/score", {"project": tiny_project(number)}).json()["record_id"]
        for number in (1, 2)
    ]
    pair = {"first": records[0], "second": records[1]}
    return pair | {"reason": "different", "comment": "seen on site"}


def differences(keyed: Keyed, method: str, path: str) -> list[str]:
    """The roles that a route answers otherwise than the table says."""
    allowed = POLICY[method, path]
    keyed.store.execute("DELETE FROM used")
    found = []
    for grant in GRANTS:
        if grant == "department:D2" and (GOOD[path].declares or "{id}" in GOOD[path].where):
            continue  # the project is not its own
        answer = asked(keyed, grant, method, path)
        if allowed == STRANGERS or parse_grant(grant).role in allowed:
            right = answer.status_code in (GOOD[path].answer, 303)
        else:
            right = answer.status_code == 403
            if right and method != "HEAD":
                assert_refused(answer, 403)
        found += [] if right else [grant]
    return found


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_role_gets_what_the_table_says(keyed: Keyed, method: str, path: str) -> None:
    assert differences(keyed, method, path) == []


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_stranger_gets_what_is_open_and_nothing_else(
    keyed: Keyed, method: str, path: str
) -> None:
    answer = asked(keyed, None, method, path)
    if POLICY[method, path] == STRANGERS:
        assert answer.status_code in (200, 303)
        return
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="lingji"'
    assert answer.headers["connection"] == "close"
    if method != "HEAD":
        assert_refused(answer, 401)


def test_open_to_strangers_are_liveness_and_the_form_that_asks_who_they_are() -> None:
    assert {key for key, roles in POLICY.items() if roles == STRANGERS} == {
        ("GET", "/livez"),
        ("HEAD", "/livez"),
        ("POST", SIGN_IN),
    }


def test_who_scores_and_who_watches() -> None:
    never = {Role.EXPERT, Role.APPROVER}
    assert EVERYONE - POLICY["POST", "/score"] == never
    assert EVERYONE - POLICY["POST", "/score_batch"] == never | {Role.AUDITOR}
    assert EVERYONE - POLICY["POST", "/what_if"] == never | {Role.AUDITOR}
    assert POLICY["POST", "/improvements"] == POLICY["POST", "/what_if"]
    assert EVERYONE - POLICY["GET", "/metrics"] == never | {Role.DEPARTMENT}
    assert POLICY["POST", SIGN_OUT] == EVERYONE


def test_who_releases_and_who_stops() -> None:
    releasing = {Role.APPROVER, Role.ADMIN}
    for path in (APPROVE, PROMOTE, ROLLBACK, RESUME):
        assert POLICY["POST", path] == releasing
    assert POLICY["POST", STOP] == releasing | {Role.TRAINER}
    assert POLICY["GET", RELEASES] == EVERYONE
    for path in (RELEASE, STATEMENT):  # a verdict may name another department
        assert EVERYONE - POLICY["GET", path] == {Role.DEPARTMENT, Role.PLATFORM}


@pytest.mark.parametrize("path", ["/nothing", "/score/", "/docs.json", "/static"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_a_stranger_does_not_learn_which_paths_there_are(
    keyed: Keyed, method: str, path: str
) -> None:
    assert_refused(keyed.service.call(method, path), 401)
    assert keyed.call("admin", method, path).status_code in (404, 405)


def test_another_method_of_an_open_path_is_not_open(keyed: Keyed) -> None:
    assert_refused(keyed.service.call("DELETE", "/livez"), 401)
    assert_refused(keyed.call("admin", "DELETE", "/livez"), 405)


def test_a_route_without_a_policy_or_a_policy_without_a_route_is_named() -> None:
    require_complete(POLICY, ROUTES.values())
    with pytest.raises(AccessError, match="POST /rescore has no policy"):
        require_complete(POLICY, [*ROUTES.values(), Route("/rescore", question=True)])
    with pytest.raises(AccessError, match="GET /gone is no route"):
        require_complete({**POLICY, ("GET", "/gone"): EVERYONE}, ROUTES.values())


def test_the_service_does_not_start_with_a_route_that_has_no_policy(
    keyed: Keyed, release: Release
) -> None:
    without = {key: roles for key, roles in POLICY.items() if key != ("POST", "/score")}
    with pytest.raises(AccessError, match="POST /score has no policy"):
        Gate(keyed.service.app, keyed.access, without)


def test_control_a_service_with_another_table_is_noticed(
    keyed: Keyed, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {**POLICY, ("POST", "/score"): EVERYONE, ("GET", "/schema"): frozenset({Role.ADMIN})}
    monkeypatch.setattr(serving.assembly, "Gate", partial(Gate, policy=wrong))
    app = serving.assembly.around(questions, release, Limits(), keyed.access, keyed.records)
    other = replace(keyed, service=replace(keyed.service, app=app))
    assert differences(other, "POST", "/score") == ["expert", "approver"]
    assert differences(other, "GET", "/schema") == [grant for grant in GRANTS if grant != "admin"]
