"""An answer as one row: every cell has its column, and nothing is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from features.errors import Fault
from models.appraised_project import appraised_project
from models.model import Model
from serving.appraisal import answered_heads
from serving.wording.explained_score import explained_score
from serving.wording.flat_answer import REASONS_SHOWN, Cell, columns, flat_answer, refused_row
from tests.rulers import catalogue_of, ruler
from tests.small_model import Trained, province, small, small_data, small_settings
from training.train import train


def _cells(trained: Trained, number: int = 1, full: bool = False) -> dict[str, Cell]:
    prediction = trained.model.predict(trained.newest[:1])
    appraised = appraised_project(trained.model, prediction, 0)
    return flat_answer(number, trained.release, appraised, full)


def test_cells_are_those_of_the_answer() -> None:
    trained = small()
    answer = explained_score(trained.release, trained.model.predict(trained.newest[:1]), 0)
    cells = _cells(trained, 7, full=True)
    priority, cost = answer["priority"], answer["cost"]
    assert (cells["row"], cells["project_id"], cells["year"]) == (7, answer["project_id"], 2024)
    assert (cells["grade"], cells["rank_score"]) == (priority["grade"], priority["rank_score"])
    assert cells["necessity"] == priority["necessity"]["score"]
    assert [cells["importance_low"], cells["importance_high"]] == priority["importance"]["interval"]
    assert [cells[f"cost_{e}"] for e in ("low", "mid", "high")] == [
        cost["low"], cost["mid"], cost["high"],
    ]  # fmt: skip
    assert cells["cost_position"] == cost["position"]
    assert cells["risk"] == answer["risk"]["risk"]["probability"]
    told = [r["text"]["zh"] for r in priority["necessity"]["reasons"][:REASONS_SHOWN]]
    assert cells["necessity_reasons_zh"] == "".join(told)
    assert json.loads(str(cells["explained_score"])) == answer
    assert (cells["simulated"], cells["advisory"]) == (True, True)


@pytest.mark.parametrize("model", [province, small])
def test_every_row_says_what_its_answer_says(model: Any) -> None:
    trained = model()
    prediction = trained.model.predict(trained.newest[:60])
    for row in range(60):
        cells = flat_answer(row, trained.release, appraised_project(trained.model, prediction, row))
        answer = explained_score(trained.release, prediction, row)
        assert cells["status"] == answer["status"]
        for name, head in answered_heads(answer):
            shown = "mid" if "mid" in head else "score" if "score" in head else "probability"
            assert cells[f"{name}_mid" if shown == "mid" else name] == head[shown]
            told = [reason["text"]["en"] for reason in head["reasons"][:REASONS_SHOWN]]
            assert cells[f"{name}_reasons_en"] == " ".join(told)
        if answer["cost"]:
            assert cells["cost_excess"] == answer["cost"]["excess"]


@pytest.mark.parametrize("full", [True, False])
def test_every_cell_has_its_column_and_every_column_its_cell(full: bool) -> None:
    names = set(columns(small().model, full))
    assert set(_cells(small(), full=full)) | {"errors"} == names
    assert set(refused_row(1, ())) <= names


def test_a_project_that_is_not_rated_keeps_the_list_of_what_is_missing() -> None:
    trained = small()
    project = trained.newest[0]
    bare = replace(project, values={**project.values, "type": None})
    appraised = appraised_project(trained.model, trained.model.predict([bare]), 0)
    cells = flat_answer(3, trained.release, appraised)
    assert (cells["status"], cells["missing"]) == ("not_rated", "type")
    assert "grade" not in cells
    assert "necessity" not in cells


def test_a_refused_row_says_everything_that_is_wrong() -> None:
    faults = (Fault(4, "area", "a number", "'x'"), Fault(4, "level", "a code", "3", "quote it"))
    assert refused_row(4, faults) == {
        "row": 4,
        "status": "error",
        "errors": "row 4, area: expected a number; got 'x'; "
        "row 4, level: expected a code; got 3; quote it",
        "advisory": True,
    }


def _without(outcome: str) -> Trained:
    data = small_data(catalogue_of(ruler()))
    data = replace(data, outcomes={n: c for n, c in data.outcomes.items() if n != outcome})
    settings = small_settings(data)
    return Trained(data, settings.split, train(data, settings))


@pytest.mark.parametrize("outcome", ["outcome_axis", "outcome_cost", "outcome_risk"])
def test_a_model_that_lacks_a_head_has_cells_for_its_other_heads(outcome: str) -> None:
    trained = _without(outcome)
    assert set(_cells(trained)) <= set(columns(trained.model))


def test_columns_of_a_model_without_axes_bear_the_heads_own_names() -> None:
    model = _without("outcome_axis").model
    assert "second" in columns(model)
    assert "importance" not in columns(model)
    whole: Model = small().model
    assert "importance" in columns(whole)  # control
    assert "second" not in columns(whole)
