"""The database of access: keys, sessions, and what has been used of rations."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serving.errors import AccessError, ServiceError

FILE = "access.db"
_FORMAT = 1
_PATIENCE = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    label TEXT NOT NULL,
    created REAL NOT NULL,
    expires REAL NOT NULL,
    revoked REAL
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    hash BLOB PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES keys (id),
    expires REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used (
    day TEXT NOT NULL,
    subject BLOB NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, subject)
) STRICT, WITHOUT ROWID;
"""


class AccessStore:
    """A connection to the database, for one process and any of its threads.

    Several processes may hold one each: every statement reads what has been committed by then, so
    that what one revokes the others refuse at once.

    Args:
        durable: whether a statement is on the disk when it returns. A power cut may take the last
            moments from one that is not; it never damages the file.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self._path = home / FILE
        self._lock = threading.Lock()
        try:
            self._connection = _opened(self._path, durable)
        except (OSError, sqlite3.Error) as error:
            raise AccessError(
                f"expected to open the access keys in {self._path}; got: {error}; see that the "
                "folder may be written by the user of the service, and the file by nobody else"
            ) from error

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows that one statement returns, once it is committed.

        Raises:
            ServiceError: when the database cannot be read or written.
        """
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise ServiceError(f"{self._path}: {error}") from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def access_store(home: Path) -> Iterator[AccessStore]:
    """The database of a working folder, closed on exit."""
    store = AccessStore(home)
    try:
        yield store
    finally:
        store.close()


def _opened(path: Path, durable: bool) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # SQLite gives the files beside it the same mode.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    os.chmod(path, 0o600)
    connection = sqlite3.connect(
        path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute("PRAGMA foreign_keys = ON")
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found not in (0, _FORMAT):
        connection.close()
        raise sqlite3.DatabaseError(f"format {found}, which this version does not read")
    if found != _FORMAT:
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {_FORMAT}")
    return connection
