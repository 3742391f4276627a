"""Thousands of requests at random, of every route: a department is told of no other."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from zipfile import ZipFile

import pytest
from anyio.from_thread import BlockingPortal
from starlette.types import ASGIApp, Message

from models.registry import Release
from serving.access.access import Access
from serving.access.caller import Role
from serving.access.policy import POLICY, STRANGERS
from serving.access.ration import Ration
from serving.assembly import around
from serving.routes import AUDIT_DIFFERENCE, RECORDS, ROUTES, SIGN_IN
from serving.service import bare_questions
from serving.settings import Limits
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.access.test_own_projects import FOREIGN
from tests.serving.conftest import running, tiny_project
from tests.serving.good_calls import GOOD

REQUESTS = 5_000
KEYS = [f"round-{number}" for number in range(40)]
CALLS = [(method, path) for path, route in ROUTES.items() for method in route.methods]
QUESTIONS = [(method, path) for method, path in CALLS if method == "POST" and GOOD[path].declares]
FIELDS = ("project_id", "kind", "after", "department", "dept_code", "lang", "key", "role", "id")


@dataclass(frozen=True)
class Service:
    """The whole service, with records of the department's and of others' projects.

    own, foreign: the ids of their records.
    """

    keyed: Keyed
    own: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@pytest.fixture
def service(tmp_path: Path, release: Release, portal: BlockingPortal) -> Iterator[Service]:
    """The framework included, with a ration that is never used up.

    What others have asked, they have asked under keys that the department will use too.
    """
    made = keyed_service(tmp_path, release, portal)
    access = Access(made.store, None, Ration(made.store, 10**9), made.clock)
    app = around(bare_questions(), release, Limits(), access, made.records)
    with portal.wrap_async_context_manager(running(app)):
        keyed = replace(made, service=replace(made.service, app=app), access=access)
        found = Service(keyed)
        for number, key in enumerate(KEYS):
            whose, letter, department = (
                (found.own, "Q", "D1") if number % 2 else (found.foreign, "F", "D2")
            )
            project = tiny_project(number, department=department)
            body = {"project": project | {"code": f"{letter}{project['code']}"}}
            headers = {"idempotency-key": key}
            told = keyed.call("platform", "POST", "/score", json=body, headers=headers).json()
            whose.append(told["record_id"])
        for record_id in found.foreign[:5]:
            body = GOOD["/record/{id}/override"].body
            keyed.post("expert", f"/record/{record_id}/override", body)
        yield found


@dataclass(frozen=True)
class Asked:
    """A request: its call of the route table, and what is sent."""

    call: tuple[str, str]
    path: str
    query: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Chance:
    """Invented requests. A project is foreign when its code begins with F."""

    def __init__(self, seed: int, service: Service) -> None:
        self._random = random.Random(seed)  # noqa: S311 - invented data
        self._service = service

    def request(self) -> Asked:
        """A request of any route; those that declare projects come more often."""
        chance = self._random
        method, path = chance.choice(CALLS + 4 * QUESTIONS)
        return Asked(
            (method, path),
            GOOD[path].at(self._record_id()).partition("?")[0],
            self._query(path),
            self._body(path),
            self._headers(path),
        )

    def _body(self, path: str) -> bytes:
        chance, good = self._random, GOOD[path].body
        if path == SIGN_IN:
            return f"key={chance.choice([*self._service.keyed.keys.values(), 'x'])}".encode()
        if good is None or not GOOD[path].declares:
            return json.dumps(good).encode()
        made = {"project": self._project, "projects": self._projects, "changes": self._changes}
        text = json.dumps({name: made[name]() for name in good})
        if chance.random() < 0.1:  # the department twice: the reader must not take either
            text = text.replace('"department": ', '"department": "D1", "department": ')
        if chance.random() < 0.05:
            text = text.replace('"department"', r'"departmen\u0074"')
        return text.encode()

    def _projects(self) -> list[Any]:
        return [self._project() for _ in range(self._random.randrange(4))]

    def _project(self) -> Any:
        chance = self._random
        if chance.random() < 0.05:
            return chance.choice([None, 7, "D1", [], {}, [tiny_project()]])
        own = chance.random() < 0.4
        department = "D1" if own else chance.choice(FOREIGN)
        project = tiny_project(chance.randrange(10_000), area=round(chance.uniform(1, 5000), 1))
        project |= {"code": f"{'Q' if own else 'F'}{project['code']}", "department": department}
        if chance.random() < 0.2:
            del project[chance.choice(sorted(project))]
        if chance.random() < 0.1:
            project[chance.choice(["dept", "Department", "apply", "lines"])] = "D1"
        return project

    def _changes(self) -> Any:
        chance = self._random
        changes: dict[str, Any] = {}
        if chance.random() < 0.3:
            changes["department"] = chance.choice(["D1", *FOREIGN])
        if chance.random() < 0.2:
            changes["code"] = "F1"
        if chance.random() < 0.5:
            changes["policy"] = "province"
        return chance.choice([changes, changes, changes, [], None])

    def _record_id(self) -> str:
        """An id of one's own, of another's, or of nobody's; as it is, or written in another way."""
        chance = self._random
        found = chance.choice(chance.choice([self._service.own, self._service.foreign]))
        if chance.random() < 0.6:
            return found
        other = chance.choice(self._service.foreign)
        return chance.choice(
            [
                found.upper(),
                f"{found} ",
                found[:-1],
                found.replace("-", ""),
                f"{{{found}}}",
                f"{found},{other}",
                f"{found}%00",
                "%25",
                "*",
            ]
        )

    def _query(self, path: str) -> str:
        """A query, mostly one that the route takes where it takes any."""
        chance = self._random
        pairs = []
        if path == RECORDS or chance.random() < 0.1:
            pairs.append(("project_id", self._project_id()))
        if path == AUDIT_DIFFERENCE:
            pairs += [("a", self._record_id()), ("b", self._record_id())]
        if chance.random() < 0.3:
            pairs.append(("kind", chance.choice(["score", "override", "read", "what_if", "%"])))
        if chance.random() < 0.3:
            pairs.append(("after", chance.choice(["-1", "0", "7", "-9", "x"])))
        if chance.random() < 0.15:
            pairs.append((chance.choice(FIELDS), self._project_id()))
        if chance.random() < 0.1:
            chance.shuffle(pairs)
        return "&".join(f"{name}={quote(value)}" for name, value in pairs)

    def _project_id(self) -> str:
        chance = self._random
        number = chance.randrange(len(KEYS))
        plain = f"{'Q' if number % 2 else 'F'}P{number:04}"
        ways = [plain] * 6 + [plain.lower(), f"{plain} ", "%", "FP%", "F*", f"{plain}\0", "D2", ""]
        return chance.choice(ways)

    def _headers(self, path: str) -> dict[str, str]:
        chance = self._random
        form = ROUTES[path].form
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers = {"content-type": kind, "accept": chance.choice(["*/*", "*/*", "text/html"])}
        if form and chance.random() < 0.7:
            headers["sec-fetch-site"] = "same-origin"
        if chance.random() < 0.2:
            headers["idempotency-key"] = chance.choice(KEYS)
        if chance.random() < 0.1:
            name = chance.choice(["x-department", "x-role", "x-forwarded-user", "x-original-url"])
            headers[name] = chance.choice(["D2", "admin", RECORDS])
        return headers


