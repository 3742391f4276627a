"""A service with keys whose log has scores of two versions of the model."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from features.catalogue import load_catalogue
from models.bundle import save_bundle
from models.registry import Registry, Release
from serving.assembly import around
from serving.questions import questions
from serving.settings import Limits
from tests.serving.access.conftest import Keyed, keyed_service
from tests.serving.conftest import CATALOGUE, Caller, past_rows, tiny_project
from training.appraisal_data import read_appraisal_data
from training.growing import TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings, train

PAGE = {"accept": "text/html"}


@dataclass(frozen=True)
class Audited:
    """A service with the second version, the same log under the first one, and both versions."""

    keyed: Keyed
    before: Keyed
    home: Path
    file: Path

    def score(self, number: int = 1, *, first: bool = False, **changes: Any) -> str:
        """The id of the record of a score, of the first version or of the second."""
        return str(self.scored(number, first=first, **changes)["record_id"])

    def scored(self, number: int = 1, *, first: bool = False, **changes: Any) -> dict[str, Any]:
        """A recorded answer to the platform."""
        service = self.before if first else self.keyed
        answer = service.post("platform", "/score", {"project": tiny_project(number, **changes)})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def json(self, grant: str, path: str, method: str = "GET", **given: Any) -> dict[str, Any]:
        answer = self.keyed.call(grant, method, path, **given)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def page(self, grant: str, path: str, method: str = "GET", **given: Any) -> str:
        answer = self.keyed.call(grant, method, path, headers=PAGE, **given)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return answer.text


def doctored(file: Path, record_id: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the leaf of a record in SQLite's file, as somebody who may do anything would."""
    with closing(sqlite3.connect(file)) as connection, connection:
        found = connection.execute("SELECT leaf FROM record WHERE record_id = ?", (record_id,))
        leaf = json.loads(found.fetchone()[0])
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (name,) in connection.execute(triggers).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        change(leaf["content"])
        text = json.dumps(leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        row = (text.encode(), record_id)
        connection.execute("UPDATE record SET leaf = ? WHERE record_id = ?", row)


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with two versions of the tiny model."""
    folder = tmp_path_factory.mktemp("versions")
    file = folder / "past.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in past_rows()), encoding="utf-8")
    data = read_appraisal_data(file, load_catalogue(CATALOGUE))
    registry = Registry(folder, "tiny")
    for trees in (15, 25):
        settings = TrainingSettings(TimeSplit(2022, 2023), TreeSettings(trees=trees, leaves=5))
        model = train(data, settings)
        save_bundle(model, folder / "bundle")
        registry.promote(registry.register(folder / "bundle", model.facts.created).number)
    return folder


@pytest.fixture(scope="session")
def releases(versions: Path) -> tuple[Release, Release]:
    registry = Registry(versions, "tiny")
    return registry.release(1), registry.release(2)


@contextmanager
def audited_service(
    folder: Path,
    versions: Path,
    releases: tuple[Release, Release],
    portal: BlockingPortal,
    records_at: str | None = None,
) -> Iterator[Audited]:
    """Both services, with their records in `folder` or at another address."""
    keyed = keyed_service(folder, releases[1], portal, home=versions, records_at=records_at)
    app = around(questions, releases[0], Limits(), keyed.access, keyed.records, versions)
    with closing(keyed.records), closing(keyed.store):
        before = replace(keyed, service=Caller(app, portal))
        yield Audited(keyed, before, versions, folder / "records.db")


@pytest.fixture
def audited(
    tmp_path: Path, versions: Path, releases: tuple[Release, Release], portal: BlockingPortal
) -> Iterator[Audited]:
    with audited_service(tmp_path, versions, releases, portal) as made:
        yield made
