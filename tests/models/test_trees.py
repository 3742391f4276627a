"""Trees: the same bits whatever the threads, rows or restarts, and directions that hold."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import lightgbm
import numpy as np
import pytest

from features.errors import BundleError
from models.trees import Trees
from training.growing import TrainingRows, TreeSettings, grow_trees
from training.objective import LOG_LOSS, SQUARED_ERROR, Objective, Quantile

NAMES = ("up", "down", "free", "code")
SETTINGS = TreeSettings(trees=25, leaves=7, least_rows_per_leaf=10)
OBJECTIVES = {
    "mean": SQUARED_ERROR,
    "low": Quantile(0.1, 1.0),
    "middle": Quantile(0.5, 1.0),
    "high": Quantile(0.9, 1.0),
    "log-odds": LOG_LOSS,
}


@cache
def _rows() -> tuple[Any, Any]:
    """600 rows of four features, some unknown, and a target that follows them with noise."""
    chance = np.random.default_rng(7)
    matrix = chance.normal(size=(600, 4))
    matrix[:, 3] = chance.integers(0, 4, 600)
    target = matrix[:, 0] - matrix[:, 1] + np.sin(3 * matrix[:, 2]) + chance.normal(size=600)
    matrix[chance.random((600, 4)) < 0.1] = np.nan
    return matrix, target


@cache
def _grown(name: str, trees: int = 25) -> Trees:
    matrix, target = _rows()
    objective = OBJECTIVES[name]
    goal = (target > 0).astype(float) if objective is LOG_LOSS else target
    return _trees(TrainingRows(matrix, goal), objective, trees)


def _trees(
    rows: TrainingRows, objective: Objective, trees: int = 25, after: Trees | None = None
) -> Trees:
    settings = replace(SETTINGS, trees=trees)
    return grow_trees(rows, NAMES, ["code"], [1, -1, 0, 0], objective, settings, after)


def _shap(trees: Trees, matrix: Any, threads: int = 1) -> Any:
    return trees.explain(matrix, threads).contributions


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_same_rows_grow_the_same_text(name: str) -> None:
    again = _grown.__wrapped__(name)
    assert again.text == _grown(name).text
    assert _grown("mean").text != _grown("mean", 24).text  # control


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_text_read_again_predicts_the_same_bits(name: str) -> None:
    trees, (matrix, _) = _grown(name), _rows()
    again = Trees(trees.text, NAMES)
    assert again.predict(matrix).tobytes() == trees.predict(matrix).tobytes()
    assert _shap(again, matrix).tobytes() == _shap(trees, matrix).tobytes()
    assert again.text == trees.text
    assert again.count == 25


def test_two_threads_predict_the_same_bits_as_one() -> None:
    trees, (matrix, _) = _grown("mean"), _rows()
    assert trees.predict(matrix, 2).tobytes() == trees.predict(matrix, 1).tobytes()
    assert _shap(trees, matrix, 2).tobytes() == _shap(trees, matrix).tobytes()


def test_a_row_is_the_same_alone_and_in_any_order() -> None:
    trees, (matrix, _) = _grown("mean"), _rows()
    together, shap = trees.predict(matrix), _shap(trees, matrix)
    order = np.random.default_rng(1).permutation(len(matrix))
    assert trees.predict(matrix[order]).tobytes() == together[order].tobytes()
    for row in range(0, 600, 30):
        assert trees.predict(matrix[row : row + 1])[0] == together[row]
        assert _shap(trees, matrix[row : row + 1])[0].tobytes() == shap[row].tobytes()


def test_no_rows_are_no_predictions() -> None:
    trees = _grown("mean")
    assert trees.predict(np.empty((0, 4))).shape == (0,)
    assert _shap(trees, np.empty((0, 4))).shape == (0, 4)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_contributions_and_base_add_up_to_the_prediction(name: str) -> None:
    trees, (matrix, _) = _grown(name), _rows()
    found = trees.explain(matrix)
    total = found.base + found.contributions.sum(axis=1)
    np.testing.assert_allclose(total, trees.predict(matrix), rtol=0, atol=1e-12)
    assert found.values.tobytes() == trees.predict(matrix).tobytes()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_lightgbm_predicts_the_same_bits(name: str) -> None:
    trees, (matrix, _) = _grown(name), _rows()
    theirs = lightgbm.Booster(model_str=trees.text).predict(matrix, raw_score=True, num_threads=1)
    assert trees.predict(matrix).tobytes() == theirs.tobytes()


def test_trees_over_more_columns_read_their_own() -> None:
    trees, (matrix, _) = _grown("mean"), _rows()
    wide = np.column_stack([np.full(600, 9.0), matrix[:, ::-1]])
    placed = trees.over(["other", *NAMES[::-1]])
    assert _shap(placed, wide).tobytes() == _shap(trees, matrix).tobytes()
    assert _shap(trees, wide).tobytes() != _shap(trees, matrix).tobytes()  # control


def _greatest_fall(trees: Trees, column: int, sign: int) -> float:
    """How far a prediction ever moves against the sign when one feature alone rises."""
    matrix = _rows()[0][:150]
    steps = []
    for value in np.linspace(-3, 3, 41):
        moved = matrix.copy()
        moved[:, column] = value
        steps.append(trees.predict(moved))
    return float(np.max(-sign * np.diff(np.array(steps), axis=0)))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_prediction_never_moves_against_its_direction(name: str) -> None:
    """Also where other features are unknown, where LightGBM's finer methods fail."""
    trees = _grown(name)
    assert _greatest_fall(trees, 0, 1) <= 0
    assert _greatest_fall(trees, 1, -1) <= 0
    assert _greatest_fall(trees, 2, 1) > 0.01  # control: a feature without direction does


