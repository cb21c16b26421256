"""history: what was said before an account was read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("history_before", sa.DateTime(timezone=True)))
    op.add_column(
        "case",
        sa.Column("history", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
