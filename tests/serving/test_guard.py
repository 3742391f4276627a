"""The guard: limits of size, time and number, before the framework and after."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import serving.inquiry
import serving.questions
from features.errors import ProjectError
from models.registry import Release
from serving.access.access import Access
from serving.access.caller import LOCAL_ADMIN
from serving.assembly import around
from serving.inquiry import SCOPE_KEY, Desk, Inquiry
from serving.metrics import Metrics
from serving.questions import questions, score_batch
from serving.recording.kept_answer import KeptAnswer
from serving.records.record_log import RecordLog
from serving.settings import Limits
from serving.wording.envelope import Refusal, json_response
from tests.serving.conftest import Caller, tiny_project
from tests.serving.test_bad_requests import assert_refused

Make = Callable[..., Caller]


@pytest.fixture
def make(release: Release, access: Access, records: RecordLog, portal: BlockingPortal) -> Make:
    """Makes a service around any application, with any limits."""

    def made(questions: ASGIApp, **limits: Any) -> Caller:
        return Caller(around(questions, release, Limits(**limits), access, records), portal)

    return made


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the document that the guard read and the body that it left."""
    body = (await receive())["body"].decode()
    await json_response({"document": scope[SCOPE_KEY].document, "body": body})(scope, receive, send)


def test_the_framework_sees_the_document_read_and_no_body(make: Make) -> None:
    answer = make(echo).post("/score", {"project": 1})
    assert answer.json() == {"document": {"project": 1}, "body": "{}"}


def test_a_body_larger_than_the_limit_is_refused(make: Make) -> None:
    service = make(echo, body_bytes=100, batch_bytes=200)
    fits, larger = b'"' + b"a" * 98 + b'"', b'"' + b"a" * 99 + b'"'
    assert service.post("/score", fits).status_code == 200
    assert_refused(service.post("/score", larger), 413)
    assert service.post("/score_batch", larger).status_code == 200


def test_a_body_larger_than_announced_is_refused_too(make: Make) -> None:
    async def blocks() -> Any:
        for _ in range(3):
            yield b" " * 50

    service = make(echo, body_bytes=100)
    headers = {"content-type": "application/json"}
    answer = service.call("POST", "/score", content=blocks(), headers=headers)
    assert_refused(answer, 413)


def test_a_large_announcement_is_refused_unread(make: Make) -> None:
    service = make(echo, body_bytes=100)
    for announced in ("101", "9" * 5000):
        answer = service.post("/score", b"{}", {"content-length": announced})
        assert_refused(answer, 413)


def test_a_body_that_does_not_arrive_is_given_up(make: Make) -> None:
    async def stalling() -> Any:
        yield b"{"
        await asyncio.Event().wait()

    service = make(echo, read_seconds=0.05)
    headers = {"content-type": "application/json"}
    assert_refused(service.call("POST", "/score", content=stalling(), headers=headers), 408)


def test_a_caller_that_hangs_up_gets_nothing(make: Make, portal: BlockingPortal) -> None:
    sent: list[Message] = []

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/score", "query_string": b"",
             "headers": [(b"content-type", b"application/json")]}  # fmt: skip
    portal.call(make(echo).app, scope, gone, send)
    assert sent == []


def test_an_answer_that_takes_too_long_is_given_up_and_what_comes_late_is_dropped(
    make: Make, portal: BlockingPortal
) -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        async def later() -> None:
            await asyncio.sleep(0.1)
            await json_response({"late": True})(scope, receive, send)

        await asyncio.shield(asyncio.ensure_future(later()))

    answer = make(slow, answer_seconds=0.02).post("/score", {})
    portal.call(asyncio.sleep, 0.15)
    assert_refused(answer, 504)


def test_more_questions_than_places_are_refused(make: Make, portal: BlockingPortal) -> None:
    arrived, leave = asyncio.Event(), asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.set()
        await leave.wait()
        await json_response({})(scope, receive, send)

    service = make(waiting, at_once=1, batches_at_once=1, batches_waiting=0)

    async def crowd() -> list[int]:
        first = asyncio.create_task(service.later("POST", "/score", given))
        await arrived.wait()
        refused = await service.later("POST", "/score", given)
        assert refused.headers["retry-after"] == "1"
        batch = asyncio.create_task(service.later("POST", "/score_batch", given))
        await asyncio.sleep(0)
        leave.set()
        after = await service.later("POST", "/score", given)
        answers = [await first, refused, await batch, after]
        return [answer.status_code for answer in answers]

    given = {"content": b"{}", "headers": {"content-type": "application/json"}}
    assert portal.call(crowd) == [200, 503, 200, 503]
    assert service.post("/score", {}).status_code == 200, "places are given back"


