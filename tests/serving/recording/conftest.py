"""A service with a record log of its own, which a test may break."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from models.registry import Release
from serving.access.access import Access
from serving.assembly import around
from serving.questions import questions
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.serving.conftest import Caller


@dataclass(frozen=True)
class Recorded:
    """A service, its log, and the log's file."""

    service: Caller
    log: RecordLog
    file: Path


@contextmanager
def recorded_service(
    folder: Path, release: Release, access: Access, portal: BlockingPortal
) -> Iterator[Recorded]:
    """A service that records in `folder`."""
    file = folder / "records.db"
    with closing(RecordLog.open(f"sqlite:///{file}")) as log:
        app = around(questions, release, Limits(), access, log)
        yield Recorded(Caller(app, portal), log, file)


@pytest.fixture
def recorded(
    tmp_path: Path, release: Release, access: Access, portal: BlockingPortal
) -> Iterator[Recorded]:
    with recorded_service(tmp_path, release, access, portal) as made:
        yield made
