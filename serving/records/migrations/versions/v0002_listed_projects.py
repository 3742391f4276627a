"""The list of projects: what is derived from scores so that lists can filter and sort them.

Row security holds for it as for records. It is filled by those who read it, so that an old log
needs no time here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_ROLE = "current_setting('lingji.role', true)"
_DEPARTMENT = (
    f"({_ROLE} = 'department' AND department = current_setting('lingji.department', true))"
)
_SEES_ALL = f"{_ROLE} IN ('service', 'auditor')"
_SERVICE = f"{_ROLE} = 'service'"


def upgrade() -> None:
    """Make the list, empty, and the number of records that are in it."""
    op.create_table(
        "listed_project",
        sa.Column("leaf_index", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("department", sa.Text),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("newest", sa.Integer, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("grade", sa.Text),
        sa.Column("position", sa.Text),
        sa.Column("rank_score", sa.Double, nullable=False),
        sa.Column("excess", sa.Double, nullable=False),
        sa.Column("risk", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_listed_project"),
        sa.ForeignKeyConstraint(
            ["leaf_index"], ["record.leaf_index"], name="fk_listed_project_leaf_index"
        ),
    )
    for name, columns in {
        "project_id": ["project_id", "year"],
        "department": ["department", "newest", "rank_score", "leaf_index"],
        "newest": ["newest", "rank_score", "leaf_index"],
    }.items():
        op.create_index(f"ix_listed_project_{name}", "listed_project", columns)
    listed_to = op.create_table(
        "listed_to",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("size", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_listed_to"),
        sa.CheckConstraint("number = 1", name=op.f("ck_listed_to_one_row")),
    )
    op.bulk_insert(listed_to, [{"number": 1, "size": 0}])
    if op.get_bind().dialect.name == "postgresql":
        _policies()


def downgrade() -> None:
    """Refuse: records are kept."""
    raise NotImplementedError("there is no way back from a record log: records are kept")


def _policies() -> None:
    op.execute("ALTER TABLE listed_project ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE listed_project FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY written ON listed_project FOR INSERT WITH CHECK ({_SERVICE})")
    op.execute(
        f"CREATE POLICY replaced ON listed_project FOR UPDATE USING ({_SERVICE}) "
        f"WITH CHECK ({_SERVICE})"
    )
    op.execute(
        f"CREATE POLICY seen ON listed_project FOR SELECT USING ({_SEES_ALL} OR {_DEPARTMENT})"
    )
