"""Who calls, over HTTP: keys, sessions, and nothing at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from starlette.types import Message

from models.registry import Release
from serving.access.access import Access, opened_access
from serving.access.caller import Grant, Role
from serving.assembly import around
from serving.errors import ServiceError
from serving.questions import questions
from serving.records.errors import RecordsUnavailable
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import Caller, running, tiny_project
from tests.serving.test_bad_requests import assert_refused

QUESTION = {"project": tiny_project()}


@pytest.fixture
def own(tmp_path: Path, release: Release, portal: BlockingPortal) -> Iterator[Keyed]:
    """A service that a test may change."""
    made = keyed_service(tmp_path, release, portal)
    yield made
    made.store.close()


def test_a_key_lets_in_until_it_is_revoked(own: Keyed) -> None:
    assert own.post("platform", "/score", QUESTION).json()["status"] == "rated"
    own.access.keys.revoke(own.ids["platform"])
    answer = own.post("platform", "/score", QUESTION)
    assert_refused(answer, 401)
    assert "revoked" in answer.json()["error"]["message"]
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert own.post("admin", "/score", QUESTION).status_code == 200


def test_a_key_lets_in_until_it_expires(own: Keyed) -> None:
    own.clock.now += 30 * 86_400
    answer = own.post("platform", "/score", QUESTION)
    assert_refused(answer, 401)
    assert "expired" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", "Basic KEY")],
        [("authorization", "KEY")],
        [("authorization", "Bearer KEY KEY")],
        [("authorization", "Bearer KEY"), ("authorization", "Bearer KEY")],
        [("authorization", "Bearer é")],
        [("x-api-key", "KEY")],
        [("cookie", "lingji_session=KEY")],
        [("cookie", "lingji_session=" + "a" * 43)],
    ],
)
def test_nothing_else_lets_in(keyed: Keyed, headers: list[tuple[str, str]]) -> None:
    key = keyed.keys["admin"]
    sent = [(n.encode(), v.replace("KEY", key).encode("latin-1")) for n, v in headers]
    answer = keyed.service.call("POST", "/score", json=QUESTION, headers=sent)
    assert_refused(answer, 401)
    query = keyed.service.call("POST", f"/score?key={key}&access_token={key}", json=QUESTION)
    assert_refused(query, 401)


def test_control_the_same_key_sent_as_it_should_be_does(keyed: Keyed) -> None:
    for scheme in ("Bearer", "bearer", "BEARER "):
        headers = {"authorization": f"{scheme} {keyed.keys['admin']}"}
        assert keyed.service.call("POST", "/score", json=QUESTION, headers=headers).is_success


def test_a_stranger_is_refused_before_a_byte_of_the_body_is_read(
    keyed: Keyed, portal: BlockingPortal
) -> None:
    def asked(headers: list[tuple[bytes, bytes]]) -> tuple[list[Message], int]:
        sent: list[Message] = []
        read = 0

        async def receive() -> Message:
            nonlocal read
            read += 1
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope: dict[str, Any] = {
            "type": "http", "method": "POST", "path": "/score", "query_string": b"",
            "headers": [(b"content-type", b"application/json"), *headers],
        }  # fmt: skip
        portal.call(keyed.service.app, scope, receive, send)
        return sent, read

    sent, read = asked([(b"authorization", b"Bearer wrong")])
    assert (sent[0]["status"], read) == (401, 0)
    key = keyed.keys["expert"].encode()
    sent, read = asked([(b"authorization", b"Bearer " + key)])
    assert (sent[0]["status"], read) == (403, 0), "the wrong role neither"
    _, read = asked([(b"authorization", b"Bearer " + keyed.keys["platform"].encode())])
    assert read == 1, "control: who is let in is read"


def test_strangers_take_no_place_from_others(keyed: Keyed, portal: BlockingPortal) -> None:
    """Many strangers at once are refused while a caller with a key is answered."""

    async def crowd() -> list[int]:
        given = {"json": QUESTION}
        known = {**given, "headers": {"authorization": f"Bearer {keyed.keys['platform']}"}}
        strangers = [keyed.service.later("POST", "/score", given) for _ in range(100)]
        answers = await asyncio.gather(*strangers, keyed.service.later("POST", "/score", known))
        return [answer.status_code for answer in answers]

    assert portal.call(crowd) == [401] * 100 + [200]


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Access]:
    """Access without any key."""
    with closing(opened_access(tmp_path, None, 20)) as access:
        yield access


def test_without_keys_this_machine_is_an_administrator_until_the_first_key(
    bare: Access, records: RecordLog, release: Release, portal: BlockingPortal
) -> None:
    service = Caller(around(questions, release, Limits(), bare, records), portal)
    assert service.post("/score", QUESTION).status_code == 200
    assert "尚未设置访问密钥" in service.get("/").text
    assert "There are no access keys yet" in service.get("/?lang=en").text
    key, secret = bare.keys.create(Grant(Role.ADMIN), "first", 1)
    assert_refused(service.post("/score", QUESTION), 401)
    allowed = {"authorization": f"Bearer {secret}"}
    page = service.get("/", **allowed).text
    assert "尚未设置访问密钥" not in page
    assert key.id in page
    bare.keys.revoke(key.id)
    assert_refused(service.post("/score", QUESTION), 401)


@pytest.mark.parametrize(
    ("client", "host", "status"),
    [
        (("127.0.0.1", 5), b"localhost:8000", 200),
        (("::1", 5), b"[::1]:8000", 200),
        (("127.0.0.1", 5), b"127.0.0.1", 200),
        (None, b"localhost", 200),
        (("10.0.0.9", 5), b"localhost", 401),
        (("::ffff:10.0.0.9", 5), b"localhost", 401),
        (("127.0.0.1", 5), b"evil.example", 401),
        (("127.0.0.1", 5), b"localhost.evil.example", 401),
        (("127.0.0.1", 5), b"localhost@evil.example", 401),
        (("127.0.0.1", 5), b"", 401),
        (("127.0.0.1", 5), b"[", 401),
        (("127.0.0.1", 5), b"10.0.0.9:8000", 401),
    ],
)
def test_without_keys_nobody_else_is_answered_under_no_other_name(
    bare: Access,
    records: RecordLog,
    release: Release,
    portal: BlockingPortal,
    client: tuple[str, int] | None,
    host: bytes,
    status: int,
) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/schema", "query_string": b"",
             "headers": [(b"host", host)], "client": client}  # fmt: skip
    portal.call(around(questions, release, Limits(), bare, records), scope, receive, send)
    assert sent[0]["status"] == status


def test_when_the_service_ends_the_database_is_let_go(
    bare: Access, release: Release, portal: BlockingPortal, tmp_path: Path
) -> None:
    records = RecordLog.open(f"sqlite:///{tmp_path / 'own.db'}")

    async def idle(scope: Any, receive: Any, send: Any) -> None:
        for state in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{state}.complete"})

    app = around(idle, release, Limits(), bare, records)
    with portal.wrap_async_context_manager(running(app)):
        assert not bare.closed
    with pytest.raises(ServiceError, match="closed database"):
        bare.keys.any()
    with pytest.raises(RecordsUnavailable, match="closed"):
        records.append(Record("score", "local", {}))
