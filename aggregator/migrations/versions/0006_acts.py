"""the acts around one problem: one answer to all, incidents, pictures that were seen
before"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _when(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, Utc(timezone=True), nullable=nullable)


def _ref(
    name: str, table: str, *, nullable: bool = False, key: bool = False
) -> sa.Column[object]:
    target = sa.ForeignKey(f"{table}.id")
    return sa.Column(name, sa.Integer(), target, nullable=nullable, primary_key=key)


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("key"),
        _ref("case_id", "case"),
        _ref("person_id", "person"),
        _text("text"),
        _when("created_at", nullable=False),
        sa.UniqueConstraint("key"),
    )
    _index("notice", "case_id")
    op.create_table(
        "notice_recipient",
        sa.Column("id", sa.Integer(), primary_key=True),
        _ref("notice_id", "notice"),
        _ref("message_id", "message"),
        _ref("reply_id", "reply", nullable=True),
        _text("left_out", nullable=True),
        sa.UniqueConstraint("notice_id", "message_id"),
    )
    _index("notice_recipient", "notice_id", "reply_id")
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("kind"),
        _text("spot"),
        _text("place"),
        _text("state"),
        _when("first_at", nullable=False),
        _when("proposed_at", nullable=False),
        _ref("owner_id", "person", nullable=True),
        _text("statement", nullable=True),
        _when("next_update_at"),
        _when("confirmed_at"),
        _when("ended_at"),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _index("incident", "kind", "state", "next_update_at")
    op.create_table(
        "incident_case",
        _ref("incident_id", "incident", key=True),
        _ref("case_id", "case", key=True),
        _when("added_at", nullable=False),
        _ref("added_by", "person", nullable=True),
    )
    _index("incident_case", "case_id")
    _pictures()


def _pictures() -> None:
    with op.batch_alter_table("attachment") as table:
        table.add_column(_when("looked_at"))
        table.create_index(op.f("ix_attachment_looked_at"), ["looked_at"])
    op.create_table(
        "photo_hash",
        _ref("attachment_id", "attachment", key=True),
        _ref("message_id", "message"),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        _when("said_at", nullable=False),
    )
    _index("photo_hash", "message_id")
    op.create_table(
        "photo_band",
        sa.Column("band", sa.Integer(), primary_key=True, autoincrement=False),
        _ref("attachment_id", "attachment", key=True),
        sqlite_with_rowid=False,
    )
