"""The record log: records, private values, the tree, its head, checkpoints, answers given.

On PostgreSQL, row security decides by two settings of the transaction, `lingji.role` and
`lingji.department`, and holds for the tables' owner as well; without them nothing is seen. There is
no policy for changing or deleting a record, so that nobody does by mistake. On SQLite triggers
refuse it.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_NEVER_CHANGED = ("record", "tree_node", "checkpoint")
_ROLE = "current_setting('lingji.role', true)"
_DEPARTMENT = (
    f"({_ROLE} = 'department' AND department = current_setting('lingji.department', true))"
)
_SEES_ALL = f"{_ROLE} IN ('service', 'auditor')"
_SERVICE = f"{_ROLE} = 'service'"


def upgrade() -> None:
    """Make the tables, the head of an empty log, and what keeps both from being changed."""
    _tables()
    head = sa.table(
        "log_head",
        sa.column("number", sa.Integer),
        sa.column("size", sa.Integer),
        sa.column("root", sa.LargeBinary),
        sa.column("frontier", sa.LargeBinary),
    )
    empty = {"number": 1, "size": 0, "root": hashlib.sha256(b"").digest(), "frontier": b""}
    op.bulk_insert(head, [empty])
    if op.get_bind().dialect.name == "postgresql":
        _policies()
    else:
        _triggers()


def downgrade() -> None:
    """Refuse: records are kept."""
    raise NotImplementedError("there is no way back from a record log: records are kept")


def _tables() -> None:
    op.create_table(
        "record",
        sa.Column("leaf_index", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("project_id", sa.Text),
        sa.Column("department", sa.Text),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_record"),
        sa.UniqueConstraint("record_id", name="uq_record_record_id"),
    )
    op.create_index("ix_record_project_id", "record", ["project_id", "leaf_index"])
    op.create_index("ix_record_department", "record", ["department", "leaf_index"])
    op.create_table(
        "private_value",
        sa.Column("leaf_index", _NUMBER, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("department", sa.Text),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("value", sa.LargeBinary),
        sa.Column("erased_at", sa.Text),
        sa.PrimaryKeyConstraint("leaf_index", "name", name="pk_private_value"),
        sa.ForeignKeyConstraint(
            ["leaf_index"], ["record.leaf_index"], name="fk_private_value_leaf_index"
        ),
    )
    op.create_table(
        "tree_node",
        sa.Column("position", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_tree_node"),
    )
    op.create_table(
        "log_head",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("size", _NUMBER, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_log_head"),
        sa.CheckConstraint("number = 1", name=op.f("ck_log_head_one_row")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("size", _NUMBER, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", name="pk_checkpoint"),
    )
    op.create_table(
        "answer",
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body_digest", sa.LargeBinary, nullable=False),
        sa.Column("first_leaf", _NUMBER, nullable=False),
        sa.Column("leaf_count", sa.Integer, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_answer"),
        sa.ForeignKeyConstraint(["first_leaf"], ["record.leaf_index"], name="fk_answer_first_leaf"),
    )


def _policies() -> None:
    for table in ("record", "private_value", "answer"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY written ON {table} FOR INSERT WITH CHECK ({_SERVICE})")
    for table in ("record", "private_value"):
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT USING ({_SEES_ALL} OR {_DEPARTMENT})")
    op.execute(f"CREATE POLICY seen ON answer FOR SELECT USING ({_SERVICE})")
    op.execute(
        f"CREATE POLICY erased ON private_value FOR UPDATE USING ({_SERVICE}) "
        f"WITH CHECK ({_SERVICE} AND salt IS NULL AND value IS NULL)"
    )


def _triggers() -> None:
    for table in _NEVER_CHANGED:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed or deleted'); END"
            )
