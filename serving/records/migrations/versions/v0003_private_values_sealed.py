"""Private values are sealed: those that stand in clear move to a new table, and the old one goes.

A table that is dropped leaves nothing behind: SQLite overwrites its pages (secure_delete), and
PostgreSQL removes its file. A column that is dropped would leave its values in the rows.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_AT_ONCE = 500
_ROLE = "current_setting('lingji.role', true)"
_DEPARTMENT = (
    f"({_ROLE} = 'department' AND department = current_setting('lingji.department', true))"
)
_SEES_ALL = f"{_ROLE} IN ('service', 'auditor', 'keeper')"
_SERVICE = f"{_ROLE} = 'service'"


def upgrade() -> None:
    """Make the register of keys and the new table, and seal what is there."""
    op.create_table(
        "private_key",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("retired_at", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_private_key"),
        sa.UniqueConstraint("key_id", name="uq_private_key_key_id"),
    )
    op.create_table(
        "sealed_value",
        sa.Column("leaf_index", _NUMBER, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("department", sa.Text),
        sa.Column("key_id", sa.Text),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("erased_at", sa.Text),
        sa.PrimaryKeyConstraint("leaf_index", "name", name="pk_sealed_value"),
        sa.ForeignKeyConstraint(
            ["leaf_index"], ["record.leaf_index"], name="fk_private_value_leaf_index"
        ),
        sa.ForeignKeyConstraint(["key_id"], ["private_key.key_id"], name="fk_private_value_key_id"),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    _seal()
    op.drop_table("private_value")
    op.rename_table("sealed_value", "private_value")
    if postgresql:
        op.execute("ALTER INDEX pk_sealed_value RENAME TO pk_private_value")
        _policies()


def downgrade() -> None:
    """Refuse: what is sealed stays so."""
    raise NotImplementedError("there is no way back: private values stay sealed")


def _seal() -> None:
    """Copy the values, sealed, some at a time."""
    connection = op.get_bind()
    last: tuple[int, str] = (-1, "")
    columns = "leaf_index, name, department, key_id, sealed, erased_at"
    insert = sa.text(
        f"INSERT INTO sealed_value ({columns}) VALUES "  # noqa: S608 - fixed names
        "(:leaf_index, :name, :department, :key_id, :sealed, :erased_at)"
    )
    query = sa.text(
        "SELECT v.leaf_index, v.name, v.department, v.salt, v.value, v.erased_at, r.record_id "
        "FROM private_value v JOIN record r ON r.leaf_index = v.leaf_index "
        "WHERE v.leaf_index > :index OR (v.leaf_index = :index AND v.name > :name) "
        "ORDER BY v.leaf_index, v.name LIMIT :most"
    )
    while True:
        found = connection.execute(query, {"index": last[0], "name": last[1], "most": _AT_ONCE})
        rows = found.all()
        if not rows:
            return
        last = rows[-1].leaf_index, rows[-1].name
        connection.execute(insert, [_sealed(connection, row) for row in rows])


def _sealed(connection: sa.Connection, row: Any) -> dict[str, Any]:
    key_id, sealed = None, None
    if row.salt is not None and row.value is not None:
        seal = context.config.attributes["seal"]
        key_id, sealed = seal(connection, row.record_id, row.name, row.salt, row.value)
    return {
        "leaf_index": row.leaf_index,
        "name": row.name,
        "department": row.department,
        "key_id": key_id,
        "sealed": sealed,
        "erased_at": row.erased_at,
    }


def _policies() -> None:
    op.execute("ALTER TABLE private_value ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE private_value FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY written ON private_value FOR INSERT WITH CHECK ({_SERVICE})")
    op.execute(
        f"CREATE POLICY seen ON private_value FOR SELECT USING ({_SEES_ALL} OR {_DEPARTMENT})"
    )
    op.execute(
        f"CREATE POLICY erased ON private_value FOR UPDATE USING ({_SERVICE}) "
        f"WITH CHECK ({_SERVICE} AND sealed IS NULL)"
    )
    op.execute(
        f"CREATE POLICY resealed ON private_value FOR UPDATE USING ({_ROLE} = 'keeper') "
        f"WITH CHECK ({_ROLE} = 'keeper' AND sealed IS NOT NULL)"
    )
    op.execute("DROP POLICY seen ON record")
    op.execute(f"CREATE POLICY seen ON record FOR SELECT USING ({_SEES_ALL} OR {_DEPARTMENT})")
