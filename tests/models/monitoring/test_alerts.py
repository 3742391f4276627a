"""Alerts by the policy's thresholds, and why retraining is due."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from features.errors import FormError
from models.monitoring.alerts import Alert, alerts, retraining_due
from models.monitoring.drifts import Drift, Moved
from models.monitoring.forecasts import Estimate, Forecast, Measure, Realised, Skill
from models.monitoring.monitoring_policy import monitoring_policy
from tests.rulers import catalogue_of, ruler

POLICY = monitoring_policy(None, Path("nowhere"))
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def drift(effect: float, kind: Moved = Moved.INPUT, n: int = 500, told: bool = True) -> Drift:
    return Drift(kind, f"{kind.value}{effect}", effect, 0.01, n, told)


def coverage(value: float, came: float | None = None, m: int = 500) -> Forecast:
    estimate = Estimate(value, 0.01, 1000)
    realised = None if came is None else Realised(came, m, estimate)
    return Forecast("cost", 2025, Measure.COVERAGE, 0.8, estimate, realised)


def rate(value: float, came: float, m: int = 500, skill: Skill | None = None) -> Forecast:
    estimate = Estimate(value, 0.01, 1000)
    return Forecast("risk", 2025, Measure.RATE, None, estimate, Realised(came, m, estimate), skill)


def _said(found: list[Alert]) -> list[tuple[str, str]]:
    return [(each.level.value, each.code) for each in found]


STABLE = [drift(0.01)] * 9


@pytest.mark.parametrize(
    ("drifts", "forecasts", "said"),
    [
        (STABLE, [coverage(0.8, 0.79), rate(0.2, 0.21)], []),
        ([*STABLE, drift(0.15)], [], [("note", "input_shift")]),
        ([*STABLE, drift(0.4)], [], [("warn", "input_shift")]),
        ([*STABLE, drift(0.4, told=False)], [], []),
        ([*STABLE, drift(0.4, n=100)], [], []),
        ([drift(0.4, n=100)], [], [("note", "too_few")]),
        ([*STABLE, drift(0.3, Moved.VALUE), drift(0.12, Moved.REASON)], [], [
            ("warn", "value_shift"), ("note", "reason_shift"),
        ]),
        ([*STABLE[:2], drift(0.4)], [], [("alarm", "many_inputs"), ("warn", "input_shift")]),
        (STABLE, [coverage(0.7)], [("warn", "coverage_expected_low")]),
        (STABLE, [coverage(0.8, 0.6)], [("alarm", "coverage_lost"), ("note", "estimate_off")]),
        (STABLE, [coverage(0.8, 0.6, m=20)], []),
        (STABLE, [rate(0.2, 0.28)], [("warn", "rate_off"), ("note", "estimate_off")]),
        (STABLE, [rate(0.2, 0.35)], [("alarm", "rate_off"), ("note", "estimate_off")]),
        (STABLE, [rate(0.2, 0.28, m=60)], []),
        (STABLE, [rate(0.2, 0.2, skill=Skill(0.2, 0.15, -0.05, 0.01, 500))], [
            ("warn", "department_better"),
        ]),
        (STABLE, [rate(0.2, 0.2, skill=Skill(0.2, 0.19, -0.01, 0.01, 500))], []),
    ],
)  # fmt: skip
def test_each_is_raised_at_its_threshold_and_not_before(
    drifts: list[Drift], forecasts: list[Forecast], said: list[tuple[str, str]]
) -> None:
    assert _said(alerts(drifts, forecasts, POLICY)) == said


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({}, []),
        ({"trained": "2025-01-01T00:00:00+00:00"}, ["age"]),
        ({"new_outcomes": 1_000}, ["new_outcomes"]),
        ({"drifts": [drift(0.4)] * 5}, ["shifted_inputs"]),
        ({"drifts": [drift(0.4)] * 4}, []),
        ({"forecasts": [coverage(0.8, 0.6)]}, ["coverage_lost"]),
        ({"forecasts": [rate(0.2, 0.35)]}, ["rate_off"]),
    ],
)
def test_retraining_is_due_with_its_reasons(given: dict[str, Any], codes: list[str]) -> None:
    usual: dict[str, Any] = {
        "drifts": [], "forecasts": [], "trained": "2026-05-01T00:00:00+00:00", "new_outcomes": 9
    }  # fmt: skip
    told = usual | given
    found = retraining_due(
        told["drifts"],
        told["forecasts"],
        POLICY,
        trained=told["trained"],
        now=NOW,
        new_outcomes=told["new_outcomes"],
    )
    assert [each.code for each in found] == codes


def test_the_policy_is_read_strictly_and_the_working_folders_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "monitoring.yaml"
    shipped = Path("models/monitoring/monitoring.yaml").read_text(encoding="utf-8")
    path.write_text(shipped.replace("least_projects: 200", "least_projects: 7"), encoding="utf-8")
    assert monitoring_policy(None, tmp_path).least_projects == 7
    path.write_text(shipped + "more: 1\n", encoding="utf-8")
    with pytest.raises(FormError, match="more"):
        monitoring_policy(None, tmp_path)


def test_a_departments_forecast_is_a_declared_share_of_an_event() -> None:
    catalogue = catalogue_of(ruler())
    POLICY.require_in(catalogue)
    for wrong in ({"cost": "area"}, {"risk": "area"}, {"risk": "nothing"}):
        with pytest.raises(FormError, match="an event and a declared share"):
            POLICY.model_copy(update={"department_forecasts": wrong}).require_in(catalogue)
