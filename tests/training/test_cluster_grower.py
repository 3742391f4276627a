"""Trees grown on a cluster: under the same parameters, from every row, and as good as any other."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from features.operations import Numbers
from models.bundle import load_bundle, save_bundle
from models.cluster import Cluster
from models.cluster_error import ClusterError
from models.model import Model
from models.trees import Trees
from tests.small_model import small, small_settings
from training.cluster_grower import ClusterGrower
from training.evaluation import evaluate, pinball
from training.growing import (
    DETERMINISTIC,
    THIS_MACHINE,
    Grower,
    Growth,
    SpreadRows,
    TrainingRows,
    TreeSettings,
    grow_trees,
    grow_with_dask,
    rows_per_leaf,
)
from training.objective import LOG_LOSS, SQUARED_ERROR, Objective, Quantile
from training.train import train

NAMES = ("up", "down", "free", "code")
SETTINGS = TreeSettings(trees=25, leaves=7, learning_rate=0.15, least_rows_per_leaf=10)
HIGH = Quantile(0.9, 1.0)
MIDDLE = Quantile(0.5, 1.0)
OBJECTIVES = {"mean": SQUARED_ERROR, "log-odds": LOG_LOSS, "middle": MIDDLE}
TOLERANCE = 0.04
"""How much greater a loss may be. What one worker's rows alone give is worse by more."""


@cache
def _rows() -> TrainingRows:
    """4,000 rows; every other one, dealt to the second worker, has a target that is higher by 2."""
    chance = np.random.default_rng(7)
    matrix = chance.normal(size=(4_000, 4))
    matrix[:, 3] = chance.integers(0, 4, 4_000)
    target = matrix[:, 0] - matrix[:, 1] + np.sin(3 * matrix[:, 2]) + (matrix[:, 3] == 2)
    target += chance.normal(size=4_000) + 2 * (np.arange(4_000) % 2)
    matrix[chance.random((4_000, 4)) < 0.1] = np.nan
    return TrainingRows(matrix, target)


def _goal(objective: Objective) -> TrainingRows:
    rows = _rows()
    return replace(rows, target=(rows.target > 1) * 1.0) if objective is LOG_LOSS else rows


def _grown(objective: Objective, rows: TrainingRows, grower: Grower = THIS_MACHINE) -> Trees:
    """As heads grow them: a quantile goes on from the mean."""
    given = (NAMES, ["code"], [1, -1, 0, 0])
    if objective.name is not None:
        return grow_trees(rows, *given, objective, SETTINGS, grower=grower)
    mean = grow_trees(rows, *given, SQUARED_ERROR, SETTINGS, grower=grower)
    return grow_trees(rows, *given, objective, SETTINGS, mean, grower)


def _loss(objective: Objective, predicted: Numbers, target: Numbers) -> float:
    if objective is LOG_LOSS:
        return float(np.mean(np.logaddexp(0, predicted) - target * predicted))
    if objective is MIDDLE:
        return pinball(predicted, target, MIDDLE.level)
    return float(np.mean((predicted - target) ** 2))


@pytest.fixture(scope="module")
def grower(cluster: Cluster) -> ClusterGrower:
    return ClusterGrower(cluster)


@pytest.fixture(scope="module")
def grown(grower: ClusterGrower) -> dict[str, Trees]:
    """Trees of every loss, grown on the cluster."""
    return {name: _grown(loss, _goal(loss), grower) for name, loss in OBJECTIVES.items()}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_trees_of_a_cluster_are_as_good_as_those_of_one_machine(
    name: str, grown: dict[str, Trees]
) -> None:
    objective = OBJECTIVES[name]
    rows = _goal(objective)

    def loss(trees: Trees) -> float:
        return _loss(objective, trees.predict(rows.matrix), rows.target)

    here, there = _grown(objective, rows), grown[name]
    assert there.count == here.count
    assert loss(there) == pytest.approx(loss(here), rel=TOLERANCE)
    together = np.corrcoef(here.predict(rows.matrix), there.predict(rows.matrix))[0, 1]
    assert together > 0.98
    for share in (0, 1):  # control: the rows of one worker only
        alone = _grown(objective, TrainingRows(rows.matrix[share::2], rows.target[share::2]))
        assert loss(alone) > loss(here) * (1 + 2 * TOLERANCE)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_directions_hold_on_a_cluster_too(name: str, grown: dict[str, Trees]) -> None:
    trees = grown[name]

    def greatest_fall(column: int, sign: int) -> float:
        moved = np.repeat(_rows().matrix[:150, None], 41, axis=1)
        moved[:, :, column] = np.linspace(-3, 3, 41)
        steps = trees.predict(moved.reshape(-1, 4)).reshape(150, 41)
        return float(np.max(-sign * np.diff(steps, axis=1)))

    assert greatest_fall(0, 1) <= 0
    assert greatest_fall(1, -1) <= 0
    assert greatest_fall(2, 1) > 0.01  # control: a feature without direction does fall


