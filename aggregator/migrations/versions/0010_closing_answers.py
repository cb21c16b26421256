"""an answer may close its case once it has arrived"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "reply",
        sa.Column("closes", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
