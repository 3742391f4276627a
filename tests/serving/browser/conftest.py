"""A browser that is told what may be asked for, and a service with keys for it to call.

Debian: apt-get install chromium fonts-wqy-microhei. Without a browser these tests skip.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.types import ASGIApp

from models.registry import Release
from serving.access.access import Access
from serving.access.caller import parse_grant
from serving.access.ration import Ration
from serving.access.store import AccessStore
from serving.assembly import around
from serving.questions import questions
from serving.records.record_log import RecordLog
from serving.settings import Limits
from tests.network_guard import stays_here

GRANTS = ("platform", "department:D1", "expert", "approver", "trainer", "auditor", "admin")
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_PATIENCE = 60_000  # milliseconds; a page that never comes is a fault, a slow machine is none


@dataclass(frozen=True)
class Site:
    """A running service, its address and the keys that open it."""

    address: str
    keys: dict[str, str]


@dataclass
class Watched:
    """A tab of a browser, with every other host it asked for and every error it reported."""

    page: Any
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def asked(self, request: Any) -> None:
        """Remember what a request is for, where that is not this machine."""
        address = urlsplit(request.url)
        if address.scheme not in ("data", "file", "about") and not stays_here(address.hostname):
            self.elsewhere.append(request.url)

    def told(self, message: Any) -> None:
        """Remember an error of the console, such as what the page's own policy has refused."""
        if message.type == "error" and "status of 401" not in message.text:
            self.errors.append(message.text)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The installed browser, headless; skips where there is none."""
    library = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium: apt-get install chromium-headless-shell fonts-wqy-microhei")
    quiet = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    with library.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def watched(chromium: Any) -> Iterator[Watched]:
    """A fresh tab, which reaches this machine only and remembers what it asked for."""
    context = chromium.new_context(viewport={"width": 1100, "height": 900})
    context.set_default_timeout(_PATIENCE)
    tab = Watched(context.new_page())
    context.on("request", tab.asked)
    tab.page.on("console", tab.told)
    tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
    context.route(
        lambda address: not stays_here(urlsplit(address).hostname), lambda route: route.abort()
    )
    yield tab
    context.close()


@pytest.fixture(scope="module")
def site(
    chromium: Any,
    home: Path,
    release: Release,
    records: RecordLog,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """The whole service on a socket of this machine, with a key for each role."""
    store = AccessStore(tmp_path_factory.mktemp("browsed"), durable=False)
    access = Access(store, None, Ration(store, 1_000))
    keys = {g: access.keys.create(parse_grant(g), f"for {g}", 30)[1] for g in GRANTS}
    app = around(questions, release, Limits(), access, records, home)
    with listening(app) as address:
        yield Site(address, keys)


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """The address of an application on a socket of this machine."""
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's script, as its package brings it; skips where it is absent."""
    package = pytest.importorskip(
        "axe_playwright_python", reason="axe-playwright-python is not installed"
    )
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
