"""POST /score_batch: many projects, in order, with bad ones in their own places."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from models.priority import Ranked, ranked
from tests.serving.conftest import Caller, tiny_project, unrecorded
from tests.serving.test_bad_requests import assert_refused


def test_results_come_in_order_with_the_bad_one_in_its_place(service: Caller) -> None:
    projects = [tiny_project(1), tiny_project(2, area="wide"), tiny_project(3), 7, None]
    answer = service.post("/score_batch", {"projects": projects})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result.get("project_id") for result in results] == ["P0001", None, "P0003", None, None]
    assert results[1]["error"]["code"] == "invalid"
    assert results[1]["error"]["details"][0]["field"] == "area"
    assert results[3]["error"]["details"][0]["expected"] == "an object of fields"


def test_each_result_is_the_answer_of_score(service: Caller) -> None:
    projects = [tiny_project(n, area=100.0 + 40 * n, people=n) for n in range(120)]
    results = service.post("/score_batch", {"projects": projects}).json()["results"]
    alone = [service.post("/score", {"project": project}).json() for project in projects]
    assert [*map(unrecorded, results)] == [*map(unrecorded, alone)]
    named = {answer["record_id"] for answer in results + alone}
    assert len(named) == 2 * len(projects)


def test_the_ranking_is_the_strict_order_of_the_rated(service: Caller) -> None:
    levels = ["none", "city", "province"]
    projects = [tiny_project(n, policy=levels[n % 3], people=10 + n) for n in range(9)]
    projects += [tiny_project(9, type=None), tiny_project(10, area="wide")]
    answer = service.post("/score_batch", {"projects": projects}).json()
    places = []
    for result in answer["results"][:9]:
        found = result["priority"]
        scores = (found["necessity"]["score"], found["importance"]["score"])
        points = (Decimal(str(n)) for n in (found["rank_score"], *scores))
        places.append(Ranked(result["project_id"], *points))
    assert answer["ranking"] == [place.project_id for place in ranked(places)]
    assert answer["results"][9]["status"] == "not_rated"
    assert set(answer["ranking"]) == {f"P{n:04}" for n in range(9)}
    assert answer["ranking"][0] != "P0000", "the order of input is not the ranking"


def test_the_ranking_does_not_depend_on_the_order_of_input(service: Caller) -> None:
    projects = [tiny_project(n, policy=["none", "province"][n % 2]) for n in range(8)]
    forward = service.post("/score_batch", {"projects": projects}).json()
    backward = service.post("/score_batch", {"projects": projects[::-1]}).json()
    assert forward["ranking"] == backward["ranking"]
    told = [[*map(unrecorded, each["results"])] for each in (forward, backward)]
    assert told[0] == told[1][::-1]


@pytest.mark.parametrize("projects", [[], [None], [tiny_project(area="wide")] * 3])
def test_a_batch_without_a_good_project_is_answered(
    service: Caller, projects: list[object]
) -> None:
    answer = service.post("/score_batch", {"projects": projects})
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == len(projects)
    assert answer.json()["ranking"] == []


def test_projects_must_be_a_list(service: Caller) -> None:
    assert_refused(service.post("/score_batch", {"projects": {"a": 1}}), 422)


def test_too_many_projects_are_refused_before_any_is_scored(service: Caller) -> None:
    body = json.dumps({"projects": [1] * 1001}).encode()
    answer = service.post("/score_batch", body)
    assert_refused(answer, 413)
    assert answer.json()["error"]["details"][0]["expected"] == "at most 1,000 projects"
