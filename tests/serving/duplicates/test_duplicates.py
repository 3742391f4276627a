"""Duplicates by API: asked about, listed, dismissed; each caller within what it may see."""

from __future__ import annotations

from typing import Any

import pytest

from models.registry import Release
from serving.records.database import SERVICE
from serving.records.log_query import LogQuery
from serving.records.record_log import RecordLog
from tests.serving.duplicates.conftest import Keys, library, lights, recorded, twin

ASK, PAGE, DISMISS = "/duplicates/check", "/duplicates", "/duplicates/dismiss"


def asked(keys: Keys, *projects: Any, grant: str = "platform") -> dict[str, Any]:
    answer = keys.post(grant, ASK, {"projects": list(projects)})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def listed(keys: Keys, query: str = "", grant: str = "auditor") -> dict[str, Any]:
    answer = keys.get(grant, f"{PAGE}?{query}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_pair_among_the_given_is_told_and_adds_up(keys: Keys, log: RecordLog) -> None:
    told = asked(keys, lights("A1"), library("A2"), twin("A3"))
    (pair,) = told["pairs"]
    assert pair["kind"] == "declared_twice"
    assert pair["places"] == [0, 2]
    assert told["groups"] == [["A1", "A3"]]
    points = sum(reason["points"] for reason in pair["reasons"])
    assert pair["score"] == pytest.approx(pair["base"] + points, abs=1e-9)
    assert "1,860,000 元 与 1,910,000 元" in str(pair["reasons"])
    assert "1,860,000 yuan and 1,910,000 yuan" in str(pair["reasons"])
    assert told["advisory"] is True
    kept = log.record(told["record_id"])
    assert kept is not None
    assert kept.kind == "duplicates"
    assert kept.content()["content"]["pairs"][0][:3] == ["declared_twice", "A1", "A3"]


def test_different_projects_are_no_pair(keys: Keys) -> None:
    assert asked(keys, lights("A1"), library("A2"))["pairs"] == []


def test_one_project_is_compared_with_the_recorded(
    keys: Keys, release: Release, log: RecordLog
) -> None:
    recorded(lights("R1"), release, log)
    recorded(library("R2"), release, log)
    told = asked(keys, twin("A1"))
    (pair,) = told["pairs"]
    assert pair["places"] == [0, None]
    assert [p["project_id"] for p in pair["projects"]] == ["A1", "R1"]
    assert told["compared"] | {"rules": ""} == {
        "given": 1, "recorded": 2, "recorded_left_out": 0, "rules": "",
    }  # fmt: skip
    assert asked(keys, lights("R1"))["pairs"] == [], "a project is no duplicate of itself"


def test_recorded_rounds_far_away_are_not_compared(
    keys: Keys, release: Release, log: RecordLog
) -> None:
    recorded(lights("R1", fiscal_year=2022), release, log)
    assert asked(keys, twin("A1"))["compared"]["recorded"] == 0
    recorded(lights("R2", fiscal_year=2024), release, log)
    assert asked(keys, twin("A1"))["compared"]["recorded"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"projects": []}, "projects"),
        ({"projects": [lights("A1"), lights("A2", apply_amt="much")]}, "projects[1].apply_amt"),
        ({"projects": [lights("A1")], "more": 1}, ""),
    ],
)
def test_what_cannot_be_compared_is_refused(keys: Keys, body: Any, field: str | None) -> None:
    answer = keys.post("platform", ASK, body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0].get("field", "") == field


def test_too_many_projects_are_refused(keys: Keys) -> None:
    answer = keys.post("platform", ASK, {"projects": [{}] * 1_001})
    assert answer.status_code == 413


def test_a_department_asks_about_its_own_and_sees_only_its_own(
    keys: Keys, release: Release, log: RecordLog
) -> None:
    recorded(lights("R1"), release, log)
    own = twin("A1")
    assert asked(keys, own, grant="department:213001")["pairs"] == []
    assert len(asked(keys, own, grant="platform")["pairs"]) == 1, "control"
    answer = keys.post("department:213001", ASK, {"projects": [lights("A2")]})
    assert answer.status_code == 403


