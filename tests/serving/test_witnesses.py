"""The record log and MLflow's alias beside the list of releases: what differs is said."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.approval import Approval
from models.registry import Version
from models.release import mlflow_alias
from models.release.mlflow_alias import Alias, AliasState
from serving.access.access import Access
from serving.asker import Asker
from serving.inquiry import Desk
from serving.metrics import Metrics
from serving.recording.last_release import Recorded, last_release
from serving.recording.release_record import ReleaseRecords
from serving.records.record_log import RecordLog
from serving.service_state import ServiceState
from serving.settings import Limits
from serving.witnesses import Witnesses
from tests.releases import CATALOGUE, Waiting


@pytest.fixture
def waiting(tmp_path: Path) -> Waiting:
    return Waiting.at(tmp_path)


@pytest.fixture
def desk(waiting: Waiting, access: Access, tmp_path: Path) -> Iterator[Desk]:
    release = waiting.registry.champion_release()
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        state = ServiceState(waiting.registry)
        yield Desk(release, Limits(), Metrics(), access, log, tmp_path, state=state)


def recorded(desk: Desk, version: Version, approval: Approval | None = None) -> None:
    asker = Asker.at_command_line("a test")
    ReleaseRecords(desk.records, asker).add(CATALOGUE, None, version, approval)


def said(desk: Desk, name: str) -> float:
    lines = desk.metrics.text().decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def test_a_log_that_knows_another_last_release_is_told_of(
    waiting: Waiting, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    witnesses = Witnesses(waiting.registry)
    witnesses.look(desk)
    assert desk.state.recorded is Recorded.NONE
    recorded(desk, waiting.registry.version(1))
    second = waiting.challenger()
    waiting.registry.promote(second.number)  # by something that tells the log nothing
    witnesses.look(desk)
    assert desk.state.recorded is Recorded.DIFFERS
    assert said(desk, "lingji_release_unrecorded") == 1
    assert "the last release in the record log is not what is in service" in caplog.text
    caplog.clear()
    witnesses.look(desk)
    assert caplog.text == ""  # said once
    recorded(desk, second)
    witnesses.look(desk)
    assert desk.state.recorded is Recorded.AGREES
    assert said(desk, "lingji_release_unrecorded") == 0


def test_another_approval_of_the_same_version_differs(waiting: Waiting, desk: Desk) -> None:
    version = waiting.released()
    recorded(desk, version)  # as one without review
    Witnesses(waiting.registry).look(desk)
    assert desk.state.recorded is Recorded.DIFFERS
    entry = waiting.registry.releases().in_service
    assert entry is not None
    assert entry.approval is not None
    recorded(desk, version, waiting.registry.approvals.kept(entry.approval))
    Witnesses(waiting.registry).look(desk)
    assert desk.state.recorded is Recorded.AGREES


def test_releases_of_another_catalogue_are_passed_over(waiting: Waiting, desk: Desk) -> None:
    recorded(desk, waiting.registry.version(1))
    asker = Asker.at_command_line("a test")
    for _ in range(120):
        ReleaseRecords(desk.records, asker).add("other", None, Version(9, "sha256:x", "now"))
    found = last_release(desk.records, CATALOGUE)
    assert found is not None
    assert found["after"]["version"] == 1
    assert last_release(desk.records, "third") is None


def test_an_alias_at_what_nobody_released_is_refused_and_told_of(
    waiting: Waiting,
    desk: Desk,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = waiting.challenger()
    at = Alias(second.number, second.digest, there=True)
    monkeypatch.setattr("serving.witnesses.alias_of", lambda *_: at)
    caplog.set_level(logging.ERROR)
    Witnesses(waiting.registry).look(desk)
    assert desk.state.alias is AliasState.ELSEWHERE
    assert said(desk, "lingji_mlflow_alias_elsewhere") == 1
    assert "at what nobody released; not followed" in caplog.text
    champion = waiting.registry.champion()
    assert champion is not None
    assert champion.number == 1
    waiting.review(second.number)
    waiting.approve(second.number)
    waiting.candidate(second.number).promote()
    Witnesses(waiting.registry).look(desk)
    assert desk.state.alias is AliasState.AGREES
    assert said(desk, "lingji_mlflow_alias_elsewhere") == 0


def test_it_looks_again_when_the_store_has_changed_and_not_before(
    waiting: Waiting, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[None] = []

    def counted(*given: object) -> Alias:
        looks.append(None)
        return mlflow_alias.NOT_THERE

    monkeypatch.setattr("serving.witnesses.alias_of", counted)
    witnesses = Witnesses(waiting.registry)
    for _ in range(3):
        witnesses.look(desk)
    assert len(looks) == 1
    (waiting.registry.root / mlflow_alias.STORE).write_bytes(b"")
    for _ in range(3):
        witnesses.look(desk)
    assert len(looks) == 2
