"""when the last days of an account are read once more"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("read_back_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("account", "read_back_at")
