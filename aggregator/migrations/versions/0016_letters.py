"""letters: answers are found by their ids alone, automatic mail can be admitted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_message_native", "message", ["channel", "native_id"])
    op.add_column(
        "raw_event",
        sa.Column("admitted", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("raw_event", "admitted")
    op.drop_index("ix_message_native", "message")
