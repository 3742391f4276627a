"""The one door to the record database: opening, transactions, and errors with a type.

SQLite unless the URL says otherwise. A transaction that returned is durable: SQLite in WAL mode
with synchronous=FULL (NORMAL loses acknowledged rows at a power cut), PostgreSQL with
synchronous_commit. Nothing waits longer than the patience allows.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.pool import QueuePool

from serving.records.errors import RecordsError, RecordsUnavailable, SchemaMismatch
from serving.records.private_keys import PrivateKeys
from serving.records.sealing import digest_under_newest, sealed_under_newest
from serving.records.tables import METADATA, SCHEMA_VERSION

SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "secure_delete": "ON",  # what is erased leaves no copy in a free page
    "trusted_schema": "OFF",
}
KEYS = "lingji_keys"
"""The option of a connection that holds the keys of private values."""
_KEYS_WORD, _KEYS_SUFFIX = "keys", ".keys"
"""The word of an address that names the file of keys; by default it is SQLite's, ending so."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_SECONDS = 20
_PAUSE = 0.05
_UPGRADE_LOCK = 0x6C696E676A69  # "lingji": any number that no other program takes
_POOL = {"pool_size": 8, "max_overflow": 56}
_OUR_FAULT = (IntegrityError, ProgrammingError, DataError, NotSupportedError)
_WRITING = "lingji_writing"


@dataclass(frozen=True)
class Sight:
    """Who looks: what a transaction may see. role: service, auditor, keeper or department.

    without: projects of which nothing is seen.
    """

    role: str
    department: str = ""
    without: frozenset[str] = frozenset()

    @classmethod
    def of_department(cls, department: str) -> Sight:
        """The sight of a department: its own records only."""
        return cls("department", department)


SERVICE = Sight("service")
AUDITOR = Sight("auditor")
KEEPER = Sight("keeper")
"""Who seals private values again under another key: sees all, and erases nothing."""


