"""one index that lists and counts open cases without their rows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('new', 'answered')")


def upgrade() -> None:
    op.create_index(
        "ix_case_open_list",
        "case",
        [
            "urgent",
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
    op.drop_index("ix_case_open_priority", "case")
    # most cases are closed: SQLite would choose this one and sort them all
    op.drop_index("ix_case_status", "case")
