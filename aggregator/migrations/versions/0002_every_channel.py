"""every channel: ledgers, windows, renewals, deliveries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _when(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, Utc(timezone=True), nullable=nullable)


def upgrade() -> None:
    _new_tables()
    with op.batch_alter_table("account") as table:
        for name in ("renew_at", "renewing_until", "login_ends_at"):
            table.add_column(_when(name))
        table.add_column(sa.Column("warned_days", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("facts", sa.JSON(), nullable=False, server_default="{}")
        )
        table.create_index(op.f("ix_account_renew_at"), ["renew_at"])
    with op.batch_alter_table("usage") as table:
        table.add_column(
            sa.Column("money", sa.Float(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("raw_event") as table:
        table.add_column(_when("next_try_at"))
    with op.batch_alter_table("case") as table:
        table.add_column(
            sa.Column(
                "confidential", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
    with op.batch_alter_table("message") as table:
        table.add_column(_when("reply_until"))
    with op.batch_alter_table("reply") as table:
        table.add_column(
            sa.Column(
                "private", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
        table.add_column(
            sa.Column("files", sa.JSON(), nullable=False, server_default="[]")
        )
        table.add_column(sa.Column("delivery", sa.String(), nullable=True))


def _new_tables() -> None:
    op.create_table(
        "stream",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False
        ),
        sa.Column("name", sa.String(), nullable=False),
        _when("last_good_at"),
        _when("last_new_at"),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("remote_count", sa.Integer(), nullable=True),
        sa.Column("stored_count", sa.Integer(), nullable=True),
        _when("counted_since"),
        _when("counted_at"),
        sa.UniqueConstraint("account_id", "name"),
    )
    op.create_index(op.f("ix_stream_account_id"), "stream", ["account_id"])
    op.create_table(
        "gap",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False
        ),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _when("began_at", nullable=False),
        _when("ended_at"),
    )
    op.create_index(op.f("ix_gap_account_id"), "gap", ["account_id"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        _when("at", nullable=False),
        sa.UniqueConstraint("channel", "external_id", "state"),
    )
