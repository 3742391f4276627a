"""A service beside a registry in which a challenger waits, with a key for each role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from models.release import releasing
from models.trial import try_bundle
from serving.access.access import Access
from serving.access.caller import parse_grant
from serving.access.ration import Ration
from serving.access.store import AccessStore
from serving.assembly import around
from serving.questions import questions
from serving.records.database import SERVICE
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.releases import Waiting
from tests.serving.access.conftest import GRANTS
from tests.serving.conftest import Caller

OWN = {"sec-fetch-site": "same-origin"}
HTML = {"accept": "text/html"}


@dataclass(frozen=True)
class Office:
    """A service, the registry whose releases it tells, its log, and keys."""

    service: Caller
    waiting: Waiting
    log: RecordLog
    keys: dict[str, str]

    def call(self, grant: str, method: str, path: str, **given: Any) -> httpx.Response:
        """A call with the key of a role."""
        headers = {"authorization": f"Bearer {self.keys[grant]}"} | given.pop("headers", {})
        return self.service.call(method, path, headers=headers, **given)

    def get(self, path: str, grant: str = "approver") -> Any:
        """What is answered in JSON."""
        return self.call(grant, "GET", path).json()

    def page(self, path: str, grant: str = "approver") -> str:
        """A page."""
        answer = self.call(grant, "GET", path, headers=HTML)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, body: Any, grant: str = "approver") -> httpx.Response:
        """An act, in JSON."""
        return self.call(grant, "POST", path, json=body)

    def records(self, kind: str) -> list[dict[str, Any]]:
        """The records of a kind, oldest first."""
        return [stored.content() for stored in self.log.records(SERVICE, kind=kind)]


@pytest.fixture(autouse=True)
def _tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are tried in this process; the child is tested by itself."""
    monkeypatch.setattr(releasing, "tried", try_bundle)


@pytest.fixture
def office(tmp_path: Path, portal: BlockingPortal) -> Iterator[Office]:
    waiting = Waiting.at(tmp_path)
    store = AccessStore(tmp_path, durable=False)
    access = Access(store, None, Ration(store, 20))
    keys = {g: access.keys.create(parse_grant(g), f"for {g}", 30)[1] for g in GRANTS}
    release = waiting.registry.champion_release()
    with closing(store), RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}") as log:
        app = around(questions, release, Limits(), access, log, follows=waiting.registry)
        yield Office(Caller(app, portal), waiting, log, keys)
