"""the public sentence beside a private answer names it in a column, not in its key"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_SUFFIX = "-open"


def upgrade() -> None:
    # written out: Alembic would copy the whole table on SQLite
    op.execute("ALTER TABLE reply ADD COLUMN beside_id INTEGER REFERENCES reply (id)")
    op.execute(
        f"""
        UPDATE reply SET beside_id = (
            SELECT private.id FROM reply AS private
            WHERE private.key = substr(reply.key, 1, length(reply.key) - {len(_SUFFIX)})
        )
        WHERE key LIKE '%{_SUFFIX}'
        """
    )


def downgrade() -> None:
    with op.batch_alter_table("reply") as table:
        table.drop_column("beside_id")
