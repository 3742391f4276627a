"""Evaluation on later rounds: measures by hand and against other libraries."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from features.errors import TrainingError
from tests.small_model import small
from training import evaluation
from training.evaluation import (
    auc,
    auc_standard_error,
    calibration_bins,
    calibration_error,
    evaluate,
    pinball,
    range_metrics,
    spearman,
    standard_error,
)
from training.pipeline import plain


def _numbers(*values: float) -> Any:
    return np.array(values, dtype=np.float64)


def test_pinball_by_hand() -> None:
    # errors 2 and −1 at level 0.9: 1.8 and 0.1
    assert pinball(_numbers(1, 4), _numbers(3, 3), 0.9) == pytest.approx(0.95)
    assert math.isnan(pinball(_numbers(math.nan), _numbers(3), 0.9))


def test_coverage_by_hand_and_its_band() -> None:
    outcome = np.arange(100.0)
    low, high = np.full(100, 10.0), np.full(100, 89.0)
    found = range_metrics(0.8, outcome, low, high)
    assert (found["ranges"], found["coverage"], found["in_band"]) == (100, 0.8, 1.0)
    # Binomial(100, 0.8): 99 % lie between 69 and 90 successes
    assert (found["band_low"], found["band_high"]) == (0.69, 0.90)
    assert range_metrics(0.8, outcome, low, np.full(100, 60.0))["in_band"] == 0.0
    low[:50] = np.nan
    assert range_metrics(0.8, outcome, low, high)["ranges"] == 50


def test_without_ranges_there_is_no_coverage() -> None:
    nothing = np.full(3, np.nan)
    found = range_metrics(0.8, np.arange(3.0), nothing, nothing)
    assert found["ranges"] == 0
    assert math.isnan(found["coverage"])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=40))
def test_rank_correlation_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array(c, dtype=np.float64) for c in zip(*pairs, strict=True))
    ours = spearman(left, right)
    if left.std() == 0 or right.std() == 0:
        assert math.isnan(ours)
    else:
        assert ours == pytest.approx(float(spearmanr(left, right).statistic))


def test_the_area_under_the_curve_by_hand() -> None:
    # of the four pairs of one event and one other, three are in order
    assert auc(_numbers(0.1, 0.4, 0.35, 0.8), _numbers(0, 0, 1, 1)) == 0.75
    assert math.isnan(auc(_numbers(0.1, 0.2), _numbers(1, 1)))


def test_calibration_by_hand() -> None:
    value = np.repeat([0.1, 0.6], 50)
    outcome = np.concatenate([np.zeros(45), np.ones(5), np.ones(50)])
    assert [n for _, _, n in calibration_bins(value, outcome)] == [10] * 10
    # the first half is right on the whole, bin by bin: four of 0.1 too much, half a bin 0.4 short
    assert calibration_error(value, outcome) == pytest.approx((4 * 0.1 + 0.4 + 5 * 0.4) / 10)
    assert calibration_error(np.full(100, 0.5), np.tile([0.0, 1.0], 50)) == 0


def _evaluated() -> tuple[Any, Any]:
    trained = small()
    return trained, trained.data.where(trained.split.test(trained.data.years))


def test_every_head_is_measured_on_the_later_round() -> None:
    trained, test = _evaluated()
    found = evaluate(trained.model, test)
    assert set(found) == {"axis", "second", "cost", "risk"}
    axis = found["axis"]
    error = axis.predicted - test.outcomes["outcome_axis"][axis.rows]
    assert axis.metrics["mae"] == pytest.approx(np.abs(error).mean())
    assert axis.metrics["r2"] > 0.5
    assert found["risk"].metrics["auc"] > 0.55
    assert found["cost"].metrics["mean_abs_log_error"] < 0.3
    assert axis.metrics["n"] == len(test.projects)


def test_rounds_that_were_learned_from_are_refused() -> None:
    trained, _ = _evaluated()
    with pytest.raises(
        TrainingError, match="expected rounds after 2023, the last that the model l"
    ):
        evaluate(trained.model, trained.data)


def test_no_projects_give_no_evaluation() -> None:
    trained, test = _evaluated()
    assert evaluate(trained.model, test.where(test.years < 0)) == {}


def test_a_head_whose_outcomes_are_not_known_yet_has_no_evaluation() -> None:
    trained, test = _evaluated()
    unknown = {**test.outcomes, "outcome_risk": np.full(len(test.projects), np.nan)}
    found = evaluate(trained.model, replace(test, outcomes=unknown))
    assert set(found) == {"axis", "second", "cost"}


def test_groups_of_enough_projects_are_measured_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    trained, test = _evaluated()
    monkeypatch.setattr(evaluation, "LEAST_GROUP", 150)
    assert evaluate(trained.model, test)["axis"].groups == {}  # 180 projects, two groups
    monkeypatch.setattr(evaluation, "LEAST_GROUP", 30)
    groups = evaluate(trained.model, test)["axis"].groups
    assert set(groups) == {"type=road", "type=care"}
    assert sum(g["n"] for g in groups.values()) == len(test.projects)


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    trained, test = _evaluated()
    moved: list[int] = []
    whole = evaluate(trained.model, test)
    monkeypatch.setattr(evaluation, "_BATCH", 70)
    parts = evaluate(trained.model, test, moved.append)
    assert moved == [70, 70, 40]
    assert parts["cost"].predicted.tobytes() == whole["cost"].predicted.tobytes()


def test_metrics_that_cannot_be_told_are_null_in_json() -> None:
    assert json.dumps(plain({"a": math.nan, "b": 1.0}), allow_nan=False) == '{"a": null, "b": 1.0}'


def test_the_standard_error_of_a_mean_by_hand() -> None:
    assert standard_error(np.array([1.0, 3.0])) == pytest.approx(1.0)
    assert math.isnan(standard_error(np.array([1.0])))


def test_the_standard_error_of_an_auc_is_that_of_many_samples() -> None:
    chance = np.random.default_rng(5)
    outcome = np.repeat([0.0, 1.0], [150, 50])
    samples = [chance.normal(size=200) + outcome for _ in range(400)]
    observed = float(np.std([auc(sample, outcome) for sample in samples]))
    assert auc_standard_error(samples[0], outcome) == pytest.approx(observed, rel=0.25)
    assert auc_standard_error(samples[0][:100], outcome[75:175]) > 1.2 * observed, "control"
    assert math.isnan(auc_standard_error(samples[0][:9], np.zeros(9)))
