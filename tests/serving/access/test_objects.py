"""Every role on every route about every kind of object: its own, another's, and none."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from serving.access.caller import Role, parse_grant
from serving.access.policy import POLICY
from serving.records.record import new_record_id
from serving.routes import RECORDS, ROUTES
from tests.serving.access.conftest import GRANTS, Keyed
from tests.serving.conftest import tiny_project
from tests.serving.good_calls import GOOD, OF_REVIEWS, declaring
from tests.serving.test_bad_requests import assert_refused

FOREIGN = {"code": "F0001", "department": "D9"}
OBJECTS = ("D1's", "another's", "nobody's")
ABOUT = [
    (method, path)
    for path, route in ROUTES.items()
    if (GOOD[path].declares or "{" in GOOD[path].where) and path not in OF_REVIEWS
    for method in route.methods
]


@pytest.fixture(scope="module")
def records(keyed: Keyed) -> dict[str, str]:
    """The id of a record of each kind of object."""
    found = {"nobody's": new_record_id()}
    for whose, changes in (("D1's", {}), ("another's", FOREIGN)):
        body = {"project": tiny_project() | changes}
        found[whose] = keyed.post("platform", "/score", body).json()["record_id"]
    return found


def asked(
    keyed: Keyed, grant: str, method: str, path: str, whose: str, record_id: str
) -> httpx.Response:
    """A good call of a route about an object."""
    call = GOOD[path]
    given: dict[str, Any] = {}
    if call.body is not None:
        given["json"] = call.body
        if call.declares and whose != "D1's":
            named = FOREIGN if whose == "another's" else {"code": "N0001", "department": "D8"}
            given["json"] = declaring(call.body, **named)
    if call.form is not None:
        given["data"] = call.form
    project_id = {"D1's": "P0001", "another's": "F0001", "nobody's": "N0001"}[whose]
    return keyed.call(grant, method, call.at(record_id, project_id), **given)


def expected(grant: str, method: str, path: str, whose: str) -> int:
    """The status that role, route and object lead to."""
    if parse_grant(grant).role not in POLICY[method, path]:
        return 403
    stranger = parse_grant(grant).role is Role.DEPARTMENT and (grant, whose) != (
        "department:D1",
        "D1's",
    )
    if GOOD[path].declares:
        return 403 if stranger else 200  # anybody may declare what nobody has declared yet
    if path == RECORDS:
        return 200  # what it does not see is not listed
    return 404 if stranger or whose == "nobody's" else 200


@pytest.mark.parametrize("whose", OBJECTS)
@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize(("method", "path"), ABOUT)
def test_role_route_and_object_decide(
    keyed: Keyed, records: dict[str, str], method: str, path: str, grant: str, whose: str
) -> None:
    keyed.store.execute("DELETE FROM used")
    answer = asked(keyed, grant, method, path, whose, records[whose])
    status = expected(grant, method, path, whose)
    in_place = path == "/score_batch"  # there others' projects are refused each in its own place
    if in_place and status == 403 and parse_grant(grant).role in POLICY[method, path]:
        (result,) = answer.json()["results"]
        assert result["error"]["code"] == "forbidden"
        status = 200
    assert answer.status_code == status, answer.text
    if status != 200 and method != "HEAD":
        assert_refused(answer, status)
    if grant.startswith("department") and (grant, whose) != ("department:D1", "D1's"):
        assert records["another's"] not in answer.text
        assert "F0001" not in answer.text
        assert answer.json().get("records", []) == [] if method == "GET" else True


def test_every_route_has_a_good_call() -> None:
    assert GOOD.keys() == ROUTES.keys(), "a new route is tried for every role and object too"


def test_control_anothers_record_is_there_for_others(keyed: Keyed, records: dict[str, str]) -> None:
    listed = asked(keyed, "auditor", "GET", RECORDS, "another's", "").json()["records"]
    assert records["another's"] in [line["record_id"] for line in listed]
