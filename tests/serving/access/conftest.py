"""A service with keys: one for every role, and two departments."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.access import Access
from serving.access.caller import parse_grant
from serving.access.ration import Ration
from serving.access.store import AccessStore
from serving.access.tokens import Tokens
from serving.assembly import around
from serving.questions import questions
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.serving.conftest import Caller

GRANTS = (
    "platform",
    "department:D1",
    "department:D2",
    "expert",
    "approver",
    "trainer",
    "auditor",
    "admin",
)
A_DAY = 3


class Clock:
    """Seconds since 1970, as told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Keyed:
    """A service, its access, and the keys that open it."""

    service: Caller
    access: Access
    keys: dict[str, str]
    ids: dict[str, str]
    clock: Clock
    store: AccessStore
    records: RecordLog

    def call(self, grant: str, method: str, path: str, **given: Any) -> httpx.Response:
        """A call with the key of a role."""
        headers = {"authorization": f"Bearer {self.keys[grant]}"} | given.pop("headers", {})
        return self.service.call(method, path, headers=headers, **given)

    def post(self, grant: str, path: str, body: Any) -> httpx.Response:
        """POST JSON with the key of a role."""
        return self.call(grant, "POST", path, json=body)


def keyed_service(
    folder: Path,
    release: Release,
    portal: BlockingPortal,
    tokens: Tokens | None = None,
    *,
    home: Path | None = None,
    records_at: str | None = None,
) -> Keyed:
    """A service with a key for each role in `folder`; its records there or at another address."""
    clock = Clock()
    store = AccessStore(folder, durable=False)
    access = Access(store, tokens, Ration(store, A_DAY), clock)
    keys, ids = {}, {}
    for grant in GRANTS:
        key, keys[grant] = access.keys.create(parse_grant(grant), f"for {grant}", 30)
        ids[grant] = key.id
    records = RecordLog.open(records_at or f"sqlite:///{folder / 'records.db'}")
    service = Caller(around(questions, release, Limits(), access, records, home or folder), portal)
    return Keyed(service, access, keys, ids, clock, store, records)


@pytest.fixture(scope="module")
def keyed(
    tmp_path_factory: pytest.TempPathFactory, home: Path, release: Release, portal: BlockingPortal
) -> Iterator[Keyed]:
    folder = tmp_path_factory.mktemp("access")
    for part in ("models", "standards", "topics"):
        shutil.copytree(home / part, folder / part)  # whoever may release changes it
    made = keyed_service(folder, release, portal, home=folder)
    yield made
    made.store.close()
    made.records.close()
