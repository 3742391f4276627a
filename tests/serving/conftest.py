"""A tiny model, made from a few hundred invented rows, and the service that answers with it."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp

from features.catalogue import load_catalogue
from models.bundle import save_bundle
from models.registry import Registry, Release
from serving.access.access import Access
from serving.application import application
from serving.appraisal import before_and_after, difference
from serving.assembly import access_to, model_in_service
from serving.records.record_log import RecordLog
from serving.settings import ServiceSettings
from serving.wording.explained_score import told
from tests.standards import put_standards_and_topics
from training.appraisal_data import read_appraisal_data
from training.growing import TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings, train

HERE = Path(__file__).parent
CATALOGUE = HERE / "tiny.yaml"
RULER = HERE / "tiny_ruler.yaml"
IDENTITY_NUMBER = "11010519491231002X"


def tiny_project(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A project of the tiny catalogue; None leaves a field out."""
    project: dict[str, Any] = {
        "code": f"P{number:04}",
        "year": 2024,
        "department": "D1",
        "type": "road",
        "policy": "province",
        "area": 1200.0,
        "people": 500,
        "apply": 300000.0,
        "executed_share": 0.9,
        "contact": IDENTITY_NUMBER,
        "lines": [{"task": "gravel", "amount": 100000.0}],
    }
    project |= changes
    return {name: value for name, value in project.items() if value is not None}


def past_rows() -> Iterator[dict[str, Any]]:
    """Past projects with outcomes: policy helps, area costs, poor execution repeats itself."""
    chance = random.Random(7)  # noqa: S311 - invented data
    for number in range(900):
        level = chance.randrange(3)
        area = chance.uniform(100, 5000)
        share = chance.uniform(0.4, 1)
        row = tiny_project(
            number,
            year=2021 + number % 3,
            department=f"D{number % 5}",
            type=chance.choice(["road", "service"]),
            policy=["none", "city", "province"][level],
            area=round(area, 1),
            people=chance.randrange(10, 2000),
            apply=round(area * 260),
            executed_share=round(share, 3),
            contact=None,
        )
        yield row | {
            "expert_necessity": round(40 + 15 * level + chance.gauss(0, 3), 1),
            "expert_importance": round(45 + 5 * level + chance.gauss(0, 3), 1),
            "approved": round(area * 240 * chance.uniform(0.9, 1.1)),
            "late": int(chance.random() < 1.1 - share),
        }


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a tiny model in service."""
    folder = tmp_path_factory.mktemp("service")
    file = folder / "past.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in past_rows()), encoding="utf-8")
    data = read_appraisal_data(file, load_catalogue(CATALOGUE))
    settings = TrainingSettings(TimeSplit(2022, 2023), TreeSettings(trees=15, leaves=5))
    model = train(data, settings)
    save_bundle(model, folder / "bundle")
    registry = Registry(folder, "tiny")
    registry.promote(registry.register(folder / "bundle", model.facts.created).number)
    put_standards_and_topics(folder)
    (folder / "dimensions").mkdir()
    shutil.copy(RULER, folder / "dimensions" / "tiny.yaml")
    return folder


@pytest.fixture(scope="session")
def settings(home: Path) -> ServiceSettings:
    return ServiceSettings(home=home, catalogue="tiny", rules=HERE / "tiny_rules.yaml")


@pytest.fixture(scope="session")
def release(settings: ServiceSettings) -> Release:
    return model_in_service(settings)


@pytest.fixture(scope="session")
def access(settings: ServiceSettings) -> Iterator[Access]:
    """Access while there are no keys: whoever calls is a local administrator."""
    with closing(access_to(settings)) as access:
        yield access


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordLog]:
    """A record log for services whose life is not run through."""
    with RecordLog.open(f"sqlite:///{tmp_path_factory.mktemp('records')}/records.db") as log:
        yield log


def what_if(document: Any, changes: Any, release: Release) -> dict[str, Any]:
    """The answer to a what-if, by the main path alone."""
    both = before_and_after(document, changes, release)
    before, after = (told(release, found) for found in both)
    return {"before": before, "after": after, "difference": difference(before, after)}


def unrecorded(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as it is before it is recorded."""
    return answer | {"record_id": None, "receipt": None}


@dataclass(frozen=True)
class Caller:
    """Calls an ASGI application as a client would, without a socket."""

    app: ASGIApp
    portal: BlockingPortal

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.call("GET", path, headers=headers)

    def post(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """POST a body: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"content-type": "application/json"} | dict(headers or {})
        return self.call("POST", path, content=content, headers=given)

    def call(self, method: str, path: str, **given: Any) -> httpx.Response:
        answer: httpx.Response = self.portal.call(self.later, method, path, given)
        return answer

    async def later(self, method: str, path: str, given: dict[str, Any]) -> httpx.Response:
        """The same from within the event loop."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **given)


@asynccontextmanager
async def running(app: ASGIApp) -> Any:
    """The lifespan of an ASGI application: started on entry, stopped on exit."""
    to_app: asyncio.Queue[Any] = asyncio.Queue()
    from_app: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    assert (await from_app.get())["type"] == "lifespan.startup.complete"
    yield
    await to_app.put({"type": "lifespan.shutdown"})
    assert (await from_app.get())["type"] == "lifespan.shutdown.complete"
    await task


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread of its own, for the whole session."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def service(settings: ServiceSettings, portal: BlockingPortal) -> Iterator[Caller]:
    """The service, answering with the tiny model."""
    app = application(settings)
    with portal.wrap_async_context_manager(running(app)):
        yield Caller(app, portal)
