"""The administrator of a PostgreSQL server who rewrites the log: found by an outside checkpoint."""

from __future__ import annotations

from typing import Any, cast

import psycopg
import pytest

from serving.records.checkpoint import SigningKey
from serving.records.log_reader import LogReader
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.verification import Checkpoint, Verdict, verified_checkpoint, verify_log
from tests.serving.records.conftest import Postgres, raw_address
from tests.serving.records.test_tampering import (
    SIGNED,
    SIZE,
    Forgery,
    cover_up,
    delete,
    edit,
    forget_checkpoints,
    insert,
    reorder,
    truncate,
)


class Owner:
    """A connection of PostgreSQL that takes the statements of the forgeries, written for SQLite."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor = connection.cursor()

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        if statement.startswith("PRAGMA"):  # foreign keys are off already
            return None
        return self._cursor.execute(statement.replace("?", "%s").encode(), values)

    def executemany(self, statement: str, values: list[tuple[Any, ...]]) -> None:
        self._cursor.executemany(statement.replace("?", "%s").encode(), values)


def forge(postgres: Postgres, url: str, forgery: Forgery) -> None:
    """Change the database past every trigger, key and row policy, and compute the tree anew."""
    address = postgres.address("admin", raw_address(url).rpartition("/")[2])
    with psycopg.connect(address) as connection:
        connection.execute("SET session_replication_role = replica")
        owner = cast(Any, Owner(connection))
        forget_checkpoints(forgery)(owner)
        cover_up(owner)


def verdict(url: str, key: SigningKey, outside: list[Checkpoint]) -> Verdict:
    with LogReader.open(url) as log:
        return verify_log(log.export(), [key.verifier], outside)


@pytest.fixture
def outside(postgres_url: str, key: SigningKey) -> list[Checkpoint]:
    """The checkpoints, kept outside, of a log of 20 records."""
    notes = []
    with RecordLog.open(postgres_url) as log:
        for number in range(SIZE):
            private = {"phone": f"1380000{number:04}"}
            log.append(Record("score", "platform", {"score": number}, private=private)).result()
            if number + 1 in SIGNED:
                notes.append(log.checkpoint(key))
    return [verified_checkpoint(note, key.verifier) for note in notes]


@pytest.mark.parametrize("forgery", [edit, delete, reorder, insert, truncate])
def test_a_covered_up_forgery_is_found_by_an_outside_checkpoint(
    postgres: Postgres,
    postgres_url: str,
    outside: list[Checkpoint],
    key: SigningKey,
    forgery: Forgery,
) -> None:
    assert verdict(postgres_url, key, outside).holds, "control: untouched it holds"
    forge(postgres, postgres_url, forgery)
    found = verdict(postgres_url, key, outside)
    assert not found.holds
    assert found.findings[0].place == (
        "end of the log" if forgery is truncate else "records 0 to 7"
    )
    assert verdict(postgres_url, key, []).holds, "control: without one it stays undetected"
