"""A running service takes standards that were signed since, or keeps the version before."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from features.catalogue import load_catalogue
from features.checks.checks import Checks
from features.checks.reference import Reference
from features.declared_project import parse_project
from features.duplicates.compared_fields import compared_of
from features.duplicates.round_pairs import RoundPairs, mark_of
from features.duplicates.traits import traits_of
from features.errors import LingjiError
from features.standards.line_standards import LineStandards
from models.duplicates.round_shelf import RoundShelf
from models.people import People, Person, PersonKey
from models.pilots import PilotRelease
from models.registry import Registry, Release
from models.standards.shelf import Shelf
from models.trial import try_bundle
from serving import following, questions, reference_following
from serving.access.access import opened_access
from serving.assembly import around
from serving.beside.beside import Beside
from serving.beside.beside_process import _Versions
from serving.beside.beside_record import BesideTask
from serving.questions import questions as answers
from serving.recording import kept_reference
from serving.recording.kept_reference import reference_in_force
from serving.recording.kept_rules import RulesInForce, named_by
from serving.recording.replay import Replay
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from serving.records.verification import leaf_hash
from serving.settings import Limits, ServiceSettings
from tests.serving.conftest import CATALOGUE, Caller, running, tiny_project
from tests.standards import TODAY, difference, learned, library, sign

LINE = {
    "task": "修缮施工",
    "code": "31006",
    "unit": "平方米",
    "price": 180.0,
    "qty": 10.0,
    "amount": 1_800.0,
}
PROJECT = tiny_project(lines=[LINE])
PATIENCE = 60.0
"""Seconds that a version may take to answer on a busy machine."""
VERSIONS = [
    library(version=number, **TODAY, learned=(learned(ceiling=160.0 + number),))
    for number in range(1, 5)
]
DIGESTS = [each.digest for each in VERSIONS]


class _Idle:
    """The questions, with a life of their own."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await answers(scope, receive, send)
            return
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})


