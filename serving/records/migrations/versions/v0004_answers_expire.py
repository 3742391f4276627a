"""Answers that are kept to be repeated get an age, so that their bytes can go; their keys stay.

The age of those that are there begins now. Digests of what was asked are sealed.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ROLE = "current_setting('lingji.role', true)"


def upgrade() -> None:
    """Add the time of the answer, and let its bytes and the digest of the question be absent."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    with op.batch_alter_table("answer") as table:
        table.add_column(sa.Column("answered_at", sa.Text, nullable=False, server_default=now))
        table.add_column(sa.Column("key_id", sa.Text))
        table.alter_column("answer", existing_type=sa.LargeBinary, nullable=True)
        table.alter_column("body_digest", existing_type=sa.LargeBinary, nullable=True)
    with op.batch_alter_table("answer") as table:
        table.alter_column("answered_at", existing_type=sa.Text, server_default=None)
        table.create_foreign_key("fk_answer_key_id", "private_key", ["key_id"], ["key_id"])
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:  # until now nobody might change an answer
        op.execute(
            f"CREATE POLICY sealing ON answer FOR UPDATE USING ({_ROLE} = 'service') "
            f"WITH CHECK ({_ROLE} = 'service')"
        )
    _seal()
    op.create_index("ix_answer_first_leaf", "answer", ["first_leaf"])
    kept = sa.text("answer IS NOT NULL")
    op.create_index(
        "ix_answer_kept", "answer", ["answered_at"], sqlite_where=kept, postgresql_where=kept
    )
    if postgresql:
        op.execute("DROP POLICY sealing ON answer")
        op.execute(
            f"CREATE POLICY expired ON answer FOR UPDATE USING ({_ROLE} = 'service') "
            f"WITH CHECK ({_ROLE} = 'service' AND answer IS NULL)"
        )
        op.execute(f"CREATE POLICY kept ON answer FOR SELECT USING ({_ROLE} = 'keeper')")
        op.execute(
            f"CREATE POLICY resealed ON answer FOR UPDATE USING ({_ROLE} = 'keeper') "
            f"WITH CHECK ({_ROLE} = 'keeper' AND answer IS NOT NULL)"
        )


def _seal() -> None:
    """Seal the digests that are there, some at a time."""
    connection = op.get_bind()
    query = sa.text(
        "SELECT a.scope, a.key, a.body_digest, r.record_id "
        "FROM answer a JOIN record r ON r.leaf_index = a.first_leaf "
        "WHERE a.key_id IS NULL LIMIT 500"
    )
    update = sa.text(
        "UPDATE answer SET key_id = :key_id, body_digest = :sealed "
        "WHERE scope = :scope AND key = :key"
    )
    while rows := connection.execute(query).all():
        seal = context.config.attributes["seal_digest"]
        for row in rows:
            key_id, sealed = seal(connection, row.record_id, row.body_digest)
            names = {"scope": row.scope, "key": row.key, "key_id": key_id, "sealed": sealed}
            connection.execute(update, names)


def downgrade() -> None:
    """Refuse: an answer that has gone does not come back."""
    raise NotImplementedError("there is no way back: answers that have gone stay gone")
