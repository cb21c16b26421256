"""proofs of erasures that were asked for, and the register of breaches"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
    )
    op.create_table(
        "breach",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("known_at", Utc(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("measures", sa.String(), nullable=True),
        sa.Column("told_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
    )