@dataclass(frozen=True)
class Compared:
    """A service that follows a shelf of standards, and its records."""

    service: Caller
    home: Path
    shelf: Shelf
    log: RecordLog

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What /readyz says of reference data, as soon as that holds."""
        for _ in range(600):
            said = self.service.get("/readyz").json()["reference"]
            if holds(said):
                return said  # type: ignore[no-any-return]
            self.service.portal.call(asyncio.sleep, 0.02)
        raise AssertionError(said)

    def compares_with(self, version: int) -> None:
        """Wait until a version is compared with."""
        told = {"version": version, "digest": DIGESTS[version - 1]}
        self.until(lambda said: said["standards"] == told)

    def score(self) -> dict[str, Any]:
        answer = self.service.post("/score", {"project": PROJECT})
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def metric(self, line: str) -> float:
        lines = self.service.get("/metrics").text.splitlines()
        return float(next(each.split()[-1] for each in lines if each.startswith(line)))

    def put(self, *versions: int) -> None:
        """Keep versions as drafts."""
        for number in versions:
            made = VERSIONS[number - 1]
            self.shelf.put(made, difference(made))

    def same(self) -> bool:
        """Whether every recorded score is replayed bit for bit, with what it was compared with."""
        stored = list(self.log.records(SERVICE, kind="score"))
        found = Replay(self.home).replayed([(each, leaf_hash(each.leaf)) for each in stored])
        return all(one.same for one in found)


def told_by(answer: dict[str, Any]) -> str:
    """The standards of one answer, which names them twice."""
    named = answer["checks"]["rules"]["reference"]["standards"]
    assert answer["cost"]["standards"]["library"]["digest"] == named
    ceiling = answer["cost"]["standards"]["lines"][0]["limit"]
    assert ceiling == 161.0 + DIGESTS.index(named)  # its numbers are of that version too
    return str(named)


@pytest.fixture
def compared(
    home: Path,
    tmp_path: Path,
    settings: ServiceSettings,
    portal: BlockingPortal,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Compared]:
    """A service with the first version in force when it starts."""
    monkeypatch.setattr(following, "tried", try_bundle)
    for part in ("models", "dimensions"):
        shutil.copytree(home / part, tmp_path / part)
    registry, shelf = Registry(tmp_path, "tiny"), Shelf(tmp_path, "tiny")
    shelf.put(VERSIONS[0], difference(VERSIONS[0]))
    sign(shelf, 1)
    rules = RulesInForce(tmp_path, settings.rules)
    release = rules.attached(registry.champion_release())
    with closing(opened_access(tmp_path, None, 20)) as access:
        log = RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}")
        limits = Limits(follow_seconds=0.02)
        app = around(_Idle(), release, limits, access, log, tmp_path, follows=registry, rules=rules)
        with portal.wrap_async_context_manager(running(app)):
            yield Compared(Caller(app, portal), tmp_path, shelf, log)


def test_a_version_signed_since_is_compared_with_and_no_restart(compared: Compared) -> None:
    first = compared.score()
    assert told_by(first) == DIGESTS[0]
    compared.put(2)
    compared.until(lambda said: said["refused"] == {})
    assert told_by(compared.score()) == DIGESTS[0]  # a draft
    sign(compared.shelf, 2)
    compared.compares_with(2)
    second = compared.score()
    assert told_by(second) == DIGESTS[1]
    gauge = f'lingji_reference{{digest="{DIGESTS[1]}",kind="standards",version="2"}}'
    assert compared.metric(gauge) == 1
    assert compared.metric('lingji_reference_refused{kind="standards"}') == 0
    assert second["priority"] == first["priority"]
    assert second["dimensions"]
    for answer in (first, second):  # by the same rules and the same ruler
        del answer["checks"]["rules"]["reference"]
    for part in ("dimensions", "ruler", "findings", "checks"):
        assert second[part] == first[part]
    for answer, digest in ((first, DIGESTS[0]), (second, DIGESTS[1])):
        kept = compared.service.get(f"/record/{answer['record_id']}").json()["record"]
        assert kept["content"]["checks"]["reference"] == {"standards": digest}
    assert compared.same()


def test_versions_come_and_go_with_their_days(
    compared: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed today: in force from its first day, and no longer after its last."""
    now = kept_reference.today()
    start, end = now + timedelta(days=3), now + timedelta(days=5)
    later = library(version=2, start=str(start), end=str(end))
    compared.shelf.put(later, difference(later))
    sign(compared.shelf, 2)

    def on(day: date) -> None:
        for module in (kept_reference, reference_following):
            monkeypatch.setattr(module, "today", lambda: day)

    on(start - timedelta(days=1))
    assert told_by(compared.score()) == DIGESTS[0]
    on(start)
    told = {"version": 2, "digest": later.digest}
    compared.until(lambda said: said["standards"] == told)
    on(end + timedelta(days=1))
    compared.until(lambda said: said["standards"] is None)
    assert "standards" not in compared.score()["cost"]
    assert compared.same()


def _rewritten(path: Path, before: str, after: str) -> None:
    """Replace a file in one step, as somebody who may write there can."""
    whole = path.read_text(encoding="utf-8")
    assert before in whole
    waiting = path.with_suffix(".waiting")
    waiting.write_text(whole.replace(before, after), encoding="utf-8")
    waiting.replace(path)


@pytest.mark.parametrize(("before", "after"), [('"ceiling": 162.0', '"ceiling": 999.0'), ("}", "")])
def test_an_altered_or_damaged_version_is_refused_and_the_one_before_stays(
    compared: Compared, before: str, after: str
) -> None:
    aside = compared.home / "aside"
    other = Shelf(aside, "tiny")
    other.put(VERSIONS[1], difference(VERSIONS[1]))
    sign(other, 2)
    file = other.folder / "2" / "library.json"
    kept = file.read_bytes()
    _rewritten(file, before, after)
    shutil.copy(aside / "people.json", compared.home / "people.json")
    shutil.copytree(other.folder / "2", compared.shelf.folder / "2")
    compared.until(lambda said: said["refused"] == {"standards": "altered"})
    said = compared.service.get("/readyz")
    assert (said.status_code, said.json()["reference"]["standards"]["version"]) == (200, 1)
    assert compared.metric('lingji_reference_refused{kind="standards"}') == 1
    assert told_by(compared.score()) == DIGESTS[0]
    with pytest.raises(LingjiError):  # nor does a service start with it, or with one before it
        reference_in_force(
            compared.home, Registry(compared.home, "tiny").release(1).model.catalogue
        )
    (compared.shelf.folder / "2" / "library.json").write_bytes(kept)  # control
    compared.compares_with(2)
    assert compared.until(lambda said: said["refused"] == {})
    assert told_by(compared.score()) == DIGESTS[1]