class Database:
    """An opened record database, and the keys of its private values.

    patience: seconds after which an attempt is given up.
    """

    def __init__(
        self, engine: Engine, patience: float, file: Path | None, keys: PrivateKeys
    ) -> None:
        self.keys = keys
        engine = engine.execution_options(**{KEYS: keys})
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITING: True})
        self._reader = engine
        if file is None:  # SQLite's readers have one state before them anyway
            self._reader = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._patience = patience
        self._file = file
        self._identity = _identity(file)

    @classmethod
    def open(cls, url: str, patience: float, *, make: bool) -> Database:
        """The database at that address; to make it also means to bring its tables up to date.

        Raises:
            RecordsError: when the address is none.
            RecordsUnavailable: when the database does not answer, or is not there to be read.
            SchemaMismatch: when another version has made it.
        """
        address, keys = _address(url)
        if address.get_backend_name() == "sqlite":
            file = Path(address.database or "").absolute()
            if make:
                _make(file)
            beside = PrivateKeys(keys or file.with_suffix(_KEYS_SUFFIX))
            database = cls(_sqlite(file, patience), patience, file, beside)
        else:
            database = cls(_postgresql(address, patience), patience, None, PrivateKeys(keys))
        with contextlib.ExitStack() as unless_all_is_well:
            unless_all_is_well.callback(database.close)
            database._require_guarantees()
            database._made(make)
            unless_all_is_well.pop_all()
        return database

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite."""
        return self._file is not None

    @contextlib.contextmanager
    def reading(self, sight: Sight) -> Iterator[Connection]:
        """A transaction that reads one state of the log, as one who may see that much."""
        with self._transaction(self._reader, sight) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes, as the service; durable once it has ended.

        On SQLite it holds the one write lock from its beginning.
        """
        with self.writing_as(SERVICE) as connection:
            yield connection

    @contextlib.contextmanager
    def writing_as(self, sight: Sight) -> Iterator[Connection]:
        """The same for another who may write."""
        with self._transaction(self._writer, sight) as connection:
            yield connection

    def upgrade(self) -> None:
        """Apply the migrations that are missing; safe when several processes start at once."""
        with self.writing() as connection:
            if self.is_sqlite:
                applied = _version(connection)
            else:
                connection.execute(text(f"SET LOCAL lock_timeout = '{_UPGRADE_SECONDS}s'"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
                applied = _version(connection)
            if applied != SCHEMA_VERSION:
                _migrate(connection, self.keys)
        if applied is not None:
            self.forget_erased()

    def forget_erased(self) -> None:
        """Take what was erased or replaced out of SQLite's write-ahead log as well."""
        if self.is_sqlite:
            with self._typed():
                raw = self._engine.raw_connection()
                try:
                    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    raw.close()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _transaction(self, engine: Engine, sight: Sight) -> Iterator[Connection]:
        with self._typed():
            self._require_same_file()
            with engine.connect() as connection, connection.begin():
                if not self.is_sqlite:
                    connection.execute(_SETTINGS, vars(sight))
                yield connection

    @contextlib.contextmanager
    def _typed(self) -> Iterator[None]:
        """Turn what the driver says of an absent, full or locked database into one error."""
        try:
            yield
        except _OUR_FAULT:
            raise
        except DBAPIError as error:
            raise RecordsUnavailable(_said(error.orig)) from error
        except (NoFreeConnection, OSError) as error:
            raise RecordsUnavailable(_said(error)) from error

    def _require_same_file(self) -> None:
        """Return when SQLite's file is still the opened one: an open handle hides a loss."""
        if self._file is None:
            return
        identity = _identity(self._file)
        if identity is not None and identity == self._identity:
            return
        self._engine.dispose()
        if identity is None:
            raise RecordsUnavailable(f"no file at {self._file}")
        self._identity = identity

    def _made(self, make: bool) -> None:
        """Require the schema; while another process makes it, SQLite is waited for."""
        until = time.monotonic() + (_UPGRADE_SECONDS if make and self.is_sqlite else 0)
        while True:
            try:
                return self._require_schema(make)
            except RecordsUnavailable as error:
                if not _is_busy(error.__cause__) or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)

    def _require_schema(self, make: bool) -> None:
        with self.reading(AUDITOR) as connection:
            applied = _version(connection)
        if applied == SCHEMA_VERSION:
            return
        if applied is not None and applied > SCHEMA_VERSION:
            hint = "a newer version of Lingji has upgraded it: use that version"
            raise SchemaMismatch(SCHEMA_VERSION, applied, hint)
        if not make:
            hint = "the service brings it up to date when it starts"
            raise SchemaMismatch(SCHEMA_VERSION, applied or "none", hint)
        self.upgrade()

    def _require_guarantees(self) -> None:
        """Return when PostgreSQL keeps what it says it keeps, and hides what it must hide."""
        if self.is_sqlite:
            return
        with self.reading(AUDITOR) as connection:
            fsync, over = connection.execute(_GUARANTEES).one()
        if fsync != "on":
            raise RecordsError(f"expected PostgreSQL with fsync = on; got {fsync}; switch it on")
        if over:
            raise RecordsError(
                "expected a database role that row security binds; got a superuser, or one with "
                "BYPASSRLS; make a role for Lingji: CREATE ROLE lingji LOGIN, and let it own the "
                "database"
            )


_SETTINGS = text(
    "SELECT set_config('lingji.role', :role, true), "
    "set_config('lingji.department', :department, true)"
)
_GUARANTEES = text(
    "SELECT current_setting('fsync'), rolsuper OR rolbypassrls FROM pg_roles "
    "WHERE rolname = current_user"
)


def _address(url: str) -> tuple[URL, Path | None]:
    """The address of the database, and the file of keys that it names."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise RecordsError(_unknown_address("something else")) from error
    named = address.query.get(_KEYS_WORD)
    keys = Path(named) if isinstance(named, str) and named else None
    address = address.difference_update_query([_KEYS_WORD])
    kind = address.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise RecordsError(_unknown_address(kind))
    if kind == "postgresql":
        return address.set(drivername="postgresql+psycopg"), keys
    if not address.database or address.database == ":memory:":
        raise RecordsError(_unknown_address("a database in memory, which keeps nothing"))
    return address, keys


def _unknown_address(got: str) -> str:
    return (
        "expected the address of the record database, sqlite:///PATH or "
        f"postgresql://USER@HOST/NAME; got {got}"
    )


def _make(file: Path) -> None:
    """Make the file where it is absent, for its owner's eyes only."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise RecordsUnavailable(_said(error)) from error


def _identity(file: Path | None) -> tuple[int, int] | None:
    if file is None:
        return None
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _sqlite(file: Path, patience: float) -> Engine:
    address = f"file:{quote(str(file))}?mode=rw"  # never makes an empty one in its place

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, timeout=patience, isolation_level=None, check_same_thread=False, uri=True
        )
        for name, value in SQLITE_PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_timeout=patience,
        hide_parameters=True,
        **_POOL,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _postgresql(address: URL, patience: float) -> Engine:
    milliseconds = round(patience * 1000)
    options = {
        "lock_timeout": milliseconds,
        "statement_timeout": 10 * milliseconds,
        "idle_in_transaction_session_timeout": 10 * milliseconds,
    }
    engine = create_engine(
        address,
        connect_args={
            "connect_timeout": 2,  # seconds; the driver takes no less
            "tcp_user_timeout": milliseconds,
            "application_name": "lingji",
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
        pool_pre_ping=True,
        pool_timeout=patience,
        hide_parameters=True,
        **_POOL,
    )

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('synchronous_commit', 'on', false) "
                "WHERE current_setting('synchronous_commit') = 'off'"
            )
        connection.commit()

    return engine


def _version(connection: Connection) -> str | None:
    """The newest migration that was applied; None in an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _migrate(connection: Connection, keys: PrivateKeys) -> None:
    from alembic.config import Config  # wanted once in a database's life
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.attributes["seal"] = partial(sealed_under_newest, keys)
    config.attributes["seal_digest"] = partial(digest_under_newest, keys)
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)

    def steps(revision: Any, _: Any) -> Any:
        return scripts._upgrade_revs("head", revision)

    with EnvironmentContext(config, scripts, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection, target_metadata=METADATA)
        environment.run_migrations()


def _is_busy(error: BaseException | None) -> bool:
    """Whether SQLite says that another holds the file."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


def _said(error: BaseException | None) -> str:
    """What the driver said, in one line."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said[:300]}" if said else type(error).__name__
