"""The list of findings: what is derived from records so that lists can filter and sort them.

Row security holds for it as for records. It is filled by those who read it, so that an old log
needs no time here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_ROLE = "current_setting('lingji.role', true)"
_DEPARTMENT = (
    f"({_ROLE} = 'department' AND department = current_setting('lingji.department', true))"
)
_SERVICE = f"{_ROLE} = 'service'"


def upgrade() -> None:
    """Make the list, empty, and the number of records that are in it."""
    op.create_table(
        "listed_finding",
        sa.Column("leaf_index", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("department", sa.Text),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("region", sa.Text),
        sa.Column("finding", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("excess", sa.Double, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", "number", name="pk_listed_finding"),
        sa.ForeignKeyConstraint(
            ["leaf_index"], ["record.leaf_index"], name="fk_listed_finding_leaf_index"
        ),
    )
    for name, columns in {
        "project_id": ["project_id"],
        "department": ["department", "kind", "severity", "leaf_index", "number"],
        "kind": ["kind", "severity", "leaf_index", "number"],
        "code": ["kind", "code", "leaf_index"],
    }.items():
        op.create_index(f"ix_listed_finding_{name}", "listed_finding", columns)
    reached = op.create_table(
        "findings_listed_to",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("size", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_findings_listed_to"),
        sa.CheckConstraint("number = 1", name=op.f("ck_findings_listed_to_one_row")),
    )
    op.bulk_insert(reached, [{"number": 1, "size": 0}])
    if op.get_bind().dialect.name == "postgresql":
        _policies()


def downgrade() -> None:
    """Refuse: records are kept."""
    raise NotImplementedError("there is no way back from a record log: records are kept")


def _policies() -> None:
    op.execute("ALTER TABLE listed_finding ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE listed_finding FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY written ON listed_finding FOR INSERT WITH CHECK ({_SERVICE})")
    op.execute(f"CREATE POLICY replaced ON listed_finding FOR DELETE USING ({_SERVICE})")
    op.execute(
        "CREATE POLICY seen ON listed_finding FOR SELECT "
        f"USING ({_ROLE} IN ('service', 'auditor') OR {_DEPARTMENT})"
    )
