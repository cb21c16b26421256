"""what a resident takes back is erased: from when on, and where it arrived"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TO_ERASE = sa.text("deleted_at IS NOT NULL AND erased_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "salt",
        sa.Column("purpose", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
    op.add_column("message", sa.Column("erased_at", Utc(), nullable=True))
    op.create_index(
        "ix_message_to_erase",
        "message",
        ["id"],
        sqlite_where=_TO_ERASE,
        postgresql_where=_TO_ERASE,
    )
    op.create_table(
        "message_event",
        sa.Column(
            "message_id", sa.Integer(), sa.ForeignKey("message.id"), primary_key=True
        ),
        sa.Column(
            "raw_event_id",
            sa.Integer(),
            sa.ForeignKey("raw_event.id"),
            primary_key=True,
        ),
    )
    op.create_index("ix_message_event_raw_event_id", "message_event", ["raw_event_id"])
