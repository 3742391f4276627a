"""The database of access: keys, sessions, and what has been used of rations."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from serving.errors import AccessError, ServiceError

FILE = "access.db"
_FORMAT = 1
_MODE = 0o600
_PATIENCE = 5.0
_PATIENCE_OF_A_SERVICE = 1.0
"""Seconds for which another process may write; a service keeps others waiting meanwhile."""
_TABLES = """
CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    label TEXT NOT NULL,
    created REAL NOT NULL,
    expires REAL NOT NULL,
    revoked REAL
) STRICT;
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES keys (id),
    expires REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE used (
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
        """Close the connection; closing it again changes nothing."""
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
    if not path.exists():
        _make(path)
    os.chmod(path, _MODE)  # SQLite gives the files beside it the same
    connection = _connected(path, _PATIENCE if durable else _PATIENCE_OF_A_SERVICE)
    try:
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys = ON")
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found != _FORMAT:
            raise sqlite3.DatabaseError(f"format {found}, which this version does not read")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _make(path: Path) -> None:
    """Make the database in one step: of two processes that do, one finds it made.

    A process that opened the file of another to look at it would undo the locks of that one's
    connection, so nobody opens it but SQLite.
    """
    draft = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, _MODE))
    try:
        connection = _connected(draft, _PATIENCE)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES)
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        finally:
            connection.close()
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _connected(path: Path, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
