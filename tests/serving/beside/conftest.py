"""A service with a challenger beside its champion."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from anyio.from_thread import BlockingPortal

from models.release import releasing
from models.trial import try_bundle
from serving import assembly, following
from serving.access.access import opened_access
from serving.assembly import around
from serving.beside import beside_following
from serving.beside.beside_process import Outcome, _outcome, _Versions
from serving.beside.beside_record import BesideTask
from serving.questions import questions as answers
from serving.records.database import SERVICE
from serving.records.log_reading import StoredRecord
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.releases import Waiting
from tests.serving.conftest import Caller, running
from tests.small_model import small_document

PROJECT = small_document(np.random.default_rng(3), 1, 2025) | {"level": "city", "type": "road"}
CARE = PROJECT | {"code": "P2", "type": "care"}


class Here:
    """Answers beside in this process, as the process of its own does."""

    def __init__(self, registry: Any) -> None:
        self._versions = _Versions(registry)

    def outcomes(self, tasks: Any, patience: float) -> list[Outcome]:
        return [_outcome(task, self._versions) for task in tasks]

    def end(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True)
class Besides:
    """A service, its registry and its records."""

    service: Caller
    waiting: Waiting
    log: RecordLog

    def score(self, project: dict[str, Any]) -> dict[str, Any]:
        answer = self.service.post("/score", {"project": project})
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What /readyz says of what runs beside, as soon as that holds."""
        for _ in range(600):
            said = self.service.get("/readyz").json()["beside"]
            if holds(said):
                return said  # type: ignore[no-any-return]
            self.service.portal.call(asyncio.sleep, 0.02)
        raise AssertionError(said)

    def counted(self, **counts: int) -> dict[str, Any]:
        return self.until(lambda said: counts.items() <= said["answers"].items())

    def records(self, kind: str) -> list[StoredRecord]:
        return self.log.records(SERVICE, kind=kind, limit=10_000)


class _Idle:
    """The questions, with a life of their own."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await answers(scope, receive, send)
            return
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})


@pytest.fixture(autouse=True)
def _tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are tried in this process; the child is tested by itself."""
    for module in (following, releasing, beside_following):
        monkeypatch.setattr(module, "tried", try_bundle)


@contextmanager
def besides(
    home: Path, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch, process: Any = Here
) -> Iterator[Besides]:
    """A service whose answers beside are made by `process`."""
    monkeypatch.setattr(assembly, "BesideProcess", process)
    waiting = Waiting.at(home)
    with closing(opened_access(home, None, 20)) as access:
        log = RecordLog.open(f"sqlite:///{home / 'records.db'}")
        limits = Limits(follow_seconds=0.02)
        release = waiting.registry.champion_release()
        app = around(_Idle(), release, limits, access, log, home, follows=waiting.registry)
        with portal.wrap_async_context_manager(running(app)):
            yield Besides(Caller(app, portal), waiting, log)


@pytest.fixture
def beside(
    tmp_path: Path, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Besides]:
    with besides(tmp_path, portal, monkeypatch) as made:
        yield made


def task_of(document: Any, number: int, version: Any) -> BesideTask:
    """A task for a version beside an answer of version 1."""
    served = f"0192f0c1-2345-7abc-8def-{number:012x}"
    return BesideTask(document, served, 1, "shadow", version, 1_000)
