"""What records are found by: who did them, with which model, about which other records.

Row security holds for the new tables as for the records themselves. What is in the log already is
read once; no record is touched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from serving.records.search_terms import SearchTerms

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_ROLE = "current_setting('lingji.role', true)"
_DEPARTMENT = (
    f"({_ROLE} = 'department' AND department = current_setting('lingji.department', true))"
)
_PIECE = 1_000


def upgrade() -> None:
    """Make the tables and the indexes, and fill them from the leaves."""
    search = op.create_table(
        "record_search",
        sa.Column("leaf_index", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("department", sa.Text),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("model_version", sa.Text),
        sa.PrimaryKeyConstraint("leaf_index", name="pk_record_search"),
        sa.ForeignKeyConstraint(
            ["leaf_index"], ["record.leaf_index"], name="fk_record_search_leaf_index"
        ),
    )
    link = op.create_table(
        "record_link",
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("leaf_index", _NUMBER, nullable=False),
        sa.Column("department", sa.Text),
        sa.PrimaryKeyConstraint("about", "leaf_index", name="pk_record_link"),
        sa.ForeignKeyConstraint(
            ["leaf_index"], ["record.leaf_index"], name="fk_record_link_leaf_index"
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("record_search", "record_link"):
            _secure(table)
    _fill(search, link)
    op.create_index("ix_record_search_actor", "record_search", ["actor", "leaf_index"])
    op.create_index(
        "ix_record_search_model_version", "record_search", ["model_version", "leaf_index"]
    )
    op.create_index("ix_record_kind", "record", ["kind", "leaf_index"])


def downgrade() -> None:
    """Refuse, as for the log itself."""
    raise NotImplementedError("there is no way back from a record log: records are kept")


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY written ON {table} FOR INSERT WITH CHECK ({_ROLE} = 'service')")
    op.execute(
        f"CREATE POLICY seen ON {table} FOR SELECT "
        f"USING ({_ROLE} IN ('service', 'auditor') OR {_DEPARTMENT})"
    )


def _fill(search: sa.Table, link: sa.Table) -> None:
    record = sa.table("record", sa.column("leaf_index"), sa.column("department"), sa.column("leaf"))
    connection, after = op.get_bind(), -1
    while True:
        some = connection.execute(
            sa.select(record)
            .where(record.c.leaf_index > after)
            .order_by(record.c.leaf_index)
            .limit(_PIECE)
        ).all()
        if not some:
            return
        after = some[-1].leaf_index
        terms = [(SearchTerms.of(_read(row.leaf)), row) for row in some]
        places = [{"leaf_index": row.leaf_index, "department": row.department} for row in some]
        connection.execute(
            sa.insert(search),
            [found.row() | place for (found, _), place in zip(terms, places, strict=True)],
        )
        links = [
            each | place
            for (found, _), place in zip(terms, places, strict=True)
            for each in found.links()
        ]
        if links:
            connection.execute(sa.insert(link), links)


def _read(leaf: bytes) -> Mapping[str, Any]:
    """A leaf; of one that is damaged, nothing: the log says so elsewhere."""
    try:
        found = json.loads(leaf)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
