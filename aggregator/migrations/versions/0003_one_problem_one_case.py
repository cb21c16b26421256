"""one problem, one case: keys of texts, suggestions, links, recurrence"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _when(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, Utc(timezone=True), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("case") as table:
        table.add_column(
            sa.Column("reporters", sa.Integer(), nullable=False, server_default="1")
        )
        for name in ("joined_into", "recurrence_of"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
            table.create_foreign_key(f"fk_case_{name}", "case", [name], ["id"])
            table.create_index(op.f(f"ix_case_{name}"), [name])
        table.add_column(
            sa.Column("recurrence", sa.Integer(), nullable=False, server_default="0")
        )
        table.create_index(op.f("ix_case_reporters"), ["reporters"])
    op.create_index("ix_message_author", "message", ["channel", "author_id"])
    _texts()
    _decisions()


def _texts() -> None:
    op.create_table(
        "word_count",
        sa.Column("key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer(), nullable=False),
    )
    op.create_table(
        "word_key",
        sa.Column("key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column(
            "message_id", sa.Integer(), sa.ForeignKey("message.id"), primary_key=True
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message_traits",
        sa.Column(
            "message_id", sa.Integer(), sa.ForeignKey("message.id"), primary_key=True
        ),
        sa.Column("traits", sa.JSON(), nullable=False),
    )


def _decisions() -> None:
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("other_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        _when("created_at", nullable=False),
        _when("decided_at"),
        sa.Column(
            "decided_by", sa.Integer(), sa.ForeignKey("person.id"), nullable=True
        ),
        sa.UniqueConstraint("case_id", "other_id"),
    )
    for name in ("case_id", "other_id", "state"):
        op.create_index(op.f(f"ix_suggestion_{name}"), "suggestion", [name])
    op.create_table(
        "case_link",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("target_id", sa.Integer(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        _when("at", nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
        _when("undone_at"),
        sa.Column("undone_by", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
    )
    for name in ("source_id", "target_id"):
        op.create_index(op.f(f"ix_case_link_{name}"), "case_link", [name])
