"""On PostgreSQL a department's session sees its own records, whatever SQL it runs."""

from __future__ import annotations

import psycopg
import pytest

from serving.records.errors import RecordsError
from serving.records.record import Record, new_record_id
from serving.records.record_log import RecordLog
from tests.serving.records.conftest import Postgres, raw_address

TABLES = ("record", "private_value", "record_search", "record_link")


@pytest.fixture
def filled(postgres_url: str) -> str:
    with RecordLog.open(postgres_url) as log:
        for number in range(10):
            department = "ab"[number % 2] if number < 8 else None
            private = {"phone": str(number)}
            log.append(
                Record(
                    "score",
                    "platform",
                    {},
                    private=private,
                    about=(new_record_id(),),
                    department=department,
                )
            ).result()
    return raw_address(postgres_url)


def departments(url: str, table: str, role: str | None, department: str) -> list[str | None]:
    """The departments of the rows that raw SQL of the tables' owner finds."""
    with psycopg.connect(url) as connection:
        if role is not None:
            connection.execute("SELECT set_config('lingji.role', %s, true)", [role])
            connection.execute("SELECT set_config('lingji.department', %s, true)", [department])
        query = f"SELECT department FROM {table} WHERE true OR department = 'b'"  # noqa: S608
        return [row[0] for row in connection.execute(query.encode())]


@pytest.mark.parametrize("table", TABLES)
def test_a_department_sees_no_row_of_others_even_with_raw_sql(filled: str, table: str) -> None:
    assert departments(filled, table, "department", "a") == ["a"] * 4
    assert departments(filled, table, "department", "c") == []
    assert departments(filled, table, "department", "") == []


@pytest.mark.parametrize("table", TABLES)
def test_control_an_auditor_sees_all_and_nobody_sees_nothing(filled: str, table: str) -> None:
    assert len(departments(filled, table, "auditor", "")) == 10
    assert departments(filled, table, None, "") == []


def test_answers_are_for_the_service_only(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        forced = connection.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY 1"
        )
        assert [row[0] for row in forced] == [
            "answer",
            "listed_finding",
            "listed_project",
            "private_value",
            "record",
            "record_link",
            "record_search",
        ]


def test_a_setting_does_not_survive_its_transaction(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        count = "SELECT count(*) FROM record"
        connection.execute("SELECT set_config('lingji.role', 'auditor', true)")
        assert connection.execute(count).fetchone() == (10,)
        connection.commit()
        assert connection.execute(count).fetchone() == (0,)
        # Control: a setting of the session stays, and the next user of the connection has it.
        connection.execute("SELECT set_config('lingji.role', 'auditor', false)")
        connection.commit()
        assert connection.execute(count).fetchone() == (10,)


def test_an_auditor_changes_nothing(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        connection.execute("SELECT set_config('lingji.role', 'auditor', true)")
        changed = connection.execute("UPDATE private_value SET sealed = NULL, key_id = NULL")
        assert changed.rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute(
                "INSERT INTO record (leaf_index, record_id, kind, leaf) VALUES (99, 'x', 'y', '')"
            )


def test_a_role_that_row_security_does_not_bind_is_refused(postgres: Postgres) -> None:
    name = postgres.new_database().rsplit("/", 1)[1]
    with pytest.raises(RecordsError, match=r"got a superuser.*CREATE ROLE lingji"):
        RecordLog.open(postgres.address("admin", name))
