"""secret cases have readers by name; who holds one now goes on reading it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_STILL = sa.text("ended_at IS NULL")
_OPEN = sa.text("status IN ('new', 'answered')")
_LISTED = (
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
    "confidential",
    "id",
)
# Whose account a report came to, and who had it before it was secret, may be whom it
# is about. Everybody writes to the accounts of the city's desk; who leads by duty
# looks into it.
_BY_ACCOUNT = """
    INSERT INTO case_concern (case_id, agency_code, named_by, since)
    SELECT DISTINCT c.id, a.agency_code, 'account', CURRENT_TIMESTAMP
    FROM "case" c
    JOIN message m ON m.case_id = c.id
    JOIN message_account ma ON ma.message_id = m.id
    JOIN account a ON a.id = ma.account_id
    WHERE c.confidential AND a.agency_code <> 'diskominfo' AND NOT EXISTS (
        SELECT 1 FROM assignment t WHERE t.case_id = c.id
        AND t.agency_code = a.agency_code AND t.role = 'lead'
        AND t.reason NOT LIKE 'account:%'
    )
"""
_HOLDERS = """
    INSERT INTO case_reader
        (case_id, person_id, reason, given_by, glass, since, ended_at, ended_by)
    SELECT c.id, p.id, 'held', NULL,
        :no, CURRENT_TIMESTAMP, NULL, NULL
    FROM "case" c JOIN person p ON p.id = c.claimed_by
    WHERE c.confidential AND c.status <> 'closed' AND p.status = 'active'
    AND EXISTS (
        SELECT 1 FROM assignment t
        WHERE t.case_id = c.id AND t.agency_code = p.agency_code
        AND t.status <> 'bounced'
    ) AND NOT EXISTS (
        SELECT 1 FROM case_concern n
        WHERE n.case_id = c.id AND n.agency_code = p.agency_code
    )
"""


def upgrade() -> None:
    op.create_table(
        "case_reader",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("glass", sa.Boolean(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"]),
    )
    op.create_index("ix_case_reader_case_id", "case_reader", ["case_id"])
    op.create_index(
        "ix_case_reader_now",
        "case_reader",
        ["person_id", "case_id"],
        unique=True,
        sqlite_where=_STILL,
        postgresql_where=_STILL,
    )
    op.create_table(
        "case_concern",
        sa.Column("case_id", sa.Integer(), primary_key=True),
        sa.Column("agency_code", sa.String(), primary_key=True),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.ForeignKeyConstraint(["agency_code"], ["agency.code"]),
    )
    op.add_column(
        "person",
        sa.Column(
            "first_reader", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )
    op.drop_index("ix_case_open_list", "case")
    op.create_index(
        "ix_case_open_list",
        "case",
        list(_LISTED),
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.execute(_BY_ACCOUNT)
    op.get_bind().execute(sa.text(_HOLDERS), {"no": False})
