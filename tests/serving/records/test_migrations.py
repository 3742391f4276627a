"""The migrations make what the tables say, on both databases; and other schemas are refused."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

import serving.records.migrations as migrations
from serving.records.canonical_json import canonical
from serving.records.database import AUDITOR, Database, Sight
from serving.records.errors import SchemaMismatch
from serving.records.log_query import LogQuery
from serving.records.log_reader import LogReader
from serving.records.receipt import Once, in_base64
from serving.records.record import Record
from serving.records.record_log import RecordLog
from serving.records.tables import METADATA, SCHEMA_VERSION
from serving.records.verification import commitment, leaf_hash, verify_log


def differences(database: Database, metadata: sa.MetaData) -> list[object]:
    with database.writing() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_the_migrated_schema_is_the_one_of_the_tables(url: str) -> None:
    database = Database.open(url, 1, make=True)
    assert differences(database, METADATA) == []
    more = sa.MetaData()
    for table in METADATA.tables.values():
        table.to_metadata(more)
    more.tables["record"].append_column(sa.Column("more", sa.Text))
    assert len(differences(database, more)) == 1, "control: a column too many is noticed"
    database.close()


def test_the_newest_migration_is_the_one_that_is_expected() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [SCHEMA_VERSION]


def test_rows_that_never_change_cannot_be_changed_by_mistake(url: str) -> None:
    database = Database.open(url, 1, make=True)
    row = {"leaf_index": 0, "record_id": "x", "kind": "score", "leaf": b"{}"}
    with database.writing() as connection:
        connection.execute(sa.insert(METADATA.tables["record"]), [row])
    for statement in ("UPDATE record SET kind = 'other'", "DELETE FROM record"):
        if database.is_sqlite:
            with (
                pytest.raises(sa.exc.IntegrityError, match="never changed or deleted"),
                database.writing() as connection,
            ):
                connection.execute(sa.text(statement))
        else:
            with database.writing() as connection:
                assert connection.execute(sa.text(statement)).rowcount == 0
    with database.writing() as connection:
        assert connection.execute(sa.text("SELECT kind FROM record")).scalars().all() == ["score"]
    database.close()


def test_what_is_in_the_log_already_can_be_searched_after_the_upgrade(url: str) -> None:
    with RecordLog.open(url) as log:
        first = Record("score", "platform", {"model": {"version": 2}}, department="D1")
        log.append(first).result()
        log.append(Record("review", "expert", {}, about=(first.record_id,))).result()
        root = log.head().root
    database = Database.open(url, 1, make=True)
    with database.writing() as connection:  # as version 0004 left it
        for statement in (
            "DROP TABLE listed_finding",
            "DROP TABLE findings_listed_to",
            "DROP TABLE record_search",
            "DROP TABLE record_link",
            "DROP INDEX ix_record_kind",
            "UPDATE alembic_version SET version_num = '0004'",
        ):
            connection.execute(sa.text(statement))
    database.close()
    with pytest.raises(SchemaMismatch, match="expected schema 0006; got 0004"):
        LogReader.open(url)
    with RecordLog.open(url) as log:
        wanted = [{"actor": "platform"}, {"model_version": "2"}, {"about": first.record_id}]
        found = [log.search(AUDITOR, LogQuery(**each)) for each in wanted]
        assert [[each.leaf_index for each in some] for some in found] == [[0], [0], [1]]
        assert log.search(Sight.of_department("D2"), LogQuery(actor="platform")) == []
        assert log.head().root == root


def _open(url: str) -> int:
    with RecordLog.open(url) as log:
        return log.head().size


def test_processes_that_start_at_once_upgrade_once(url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.map(_open, [url] * 4) == [0] * 4


@pytest.mark.parametrize("opening", [RecordLog.open, LogReader.open])
def test_a_database_of_a_newer_version_is_refused(url: str, opening: type) -> None:
    database = Database.open(url, 1, make=True)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(SchemaMismatch, match="expected schema 0006; got 9999; a newer version"):
        opening(url)


def test_who_opens_while_another_makes_the_database_waits_for_it(tmp_path: Path) -> None:
    file = tmp_path / "records.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    done = threading.Timer(1.5, other.execute, ["ROLLBACK"])
    done.start()
    with RecordLog.open(f"sqlite:///{file}", patience=0.4) as log:  # one attempt takes 0.18 s
        assert log.head().size == 0
    done.join()
    other.close()


PLANTED = "planted-13800000000-planted"
SALT = b"salt" * 8


def upgraded(database: Database, revision: str) -> None:
    """Bring an empty database to a schema of the past."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)

    def steps(found: Any, _: Any) -> Any:
        return scripts._upgrade_revs(revision, found)

    with (
        database.writing() as connection,
        EnvironmentContext(config, scripts, fn=steps, destination_rev=revision) as environment,
    ):
        environment.configure(connection=connection)
        environment.run_migrations()


@pytest.fixture
def of_the_past(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database of the first schema, with private values in clear, and an answer."""
    record = Record("score", "platform", {}, private={"phone": PLANTED, "name": PLANTED})
    with monkeypatch.context() as patched:
        patched.setattr(Database, "_require_schema", lambda self, make: None)
        database = Database.open(url, 1, make=True)
    upgraded(database, "0001")
    salt = dict.fromkeys(("phone", "name"), SALT)
    leaf = {**json.loads(record.sealed().leaf)}
    leaf["private"] = {
        name: in_base64(commitment(salt[name], f'"{PLANTED}"'.encode())) for name in salt
    }
    content = canonical(leaf, "leaf")
    node = leaf_hash(content)
    with database.writing() as connection:
        connection.execute(
            sa.text("INSERT INTO record VALUES (0, :id, 'score', NULL, NULL, :leaf)"),
            {"id": record.record_id, "leaf": content},
        )
        connection.execute(sa.text("INSERT INTO tree_node VALUES (0, :hash)"), {"hash": node})
        connection.execute(
            sa.text("UPDATE log_head SET size = 1, root = :root, frontier = :root"), {"root": node}
        )
        for name in salt:
            connection.execute(
                sa.text("INSERT INTO private_value VALUES (0, :name, NULL, :salt, :value, NULL)"),
                {"name": name, "salt": SALT, "value": f'"{PLANTED}"'.encode()},
            )
        connection.execute(
            sa.text("INSERT INTO answer VALUES ('caller', 'k', :digest, 0, 1, :answer)"),
            {"digest": b"digest", "answer": b"an answer"},
        )
    database.close()
    return url


def test_private_values_in_clear_are_sealed_by_the_migration(of_the_past: str) -> None:
    with RecordLog.open(of_the_past) as log:
        verdict = verify_log(log.export())
        assert verdict.holds, verdict.findings
        assert verdict.private_values == 2
        assert log.repeated(Once("caller", "k", b"digest")) is not None
        log.append(Record("score", "platform", {}, private={"phone": "1"})).result()
        assert len(set(log._database.keys._known)) == 1


def test_nothing_in_clear_is_left_in_the_files(of_the_past: str, tmp_path: Path) -> None:
    if not of_the_past.startswith("sqlite"):
        pytest.skip("PostgreSQL removes the file of a table that is dropped at its next checkpoint")

    def found() -> list[str]:
        there = [path for path in tmp_path.iterdir() if path.is_file()]
        return [path.name for path in there if PLANTED.encode() in path.read_bytes()]

    assert found(), "control: it stood there"
    with RecordLog.open(of_the_past):
        assert found() == []
