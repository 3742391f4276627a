"""A running service follows releases and stops, and goes on with what it has when one is bad."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from anyio.from_thread import BlockingPortal

from features.errors import BundleError, ModelStopped, ReleaseRefused
from models.people import People
from models.registry import Registry, Release, Version
from models.release import releasing
from models.trial import try_bundle
from serving import appraisal_queue, assembly, following, questions
from serving.access.access import opened_access
from serving.appraisal import appraised_batch
from serving.assembly import around
from serving.following import Follower
from serving.inquiry import Desk, Inquiry
from serving.metrics import Metrics
from serving.office import Office
from serving.questions import questions as answers
from serving.recording.kept_answer import KeptAnswer
from serving.recording.kept_rules import KeptRules
from serving.recording.recorded_side import personal_values
from serving.recording.remade_answer import remade_answer
from serving.recording.replay import Replay
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from serving.records.verification import leaf_hash
from serving.routes import Route
from serving.settings import Limits
from serving.site import site
from tests.releases import Waiting, registered
from tests.serving.conftest import Caller, running
from tests.small_model import small_document

PROJECT = small_document(np.random.default_rng(3), 1, 2025) | {"level": "city"}
BODY = {"project": PROJECT}
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("/score", BODY),
    ("/score_batch", {"projects": [PROJECT]}),
    ("/what_if", BODY | {"changes": {"people": 3}}),
    ("/improvements", BODY),
]


@dataclass(frozen=True)
class Followed:
    """A service that follows a registry, and its records."""

    service: Caller
    waiting: Waiting
    log: RecordLog
    offices: list[Office]

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What /readyz says as soon as that holds."""
        for _ in range(600):
            said = self.service.get("/readyz").json()
            if holds(said):
                return said  # type: ignore[no-any-return]
            self.service.portal.call(asyncio.sleep, 0.02)
        raise AssertionError(said)

    def score(self) -> httpx.Response:
        return self.service.post("/score", BODY)

    def metric(self, name: str) -> float:
        lines = self.service.get("/metrics").text.splitlines()
        return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


@pytest.fixture(autouse=True)
def _tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are tried in this process; the child is tested by itself and in the swaps."""
    monkeypatch.setattr(following, "tried", try_bundle)
    monkeypatch.setattr(releasing, "tried", try_bundle)


@pytest.fixture
def followed(
    tmp_path: Path, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Followed]:
    offices: list[Office] = []

    def opened(*given: Any) -> Office:
        offices.append(Office(*given))
        return offices[-1]

    monkeypatch.setattr(assembly, "Office", opened)
    waiting = Waiting.at(tmp_path)
    release = waiting.registry.champion_release()
    with closing(opened_access(tmp_path, None, 20)) as access:
        log = RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}")
        limits = Limits(follow_seconds=0.02)
        app = around(_Idle(), release, limits, access, log, follows=waiting.registry)
        with portal.wrap_async_context_manager(running(app)):
            yield Followed(Caller(app, portal), waiting, log, offices)


class _Idle:
    """The questions, with a life of their own."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await answers(scope, receive, send)
            return
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})


def test_a_new_release_answers_without_a_restart(followed: Followed) -> None:
    first = followed.score().json()
    assert (first["model"]["version"], first["model"]["reviewed"]) == ("1", False)
    assert followed.metric("lingji_model_reviewed") == 0
    followed.waiting.released()
    said = followed.until(lambda said: said["model"]["version"] == "2")
    assert said["model"]["reviewed"]
    assert said["refused_release"] is None
    second = followed.score().json()
    assert (second["model"]["version"], second["model"]["reviewed"]) == ("2", True)
    assert second["model"]["digest"] == followed.waiting.registry.version(2).digest
    assert second["priority"] != first["priority"]
    assert followed.metric("lingji_model_reviewed") == 1
    assert f"{second['model']['digest']}" in followed.service.get("/metrics").text
    for answer, reviewed in ((first, False), (second, True)):
        record = followed.service.get(f"/record/{answer['record_id']}").json()["record"]
        assert str(record["content"]["model"]["version"]) == answer["model"]["version"]
        assert record["content"]["model"]["reviewed"] is reviewed
    followed.waiting.registry.rollback()
    followed.until(lambda said: said["model"]["version"] == "1")
    third = followed.score().json()
    assert third["priority"] == first["priority"]


def test_what_was_answered_before_a_swap_is_replayed_bit_for_bit(followed: Followed) -> None:
    followed.score()
    followed.waiting.released()
    followed.until(lambda said: said["model"]["version"] == "2")
    followed.score()
    stored = list(followed.log.records(SERVICE, kind="score"))
    pairs = [(record, leaf_hash(record.leaf)) for record in stored]
    found = Replay(followed.waiting.registry.root).replayed(pairs)
    assert [one.differences for one in found] == [(), ()]


