"""Estimated first, realised later: under a shift of projects the estimate follows; errors hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.monitoring.forecasts import (
    Forecast,
    Measure,
    Outcomes,
    compared_forecasts,
    expected_coverage,
    expected_rate,
    forecasts,
)
from models.monitoring.observed import Observed
from models.reference import Cells
from tests.models.monitoring.answered import observed_of, projects_of, usual
from tests.small_model import small_outcomes


def outcomes_for(observed: Observed, projects: Any, seed: int = 3, **lift: float) -> Outcomes:
    """Outcomes of projects by the small ruler's process; `lift` moves them."""
    chance = np.random.default_rng(seed)
    told = [small_outcomes(chance, _known(project.values)) for project in projects]
    values = {
        "axis": np.array([each["outcome_axis"] + lift.get("axis", 0) for each in told]),
        "cost": np.log([each["outcome_cost"] * np.exp(lift.get("cost", 0)) for each in told]),
        "risk": np.array([each["outcome_risk"] for each in told]),
    }
    rows = {(p.project_id, p.year): at for at, p in enumerate(projects)}
    return Outcomes(rows, values)


def _known(values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _of(found: list[Forecast], head: str) -> Forecast:
    (one,) = (each for each in found if each.head == head)
    return one


def test_without_outcomes_there_is_an_estimate_of_every_head_and_nothing_more() -> None:
    found = forecasts(usual())
    assert {each.head for each in found} == {"axis", "second", "cost", "risk"}
    for each in found:
        assert (each.realised, each.skill) == (None, None)
        assert each.estimate is not None
    cost, risk = _of(found, "cost"), _of(found, "risk")
    assert (cost.measure, risk.measure) == (Measure.COVERAGE, Measure.RATE)
    assert cost.estimate is not None
    assert abs(cost.estimate.value - 0.8) < 0.1


def test_what_came_stands_beside_what_was_estimated_and_the_error_holds() -> None:
    projects = projects_of(600, 11)
    found = forecasts(usual(), outcomes_for(usual(), projects))
    for head in ("axis", "cost", "risk"):
        each = _of(found, head)
        assert each.realised is not None
        assert each.estimate is not None
        assert each.realised.m == 600
        assert abs(each.estimate.off(each.realised.value, 600)) < 3


def test_control_a_world_that_changed_is_seen_in_what_came_and_not_before() -> None:
    projects = projects_of(600, 11)
    before = _of(forecasts(usual()), "cost").estimate
    each = _of(forecasts(usual(), outcomes_for(usual(), projects, cost=0.4)), "cost")
    assert each.realised is not None
    assert each.estimate == before
    assert each.realised.value < 0.5
    assert each.estimate is not None
    assert each.estimate.off(each.realised.value, 600) < -5


def test_coverage_follows_the_shares_of_the_cells() -> None:
    cells = Cells(
        np.array([0.0, np.inf, np.inf, np.inf]),
        np.array([[100, 400, 0, 0, 0]]),
        np.array([[50, 360, 0, 0, 0]]),
    )
    as_then = expected_coverage(cells, np.repeat([0, 1], [20, 80]))
    assert as_then.value == pytest.approx(0.82)
    shifted = expected_coverage(cells, np.repeat([0, 1], [80, 20]))
    assert shifted.value == pytest.approx(0.58)
    assert shifted.error == pytest.approx(np.sqrt(0.64 * 0.25 / 100 + 0.04 * 0.09 / 400), rel=1e-9)
    few = expected_coverage(cells, np.array([3, 3]))  # a cell without cases: its group's share
    assert few.value == pytest.approx(410 / 500)


def test_the_error_of_an_estimate_is_its_spread() -> None:
    chance, off = np.random.default_rng(4), []
    p, weights = np.array([0.6, 0.7, 0.8, 0.85, 0.9]), np.array([0.4, 0.3, 0.1, 0.1, 0.1])
    for _ in range(400):
        cases = np.array([[200, 200, 200, 200, 200]])
        cells = Cells(np.arange(1.0, 5.0), cases, chance.binomial(cases, p))
        at = chance.choice(5, 500, p=weights)
        came = float((chance.random(500) < p[at]).mean())
        off.append(expected_coverage(cells, at).off(came, 500))
    assert np.std(off) == pytest.approx(1, abs=0.12)
    assert np.mean(off) == pytest.approx(0, abs=0.15)


def test_a_rate_is_the_mean_of_the_probabilities() -> None:
    found = expected_rate(np.array([0.1, 0.3, 0.8]), 100)
    assert (found.value, found.n) == (pytest.approx(0.4), 3)
    assert found.error == pytest.approx((0.4 * 0.6 / 100) ** 0.5)


def test_departments_forecasts_are_compared_by_brier_scores() -> None:
    outcome = np.array([0.0, 0.0, 1.0, 1.0])
    found = compared_forecasts(np.array([0.1, 0.2, 0.8, 0.9]), np.full(4, 0.5), outcome)
    assert (found.model, found.department) == (pytest.approx(0.025), pytest.approx(0.25))
    assert found.skill == pytest.approx(0.9)
    worse = compared_forecasts(np.full(4, 0.5), np.array([0.1, 0.2, 0.8, 0.9]), outcome)
    assert worse.difference == pytest.approx(-found.difference)  # control


def test_a_department_that_is_optimistic_is_seen_to_be() -> None:
    projects = projects_of(400, 12)
    plain = observed_of(projects)
    outcomes = outcomes_for(plain, projects)
    rosy = observed_of(projects, forecasts={"risk": np.full(400, 0.05)})
    skill = _of(forecasts(rosy, outcomes), "risk").skill
    assert skill is not None
    assert skill.skill > 0.1
    assert skill.difference > 2 * skill.error
    assert _of(forecasts(plain, outcomes), "risk").skill is None  # it said nothing
