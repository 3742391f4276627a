"""A department asks about its own projects and is told of no other's."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from starlette.types import ASGIApp, Message

from features.catalogue import load_catalogue
from features.errors import ProjectError
from models.registry import Release
from serving.access.access import Access
from serving.access.caller import Caller, parse_grant
from serving.access.own_projects import not_own, without_others
from serving.access.ration import Ration
from serving.assembly import around
from serving.service import bare_questions
from serving.settings import Limits
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import CATALOGUE, running, tiny_project, unrecorded
from tests.serving.test_bad_requests import assert_refused

D1 = Caller(parse_grant("department:D1"), "k-1")
FOREIGN: list[Any] = [
    "D2", "d1", " D1", "D1 ", "D1\t", "Ｄ1", "D11", "D", "", None, 1, True, ["D1"], {"D1": 1},
]  # fmt: skip


def test_its_own_project_is_scored(keyed: Keyed) -> None:
    assert keyed.post("department:D1", "/score", {"project": tiny_project()}).status_code == 200


@pytest.mark.parametrize("department", FOREIGN)
def test_another_project_is_refused_and_the_field_named(keyed: Keyed, department: Any) -> None:
    project = {**tiny_project(), "department": department}
    answer = keyed.post("department:D1", "/score", {"project": project})
    assert_refused(answer, 403)
    (detail,) = answer.json()["error"]["details"]
    assert detail["field"] == "department"
    assert detail["expected"] == "your department's code, D1"
    assert detail["got"] == ("nothing" if department is None else "another code")


def test_a_project_that_does_not_say_whose_it_is_is_refused(keyed: Keyed) -> None:
    project = tiny_project(department=None)
    assert_refused(keyed.post("department:D1", "/score", {"project": project}), 403)


def test_control_others_score_any_project(keyed: Keyed) -> None:
    for grant in ("platform", "trainer", "auditor", "admin"):
        answer = keyed.post(grant, "/score", {"project": tiny_project(department="D2")})
        assert answer.status_code == 200
        assert answer.json()["similar"], "and are told of similar ones"


def test_in_a_batch_another_project_is_an_error_in_its_own_place(keyed: Keyed) -> None:
    projects = [
        tiny_project(1),
        tiny_project(2, department="D2"),
        tiny_project(3, area="wide"),
        7,
        tiny_project(5, department="D2", area="wide"),
        tiny_project(6),
    ]
    answer = keyed.post("department:D1", "/score_batch", {"projects": projects}).json()
    results = answer["results"]
    codes = [result.get("error", {}).get("code") for result in results]
    assert codes == [None, "forbidden", "invalid", "invalid", "forbidden", None]
    assert [results[place]["project_id"] for place in (0, 5)] == ["P0001", "P0006"]
    assert set(answer["ranking"]) == {"P0001", "P0006"}
    alone = keyed.post("department:D1", "/score", {"project": projects[5]}).json()
    assert unrecorded(results[5]) == unrecorded(alone)


def test_a_batch_of_nothing_but_others_projects_is_refused_item_by_item(keyed: Keyed) -> None:
    projects = [tiny_project(n, department="D2") for n in range(60)]
    answer = keyed.post("department:D1", "/score_batch", {"projects": projects}).json()
    assert {result["error"]["code"] for result in answer["results"]} == {"forbidden"}
    assert (len(answer["results"]), answer["ranking"]) == (60, [])


@pytest.mark.parametrize(
    ("project", "changes"),
    [
        (tiny_project(department="D2"), {}),
        (tiny_project(department="D2"), {"department": "D1"}),
        (tiny_project(), {"department": "D2"}),
        (tiny_project(), {"department": None}),
    ],
)
def test_no_change_leads_to_another_department(
    keyed: Keyed, project: dict[str, Any], changes: dict[str, Any]
) -> None:
    body = {"project": project, "changes": changes}
    assert_refused(keyed.post("department:D1", "/what_if", body), 403)


def test_a_department_is_not_told_of_past_projects_of_others(keyed: Keyed) -> None:
    body = {"project": tiny_project()}
    told = keyed.post("department:D1", "/score", body).json()
    all_of_it = keyed.post("platform", "/score", body).json()
    assert all_of_it["similar"]
    assert unrecorded(told) == {**unrecorded(all_of_it), "similar": []}
    headers = {"accept": "text/html"}
    page = keyed.call("department:D1", "POST", "/score", json=body, headers=headers).text
    assert all_of_it["similar"][0]["project_id"] not in page
    assert without_others(D1, all_of_it)["similar"] == []


def test_a_catalogue_that_does_not_say_who_declares_serves_no_department() -> None:
    catalogue = load_catalogue(CATALOGUE)
    columns = catalogue.columns.model_copy(update={"group": None})
    silent = catalogue.model_copy(update={"columns": columns})
    refusal = not_own(D1, tiny_project(), silent)
    assert refusal is not None
    assert refusal.status == 403
    assert not_own(Caller(parse_grant("platform"), "k-2"), tiny_project(), silent) is None


def test_the_field_of_the_default_catalogue_is_the_code_of_the_department() -> None:
    catalogue = load_catalogue("zero_base")
    assert catalogue.columns.group == "dept_code"
    caller = Caller(parse_grant("department:109001"), "k-1")
    assert not_own(caller, {"dept_code": "109001"}, catalogue) is None
    refusal = not_own(caller, {"dept_code": "109002"}, catalogue)
    assert refusal is not None
    assert refusal.faults[0].field == "dept_code"


# ---- Thousands of requests at random --------------------------------------------------------

REQUESTS = 5_000


@pytest.fixture
def generous(tmp_path: Path, release: Release, portal: BlockingPortal) -> Iterator[Keyed]:
    """The whole service, framework included, with a ration that is never used up."""
    made = keyed_service(tmp_path, release, portal)
    access = Access(made.store, None, Ration(made.store, 10**9), made.clock)
    app = around(bare_questions(), release, Limits(), access, made.records)
    with portal.wrap_async_context_manager(running(app)):
        yield replace(made, service=replace(made.service, app=app), access=access)


class Chance:
    """Invented requests. A project is foreign when its code begins with F."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - invented data

    def project(self) -> Any:
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

    def changes(self) -> Any:
        chance = self._random
        changes: dict[str, Any] = {}
        if chance.random() < 0.3:
            changes["department"] = chance.choice(["D1", *FOREIGN])
        if chance.random() < 0.2:
            changes["code"] = "F1"
        if chance.random() < 0.5:
            changes["policy"] = "province"
        return chance.choice([changes, changes, changes, [], None])

    def request(self) -> tuple[str, bytes, str]:
        """A path with its query, a body, and what is accepted."""
        chance = self._random
        path = chance.choice(["/score", "/score", "/score_batch", "/what_if", "/improvements"])
        if path == "/score_batch":
            body: Any = {"projects": [self.project() for _ in range(chance.randrange(4))]}
        elif path == "/what_if":
            body = {"project": self.project(), "changes": self.changes()}
        else:
            body = {"project": self.project()}
        text = json.dumps(body)
        if chance.random() < 0.1:  # the department twice: the reader must not take either
            text = text.replace('"department": ', '"department": "D1", "department": ')
        if chance.random() < 0.05:
            text = text.replace('"department"', r'"departmen\u0074"')
        return path, text.encode(), chance.choice(["*/*", "*/*", "text/html"])


