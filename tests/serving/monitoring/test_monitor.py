"""From the record log to a report: what was answered, estimated, came, and has to be done."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from features.errors import RegistryError
from models.monitoring.monitoring_policy import MonitoringPolicy, monitoring_policy
from models.monitoring.observed import Observed
from models.registry import Release
from serving.appraisal import appraised
from serving.asker import Asker
from serving.command_line.program import PROGRAM
from serving.metrics import Metrics
from serving.monitoring.answered_log import observe
from serving.monitoring.monitor import monitor
from serving.monitoring.monitoring_following import MonitoringFollower
from serving.monitoring.monitoring_report import newest_report
from serving.recording.recorded_answer import recorded_answer
from serving.records.record_log import RecordLog
from tests.models.monitoring.answered import answered_by, projects_of
from tests.models.monitoring.test_forecasts import outcomes_for
from tests.rulers import ruler
from tests.serving.conftest import tiny_project
from tests.serving.monitoring.conftest import Logged, record
from tests.small_model import small_outcomes

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_COLUMNS = ("year", "inputs", "bins", "leading", "cells", "value", "low", "high")


def policy(**changes: Any) -> MonitoringPolicy:
    return monitoring_policy(None, Path("nowhere")).model_copy(update=changes)


def read(logged: Logged, **given: Any) -> tuple[Observed, int]:
    assert logged.release.model.reference is not None
    found = Observed(logged.release.model, logged.release.model.reference, **given)
    return found, observe(found, logged.log, logged.release, LONG_AGO, {})


def test_the_log_says_of_every_project_what_the_model_said_of_it(logged: Logged) -> None:
    found, count = read(logged)
    assert (count, len(found), found.full) == (310, 300, False)
    projects = projects_of(300, 11)
    assert logged.release.model.reference is not None
    direct = Observed(logged.release.model, logged.release.model.reference)
    direct.add(answered_by(logged.release.model, projects))
    rows = [found.keys[project.project_id, project.year] for project in projects]
    for name in _COLUMNS:
        assert np.array_equal(found.column(name)[rows], direct.column(name), equal_nan=True), name


def test_of_very_many_projects_the_newest_are_kept_and_it_says_so(
    logged: Logged, tmp_path: Path
) -> None:
    found, _ = read(logged, most=100)
    assert len(found) == 100
    newest = {(project.project_id, project.year) for project in projects_of(300, 11)[200:]}
    assert set(found.keys) == newest
    report = monitor(logged.release, logged.log, tmp_path, policy(), most=100)
    assert report["answers"] == {"read": 100, "projects": 100, "complete": False} | {
        "read": report["answers"]["read"]
    }


def test_estimates_come_first_and_what_came_takes_their_place(
    logged: Logged, tmp_path: Path
) -> None:
    first = monitor(logged.release, logged.log, tmp_path, policy())
    assert first["level"] is None
    assert {entry["realised"] for entry in first["series"]} == {None}
    projects = projects_of(300, 11)
    found, _ = read(logged)
    outcomes = outcomes_for(found, projects, cost=0.5)
    second = monitor(logged.release, logged.log, tmp_path, policy(), outcomes)
    before = {entry["head"]: entry for entry in first["series"]}
    for entry in second["series"]:
        assert entry["estimate"] == before[entry["head"]]["estimate"]
        assert (entry["late"], entry["m"]) == (False, 0 if entry["head"] == "second" else 300)
    cost = next(entry for entry in second["series"] if entry["head"] == "cost")
    assert cost["realised"] < 0.5
    assert cost["off"] == pytest.approx(cost["realised"] - cost["estimate"])
    said = {(alert["level"], alert["code"], alert["subject"]) for alert in second["alerts"]}
    assert ("alarm", "coverage_lost", "cost") in said
    assert [each["code"] for each in second["retraining_due"]] == ["coverage_lost"]
    assert newest_report(tmp_path, "small") == second


def test_planted_drift_is_found_in_a_log(tmp_path: Path, logged: Logged) -> None:
    projects = projects_of(300, 11, lambda each: each | {"area": each["area"] * 5})
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        record(log, logged.release, projects)
        report = monitor(logged.release, log, tmp_path, policy())
    said = {(alert["code"], alert["subject"]) for alert in report["alerts"]}
    assert {("input_shift", "area"), ("value_shift", "cost")} <= said
    usual = monitor(logged.release, logged.log, tmp_path, policy())
    assert usual["alerts"] == []  # control


def test_answers_of_another_version_or_of_long_ago_are_not_counted(logged: Logged) -> None:
    assert logged.release.model.reference is not None
    other = replace(
        logged.release, version=replace(logged.release.version, digest=f"sha256:{'0' * 64}")
    )
    found = Observed(logged.release.model, logged.release.model.reference)
    assert observe(found, logged.log, other, LONG_AGO, {}) == 0
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert observe(found, logged.log, logged.release, tomorrow, {}) == 0
    assert observe(found, logged.log, logged.release, LONG_AGO, {}) == 310  # control


def test_a_version_without_a_reference_is_told_apart(logged: Logged, tmp_path: Path) -> None:
    bare = replace(logged.release, model=replace(logged.release.model, reference=None))
    with pytest.raises(RegistryError, match="train it again"):
        monitor(bare, logged.log, tmp_path, policy())


def test_what_departments_forecast_is_read_from_what_they_declared(
    release: Release, tmp_path: Path
) -> None:
    """With the tiny catalogue, where a declared share stands for a department's forecast."""
    model = release.model
    assert model.reference is not None
    shares = [0.05, 0.9, None]
    documents = [tiny_project(n, executed_share=share) for n, share in enumerate(shares)]
    found = Observed(model, model.reference)
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        for document in documents:
            recorded_answer(release, appraised(document, release), log, Asker("a", "x", "x"))
        observe(found, log, release, LONG_AGO, {"late": "executed_share"})
    late = found.column("forecasts")[:, found.heads.index("late")]
    rows = [found.keys[f"P{number:04}", 2024] for number in range(3)]
    assert late[rows[:2]] == pytest.approx(shares[:2])
    assert np.isnan(late[rows[2]])
    others = [place for place, head in enumerate(found.heads) if head != "late"]
    assert np.isnan(found.column("forecasts")[:, others]).all()  # nobody forecasts those