def test_signatures_that_do_not_hold_are_refused(compared: Compared) -> None:
    compared.put(2)
    sign(compared.shelf, 2)
    compared.compares_with(2)
    People().save(compared.home)  # whoever signed is not listed any more
    compared.until(lambda said: said["refused"] == {"standards": "not_approved"})
    assert told_by(compared.score()) == DIGESTS[1]


def test_what_projects_cannot_be_checked_with_is_refused(
    compared: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared.put(2, 3)
    with monkeypatch.context() as broken:
        broken.setattr(reference_following, "standards_told", lambda *_: 1 / 0)
        sign(compared.shelf, 2)
        compared.until(lambda said: said["refused"] == {"standards": "unfit"})
        assert told_by(compared.score()) == DIGESTS[0]
    sign(compared.shelf, 3)
    compared.compares_with(3)


def test_what_was_refused_is_looked_at_again_later(
    compared: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_following, "AGAIN_SECONDS", 0.0)
    compared.put(2)
    with monkeypatch.context() as broken:
        broken.setattr(reference_following, "_try", lambda *_: 1 / 0)
        sign(compared.shelf, 2)
        compared.until(lambda said: said["refused"] == {"standards": "other"})
    compared.compares_with(2)  # though no file has changed


def test_a_batch_is_compared_with_one_version(
    compared: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared.put(2)
    projects = [tiny_project(number, lines=[LINE]) for number in range(4)]
    block, seen = questions._block, []

    def signing_meanwhile(*given: Any) -> Any:
        seen.append(given)
        if len(seen) == 2:
            sign(compared.shelf, 2)
            compared.compares_with(2)
        return block(*given)

    monkeypatch.setattr(questions, "_TOGETHER", 2)
    monkeypatch.setattr(questions, "_block", signing_meanwhile)
    said = compared.service.post("/score_batch", {"projects": projects}).json()
    assert [told_by(each) for each in said["results"]] == [DIGESTS[0]] * 4
    assert len(seen) == 2
    said = compared.service.post("/score_batch", {"projects": projects}).json()
    assert [told_by(each) for each in said["results"]] == [DIGESTS[1]] * 4
    assert compared.same()


def test_versions_follow_each_other_under_load_and_no_answer_is_mixed(compared: Compared) -> None:
    over = threading.Event()
    singles: list[dict[str, Any]] = []
    batches: list[dict[str, Any]] = []
    many = {"projects": [tiny_project(number, lines=[LINE]) for number in range(30)]}

    refusals: list[Any] = []

    def asking(path: str, body: Any, kept: list[dict[str, Any]]) -> None:
        while not over.is_set():
            answer = compared.service.post(path, body)
            if answer.status_code == 200:
                kept.append(answer.json())
            else:  # a busy machine may keep the log waiting; nothing else may be refused
                refusals.append((answer.status_code, answer.json()["error"]["code"]))

    threads = [
        threading.Thread(target=asking, args=("/score", {"project": PROJECT}, singles)),
        threading.Thread(target=asking, args=("/score", {"project": PROJECT}, singles)),
        threading.Thread(target=asking, args=("/score_batch", many, batches)),
    ]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, len(VERSIONS) + 1):
            if number > 1:
                compared.put(number)
                sign(compared.shelf, number)
            compared.compares_with(number)
            until = time.monotonic() + PATIENCE
            while DIGESTS[number - 1] not in map(told_by, [*singles]):
                assert time.monotonic() < until, refusals
                compared.service.portal.call(asyncio.sleep, 0.01)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert set(refusals) <= {(503, "cannot_record"), (503, "busy")}
    assert {told_by(each) for each in singles} == set(DIGESTS)  # each came to its turn
    for batch in batches:
        assert len({told_by(each) for each in batch["results"]}) == 1
    assert compared.same()


def test_a_release_that_comes_while_standards_are_refused_is_compared_as_before(
    compared: Compared,
) -> None:
    registry = Registry(compared.home, "tiny")
    registry.register(registry.folder / "1", "2026-01-01T00:00:00+00:00")
    compared.put(2)
    sign(compared.shelf, 2)
    file = compared.shelf.folder / "2" / "library.json"
    _rewritten(file, '"ceiling": 162.0', '"ceiling": 999.0')
    compared.until(lambda said: said["refused"] == {"standards": "altered"})
    registry.promote(2)
    for _ in range(600):
        answer = compared.score()
        if answer["model"]["version"] == "2":
            break
        compared.service.portal.call(asyncio.sleep, 0.02)
    assert answer["model"]["version"] == "2"
    assert told_by(answer) in DIGESTS[:2]
    assert compared.metric('lingji_reference_refused{kind="standards"}') == 1


def test_a_pilot_and_a_shadow_check_as_the_answer_that_is_given(
    compared: Compared, settings: ServiceSettings
) -> None:
    registry = Registry(compared.home, "tiny")
    rules = RulesInForce(compared.home, settings.rules)
    champion = rules.attached(registry.champion_release())
    assert champion.checks is not None

    class _Everywhere:
        def __init__(self, release: Release) -> None:
            self.release = release

        def serves(self, *_: object) -> bool:
            return True

    pilot: PilotRelease = _Everywhere(registry.release(1))  # type: ignore[assignment]
    beside = Beside(pilot=pilot)
    serving = beside.serving(PROJECT, champion)
    assert serving.checks is champion.checks
    assert beside.serving(PROJECT, champion) is serving  # so that what is kept beside it is kept
    catalogue, second = (
        champion.model.catalogue,
        Reference(LineStandards(VERSIONS[1], champion.model.catalogue)),
    )
    again = replace(champion, checks=Checks(champion.checks.book, catalogue, second))
    assert beside.serving(PROJECT, again).checks is again.checks
    named = named_by(champion.checks, 2024)
    task = BesideTask(PROJECT, "R1", 1, "shadow", registry.version(1), 1, named)
    checks = _Versions(registry).release(task).checks
    assert checks is not None
    assert named_by(checks, 2024) == named


def test_a_round_that_was_searched_and_signed_since_is_compared_with(compared: Compared) -> None:
    shelf, catalogue = RoundShelf(compared.home, "tiny"), load_catalogue(CATALOGUE)
    project = parse_project(PROJECT, catalogue)
    mark = mark_of(traits_of(project, compared_of(catalogue).fields))
    found = RoundPairs(
        format=1,
        catalogue="tiny",
        year=2024,
        version=1,
        made="2026-01-01T00:00:00Z",
        made_by="maker",
        rules=DIGESTS[0],
        data=DIGESTS[0],
        marks={"P0001": mark},
        pairs=(),
    )
    before = compared.score()["checks"]["rules"]["reference"]
    shelf.put(found)
    key = PersonKey.generate()
    person = Person(name="Li", account="li", key=key.public, since="2026-01-01T00:00:00Z")
    People.of(compared.home).joined_by(person).save(compared.home)
    shelf.sign(2024, 1, key, "2026-01-02T00:00:00Z")
    told = [{"year": 2024, "version": 1, "digest": found.digest}]
    compared.until(lambda said: said["duplicates"] == told)
    after = compared.score()["checks"]["rules"]["reference"]
    assert after == before | {"duplicates": found.digest}
    other = compared.service.post("/score", {"project": PROJECT | {"year": 2023}}).json()
    assert other["checks"]["rules"]["reference"] == before  # it is of another round
    file = shelf.folder / "2024" / "1" / "pairs.json"
    whole = file.read_bytes()
    _rewritten(file, '"made_by": "maker"', '"made_by": "x"')
    said = compared.until(lambda said: said["refused"] == {"duplicates": "altered"})
    assert said["duplicates"] == told
    assert compared.score()["checks"]["rules"]["reference"] == after
    compared.put(2)
    sign(compared.shelf, 2)
    compared.compares_with(2)  # one kind does not hinder the other
    assert not compared.same()  # control: what was compared with is not there as it was
    file.write_bytes(whole)
    assert compared.same()
