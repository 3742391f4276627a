"""The explained score in the shape that clients rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.bundle import load_bundle, save_bundle
from serving.appraisal import answered_heads
from serving.wording.envelope import encoded
from serving.wording.explained_score import Json, explained_score, model_identity
from tests.rulers import catalogue_of, ruler
from tests.small_model import Trained, province, small, small_data, small_settings
from training.train import train


def _answer(trained: Trained, row: int = 0) -> Json:
    prediction = trained.model.predict(trained.newest[row : row + 1])
    return explained_score(trained.release, prediction, 0)


def test_every_field_that_clients_rely_on_is_there() -> None:
    answer = _answer(province())
    assert {"record_id", "project_id", "year", "status", "missing", "model", "priority", "cost",
            "risk", "findings", "advisory"} <= answer.keys()  # fmt: skip
    assert (answer["status"], answer["missing"], answer["advisory"]) == ("rated", [], True)
    assert {"version", "digest", "catalogue", "policy"} <= answer["model"].keys()
    assert answer["model"]["simulated"] is True
    assert {"grade", "rank_score", "necessity", "importance"} <= answer["priority"].keys()
    for axis in ("necessity", "importance"):
        shown = answer["priority"][axis]
        assert {"score", "base", "interval", "reasons"} <= shown.keys()
        low, high = shown["interval"]
        assert low <= shown["score"] <= high
    assert {"requested", "low", "mid", "high", "level", "position", "excess", "reasons"} <= answer[
        "cost"
    ].keys()
    assert set(answer["risk"]) == {"poor_performance", "low_execution"}
    reason = next(r for r in answer["priority"]["necessity"]["reasons"] if "value" in r)
    assert {"indicator", "dimension", "value", "compared", "contribution", "text"} <= reason.keys()
    assert set(reason["text"]) == {"zh", "en"}


@pytest.mark.parametrize("model", [province, small])
def test_an_answer_is_strict_json(model: Any) -> None:
    for row in range(30):
        answer = _answer(model(), row)
        assert json.loads(encoded(answer)) == answer


def _position(requested: float | None, low: float | None = 100.0) -> Json:
    trained = small()
    project = trained.newest[0]
    prediction = trained.model.predict(
        [replace(project, values={**project.values, "asked": requested})]
    )
    found = prediction.heads["cost"]
    moved = found._replace(
        low=np.log([low]) if low else np.array([np.nan]),
        high=np.log([200.0]),
        value=np.log([150.0]),
    )
    heads = {**prediction.heads, "cost": moved}
    answer = explained_score(trained.release, replace(prediction, begun=lambda: heads), 0)
    return {name: answer["cost"][name] for name in ("requested", "position", "excess")}


@pytest.mark.parametrize(
    ("requested", "position", "excess"),
    [
        (99.99, "below", 0.0),
        (100.0, "within", 0.0),
        (200.0, "within", 0.0),
        (200.01, "above", 0.01),
        (5200.0, "above", 5000),
        (None, None, None),
    ],
)
def test_where_the_request_lies(
    requested: float | None, position: str | None, excess: float | None
) -> None:
    assert _position(requested) == {
        "requested": requested,
        "position": position,
        "excess": excess,
    }


def test_without_a_range_there_is_no_position() -> None:
    assert _position(50.0, low=None) == {"requested": 50.0, "position": None, "excess": None}


def test_heads_that_were_not_learned_are_named_as_not_predicted() -> None:
    data = small_data(catalogue_of(ruler()))
    outcomes = {n: c for n, c in data.outcomes.items() if n != "outcome_second"}
    data = replace(data, outcomes=outcomes)
    settings = small_settings(data)
    answer = _answer(Trained(data, settings.split, train(data, settings)))
    assert answer["not_predicted"] == ["second"]
    assert answer["priority"] is None
    assert set(answer["scores"]) == {"axis"}  # the other axis is still told


def test_a_head_that_cannot_say_is_named_as_not_predicted() -> None:
    trained = small()
    project = trained.newest[0]
    bare = replace(project, values={**project.values, "area": None})
    answer = explained_score(trained.release, trained.model.predict([bare]), 0)
    assert answer["not_predicted"] == ["cost"]
    assert answer["cost"] is None
    assert answer["priority"] is not None


def test_similar_projects_come_with_their_outcomes_and_never_with_oneself() -> None:
    trained = province()
    for row in range(20):
        answer = _answer(trained, row)
        similar = answer["similar"]
        assert 1 <= len(similar) <= 5
        assert [s["distance"] for s in similar] == sorted(s["distance"] for s in similar)
        assert answer["project_id"] not in {s["project_id"] for s in similar}
        assert all(s["year"] <= trained.model.facts.years[1] for s in similar)
        assert any(s["outcomes"] for s in similar)


def test_an_answer_is_the_same_bytes_from_a_bundle(tmp_path: Any) -> None:
    trained = small()
    save_bundle(trained.model, tmp_path / "b")
    again = replace(trained, model=load_bundle(tmp_path / "b"))
    for row in range(10):
        assert encoded(_answer(again, row)) == encoded(_answer(trained, row))


def test_the_model_says_who_it_is() -> None:
    assert model_identity(small().release) == {
        "version": "1",
        "digest": "sha256:test",
        "catalogue": "small@1",
        "policy": "small@1#priority",
        "learned_from": {"years": [2020, 2023], "projects": 720},
        "simulated": True,
        "reviewed": False,
    }


def test_without_axes_and_cost_every_head_has_its_section() -> None:
    raw = ruler()
    del raw["priority"], raw["cost"]
    data = small_data(catalogue_of(raw))
    settings = small_settings(data)
    answer = _answer(Trained(data, settings.split, train(data, settings)))
    assert (answer["priority"], answer["cost"]) == (None, None)
    assert (set(answer["scores"]), set(answer["amounts"])) == ({"axis", "second"}, {"cost"})
    assert [name for name, _ in answered_heads(answer)] == ["axis", "second", "cost", "risk"]
