"""Record databases of both kinds: SQLite in a file, and PostgreSQL started for the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from serving.records.checkpoint import SigningKey
from serving.records.record_log import RecordLog

_ORDINARY_USERS = ("postgres", "nobody")
_NUMBERS = count(1)


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server of the tests' own. run: starts one of its programs as its user."""

    folder: Path
    port: int
    run: Callable[..., None]

    def address(self, user: str, name: str) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"

    def new_database(self) -> str:
        """The address of a new database that an ordinary role owns."""
        name = f"records{next(_NUMBERS)}"
        with psycopg.connect(self.address("admin", "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER lingji".encode())
        return self.address("lingji", name)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", self.data, "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    @property
    def data(self) -> str:
        return str(self.folder / "data")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server on a free port, in a temporary folder, never run by root."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb on the path or in /usr/lib/postgresql")
    ordinary = _ordinary_user()
    if ordinary is None:
        pytest.skip("PostgreSQL refuses to run as root, and there is no user postgres or nobody")
    folder = Path(tempfile.mkdtemp(prefix="lingji-pg-"))

    def run(program: str, *words: str) -> None:
        command = [*ordinary, str(programs / program), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Postgres(folder, free.getsockname()[1], run)
    if ordinary:
        shutil.chown(folder, ordinary[2])
    try:
        run("initdb", "-D", server.data, "-U", "admin", "-A", "trust", "--locale=C", "-E", "UTF8")
        server.start()
        with psycopg.connect(server.address("admin", "postgres"), autocommit=True) as connection:
            connection.execute("CREATE ROLE lingji LOGIN")
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    """Where PostgreSQL's programs are; Debian keeps them off the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


def _ordinary_user() -> list[str] | None:
    """The words before a command that make it run as an ordinary user; none when one is."""
    if os.geteuid() != 0:
        return []
    for user in _ORDINARY_USERS:
        known = subprocess.run(["id", user], capture_output=True, check=False).returncode == 0
        if known and shutil.which("runuser"):
            return ["runuser", "-u", user, "--"]
    return None


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture
def postgres_url(postgres: Postgres, tmp_path: Path) -> str:
    """The address of a new database, whose keys of private values are in a file elsewhere."""
    return f"{postgres.new_database()}?keys={tmp_path / 'records.keys'}"


def raw_address(url: str) -> str:
    """The address as PostgreSQL's own programs take it."""
    return url.partition("?")[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a new database, of each kind in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    found: str = request.getfixturevalue(name)
    return found


@pytest.fixture
def log(url: str) -> Iterator[RecordLog]:
    with RecordLog.open(url) as opened:
        yield opened


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.generate("finance.example/records")
