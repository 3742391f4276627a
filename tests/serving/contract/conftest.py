"""The service with keys for every role, called as its own OpenAPI document says."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal
from schemathesis.core.transport import Response
from schemathesis.python.asgi import get_client
from starlette.types import ASGIApp, Receive, Scope, Send

from models.registry import Registry, Release
from models.review.finding import Answered
from serving.assembly import around
from serving.review.round_records import case_said
from serving.routes import (
    FINDING_ANSWER,
    FINDING_CLOSE,
    FINDING_RETURN,
    REVIEW_CASE,
    REVIEW_CORRECTION,
    REVIEW_JUDGEMENT,
    REVIEW_OPINION,
    REVIEW_REPORT,
)
from serving.service import bare_questions
from serving.settings import Limits
from tests.reviews import found, judged, made_round
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import running, tiny_project
from tests.standards import put_standards_and_topics
from training.review.agreement_report import Heard, agreement_report

HOST = "http://localhost"


@dataclass(frozen=True)
class Contract:
    """A service, its callers' keys and sessions, the ids of its records, and what it answered.

    stopped: the same service while its model is out of service. answered: how often, by call and
    status.
    """

    app: ASGIApp
    stopped: ASGIApp
    keys: dict[str, str]
    sessions: dict[str, str]
    records: list[str] = field(default_factory=list)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    reviews: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def sent(
        self, case: schemathesis.Case, grant: str | None, *, by_session: bool = False, **more: str
    ) -> Response:
        """The answer to a case, sent by a stranger or with a key, or by a page with a session."""
        headers = {"Sec-Fetch-Site": "same-origin"} | more
        if grant is not None and by_session:
            headers["Cookie"] = f"lingji_session={self.sessions[grant]}"
        elif grant is not None:
            headers["Authorization"] = f"Bearer {self.keys[grant]}"
        answer = case.call(base_url=HOST, app=self.app, headers=headers)
        self.answered[case.operation.label, answer.status_code] += 1
        return answer

    def get(self, path: str) -> requests.Response:
        """What an administrator gets at a path."""
        with get_client(self.app) as client:
            headers = {"Authorization": f"Bearer {self.keys['admin']}"}
            return client.get(f"{HOST}{path}", headers=headers)


def started_already(app: ASGIApp) -> ASGIApp:
    """An application whose life schemathesis, which would begin and end it in every test, leaves
    alone."""

    async def started(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return started


def reviews_in(registry: Registry, release: Release, keyed: Keyed) -> dict[str, tuple[str, ...]]:
    """What the routes of reviews may be called about, by route: cases, a round, findings."""
    documents = [tiny_project(number) for number in (11, 12, 13)]
    log, expert = keyed.records, keyed.ids["expert"]
    kept = made_round(registry.folder, release, documents, log, {"policy": "none"})
    cases = tuple(entry.id for entry in kept.round.cases)
    judged(kept, log, expert, lambda _: {"necessity": 50.0, "importance": 60.0}, 1)
    said = case_said(log, kept.round)
    heard = Heard(said.judgement_forms(), {}, 0, (), 0, log.head().size)
    agreement_report(kept, heard, release.model.catalogue, 10).save(kept.path)
    opened = [found(log, kept, expert) for _ in range(3)]
    for finding in opened[1:]:
        answered = Answered(text="put right", evidence="tests/test_grade.py")
        found(log, kept, "k-trainer", answered, finding)
    return {
        REVIEW_CASE: cases,
        REVIEW_REPORT: (kept.round.name,),
        REVIEW_JUDGEMENT: cases[1:],
        REVIEW_OPINION: cases[:1],
        REVIEW_CORRECTION: cases[:1],
        FINDING_ANSWER: (opened[0],),
        FINDING_RETURN: (opened[1],),
        FINDING_CLOSE: (opened[2],),
    }


@pytest.fixture(scope="module")
def contract(
    tmp_path_factory: pytest.TempPathFactory, home: Path, release: Release, portal: BlockingPortal
) -> Iterator[Contract]:
    """The whole service, framework included."""
    folder = tmp_path_factory.mktemp("contract")
    keyed = keyed_service(folder, release, portal)
    shutil.copytree(home / "models", folder / "models")
    put_standards_and_topics(folder)
    given = (bare_questions(), release, Limits(), keyed.access, keyed.records, folder)
    whole = around(*given)
    registry = Registry(folder / "stopped", "tiny")
    reviews = reviews_in(Registry(folder, "tiny"), release, keyed)
    registry.stop("looked into", "Li")
    stopped = started_already(around(*given, follows=registry))
    started = started_already(whole)
    holders = {grant: keyed.access.keys.holder(key) for grant, key in keyed.keys.items()}
    sessions = {name: keyed.access.sessions.begin(holder) for name, holder in holders.items()}
    made = Contract(started, stopped, keyed.keys, sessions, reviews=reviews)
    headers = {"Authorization": f"Bearer {made.keys['platform']}"}
    with portal.wrap_async_context_manager(running(whole)):
        with get_client(started) as client:
            for number in (1, 2):
                body = {"project": tiny_project(number)}
                scored = client.post(f"{HOST}/score", json=body, headers=headers)
                made.records.append(scored.json()["record_id"])
        yield made
        for call in {call for call, _ in made.answered}:
            good = sum(made.answered[call, status] for status in (200, 303))
            assert good, f"{call} was never answered, only refused"
