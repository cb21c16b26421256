"""indexes the queue is read by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('new', 'answered')")
_UNREAD = sa.text("read_at IS NULL")


def upgrade() -> None:
    for name, column in (("due", "next_due_at"), ("opened", "opened_at")):
        op.create_index(
            f"ix_case_open_{name}",
            "case",
            [column, "id"],
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        )
    op.create_index(
        "ix_assignment_queue",
        "assignment",
        ["agency_code", "status", "role", "case_id"],
    )
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["person_id"],
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    )