def test_the_metrics_tell_the_newest_report(logged: Logged, tmp_path: Path) -> None:
    metrics = Metrics()
    follower = MonitoringFollower(tmp_path, "small", metrics)
    follower.look()
    assert b'lingji_monitoring_alerts{level="alarm"}' not in metrics.text()
    outcomes = outcomes_for(read(logged)[0], projects_of(300, 11), cost=0.5)
    monitor(logged.release, logged.log, tmp_path, policy(), outcomes)
    follower.look()
    text = metrics.text().decode()
    assert 'lingji_monitoring_alerts{level="alarm"} 1.0' in text
    assert "lingji_retraining_due 1.0" in text
    off = 'lingji_monitoring_forecast_off{head="cost",measure="coverage",round="2025"} -0.'
    assert off in text
    (tmp_path / "monitoring" / "small" / "report.json").write_text("{", encoding="utf-8")
    follower.look()  # a damaged one is passed over
    assert "lingji_retraining_due 1.0" in metrics.text().decode()


def test_the_command_line_reads_outcomes_as_they_come(logged: Logged, tmp_path: Path) -> None:
    ruler_file = tmp_path / "small.yaml"
    ruler_file.write_bytes(orjson.dumps(ruler()))
    given = ["--catalogue", str(ruler_file), "--home", str(logged.home)]
    run = CliRunner()
    before = run.invoke(PROGRAM, ["monitor", *given, "--json"])
    assert before.exit_code == 0, before.output
    assert {each["realised"] for each in orjson.loads(before.stdout)["series"]} == {None}
    rows = tmp_path / "rows.jsonl"
    chance = np.random.default_rng(3)
    with rows.open("wb") as file:
        for project in projects_of(300, 11):
            document = {n: v for n, v in project.values.items() if v not in (None, ())}
            outcomes = small_outcomes(chance, document)
            outcomes["outcome_cost"] *= math.exp(0.6)
            document["mandatory"] = bool(document.get("mandatory", 0))
            file.write(orjson.dumps(document | outcomes) + b"\n")
    added = run.invoke(PROGRAM, ["outcomes", "add", str(rows), *given])
    assert added.exit_code == 0, added.output
    after = run.invoke(PROGRAM, ["monitor", *given])
    assert after.exit_code == 1, after.output  # an alarm
    assert "held" in after.stdout
    told = run.invoke(PROGRAM, ["monitor", *given, "--json"])
    cost = next(each for each in orjson.loads(told.stdout)["series"] if each["head"] == "cost")
    assert (cost["m"], cost["late"]) == (300, False)
