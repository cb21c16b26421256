"""files of any kind: what they are, how they are called, their pages, why they wait"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("name", "kind", "code"):
        op.add_column("attachment", sa.Column(name, sa.String(), nullable=True))
    op.add_column("attachment", sa.Column("pages", sa.Integer(), nullable=True))
    op.add_column(
        "attachment",
        sa.Column("previews", sa.JSON(), nullable=False, server_default="[]"),
    )
    # what was never asked for may still be there
    op.execute(
        "UPDATE attachment SET status = 'waiting', attempts = 0, reason = NULL,"
        " next_try_at = NULL"
        " WHERE status = 'refused' AND reason LIKE 'files of type %'"
    )
    op.execute("UPDATE attachment SET code = 'not_kept' WHERE status = 'refused'")


def downgrade() -> None:
    for name in ("previews", "pages", "code", "kind", "name"):
        op.drop_column("attachment", name)