def test_trees_go_on_from_others_as_they_are(
    grower: ClusterGrower, grown: dict[str, Trees]
) -> None:
    rows, mean = _rows(), grown["mean"]
    further = grow_trees(rows, NAMES, ["code"], [1, -1, 0, 0], HIGH, SETTINGS, mean, grower)
    begun = lightgbm.Booster(model_str=further.text).predict(
        rows.matrix, num_iteration=mean.count, raw_score=True, num_threads=1
    )
    np.testing.assert_array_equal(begun, mean.predict(rows.matrix))
    assert further.count == 2 * mean.count
    share = float((rows.target <= further.predict(rows.matrix)).mean())
    assert share == pytest.approx(0.9, abs=0.03)
    from_nothing = grow_trees(
        rows, NAMES, ["code"], [1, -1, 0, 0], HIGH, SETTINGS, None, grower
    )  # control: a start that is forgotten would be noticed
    forgotten = mean.predict(rows.matrix) + from_nothing.predict(rows.matrix)
    assert abs(float((rows.target <= forgotten).mean()) - 0.9) > 0.03


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_rows_that_reach_a_leaf_are_counted(name: str, grown: dict[str, Trees]) -> None:
    told = _leaf_counts(grown[name].text)
    counted = rows_per_leaf(grown[name].text, _rows().matrix)
    assert [
        list(map(int, counts[: len(told[tree])])) for tree, counts in enumerate(counted)
    ] == told


def _leaf_counts(text: str) -> list[list[int]]:
    found = re.findall(r"^leaf_count=(.+)$", text, re.MULTILINE)
    return [[int(count) for count in counts.split()] for counts in found]


def test_control_what_lightgbm_says_of_them_is_an_estimate(cluster: Cluster) -> None:
    rows = _goal(LOG_LOSS)
    given = (("up", "down", "free", "code"), ("code",), LOG_LOSS)
    whole = replace(SETTINGS, row_share=1.0).parameters(4) | DETERMINISTIC
    growth = Growth(rows, *given, whole, 20, None)
    spread = SpreadRows(*cluster.spread(rows.matrix, rows.target), None)
    text = grow_with_dask(growth, spread, cluster.client)
    told, counted = _leaf_counts(text)[-1], rows_per_leaf(text, rows.matrix)[-1]
    assert sum(told) == sum(counted) == 4_000
    assert max(abs(told - counted) / counted) > 0.1


def test_the_parameters_are_those_of_one_machine(grown: dict[str, Trees]) -> None:
    def parameters(trees: Trees) -> set[str]:
        return set(re.findall(r"^\[.*\]$", trees.text, re.MULTILINE))

    for name, objective in OBJECTIVES.items():
        apart = parameters(_grown(objective, _goal(objective))) ^ parameters(grown[name])
        # What is measured while growing, for a loss of our own, and which learner it was.
        apart -= {"[metric: custom]", "[metric: l2]"}
        assert apart == {"[tree_learner: serial]", "[tree_learner: data]"}


def test_a_failure_of_lightgbm_on_a_worker_is_a_refusal(grower: ClusterGrower) -> None:
    too_few = [1, -1]
    with pytest.raises(ClusterError, match="expected the workers to grow trees; got"):
        grow_trees(_rows(), NAMES, [], too_few, SQUARED_ERROR, SETTINGS, grower=grower)
    assert _grown(SQUARED_ERROR, _rows(), grower).count > 0  # the workers live on


def test_a_text_keeps_no_address_of_the_cluster(grown: dict[str, Trees]) -> None:
    for trees in grown.values():
        assert "127.0.0.1" not in trees.text
        assert "[machines: ]" in trees.text


@pytest.fixture(scope="module")
def trained(grower: ClusterGrower) -> Model:
    """The small ruler's model, its trees grown on the cluster."""
    return train(small().data, replace(small_settings(small().data), grower=grower))


def test_a_model_of_a_cluster_is_a_bundle_like_any_other(trained: Model, tmp_path: Path) -> None:
    digest = save_bundle(trained, tmp_path / "bundle")
    loaded = load_bundle(tmp_path / "bundle", digest)
    projects = small().newest[:20]
    for name, found in loaded.predict(projects).heads.items():
        kept = trained.predict(projects).heads[name]
        np.testing.assert_array_equal(found.value, kept.value)
        np.testing.assert_array_equal(found.high, kept.high)
        assert np.isfinite(found.value).all()
    assert loaded.facts.software["dask_workers"] == "2"
    assert loaded.facts.software.keys() - small().model.facts.software.keys() == {
        "dask",
        "dask_workers",
    }


def test_a_model_of_a_cluster_is_worth_as_much(trained: Model) -> None:
    test = small().data.where(small().split.test(small().data.years))
    here, there = evaluate(small().model, test), evaluate(trained, test)
    assert there.keys() == here.keys()
    for name, found in there.items():
        for metric in ("rmse", "mean_abs_log_error", "brier"):
            if metric in found.metrics:
                assert found.metrics[metric] < 1.1 * here[name].metrics[metric]
