"""A department asks about its own projects and is told of no other's."""

from __future__ import annotations

from typing import Any

import pytest

from features.catalogue import load_catalogue
from features.errors import ProjectError
from serving.access.caller import Caller, parse_grant
from serving.access.own_projects import not_own, without_others
from tests.serving.access.conftest import Keyed
from tests.serving.conftest import CATALOGUE, tiny_project, unrecorded
from tests.serving.test_bad_requests import assert_refused

D1 = Caller(parse_grant("department:D1"), "k-1")
FOREIGN: list[Any] = [
    "D2", "d1", " D1", "D1 ", "D1\t", "Ｄ1", "D11", "D", "", None, 1, True, ["D1"], {"D1": 1},
]  # fmt: skip


def test_its_own_project_is_scored(keyed: Keyed) -> None:
    assert keyed.post("department:D1", "/score", {"project": tiny_project()}).status_code == 200


@pytest.mark.parametrize("department", FOREIGN)
def test_another_project_is_refused_and_the_field_named(keyed: Keyed, department: Any) -> None:
    project = {**tiny_project(), "department": department}
    answer = keyed.post("department:D1", "/score", {"project": project})
    assert_refused(answer, 403)
    (detail,) = answer.json()["error"]["details"]
    assert detail["field"] == "department"
    assert detail["expected"] == "your department's code, D1"
    assert detail["got"] == ("nothing" if department is None else "another code")


def test_a_project_that_does_not_say_whose_it_is_is_refused(keyed: Keyed) -> None:
    project = tiny_project(department=None)
    assert_refused(keyed.post("department:D1", "/score", {"project": project}), 403)


def test_control_others_score_any_project(keyed: Keyed) -> None:
    for grant in ("platform", "trainer", "auditor", "admin"):
        answer = keyed.post(grant, "/score", {"project": tiny_project(department="D2")})
        assert answer.status_code == 200
        assert answer.json()["similar"], "and are told of similar ones"


def test_in_a_batch_another_project_is_an_error_in_its_own_place(keyed: Keyed) -> None:
    projects = [
        tiny_project(1),
        tiny_project(2, department="D2"),
        tiny_project(3, area="wide"),
        7,
        tiny_project(5, department="D2", area="wide"),
        tiny_project(6),
    ]
    answer = keyed.post("department:D1", "/score_batch", {"projects": projects}).json()
    results = answer["results"]
    codes = [result.get("error", {}).get("code") for result in results]
    assert codes == [None, "forbidden", "invalid", "invalid", "forbidden", None]
    assert [results[place]["project_id"] for place in (0, 5)] == ["P0001", "P0006"]
    assert set(answer["ranking"]) == {"P0001", "P0006"}
    alone = keyed.post("department:D1", "/score", {"project": projects[5]}).json()
    assert unrecorded(results[5]) == unrecorded(alone)


def test_a_batch_of_nothing_but_others_projects_is_refused_item_by_item(keyed: Keyed) -> None:
    projects = [tiny_project(n, department="D2") for n in range(60)]
    answer = keyed.post("department:D1", "/score_batch", {"projects": projects}).json()
    assert {result["error"]["code"] for result in answer["results"]} == {"forbidden"}
    assert (len(answer["results"]), answer["ranking"]) == (60, [])


@pytest.mark.parametrize(
    ("project", "changes"),
    [
        (tiny_project(department="D2"), {}),
        (tiny_project(department="D2"), {"department": "D1"}),
        (tiny_project(), {"department": "D2"}),
        (tiny_project(), {"department": None}),
    ],
)
def test_no_change_leads_to_another_department(
    keyed: Keyed, project: dict[str, Any], changes: dict[str, Any]
) -> None:
    body = {"project": project, "changes": changes}
    assert_refused(keyed.post("department:D1", "/what_if", body), 403)


def test_a_department_is_not_told_of_past_projects_of_others(keyed: Keyed) -> None:
    body = {"project": tiny_project()}
    told = keyed.post("department:D1", "/score", body).json()
    all_of_it = keyed.post("platform", "/score", body).json()
    assert all_of_it["similar"]
    assert unrecorded(told) == {**unrecorded(all_of_it), "similar": []}
    headers = {"accept": "text/html"}
    page = keyed.call("department:D1", "POST", "/score", json=body, headers=headers).text
    assert all_of_it["similar"][0]["project_id"] not in page
    assert without_others(D1, all_of_it)["similar"] == []


def test_a_catalogue_that_does_not_say_who_declares_serves_no_department() -> None:
    catalogue = load_catalogue(CATALOGUE)
    columns = catalogue.columns.model_copy(update={"group": None})
    silent = catalogue.model_copy(update={"columns": columns})
    refusal = not_own(D1, tiny_project(), silent)
    assert refusal is not None
    assert refusal.status == 403
    assert not_own(Caller(parse_grant("platform"), "k-2"), tiny_project(), silent) is None


def test_the_field_of_the_default_catalogue_is_the_code_of_the_department() -> None:
    catalogue = load_catalogue("zero_base")
    assert catalogue.columns.group == "dept_code"
    caller = Caller(parse_grant("department:109001"), "k-1")
    assert not_own(caller, {"dept_code": "109001"}, catalogue) is None
    refusal = not_own(caller, {"dept_code": "109002"}, catalogue)
    assert refusal is not None
    assert refusal.faults[0].field == "dept_code"


def test_control_what_is_not_a_project_is_refused_as_such(keyed: Keyed) -> None:
    for project in (None, 7, "D1", []):
        assert_refused(keyed.post("department:D1", "/score", {"project": project}), 422)
    assert not_own(D1, None, load_catalogue(CATALOGUE)) is None
    assert issubclass(ProjectError, Exception)
