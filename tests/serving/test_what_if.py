"""POST /what_if: what a change of some fields would do."""

from __future__ import annotations

from models.registry import Release
from tests.serving.conftest import IDENTITY_NUMBER, Caller, tiny_project, what_if
from tests.serving.test_bad_requests import assert_refused


def test_the_answer_is_that_of_the_main_path(service: Caller, release: Release) -> None:
    body = {"project": tiny_project(policy="none"), "changes": {"policy": "province"}}
    answer = service.post("/what_if", body)
    assert answer.status_code == 200
    assert answer.json() == what_if(body["project"], body["changes"], release)
    assert answer.json()["difference"]["necessity"]["change"] > 0


def test_control_no_change_makes_no_difference(service: Caller) -> None:
    answer = service.post("/what_if", {"project": tiny_project(), "changes": {}}).json()
    assert all(not head["reasons"] for head in answer["difference"].values())


def test_the_requested_amount_moves_no_zero_based_head(service: Caller) -> None:
    body = {"project": tiny_project(), "changes": {"apply": 9_000_000.0}}
    difference = service.post("/what_if", body).json()["difference"]
    assert {name: difference[name].get("change", 0) for name in ("necessity", "importance")} == {
        "necessity": 0,
        "importance": 0,
    }
    assert difference["cost"]["factor"] == 1


def test_a_change_that_makes_the_project_bad_is_refused(service: Caller) -> None:
    changes = {"area": "wide", "contact": [IDENTITY_NUMBER]}
    answer = service.post("/what_if", {"project": tiny_project(), "changes": changes})
    assert_refused(answer, 422)
    assert IDENTITY_NUMBER not in answer.text


def test_changes_must_be_an_object(service: Caller) -> None:
    assert_refused(service.post("/what_if", {"project": tiny_project(), "changes": []}), 422)


def test_changes_must_be_given(service: Caller) -> None:
    answer = service.post("/what_if", {"project": tiny_project()})
    assert_refused(answer, 422)
    assert answer.json()["error"]["details"][0]["field"] == "changes"
