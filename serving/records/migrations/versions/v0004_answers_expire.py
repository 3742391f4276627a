"""Answers that are kept to be repeated get an age, so that their bytes can go; their keys stay.

The age of those that are there begins now.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

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
        table.alter_column("answer", existing_type=sa.LargeBinary, nullable=True)
        table.alter_column("body_digest", existing_type=sa.LargeBinary, nullable=True)
    with op.batch_alter_table("answer") as table:
        table.alter_column("answered_at", existing_type=sa.Text, server_default=None)
    op.create_index("ix_answer_first_leaf", "answer", ["first_leaf"])
    kept = sa.text("answer IS NOT NULL")
    op.create_index(
        "ix_answer_kept", "answer", ["answered_at"], sqlite_where=kept, postgresql_where=kept
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE POLICY expired ON answer FOR UPDATE USING ({_ROLE} = 'service') "
            f"WITH CHECK ({_ROLE} = 'service' AND answer IS NULL)"
        )


def downgrade() -> None:
    """Refuse: an answer that has gone does not come back."""
    raise NotImplementedError("there is no way back: answers that have gone stay gone")
