"""A head on its additive scale: base and contributions make the value, peers are the base."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from features.declared_project import parse_project
from features.indicator_table import indicator_table
from models.head import HeadPrediction, offset
from models.model import Prediction
from tests.small_model import province, small


def _predicted(model: Any = small, count: int = 60) -> tuple[Any, Prediction]:
    trained = model()
    return trained, trained.model.predict(trained.newest[:count])


@pytest.mark.parametrize("model", [small, province])
def test_base_and_contributions_make_the_value(model: Any) -> None:
    _, prediction = _predicted(model)
    for name, found in prediction.heads.items():
        known = ~np.isnan(found.value)
        total = found.base + found.contributions.sum(axis=1)
        np.testing.assert_allclose(total[known], found.value[known], atol=1e-9, err_msg=name)
        assert known.any()


def test_the_base_is_the_mean_of_the_peers() -> None:
    """Of all learned projects of a group (of at most 200) the mean prediction is the base."""
    trained = small()
    model = trained.model
    learned = trained.data.where(~trained.split.test(trained.data.years))
    roads = [p for p in learned.projects if p.values["type"] == "road"]
    chosen = [roads[i] for i in np.linspace(0, len(roads) - 1, 200).astype(int)]
    found = model.predict(chosen).heads["axis"]
    assert float(found.value.mean()) == pytest.approx(float(found.base[0]), abs=1e-9)
    assert len(set(found.base.tolist())) == 1


def test_without_explanation_the_values_are_the_same_and_reasons_are_absent() -> None:
    trained, whole = _predicted()
    bare = trained.model.predict(trained.newest[:60], explain=False)
    for name, found in bare.heads.items():
        for field in ("value", "low", "high", "range_group"):
            ours, theirs = getattr(found, field), getattr(whole.heads[name], field)
            assert ours.tobytes() == theirs.tobytes()
        assert np.isnan(found.contributions).all()


def test_an_amount_is_learned_relative_to_its_driver() -> None:
    trained = small()
    catalogue, model = trained.model.catalogue, trained.model
    one, ten, none, nothing = (
        parse_project({"code": "P", "year": 2025, "type": "road", **area}, catalogue)
        for area in ({"area": 100}, {"area": 1000}, {}, {"area": 0})
    )
    table = indicator_table([one, ten, none, nothing], catalogue)
    logs = offset(table, catalogue.head("cost"))
    np.testing.assert_allclose(logs[:2], [np.log(100), np.log(1000)])
    assert np.isnan(logs[2:]).all()
    assert (offset(table, catalogue.head("axis")) == 0).all()
    value = model.predict([one, ten, none, nothing]).heads["cost"].value
    assert np.isnan(value[2:]).all()
    assert value[1] > value[0] + 1


def test_the_range_holds_the_value_and_a_probability_has_none() -> None:
    _, prediction = _predicted()
    for name in ("axis", "second", "cost"):
        found: HeadPrediction = prediction.heads[name]
        given = found.range_group >= 0
        assert given.any()
        assert (found.low[given] <= found.value[given]).all()
        assert (found.value[given] <= found.high[given]).all()
        assert np.isnan(found.low[~given]).all()
    assert np.isnan(prediction.heads["risk"].low).all()
    assert (prediction.heads["risk"].range_group == -1).all()


def test_no_projects_have_no_predictions() -> None:
    prediction = small().model.predict([])
    for found in prediction.heads.values():
        assert found.value.shape == (0,)
        assert found.contributions.shape == (0, len(found.terms))
        assert found.low.shape == (0,)
