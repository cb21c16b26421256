"""an index for the order of the queue"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('new', 'answered')")


def upgrade() -> None:
    op.create_index(
        "ix_case_open_priority",
        "case",
        ["urgent", "late", "reporters", "next_due_at", "id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
