"""indexes that a city of many years needs: what was said and answered lately, what is
to be sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_message_created_at", "message", ["created_at"])
    op.create_index("ix_reply_created_at", "reply", ["created_at"])
    unsent = sa.text("sent_at IS NULL")
    op.create_index(
        "ix_notification_unsent",
        "notification",
        ["id"],
        sqlite_where=unsent,
        postgresql_where=unsent,
    )
    # half of all tasks share a state: SQLite took it before the few tasks of a case
    op.drop_index("ix_assignment_status", "assignment")
