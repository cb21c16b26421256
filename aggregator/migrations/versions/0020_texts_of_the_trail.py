"""a text in the trail is sealed by a salted digest, and can be erased"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_REFUSED = "audit entries are never changed"
_STAY = (
    "id",
    "at",
    "actor",
    "person_id",
    "action",
    "subject",
    "subject_id",
    "case_id",
    "proof",
)


def upgrade() -> None:
    op.add_column(
        "audit_entry",
        sa.Column("salts", sa.JSON(), nullable=False, server_default="{}"),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    differs = "IS DISTINCT FROM" if postgresql else "IS NOT"
    other = " OR ".join(f"old.{name} {differs} new.{name}" for name in _STAY)
    salts = "old.salts::text" if postgresql else "old.salts"
    other += f" OR {salts} = '{{}}'"
    if postgresql:
        op.execute(
            "CREATE FUNCTION audit_text_may_go() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$BEGIN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION '{_REFUSED}'; END IF; "
            f"IF {other} THEN RAISE EXCEPTION '{_REFUSED}'; END IF; RETURN new; END$$"
        )
        op.execute("DROP TRIGGER audit_entry_stays ON audit_entry")
        op.execute(
            "CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry "
            "FOR EACH ROW EXECUTE FUNCTION audit_text_may_go()"
        )
        return
    op.execute("DROP TRIGGER audit_entry_update")
    op.execute(
        "CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry "
        f"WHEN {other} BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )
