"""how an answer ends its case; help asked of other offices"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reply", sa.Column("outcome", sa.String(), nullable=True))
    op.add_column("reply", sa.Column("waives", sa.String(), nullable=True))
    op.create_table(
        "help_request",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column(
            "agency_code", sa.String(), sa.ForeignKey("agency.code"), nullable=True
        ),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column(
            "person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False
        ),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("used_by", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
    )
    op.create_index("ix_help_request_case_id", "help_request", ["case_id"])
