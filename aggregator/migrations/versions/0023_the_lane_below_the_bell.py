"""what may be an emergency waits for a look; when 112 was told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('new', 'answered')")


def upgrade() -> None:
    op.add_column(
        "case",
        sa.Column(
            "maybe_urgent", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )
    op.add_column("case", sa.Column("told_112_at", Utc(), nullable=True))
    op.create_index("ix_case_maybe_urgent", "case", ["maybe_urgent"])
    # the order of the queue asks for it: all that its list sorts by is in here
    op.drop_index("ix_case_open_list", "case")
    op.create_index(
        "ix_case_open_list",
        "case",
        [
            "urgent",
            "maybe_urgent",
            "late",
            "next_due_at",
            "reporters",
            "opened_at",
            "waiting",
            "claimed_by",
            "claim_expires_at",
            "status",
            "id",
        ],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
