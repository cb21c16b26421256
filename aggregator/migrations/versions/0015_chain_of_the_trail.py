"""a chain over the audit trail: a line that is changed, removed or put in is found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("proof", sa.String(), nullable=True))
    op.create_index("ix_audit_entry_proof", "audit_entry", ["proof"], unique=True)
    op.create_table(
        "audit_link",
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("entry_id", sa.Integer(), nullable=False, unique=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("linked_at", Utc(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_link_stays BEFORE UPDATE OR DELETE ON audit_link "
            "FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_link_{act.lower()} BEFORE {act} ON audit_link "
            "BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END"
        )
