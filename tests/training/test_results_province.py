"""The promises on the invented province, at a size that a test can afford."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
import yaml

from features.catalogue import Catalogue, catalogue_text, checked_catalogue
from features.errors import CatalogueError
from features.field import Role
from training.appraisal_data import read_appraisal_data
from training.growing import TreeSettings
from training.province import simulate_province
from training.results.province_data import Province, trained_province
from training.results.province_figures import AXES, COST, explained_share, province_figures
from training.results.province_page import LEAST_REACHED, WIDEST
from training.results.province_reasons import reason_figures
from training.split import TimeSplit
from training.swaps import swap_effects
from training.train import TrainingSettings, train

PROJECTS = 6_000
SWAPPED = 200


@pytest.fixture(scope="module")
def province() -> Province:
    """A small province with its model and its truth."""
    return trained_province(7, PROJECTS, lambda step: None)


def test_nine_tenths_of_the_explainable_variance_are_reached(province: Province) -> None:
    for axis in province_figures(province).axes:
        assert axis.reached >= LEAST_REACHED
        # Nobody does better than the points that visible facts give.
        assert axis.experts < axis.best
    # The control: experts themselves, one panel each, are further from the explainable points.
    for axis in AXES:
        rows = province.tested(axis)
        explainable = province.truth[f"{axis}_explainable"][rows]
        assert explained_share(province.evaluation[axis].outcome, explainable) < LEAST_REACHED


def test_the_cost_range_holds_and_is_narrow(province: Province) -> None:
    figures = province_figures(province)
    assert figures.cost.band[0] <= figures.cost.coverage <= figures.cost.band[1]
    assert figures.cost.ratio <= WIDEST
    assert not [group for group in figures.groups if group.far_outside]
    # The control: half the width does not hold.
    found = province.evaluation[COST]
    middle = np.sqrt(found.low * found.high)
    low, high = np.sqrt(found.low * middle), np.sqrt(found.high * middle)
    held = float(((found.outcome >= low) & (found.outcome <= high)).mean())
    assert held < figures.cost.band[0]


def test_reasons_follow_the_truth_and_not_that_of_another_project(province: Province) -> None:
    test = province.data.where(province.test)
    prediction = province.model.predict(test.projects[:300])
    for axis in AXES:
        found = reason_figures(province, prediction, axis)
        assert found.order > 0.8
        assert abs(found.order_chance) < 0.2
        assert found.first > found.first_chance
        assert found.elsewhere < 0.1


@pytest.mark.parametrize("role", list(Role))
def test_swaps_move_no_zero_based_head(province: Province, role: Role) -> None:
    projects = province.data.where(province.test).projects[:SWAPPED]
    effects = swap_effects(province.model, projects, role)
    assert [effects[head] for head in (*AXES, COST)] == [0.0, 0.0, 0.0]
    if role is not Role.DECLARER:
        # The control: heads that may know what is asked for do move.
        assert effects["low_execution"] > 0


def _raw() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(catalogue_text("zero_base"))
    return raw


def _named(entries: Iterable[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


@pytest.mark.parametrize(
    ("indicator", "role"), [("apply_amt", "requested_amount"), ("last_budget_amt", "last_budget")]
)
def test_control_a_head_that_would_see_the_request_is_refused(indicator: str, role: str) -> None:
    raw = _raw()
    _named(raw["indicators"], indicator)["use"] = {COST: "free"}
    with pytest.raises(CatalogueError, match=f"(?s){COST}.*{role}|{role}.*{COST}"):
        checked_catalogue(raw)


def _one_head(raw: dict[str, Any], name: str) -> Catalogue:
    """The catalogue with one head only, not bound to start from zero, and seeing the request."""
    raw["heads"] = [{**_named(raw["heads"], name), "zero_based": False}]
    raw.pop("priority", None)
    for entry in raw["indicators"]:
        uses = {head: sign for head, sign in entry.get("use", {}).items() if head == name}
        entry.pop("use", None)
        if uses:
            entry["use"] = uses
    _named(raw["indicators"], "apply_amt")["use"] = {name: "free"}
    return checked_catalogue(raw)


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """A cost model that learned from the request as well, with projects to swap."""
    folder = tmp_path_factory.mktemp("province")
    simulate_province(folder, 3_000)
    data = read_appraisal_data(folder, _one_head(_raw(), COST))
    split = TimeSplit.of(data.years)
    model = train(data, TrainingSettings(split, TreeSettings(trees=30)))
    return model, data.where(split.test(data.years)).projects[:SWAPPED]


def test_control_a_head_that_saw_the_request_moves_with_it(seeing: tuple[Any, Any]) -> None:
    model, projects = seeing
    assert swap_effects(model, projects, Role.REQUESTED_AMOUNT)[COST] > 0.01
