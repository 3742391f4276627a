"""A challenger in the shadow: recorded whole, never given, never in the way."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from anyio.from_thread import BlockingPortal
from typer.testing import CliRunner

from features.errors import RegistryError
from models.shadow import Shadow
from serving.access.caller import Caller, Grant, Role
from serving.beside import beside_queue
from serving.beside.beside_process import BesideBroken, BesideProcess
from serving.beside.beside_queue import BesideQueue
from serving.command_line.program import PROGRAM
from serving.projects.record_view import RecordView
from serving.recording.kept_answer import core_of
from serving.recording.replay import Replay
from serving.records.database import Sight
from serving.records.record_log import RecordLog
from serving.records.verification import leaf_hash
from serving.wording.envelope import Refusal
from tests.releases import Waiting, registered
from tests.rulers import catalogue_of, ruler
from tests.serving.beside.conftest import CARE, PROJECT, Besides, Here, besides, task_of


def _started(made: Besides) -> None:
    registered(made.waiting.registry, "second")
    Shadow(made.waiting.registry).start(2, "Li")
    made.until(lambda said: said["shadow"] is not None)


def test_it_is_recorded_beside_the_answer_and_replayed_bit_for_bit(beside: Besides) -> None:
    _started(beside)
    answer = beside.score(PROJECT)
    assert answer["model"]["version"] == "1"
    beside.counted(recorded=1)
    (shadow,) = beside.records("shadow")
    content = shadow.content()["content"]
    assert content["model"]["version"] == 2
    assert content["beside"] == {"served": answer["record_id"], "version": 1, "purpose": "shadow"}
    assert shadow.content()["about"] == [answer["record_id"]]
    assert content["heads"] != beside.records("score")[0].content()["content"]["heads"]
    replay = Replay(beside.waiting.registry.root)
    (same,) = replay.replayed([(shadow, leaf_hash(shadow.leaf))])
    assert same.same
    changed = shadow.leaf.replace(b'"rank_score":', b'"rank_score":1', 1)
    damaged = replace(shadow, leaf=changed)
    (other,) = replay.replayed([(damaged, leaf_hash(changed))])
    assert not other.same  # control


def test_it_changes_no_byte_of_an_answer(beside: Besides) -> None:
    before = [beside.score(each) for each in (PROJECT, CARE)]
    batch = beside.service.post("/score_batch", {"projects": [PROJECT, CARE]}).json()
    _started(beside)
    after = [beside.score(each) for each in (PROJECT, CARE)]
    again = beside.service.post("/score_batch", {"projects": [PROJECT, CARE]}).json()
    beside.counted(recorded=4)
    cores = [[_core(each) for each in some] for some in (before, after)]
    assert cores[0] == cores[1]
    assert [_core(each) for each in batch["results"]] == [_core(e) for e in again["results"]]
    assert batch.keys() == again.keys()
    served = Shadow(beside.waiting.registry).version()
    assert served is not None
    assert served.digest.encode() not in b"".join(cores[1])
    (shadow, *_) = beside.records("shadow")
    assert served.digest.encode() in shadow.leaf  # control: it is told apart


def _core(answer: dict[str, Any]) -> bytes:
    return core_of(answer | {"record_id": None, "receipt": None})


def test_an_answer_given_again_is_not_answered_beside_again(beside: Besides) -> None:
    _started(beside)
    headers = {"Idempotency-Key": "a-key-of-its-own-1"}
    bodies = [beside.service.post("/score", {"project": PROJECT}, headers) for _ in range(2)]
    assert bodies[0].content == bodies[1].content
    beside.score(CARE)
    beside.counted(recorded=2)
    assert len(beside.records("shadow")) == 2  # control: that of another project is there


def test_it_is_followed_without_a_restart_and_stops(beside: Besides) -> None:
    beside.score(PROJECT)
    _started(beside)
    beside.score(PROJECT)
    beside.counted(recorded=1)
    Shadow(beside.waiting.registry).stop()
    beside.until(lambda said: said["shadow"] is None)
    beside.score(PROJECT)
    assert beside.counted(recorded=1)["answers"]["dropped"] == 0
    assert len(beside.records("shadow")) == 1
    with pytest.raises(RegistryError, match="expected a version in the shadow; got none"):
        Shadow(beside.waiting.registry).stop()


def test_the_version_in_service_is_no_shadow(beside: Besides) -> None:
    with pytest.raises(RegistryError, match="got the version in service"):
        Shadow(beside.waiting.registry).start(1)


def test_a_shadow_that_is_not_what_was_registered_does_not_run(beside: Besides) -> None:
    version = registered(beside.waiting.registry, "second")
    trees = beside.waiting.registry.folder / "2" / "trees" / "axis.central.txt"
    whole = trees.read_bytes()
    trees.write_bytes(whole[:-100])
    Shadow(beside.waiting.registry).start(version.number)
    said = beside.until(lambda said: "shadow" in said["refused"])
    assert (said["shadow"], said["refused"]) == (None, {"shadow": "bundle"})
    beside.score(PROJECT)
    assert beside.records("shadow") == []
    trees.write_bytes(whole)
    Shadow(beside.waiting.registry).start(version.number)
    beside.until(lambda said: said["shadow"] is not None)  # control


def test_only_those_who_watch_see_it(beside: Besides) -> None:
    _started(beside)
    beside.score(PROJECT)
    beside.counted(recorded=1)
    (shadow,) = beside.records("shadow")
    assert shadow.department is None
    department = Sight.of_department(PROJECT["office"])
    assert beside.log.record(shadow.record_id, department) is None
    (score,) = beside.records("score")
    assert beside.log.record(score.record_id, department) is not None  # control


def test_the_auditors_pages_show_it_and_why_it_differs(beside: Besides) -> None:
    _started(beside)
    beside.score(PROJECT)
    beside.counted(recorded=1)
    (shadow,) = beside.records("shadow")
    (score,) = beside.records("score")
    dossier = beside.service.get(f"/audit/records/{shadow.record_id}").json()
    assert dossier["answer"]["model"]["version"] == "2"
    assert dossier["answer_as_said"]
    both = f"/audit/difference?a={score.record_id}&b={shadow.record_id}"
    moved = beside.service.get(both)
    assert moved.status_code == 200, moved.text
    page = beside.service.get("/monitoring", accept="text/html").text
    version = Shadow(beside.waiting.registry).version()
    assert version is not None
    assert version.digest[7:19] in page


@pytest.mark.parametrize(("role", "status"), [("expert", 404), ("platform", 404), ("auditor", 200)])
def test_an_expert_who_judges_unseen_finds_none(beside: Besides, role: str, status: int) -> None:
    _started(beside)
    beside.score(PROJECT)
    beside.counted(recorded=1)
    (shadow,) = beside.records("shadow")
    (score,) = beside.records("score")
    caller = Caller(Grant(Role(role)), "k-1")
    view = RecordView(beside.log, catalogue_of(ruler()))
    kinds = {each["kind"] for each in view.history(caller, "P1")["records"]}
    assert ("shadow" in kinds) is (status == 200)
    assert view.record(caller, score.record_id)["record"]["kind"] == "score"  # control
    if status == 200:
        assert view.record(caller, shadow.record_id)["record"]["kind"] == "shadow"
        return
    with pytest.raises(Refusal) as refused:
        view.record(caller, shadow.record_id)
    assert refused.value.status == status
    with pytest.raises(Refusal) as none:
        view.record(caller, shadow.record_id[:-4] + "0000")
    assert str(none.value) == str(refused.value)  # as for one that does not exist


class Slow(Here):
    """Takes its time, until it is let go on."""

    go_on = threading.Event()

    def outcomes(self, tasks: Any, patience: float) -> Any:
        self.go_on.wait(10)
        return super().outcomes(tasks, patience)


def test_a_slow_shadow_with_a_full_queue_delays_nobody_and_is_counted(
    tmp_path: Path, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside_queue, "MOST_WAITING", 3)
    monkeypatch.setattr(beside_queue, "TOGETHER", 1)
    Slow.go_on.clear()
    with besides(tmp_path, portal, monkeypatch, Slow) as made:
        _started(made)
        answers = [made.score(PROJECT | {"code": f"S{number}"}) for number in range(8)]
        assert len(made.records("score")) == 8  # all were answered while it has answered none
        assert made.records("shadow") == []
        dropped = made.until(lambda said: said["answers"]["dropped"] >= 4)["answers"]["dropped"]
        Slow.go_on.set()
        made.counted(recorded=8 - dropped)
        served = {record.content()["about"][0] for record in made.records("shadow")}
        assert served < {answer["record_id"] for answer in answers}
        text = made.service.get("/metrics").text
        assert f'lingji_beside_answers_total{{outcome="dropped"}} {float(dropped)}' in text


class Broken(Here):
    """Breaks at the first group."""

    broken = True

    def outcomes(self, tasks: Any, patience: float) -> Any:
        if Broken.broken:
            Broken.broken = False
            raise MemoryError
        return super().outcomes(tasks, patience)


def test_a_shadow_that_breaks_is_counted_rests_and_goes_on(
    tmp_path: Path, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    Broken.broken = True
    with besides(tmp_path, portal, monkeypatch, Broken) as made:
        _started(made)
        assert made.score(PROJECT)["status"] == "rated"
        made.counted(failed=1)
        assert made.score(PROJECT)["status"] == "rated"
        made.counted(failed=2)  # it rests
        monkeypatch.setattr(beside_queue, "AGAIN_SECONDS", 0.0)
        for thread in threading.enumerate():
            if thread.name == "lingji-beside":
                queue = thread._target.__self__  # type: ignore[attr-defined]
                queue._rests_until = 0.0
        assert made.score(PROJECT)["status"] == "rated"
        made.counted(failed=2, recorded=1)


@pytest.fixture
def log(tmp_path: Path) -> Any:
    with RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as opened:
        yield opened


def test_its_process_is_killed_and_nothing_else_ends(tmp_path: Path, log: RecordLog) -> None:
    waiting = Waiting.at(tmp_path)
    version = registered(waiting.registry, "second")
    started: list[BesideProcess] = []

    def process() -> BesideProcess:
        started.append(BesideProcess(waiting.registry))
        return started[-1]

    queue = BesideQueue(process, log)
    queue.offer([task_of(PROJECT, 1, version)])
    _until(lambda: queue.counts.recorded == 1)
    os.kill(started[0]._process.pid or 0, signal.SIGKILL)
    queue.offer([task_of(PROJECT, 2, version)])
    _until(lambda: queue.counts.failed == 1)
    queue._rests_until = 0.0
    queue.offer([task_of(PROJECT, 3, version), task_of({"code": 1}, 4, version)])
    _until(lambda: queue.counts.recorded == 2 and queue.counts.refused == 1)
    assert len(started) == 2
    queue.close()
    queue.offer([task_of(PROJECT, 5, version)])
    assert queue.counts.dropped == 1


def test_a_process_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    waiting = Waiting.at(tmp_path)
    version = registered(waiting.registry, "second")
    process = BesideProcess(waiting.registry)
    with pytest.raises(BesideBroken, match="expected answers within 0 s"):
        process.outcomes([task_of(PROJECT, 1, version)], 0.0)
    process.end()
    assert not process._process.is_alive()


def _until(holds: Any) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_command_line_starts_and_stops_it(tmp_path: Path) -> None:
    waiting = Waiting.at(tmp_path)
    registered(waiting.registry, "second")
    catalogue = tmp_path / "small.yaml"
    catalogue.write_bytes(orjson.dumps(_ruler()))
    given = ["--catalogue", str(catalogue), "--home", str(tmp_path), "--json"]
    run = CliRunner()
    started = run.invoke(PROGRAM, ["shadow", "start", "2", *given])
    assert started.exit_code == 0, started.output
    shown = run.invoke(PROGRAM, ["shadow", "status", *given])
    assert orjson.loads(shown.stdout)["shadow"]["version"] == 2
    refused = run.invoke(PROGRAM, ["shadow", "start", "1", *given])
    assert refused.exit_code == 1
    assert run.invoke(PROGRAM, ["shadow", "stop", *given]).exit_code == 0
    assert Shadow(waiting.registry).entry() is None


def _ruler() -> dict[str, Any]:
    from tests.rulers import ruler

    return ruler()
