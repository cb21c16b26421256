"""brakes on guessing count in the database, for every process and host"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brake",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("spoken_for", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_brake_spoken_for", "brake", ["spoken_for"])
