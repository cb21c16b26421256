"""indexes for the page of a case: its answers that arrived, what was before at its
spot"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reply_of_case", "reply", ["case_id", "state"])
    op.drop_index("ix_reply_case_id", "reply")
    op.create_index("ix_case_spot", "case", ["ward", "kind", "opened_at"])
    op.drop_index("ix_case_ward", "case")
    op.create_index("ix_case_place", "case", ["place", "opened_at"])
