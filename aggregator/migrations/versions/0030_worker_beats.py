"""when each worker was last there, and steps of its clock"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "worker_beat",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("beaten_at", Utc(), nullable=False),
        sa.Column("stepped_at", Utc(), nullable=True),
        sa.Column("stepped_seconds", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("worker_beat")