async def called(app: ASGIApp, key: str, path: str, body: bytes, accept: str) -> tuple[int, str]:
    """The status and text of an answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"accept", accept.encode()),
               (b"authorization", b"Bearer " + key.encode())]  # fmt: skip
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"",
             "headers": headers, "client": ("10.0.0.9", 1)}  # fmt: skip
    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], text.decode()


def answers_about_others(text: str) -> bool:
    """Whether an answer tells anything of a foreign project, or of a past one."""
    if not text.startswith("{"):  # a page; any letters may stand in the hashes of its receipt
        shown = re.sub(r"<code>(leaf_hash|root) [^<]*</code>", "", text)
        return "FP" in shown or 'class="similar"' in shown
    return '"project_id":"F' in text or '"similar":[{' in text or '"ranking":["F' in text


async def asked_at_random(app: ASGIApp, key: str, requests: int) -> tuple[Counter[int], int]:
    """The statuses of many answers, and how many tell of others' projects."""
    chance = Chance(seed=11)
    statuses: Counter[int] = Counter()
    foreign = 0
    for _ in range(requests):
        status, text = await called(app, key, *chance.request())
        statuses[status] += 1
        foreign += answers_about_others(text)
    return statuses, foreign


def test_no_request_at_random_is_answered_with_anothers_project(
    generous: Keyed, portal: BlockingPortal
) -> None:
    app, key = generous.service.app, generous.keys["department:D1"]
    statuses, foreign = portal.call(asked_at_random, app, key, REQUESTS)
    assert foreign == 0
    assert min(statuses[status] for status in (200, 400, 403, 422)) > 100, statuses
    assert set(statuses) == {200, 400, 403, 422}


def test_control_the_same_requests_of_another_role_are(
    generous: Keyed, portal: BlockingPortal
) -> None:
    app, key = generous.service.app, generous.keys["platform"]
    _, foreign = portal.call(asked_at_random, app, key, 300)
    assert foreign > 50


def test_control_what_is_not_a_project_is_refused_as_such(keyed: Keyed) -> None:
    for project in (None, 7, "D1", []):
        assert_refused(keyed.post("department:D1", "/score", {"project": project}), 422)
    assert not_own(D1, None, load_catalogue(CATALOGUE)) is None
    assert issubclass(ProjectError, Exception)
