"""Strengths and weaknesses by hand, and as what the records add up to."""

from __future__ import annotations

import math
from typing import Any

import pytest

from features.catalogue import load_catalogue
from models.registry import Release
from serving.projects.tendencies import EXAMPLES, HeadTendencies, tendencies
from serving.recording.project_line import ProjectLine
from serving.recording.recorded_heads import recorded_heads
from tests.serving.conftest import CATALOGUE, tiny_project
from tests.serving.test_project_line import line_of, projects, recorded

TINY = load_catalogue(CATALOGUE)


def line(project: str) -> ProjectLine:
    nothing: dict[str, Any] = dict.fromkeys(
        ("name", "department", "category", "grade", "rank_score", "necessity", "importance",
         "requested", "low", "mid", "high", "position", "excess")
    )  # fmt: skip
    return ProjectLine(
        record_id=f"r-{project}", time="", project_id=project, year=2024, status="rated",
        missing=(), risks={}, model_version=1, **nothing,
    )  # fmt: skip


def test_three_projects_by_hand() -> None:
    head = HeadTendencies(TINY.head("necessity"))
    head.take({"policy": 6.0, "people": -1.0, "executed_share": 0.0}, TINY, line("P1"))
    head.take({"policy": 2.0, "people": 1.5, "executed_share": 0.04}, TINY, line("P2"))
    head.take({"policy": -3.0, "people": -2.0, "executed_share": -0.5}, TINY, line("P3"))
    raising = head.leading("indicator", raising=True)
    assert [(t.name, t.projects, t.mean, t.least, t.greatest) for t in raising] == [
        ("policy", 2, 4.0, 2.0, 6.0),
        ("people", 1, 1.5, 1.5, 1.5),
    ]
    lowering = head.leading("indicator", raising=False)
    assert [(t.name, t.projects, t.mean, t.least, t.greatest) for t in lowering] == [
        ("people", 2, -1.5, -1.0, -2.0),
        ("policy", 1, -3.0, -3.0, -3.0),
        ("executed_share", 1, -0.5, -0.5, -0.5),
    ]
    dimensions = head.leading("dimension", raising=True)
    assert [(t.name, t.projects, t.mean) for t in dimensions] == [("necessity", 2, 4.25)]
    assert [example.project_id for example in raising[0].examples] == ["P1", "P2"]
    assert head.projects == 3


def test_the_projects_named_are_those_that_were_moved_most() -> None:
    head = HeadTendencies(TINY.head("necessity"))
    for number in range(30):
        head.take({"policy": 1.0 + (number * 7) % 30}, TINY, line(f"P{number}"))
    (only,) = head.leading("indicator", raising=True)
    assert [each.part for each in only.examples] == [30.0 - n for n in range(EXAMPLES)]


def test_an_indicator_of_an_earlier_catalogue_is_left_out() -> None:
    head = HeadTendencies(TINY.head("necessity"))
    head.take({"gone": 5.0, "policy": 1.0}, TINY, line("P1"))
    assert [each.name for each in head.leading("indicator", raising=True)] == ["policy"]


def test_what_is_summed_up_is_what_the_answers_said(release: Release) -> None:
    catalogue, pairs = release.model.catalogue, [recorded(p, release) for p in projects()]
    leaves = [stored.content() for _, stored in pairs]
    found = tendencies(iter(leaves), catalogue)
    assert (found.rated, found.not_rated) == (len(pairs), 0)
    for name in ("necessity", "importance"):
        both = [found.heads[name].leading("dimension", raising=way) for way in (True, False)]
        moved = sum(each.total for side in both for each in side)
        shown = sum(a["priority"][name]["score"] - a["priority"][name]["base"] for a, _ in pairs)
        assert moved == pytest.approx(shown, abs=0.11 * len(pairs))
    late = [found.heads["late"].leading("dimension", raising=way) for way in (True, False)]
    moved = sum(each.total for side in late for each in side)
    shown = sum(a["risk"]["late"]["probability"] - a["risk"]["late"]["base"] for a, _ in pairs)
    assert moved == pytest.approx(shown, abs=0.0011 * len(pairs))
    policy = next(
        t for t in found.heads["necessity"].leading("indicator", raising=True) if t.name == "policy"
    )
    assert policy.mean > 1, "control: what the data were made with is found"


def test_parts_of_a_record_lead_to_its_value(release: Release) -> None:
    for project in projects()[:20]:
        answer, stored = recorded(project, release)
        heads = recorded_heads(stored.content()["content"], release.model.catalogue)
        cost = heads["cost"]
        factor = math.exp(math.fsum(cost.parts.values()))
        assert answer["cost"]["base"] * factor == pytest.approx(float(cost.value), rel=0.012)


def test_what_leaves_projects_unrated_is_counted_with_its_projects(release: Release) -> None:
    given = [tiny_project(1, area=None), tiny_project(2, area=None, type=None), tiny_project(3)]
    stored = [recorded(project, release)[1] for project in given]
    found = tendencies((each.content() for each in stored), release.model.catalogue)
    assert (found.rated, found.not_rated) == (1, 2)
    assert [(name, each.projects) for name, each in found.lacking()] == [("area", 2), ("type", 1)]
    assert [e.project_id for e in found.missing["area"].examples] == ["P0001", "P0002"]
    assert found.heads["necessity"].projects == 1, "what is not rated is not summed up"
    assert line_of(stored[2], release).record_id == stored[2].record_id
