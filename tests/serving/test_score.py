"""POST /score: one explained score, as JSON or as a page."""

from __future__ import annotations

from models.registry import Release
from serving.appraisal import appraise
from tests.serving.conftest import Caller, tiny_project, unrecorded


def test_the_answer_is_the_explained_score(service: Caller, release: Release) -> None:
    answer = service.post("/score", {"project": tiny_project()})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert unrecorded(answer.json()) == appraise(tiny_project(), release)
    assert answer.json()["status"] == "rated"
    assert answer.json()["advisory"] is True
