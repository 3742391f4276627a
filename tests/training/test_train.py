"""Training: what it learns, what it leaves out and why, and the same model every time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from features.errors import TrainingError
from models.model import Model
from tests.models.test_bundle import _equal
from tests.rulers import catalogue_of, named, ruler
from tests.small_model import SMALL_TREES, province, small, small_data, small_settings
from training.appraisal_data import AppraisalData
from training.growing import TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings, train

RULER = catalogue_of(ruler())


@cache
def _data() -> AppraisalData:
    return small_data(RULER)


def _train(data: AppraisalData) -> Model:
    return train(data, small_settings(data))


def test_training_twice_gives_the_same_model_bit_for_bit() -> None:
    first = small().model
    again = replace(_train(_data()), facts=first.facts)
    assert _equal(again, first)
    other = train(_data(), small_settings(_data(), replace(SMALL_TREES, trees=11)))
    assert not _equal(replace(other, facts=first.facts), first)  # control


def test_the_test_round_teaches_nothing() -> None:
    data = _data()
    last = data.years == 2024
    shuffled = {
        name: np.where(last, np.roll(column, 7), column) for name, column in data.outcomes.items()
    }
    first = small().model
    again = _train(replace(data, outcomes=shuffled))
    assert _equal(replace(again, facts=first.facts), first)
    assert first.facts.years == (2020, 2023)
    earlier = {
        name: np.where(~last, np.roll(column, 7), column) for name, column in data.outcomes.items()
    }
    other = _train(replace(data, outcomes=earlier))
    assert not _equal(replace(other, facts=first.facts), first)  # control


def test_trees_see_only_the_rounds_they_are_fitted_on() -> None:
    data = _data()
    calibrated = data.years == 2023
    shuffled = {
        name: np.where(calibrated & (name != "outcome_risk"), np.roll(column, 7), column)
        for name, column in data.outcomes.items()
    }
    again, first = _train(replace(data, outcomes=shuffled)), small().model
    for name, head in first.heads.items():
        assert again.heads[name].central.text == head.central.text
        assert again.heads[name].bounds == head.bounds
    assert not _equal(again.heads["axis"].range, first.heads["axis"].range)  # control


def test_a_head_without_its_column_is_left_out_with_the_reason() -> None:
    outcomes = {n: c for n, c in _data().outcomes.items() if n != "outcome_risk"}
    model = _train(replace(_data(), outcomes=outcomes))
    assert model.facts.learned == ("axis", "second", "cost")
    told = "head risk: expected the outcome column outcome_risk; got outcome_axis"
    assert model.facts.left_out["risk"].startswith(told)


@pytest.mark.parametrize(
    ("year", "kept", "told"),
    [
        (2021, 20, "expected at least 200 outcomes to learn from; got "),
        (2023, 20, "expected at least 50 outcomes to calibrate with; got 20"),
    ],
)
def test_a_head_of_too_few_outcomes_is_left_out(year: int, kept: int, told: str) -> None:
    data = _data()
    scarce = (data.years == year) if year == 2023 else (data.years < 2023)
    gone = np.flatnonzero(scarce)[kept:]
    axis = data.outcomes["outcome_axis"].copy()
    axis[gone] = np.nan
    model = _train(replace(data, outcomes={**data.outcomes, "outcome_axis": axis}))
    assert "axis" not in model.heads
    assert told in model.facts.left_out["axis"]


def test_a_risk_that_hardly_ever_happens_is_left_out() -> None:
    risk = np.zeros(len(_data().projects))
    risk[:9] = 1
    model = _train(replace(_data(), outcomes={**_data().outcomes, "outcome_risk": risk}))
    assert "expected at least 20 cases of each outcome" in model.facts.left_out["risk"]


def test_no_head_at_all_is_an_error_that_names_each() -> None:
    with pytest.raises(TrainingError, match=r"at least one head; got none \(axis: .*; risk: "):
        _train(replace(_data(), outcomes={}))


def test_each_head_is_reported_before_it_is_fitted() -> None:
    reported: list[str] = []
    train(_data(), small_settings(_data()), reported.append)
    assert reported == ["axis", "second", "cost", "risk"]


def test_a_head_may_have_trees_of_its_own() -> None:
    settings = TrainingSettings(
        TimeSplit.of(_data().years), SMALL_TREES, {"axis": TreeSettings(trees=3)}
    )
    model = train(_data(), settings)
    assert model.heads["axis"].central.count == 3
    assert model.heads["second"].central.count == SMALL_TREES.trees


def test_zero_amounts_are_missed_and_not_learned() -> None:
    cost = _data().outcomes["outcome_cost"].copy()
    rows = np.flatnonzero(_data().years == 2023)
    cost[rows[:10]] = 0.0
    model = _train(replace(_data(), outcomes={**_data().outcomes, "outcome_cost": cost}))
    found, before = model.heads["cost"].range, small().model.heads["cost"].range
    assert found is not None
    assert before is not None
    assert found.low[0] > before.low[0]  # ten more misses below
    assert model.heads["cost"].central.text == small().model.heads["cost"].central.text


def test_a_fact_that_nobody_gives_does_no_harm() -> None:
    raw = ruler()
    named(raw, "indicators", "begun")["use"] = {"risk": "free"}
    data = small_data(catalogue_of(raw), 900)
    model = _train(data)
    assert "begun" in model.heads["risk"].terms
    assert np.isfinite(model.predict(data.projects[:5]).heads["risk"].contributions).all()


def test_the_province_teaches_every_head() -> None:
    model = province().model
    assert model.facts.left_out == {}
    assert model.facts.simulated
    assert model.facts.learned == tuple(head.name for head in model.catalogue.heads)
    assert set(model.facts.software) == {"lingji", "lightgbm", "python"}


def test_resemblance_rests_on_no_amount_asked_for() -> None:
    trained = province()
    catalogue = trained.model.catalogue
    zero_based = [head.name for head in catalogue.heads if head.zero_based]
    behind = frozenset().union(*(catalogue.origins(name) for name in zero_based))
    assert set(trained.model.past.features) <= behind