def test_control_the_own_quantile_of_lightgbm_refuses_directions() -> None:
    matrix, target = _rows()
    told = {"objective": "quantile", "alpha": 0.9, "verbosity": -1}
    told |= {"monotone_constraints": [1, -1, 0, 0], "num_threads": 1}
    with pytest.raises(lightgbm.basic.LightGBMError, match=r"(?i)monotone"):
        lightgbm.train(told, lightgbm.Dataset(matrix, label=target), 2)


@pytest.mark.parametrize(("name", "share"), [("low", 0.1), ("middle", 0.5), ("high", 0.9)])
def test_a_quantile_has_its_share_of_the_rows_below(name: str, share: float) -> None:
    matrix, target = _rows()
    trees = _trees(TrainingRows(matrix, target), OBJECTIVES[name], 150, _grown("mean"))
    assert float((target <= trees.predict(matrix)).mean()) == pytest.approx(share, abs=0.06)


def test_trees_grown_after_others_begin_with_them() -> None:
    matrix, target = _rows()
    first = _grown("mean")
    further = _trees(TrainingRows(matrix, target), Quantile(0.9, 1.0), 5, first)
    assert further.count == first.count + 5
    begun = lightgbm.Booster(model_str=further.text).predict(
        matrix, num_iteration=25, raw_score=True, num_threads=1
    )
    np.testing.assert_array_equal(begun, first.predict(matrix))
    assert not np.array_equal(further.predict(matrix), begun)  # control: the new ones count


def test_trees_over_other_features_are_refused() -> None:
    with pytest.raises(BundleError, match=r"expected trees over the features \('a',\)"):
        Trees(_grown("mean").text, ("a",))


def test_settings_speak_in_the_names_of_lightgbm() -> None:
    parameters = TreeSettings(features_tried=5, row_share=1.0).parameters(20)
    assert parameters["feature_fraction"] == 0.25
    assert parameters["bagging_freq"] == 0
    assert TreeSettings(features_tried=40).parameters(20)["feature_fraction"] == 1.0