def test_who_waits_during_a_swap_is_answered_by_the_release_they_came_to(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    together: list[tuple[int, int]] = []

    def counting(documents: Sequence[Any], release: Release) -> Any:
        together.append((release.version.number, len(documents)))
        return appraised_batch(documents, release)

    monkeypatch.setattr(appraisal_queue, "appraised_batch", counting)
    (office,) = followed.offices
    first, registry = office.desk, followed.waiting.registry
    monkeypatch.setattr(Follower, "look", lambda _: None)  # the swap is made below
    second = registry.release(registered(registry, "second").number)
    projects = [PROJECT | {"code": f"W{number}"} for number in range(6)]

    async def crowd() -> list[httpx.Response]:
        async with first.queue.turn():
            asking = []
            for number, project in enumerate(projects):
                if number == 3:
                    office.serve(second)
                given = {"json": {"project": project}}
                asking.append(asyncio.create_task(followed.service.later("POST", "/score", given)))
                while len(first.queue._waiting) <= number:
                    await asyncio.sleep(0)
        return await asyncio.gather(*asking)

    answers = [answer.json() for answer in followed.service.portal.call(crowd)]
    assert office.desk.queue is first.queue
    assert first.queue._waiting == []
    assert [answer["project_id"] for answer in answers] == [p["code"] for p in projects]
    assert [answer["model"]["version"] for answer in answers] == ["1"] * 3 + ["2"] * 3
    assert together == [(1, 3), (2, 3)]
    for answer in answers:
        record = followed.service.get(f"/record/{answer['record_id']}").json()["record"]
        assert str(record["content"]["model"]["version"]) == answer["model"]["version"]


def test_what_a_version_said_that_may_not_serve_is_replayed(followed: Followed) -> None:
    registry = followed.waiting.registry
    followed.score()
    followed.waiting.released()
    followed.until(lambda said: said["model"]["version"] == "2")
    followed.score()
    stored = list(followed.log.records(SERVICE, kind="score"))
    pairs = [(record, leaf_hash(record.leaf)) for record in stored]
    registry.stop("looked into", "Li")
    assert [one.differences for one in Replay(registry.root).replayed(pairs)] == [(), ()]
    People().save(registry.root)  # whoever signed is not listed any more
    with pytest.raises(ReleaseRefused):
        registry.champion_release()  # control: it may not serve
    first, second = Replay(registry.root).replayed(pairs)
    assert first.same
    named = [(found.part, found.name) for found in second.differences]
    assert named == [("model", "reviewed")]


def test_what_was_answered_before_a_review_is_shown_as_it_was(followed: Followed) -> None:
    said = followed.score().json()
    (stored,) = followed.log.records(SERVICE, kind="score")
    now = replace(followed.waiting.registry.champion_release(), reviewed=True)
    leaf = stored.content()
    rules, personal = KeptRules(Path()), personal_values(stored)
    shown = remade_answer(now, rules, leaf, personal, said["receipt"])
    assert shown.as_said
    assert shown.answer == said
    leaf["content"]["model"]["reviewed"] = True
    assert not remade_answer(now, rules, leaf, personal, None).as_said  # control


def test_the_page_names_the_release_that_answers(followed: Followed) -> None:
    digest = followed.waiting.registry.version(1).digest
    assert digest[7:19] in followed.service.get("/").text
    followed.waiting.released()
    followed.until(lambda said: said["model"]["version"] == "2")
    page = followed.service.get("/").text
    assert followed.waiting.registry.version(2).digest[7:19] in page
    assert digest[7:19] not in page


def _refused(followed: Followed, code: str) -> None:
    """The service says why the newest release does not answer, and the one before does."""
    said = followed.until(lambda said: said.get("refused_release") == code)
    assert said["status"] == "ready"
    assert said["model"]["version"] == "1"
    assert followed.metric("lingji_release_refused") == 1
    answer = followed.score()
    assert (answer.status_code, answer.json()["model"]["version"]) == (200, "1")


def _replaced(path: Path, text: str) -> None:
    """Write a file that is looked at meanwhile: it is never seen empty."""
    waiting = path.with_suffix(".waiting")
    waiting.write_text(text, encoding="utf-8")
    waiting.replace(path)


def test_a_list_of_releases_changed_by_hand_is_not_followed(
    followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    path = followed.waiting.registry.folder / "champion.json"
    whole = path.read_text(encoding="utf-8")
    _replaced(path, whole.replace('"version": 1', '"version": 2'))
    with caplog.at_level(logging.ERROR, "lingji.serving"):
        _refused(followed, "altered")
    assert "it was changed by something else" in caplog.text
    _replaced(path, whole)
    followed.until(lambda said: said["refused_release"] is None)
    assert followed.metric("lingji_release_refused") == 0


def _put_into_service(registry: Registry, version: Version, approval: str | None = None) -> None:
    """A sealed list that names a version, as if a release had not looked at it."""
    entry = registry.releases().in_service
    assert entry is not None
    named = {"version": version.number, "digest": version.digest, "approval": approval}
    after = registry.releases().followed_by(entry.model_copy(update=named))
    (registry.folder / "champion.json").write_bytes(after.to_bytes(registry.folder))


@pytest.mark.parametrize("damage", ["flipped", "truncated"])
def test_a_damaged_bundle_is_not_followed(followed: Followed, damage: str) -> None:
    registry = followed.waiting.registry
    version = registered(registry, "second")
    trees = registry.folder / "2" / "trees" / "axis.central.txt"
    whole = trees.read_bytes()
    trees.write_bytes(whole[:-100] if damage == "truncated" else b"T" + whole[1:])
    _put_into_service(registry, version)
    _refused(followed, "bundle")
    trees.write_bytes(whole)
    _put_into_service(registry, version)
    followed.until(lambda said: said["model"]["version"] == "2")  # control


def test_a_bundle_that_says_something_else_when_tried_is_not_followed(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(folder: Path, digest: str) -> None:
        raise BundleError("expected golden row 1 of axis as it was at training")

    monkeypatch.setattr(following, "tried", refusing)
    registered(followed.waiting.registry, "second")
    followed.waiting.registry.promote(2)
    _refused(followed, "bundle")


def test_an_approval_that_no_longer_holds_is_not_followed(followed: Followed) -> None:
    waiting = followed.waiting
    version = waiting.challenger()
    waiting.review(version.number)
    waiting.approve(version.number)
    People().save(waiting.registry.root)  # nobody is listed any more when it is looked at
    begun = waiting.candidate_begun(version.number)
    registry = waiting.registry
    registry.approvals.keep(begun)
    _put_into_service(registry, version, begun.file_digest)
    _refused(followed, "not_approved")


def test_what_is_no_fault_of_ours_leaves_the_old_one_too(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path, digest: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(following, "tried", broken)
    registered(followed.waiting.registry, "second")
    followed.waiting.registry.promote(2)
    _refused(followed, "other")


def test_a_refused_release_is_looked_at_again_later(
    tmp_path: Path, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Waiting.at(tmp_path)
    with closing(RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}")) as log:
        access = opened_access(tmp_path, None, 20)
        release = waiting.registry.champion_release()
        office = Office(Desk(release, Limits(), Metrics(), access, log), site)
        follower = Follower(waiting.registry, office)
        registered(waiting.registry, "second")
        waiting.registry.promote(2)
        monkeypatch.setattr(following, "tried", lambda *_: 1 / 0)
        follower.look()
        assert office.desk.state.refused == "other"
        monkeypatch.setattr(following, "tried", try_bundle)
        follower.look()
        assert office.desk.release.version.number == 1  # no file has changed: not yet
        monkeypatch.setattr(following, "AGAIN_SECONDS", 0.0)
        follower._again_at = 0.0
        follower.look()
        assert office.desk.release.version.number == 2
        assert office.desk.state.refused is None
        access.close()


@pytest.mark.parametrize(("path", "body"), ASKED)
def test_a_stopped_model_says_nothing_until_it_is_resumed(
    followed: Followed, path: str, body: dict[str, Any]
) -> None:
    registry = followed.waiting.registry
    assert followed.service.post(path, body).status_code == 200  # control
    size = followed.log.head().size
    registry.stop("grades of roads are wrong", "Li")
    refused = followed.service.post(path, body)
    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "model_stopped"
    assert refused.headers["retry-after"] == "60"
    ready = followed.service.get("/readyz")
    assert (ready.status_code, ready.json()["error"]["code"]) == (503, "model_stopped")
    assert followed.log.head().size == size
    with pytest.raises(ModelStopped, match=r"Li stopped it at .*: grades of roads are wrong"):
        registry.release()
    registry.resume()
    assert followed.service.post(path, body).status_code == 200


def test_records_are_read_and_acted_on_while_the_model_is_stopped(followed: Followed) -> None:
    record = followed.score().json()["record_id"]
    followed.waiting.registry.stop("looked into", "Li")
    assert followed.service.get(f"/record/{record}").status_code == 200
    act = {"verdict": "disputed", "comment": "looked into"}
    assert followed.service.post(f"/record/{record}/review", act).status_code == 200


@pytest.mark.parametrize(("path", "body"), ASKED)
def test_what_is_under_way_when_the_model_is_stopped_is_not_answered(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    size, answer = followed.log.head().size, questions._answer

    async def slowly(route: Route, inquiry: Inquiry) -> KeptAnswer:
        found = await answer(route, inquiry)
        followed.waiting.registry.stop("while it was answered", "Li")
        return found

    monkeypatch.setattr(questions, "_answer", slowly)
    assert followed.service.post(path, body).json()["error"]["code"] == "model_stopped"
    assert followed.log.head().size == size


def test_a_damaged_stop_still_stops(followed: Followed) -> None:
    (followed.waiting.registry.folder / "stopped.json").write_text("{", encoding="utf-8")
    assert followed.score().status_code == 503
    stopped = followed.waiting.registry.stopped()
    assert stopped is not None
    assert stopped.by == "unknown"