async def called(app: ASGIApp, key: str, asked: Asked) -> tuple[int, str]:
    """The status and text of an answer."""
    sent: list[Message] = []
    left = [asked.body]

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()  # a caller that stays
        return {"type": "http.request", "body": left.pop()}

    async def send(message: Message) -> None:
        sent.append(message)

    given = asked.headers | {"authorization": f"Bearer {key}", "host": "localhost"}
    scope = {"type": "http", "method": asked.call[0], "path": unquote(asked.path),
             "query_string": asked.query.encode(), "root_path": "", "client": ("10.0.0.9", 1),
             "headers": [(n.encode(), value.encode()) for n, value in given.items()]}  # fmt: skip
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], readable(body)


def readable(body: bytes) -> str:
    """What an answer says, a workbook's sheets included."""
    if not body.startswith(b"PK"):
        return body.decode()
    with ZipFile(BytesIO(body)) as workbook:
        return "\n".join(workbook.read(name).decode() for name in workbook.namelist())


def tells_of_others(asked: Asked, text: str, foreign: list[str]) -> bool:
    """Whether an answer tells anything of a foreign project, of its records, or of past ones.

    What the address itself says may come back in a page's links.
    """
    address = "" if text.startswith("{") else unquote(f"{asked.path}?{asked.query}")
    if any(record_id in text for record_id in foreign if record_id not in address):
        return True
    if not text.startswith("{"):  # a page; any letters may stand in the hashes of its receipt
        shown = re.sub(r"<code>(leaf_hash|root) [^<]*</code>", "", text)
        for code in re.findall(r"FP\d{4}", address):
            shown = shown.replace(code, "")
        return bool(re.search(r"FP\d{4}", shown)) or 'class="similar"' in shown
    return '"project_id":"F' in text or '"similar":[{' in text or '"ranking":["F' in text


@dataclass(frozen=True)
class Told:
    """What many requests led to: how often each status, by call, and how many tell of others."""

    statuses: Counter[int]
    answered: Counter[tuple[str, str]]
    calls: Counter[tuple[str, str]]
    foreign: list[tuple[Asked, str]]


async def asked_at_random(service: Service, grant: str, requests: int) -> Told:
    """What comes of many requests with the key of a role."""
    chance = Chance(11, service)
    told = Told(Counter(), Counter(), Counter(), [])
    for _ in range(requests):
        asked = chance.request()
        status, text = await called(service.keyed.service.app, service.keyed.keys[grant], asked)
        told.statuses[status] += 1
        told.calls[asked.call] += 1
        told.answered[asked.call] += status in (200, 303)
        if tells_of_others(asked, text, service.foreign):
            told.foreign.append((asked, text))
    return told


def test_no_request_at_random_is_answered_with_anothers_project(
    service: Service, portal: BlockingPortal
) -> None:
    told = portal.call(asked_at_random, service, "department:D1", REQUESTS)
    assert told.foreign == []
    assert set(told.statuses) == {200, 303, 400, 401, 403, 404, 409, 422}
    assert min(told.statuses[status] for status in (200, 400, 403, 404, 422)) > 100
    share = REQUESTS / len(CALLS + 4 * QUESTIONS)
    assert min(told.calls[call] for call in CALLS) > share / 2, "every route has been asked"
    open_to = {call: POLICY[call] for call in CALLS if POLICY[call] != STRANGERS}
    closed = {call for call, roles in open_to.items() if Role.DEPARTMENT not in roles}
    never = {call for call in CALLS if not told.answered[call]}
    assert closed <= never
    none_here = {"standards", "topics"}
    assert {path.split("/")[1] for _, path in never - closed} <= none_here


def test_control_the_same_requests_of_another_role_are(
    service: Service, portal: BlockingPortal
) -> None:
    told = portal.call(asked_at_random, service, "platform", 1_000)
    calls = {asked.call for asked, _ in told.foreign}
    assert {("POST", "/score"), ("POST", "/score_batch"), ("POST", "/what_if")} <= calls
    assert {("GET", "/record/{id}"), ("GET", "/record/{id}/receipt"), ("GET", "/records")} <= calls