def test_batches_wait_for_their_turn_unless_many_do(make: Make, portal: BlockingPortal) -> None:
    arrived, leave = asyncio.Event(), asyncio.Event()
    together: list[int] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        together.append(1)
        arrived.set()
        await leave.wait()
        await json_response({"under_way": sum(together)})(scope, receive, send)
        together.pop()

    service = make(slow, batches_at_once=1, batches_waiting=1)
    given = {"content": b"{}", "headers": {"content-type": "application/json"}}

    async def crowd() -> list[Any]:
        first = asyncio.create_task(service.later("POST", "/score_batch", given))
        await arrived.wait()
        second = asyncio.create_task(service.later("POST", "/score_batch", given))
        await asyncio.sleep(0.05)
        third = await service.later("POST", "/score_batch", given)
        leave.set()
        return [await first, await second, third]

    first, second, third = portal.call(crowd)
    assert [first.json(), second.json()] == [{"under_way": 1}] * 2
    assert_refused(third, 503)


def test_the_server_looks_around_between_two_answers(
    release: Release,
    access: Access,
    records: RecordLog,
    portal: BlockingPortal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def answer(inquiry: object) -> KeptAnswer:
        seen.append("answer")
        return KeptAnswer([], [], lambda items: Response(b""))

    async def looking_around() -> None:
        while True:
            seen.append("turn")
            await asyncio.sleep(0)

    async def nothing(*_: object) -> Any:
        return {"type": "http.request"}

    async def crowd() -> None:
        desk = Desk(release, Limits(), Metrics(), access, records, Path())
        inquiry = Inquiry(desk, {}, None, deadline=1e9, caller=LOCAL_ADMIN)
        scope = {"type": "http", "path": "/what_if", "method": "POST", SCOPE_KEY: inquiry}
        looking = asyncio.create_task(looking_around())
        await asyncio.gather(*(questions(scope, nothing, nothing) for _ in range(4)))
        looking.cancel()

    monkeypatch.setattr(serving.questions, "QUESTIONS", {"/what_if": answer})
    portal.call(crowd)
    assert seen.count("answer") == 4
    assert ("answer", "answer") not in itertools.pairwise(seen)


def test_a_batch_stops_at_its_deadline(
    release: Release, access: Access, records: RecordLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    answered: list[int] = []

    def a_second_each(projects: list[Any], release: Release) -> list[Any]:
        answered.append(len(projects))
        clock[0] += 1
        return [ProjectError([])] * len(projects)

    monkeypatch.setattr(serving.questions, "appraised_batch", a_second_each)
    monkeypatch.setattr(serving.inquiry, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    desk = Desk(release, Limits(), Metrics(), access, records, Path())
    document = {"projects": [tiny_project()] * 1000}
    with pytest.raises(Refusal, match="504"):
        score_batch(Inquiry(desk, document, None, deadline=2.5, caller=LOCAL_ADMIN))
    assert answered == [50, 50, 50]


@pytest.mark.parametrize("status", [400, 404, 422, 429, 500, 503])
def test_an_error_in_a_foreign_form_is_put_into_ours(make: Make, status: int) -> None:
    async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
        answer = json_response([{"error": "in a list", "url": "https://example.org"}], status)
        await answer(scope, receive, send)

    answer = make(foreign).post("/score", {})
    assert_refused(answer, status if status != 429 else 500)


def test_an_exception_from_within_is_answered_in_our_form(make: Make) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("11010519491231002X")

    answer = make(broken).post("/score", {})
    assert_refused(answer, 500)
    assert "11010519491231002X" not in answer.text


def test_a_websocket_is_closed(make: Make, portal: BlockingPortal) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    portal.call(make(echo).app, {"type": "websocket", "path": "/score"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
