"""A record log of the small model's answers, with what monitoring makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from features.declared_project import DeclaredProject
from models.appraised_project import appraised_project
from models.bundle import save_bundle
from models.registry import Registry, Release
from serving.asker import Asker
from serving.recording.score_record import score_record
from serving.records.record_log import RecordLog
from tests.models.monitoring.answered import projects_of
from tests.small_model import small

ASKER = Asker("platform", "platform", "POST /score")


@dataclass(frozen=True)
class Logged:
    """A working folder whose model in service has answered."""

    home: Path
    release: Release
    log: RecordLog

    @property
    def registry(self) -> Registry:
        return Registry(self.home, "small")


def record(
    log: RecordLog, release: Release, projects: Sequence[DeclaredProject], at_once: int = 200
) -> None:
    """Record a version's answers about projects."""
    for start in range(0, len(projects), at_once):
        some = projects[start : start + at_once]
        prediction = release.model.predict(some)
        said = {"form": "explained_score", "sha256": "", "bytes": 0, "reasons": {}, "withheld": []}
        records = [
            score_record(release, appraised_project(release.model, prediction, row), said, ASKER)
            for row in range(len(some))
        ]
        log.append_all(records).result()


@pytest.fixture(scope="session")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The small model's answers about 300 projects, ten of which were asked about again."""
    home = tmp_path_factory.mktemp("monitoring")
    registry = Registry(home, "small")
    save_bundle(small().model, home / "bundle")
    registry.promote(registry.register(home / "bundle", "", "", "trainer").number)
    release = registry.champion_release()
    projects = projects_of(300, 11)
    with RecordLog.open(f"sqlite:///{home / 'records.db'}") as log:
        record(log, release, projects_of(10, 99))
        record(log, release, projects)
        yield Logged(home, release, log)