def test_recorded_pairs_are_listed_by_round_and_kind(
    keys: Keys, release: Release, log: RecordLog
) -> None:
    ids = [recorded(project, release, log) for project in (lights("R1"), twin("R2"), library("R3"))]
    told = listed(keys)
    (pair,) = told["pairs"]
    assert told["year"] == 2025
    assert sorted(pair["records"]) == sorted(ids[:2])
    assert told["counts"]["declared_twice"] == told["total"] == 1
    assert listed(keys, "kind=split")["pairs"] == []
    assert listed(keys, "year=2020")["compared"] == 0
    assert listed(keys, grant="department:213001")["pairs"] == []
    refused = keys.get("auditor", f"{PAGE}?kind=else&what=1")
    assert refused.status_code == 422
    assert len(refused.json()["error"]["details"]) == 2


def dismissal(*records: str, **changes: str) -> dict[str, str]:
    form = {
        "first": records[0],
        "second": records[1],
        "reason": "different",
        "comment": "已现场核实",
    }
    return form | changes


def test_a_dismissed_pair_is_hidden_until_a_project_changes(
    keys: Keys, release: Release, log: RecordLog
) -> None:
    ids = [recorded(project, release, log) for project in (lights("R1"), twin("R2"))]
    done = keys.send("expert", DISMISS, dismissal(*ids))
    assert done.status_code == 200, done.text
    kept = log.record(done.json()["record_id"])
    assert kept is not None
    assert kept.content()["about"] == ids
    assert listed(keys)["pairs"] == []
    assert listed(keys)["dismissed"] == 1
    (pair,) = listed(keys, "dismissed=1")["pairs"]
    assert pair["dismissed"]["reason_words"]["zh"] == "经核实为不同项目"
    assert pair["dismissed"]["comment"] == "已现场核实"
    recorded(twin("R2"), release, log)
    assert listed(keys)["pairs"] == [], "scored again, and declared as before"
    recorded(twin("R2", apply_amt=1_890_000), release, log)
    assert len(listed(keys)["pairs"]) == 1


def test_only_those_who_judge_dismiss(keys: Keys, release: Release, log: RecordLog) -> None:
    ids = [recorded(project, release, log) for project in (lights("R1"), twin("R2"))]
    for grant in ("platform", "department:212002", "auditor", "trainer"):
        assert keys.send(grant, DISMISS, dismissal(*ids)).status_code == 403
    assert len(listed(keys)["pairs"]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "why not"},
        {"comment": ""},
        {"comment": "身份证11010519491231002X"},
        {"more": "x"},
    ],
)
def test_a_dismissal_without_its_reason_is_refused(
    keys: Keys, release: Release, log: RecordLog, changes: dict[str, str]
) -> None:
    ids = [recorded(project, release, log) for project in (lights("R1"), twin("R2"))]
    answer = keys.send("expert", DISMISS, dismissal(*ids, **changes))
    assert answer.status_code == 422
    assert "1949" not in answer.text


def test_two_records_of_one_project_and_none_at_all_are_no_pair(
    keys: Keys, release: Release, log: RecordLog
) -> None:
    one, again = (recorded(lights("R1"), release, log) for _ in range(2))
    assert keys.send("expert", DISMISS, dismissal(one, again)).status_code == 422
    nowhere = "01890000-0000-7000-8000-000000000000"
    assert keys.send("expert", DISMISS, dismissal(one, nowhere)).status_code == 404


def test_what_a_person_looked_at_is_recorded(keys: Keys, release: Release, log: RecordLog) -> None:
    ids = [recorded(project, release, log) for project in (lights("R1"), twin("R2"))]
    listed(keys)
    query = LogQuery(about=ids[0], kind="read", limit=10)
    (read,) = log.search(SERVICE, query)
    assert set(read.content()["about"]) == set(ids)
