"""Database locked, gone or full: one typed error within two seconds, nothing partial, recovery."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from serving.records import database
from serving.records.errors import RecordsUnavailable
from serving.records.receipt import Receipt
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.verification import verify_log
from tests.serving.records.conftest import Postgres, raw_address

ROOT = Path(__file__).parents[3]
PROMISED = 2.0
"""Seconds after which a caller knows that there is no record."""


def append(log: RecordLog, size: int = 10) -> Future[Receipt]:
    return log.append(Record("score", "platform", {"text": "x" * size}))


def refused(log: RecordLog, match: str, count: int = 12) -> None:
    """Several callers ask, and each gets the typed error in time."""
    futures = [append(log) for _ in range(count)]
    for future in futures:
        with pytest.raises(RecordsUnavailable, match=match):
            future.result(timeout=PROMISED)


def sound(log: RecordLog, size: int) -> None:
    """The log holds that many records, and goes on."""
    assert log.head().size == size
    assert append(log).result(timeout=PROMISED).leaf_index == size
    verdict = verify_log(log.export())
    assert (verdict.holds, verdict.size) == (True, size + 1)


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another process holds the lock that a writer needs."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.close()
        return
    with psycopg.connect(raw_address(url)) as other:
        other.execute("SELECT * FROM log_head FOR UPDATE")
        yield


def test_a_locked_database(log: RecordLog, url: str) -> None:
    append(log).result()
    with locked(url):
        refused(log, r"database to answer; got .*(locked|lock timeout|no answer within)")
        assert log.head().size == 1, "reading goes on"
    sound(log, 1)


def test_a_database_file_that_is_gone(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with RecordLog.open(sqlite_url) as log:
        append(log).result()
        away = path.parent / "away"
        away.mkdir()
        for part in path.parent.glob("records.db*"):
            shutil.move(part, away)
        refused(log, "got no file at")
        with pytest.raises(RecordsUnavailable, match="got no file at"):
            log.head()
        assert not path.exists(), "no empty log takes its place"
        for part in away.iterdir():
            shutil.move(part, path.parent)
        sound(log, 1)


def test_a_server_that_is_gone(postgres: Postgres, postgres_url: str) -> None:
    with RecordLog.open(postgres_url) as log:
        append(log).result()
        postgres.stop()
        try:
            refused(log, "got OperationalError")
            with pytest.raises(RecordsUnavailable, match="got OperationalError"):
                log.head()
            with pytest.raises(RecordsUnavailable, match="got OperationalError"):
                RecordLog.open(postgres_url)
        finally:
            postgres.start()
        sound(log, 1)


def test_connections_that_the_server_ended(postgres: Postgres, postgres_url: str) -> None:
    with RecordLog.open(postgres_url) as log:
        append(log).result()
        with psycopg.connect(postgres.address("admin", "postgres"), autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'lingji'"
            )
        sound(log, 1)


def test_a_full_database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    RecordLog.open(sqlite_url).close()
    pages = 60
    monkeypatch.setitem(database.SQLITE_PRAGMAS, "max_page_count", str(pages))
    with RecordLog.open(sqlite_url) as log:
        append(log).result()
        with pytest.raises(RecordsUnavailable, match="got OperationalError: database or disk is"):
            append(log, size=pages * 4096).result(timeout=PROMISED)
        sound(log, 1)


FULL_DISK = """
import resource, sys
from serving.records.errors import RecordsUnavailable
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.verification import verify_log

with RecordLog.open(sys.argv[1]) as log:
    log.append(Record("score", "platform", {})).result()
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    futures = [log.append(Record("score", "platform", {"x": "x" * 50_000})) for _ in range(40)]
    refused = 0
    for future in futures:
        try:
            future.result(timeout=2)
        except RecordsUnavailable as error:
            assert "OperationalError" in str(error), error
            refused += 1
    assert refused, "control: the limit was not met"
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    size = 1 + 40 - refused
    assert log.append(Record("score", "platform", {})).result(timeout=2).leaf_index == size
    verdict = verify_log(log.export())
    assert verdict.holds and verdict.size == size + 1, verdict
print("recovered")
"""


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX's")
def test_a_disk_that_takes_no_more(sqlite_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, sqlite_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "recovered\n"), done.stderr


def test_a_place_where_nothing_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordsUnavailable, match=r"got (NotADirectory|FileExists)Error"):
        RecordLog.open(f"sqlite:///{tmp_path / 'file' / 'records.db'}")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_text("this is no database\n" * 100)
    with pytest.raises(RecordsUnavailable, match="file is not a database"):
        RecordLog.open(f"sqlite:///{tmp_path / 'records.db'}")
