"""A line of the list says what the answer said, in the same numbers."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from features.catalogue import load_catalogue
from models.registry import Release
from serving.appraisal import appraised, told
from serving.asker import Asker
from serving.recording.project_line import ProjectLine, project_line, score_of
from serving.recording.score_record import score_record
from serving.recording.what_if_record import what_if_record
from serving.records.log_reading import StoredRecord
from serving.records.private_keys import PrivateKeys
from serving.wording.explained_score import Json
from tests.serving.conftest import tiny_project

ASKER = Asker("k-1", "platform", "POST /score")


NO_KEYS = PrivateKeys(None)


def recorded(project: dict[str, Any], release: Release) -> tuple[Json, StoredRecord]:
    """The answer about a project, and its record as it stands in a log."""
    found = appraised(project, release)
    sealed = score_record(release, found, {"form": "none"}, ASKER)
    stored = StoredRecord(
        3,
        sealed.record_id,
        "score",
        sealed.project_id,
        sealed.department,
        sealed.leaf,
        {},
        NO_KEYS,
    )
    return told(release, found), stored


def line_of(stored: StoredRecord, release: Release) -> ProjectLine:
    catalogue = release.model.catalogue
    leaf = score_of(stored, catalogue)
    assert leaf is not None
    return project_line(leaf, catalogue)


def projects() -> list[dict[str, Any]]:
    chance = random.Random(5)  # noqa: S311 - invented data
    return [
        tiny_project(
            number,
            area=round(chance.uniform(1, 6000), 1),
            people=chance.randrange(5000),
            policy=chance.choice(["none", "city", "province", None]),
            executed_share=chance.choice([None, round(chance.random(), 3)]),
            type=chance.choice(["road", "service"]),
            apply=round(chance.uniform(1, 1_500_000), 2),
        )
        for number in range(120)
    ]


def test_a_line_says_what_the_answer_said(release: Release) -> None:
    positions = set()
    for project in projects():
        answer, stored = recorded(project, release)
        line, cost, priority = line_of(stored, release), answer["cost"], answer["priority"]
        assert (line.grade, line.rank_score) == (priority["grade"], priority["rank_score"])
        assert line.necessity == priority["necessity"]["score"]
        assert line.importance == priority["importance"]["score"]
        for name in ("requested", "low", "mid", "high", "position", "excess"):
            assert getattr(line, name) == cost[name], name
        assert line.risks == {"late": answer["risk"]["late"]["probability"]}
        assert (line.project_id, line.year, line.status) == (project["code"], 2024, "rated")
        assert (line.department, line.category) == ("D1", project["type"])
        positions.add(line.position)
    assert positions == {"below", "within", "above"}


def test_control_a_record_altered_by_a_little_says_something_else(release: Release) -> None:
    answer, stored = recorded(tiny_project(), release)
    leaf = json.loads(stored.leaf)
    leaf["content"]["heads"]["necessity"]["base"] = "31.5"
    line = project_line(leaf, release.model.catalogue)
    assert line.necessity != answer["priority"]["necessity"]["score"]


def test_of_a_project_that_is_not_rated_nothing_predicted_is_told(release: Release) -> None:
    _, stored = recorded(tiny_project(area=None), release)
    line = line_of(stored, release)
    assert (line.status, line.missing, line.requested) == ("not_rated", ("area",), 300000)
    told_none = ("grade", "rank_score", "necessity", "importance", "low", "mid", "high")
    assert {getattr(line, name) for name in (*told_none, "position", "excess")} == {None}
    assert line.risks == {}
    assert line.listed().risk is None
    assert json.loads(stored.leaf)["content"]["heads"], "control: the model made numbers of it"


def test_what_is_sought_is_in_id_and_name(release: Release) -> None:
    _, stored = recorded(tiny_project(7), release)
    assert line_of(stored, release).listed().words == "p0007 "


@pytest.mark.parametrize("other", ["zero_base", "japan_review"])
def test_records_of_another_catalogue_are_in_no_list(release: Release, other: str) -> None:
    _, stored = recorded(tiny_project(), release)
    assert score_of(stored, load_catalogue(other)) is None


def test_a_what_if_is_in_no_list(release: Release) -> None:
    found = appraised(tiny_project(), release)
    sealed = what_if_record(release, found, found, b"{}", ASKER)
    stored = StoredRecord(0, sealed.record_id, sealed.kind, None, None, sealed.leaf, {}, NO_KEYS)
    assert score_of(stored, release.model.catalogue) is None
