"""owners and clocks: what a case is about, deadlines, escalation, duty"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _when(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, Utc(timezone=True), nullable=nullable)


def _ref(name: str, table: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.String() if table == "agency" else sa.Integer()
    target = "agency.code" if table == "agency" else f"{table}.id"
    return sa.Column(name, kind, sa.ForeignKey(target), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _table(
    name: str, *columns: sa.Column[object], indexes: tuple[str, ...] = ()
) -> None:
    op.create_table(name, sa.Column("id", sa.Integer(), primary_key=True), *columns)
    for column in indexes:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def upgrade() -> None:
    _case()
    with op.batch_alter_table("assignment") as table:
        table.add_column(_text("status", nullable=True))
        for name in ("acknowledged_at", "done_at"):
            table.add_column(_when(name))
        table.add_column(sa.Column("done_by", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_assignment_done_by", "person", ["done_by"], ["id"])
        table.add_column(_text("waived_reason", nullable=True))
    op.execute("UPDATE assignment SET status = 'open'")
    with op.batch_alter_table("assignment") as table:
        table.alter_column("status", existing_type=sa.String(), nullable=False)
        table.create_index(op.f("ix_assignment_status"), ["status"])
    with op.batch_alter_table("person") as table:
        table.add_column(
            sa.Column("speaks", sa.JSON(), nullable=False, server_default="[]")
        )
        table.add_column(_text("position", nullable=True))
        table.add_column(_text("telegram", nullable=True))
        table.create_index(op.f("ix_person_position"), ["position"])
    _clocks()
    _duty()


def _case() -> None:
    with op.batch_alter_table("case") as table:
        for name in (
            "klass",
            "kind",
            "language",
            "authority",
            "ward",
            "sop_type",
            "waiting",
            "outcome",
        ):
            table.add_column(_text(name, nullable=True))
        table.add_column(
            sa.Column("kinds", sa.JSON(), nullable=False, server_default="[]")
        )
        table.add_column(
            sa.Column("understood", sa.JSON(), nullable=False, server_default="{}")
        )
        for name in ("urgent", "confirmed", "late"):
            table.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
        for name in ("first_response_at", "last_answer_at", "next_due_at"):
            table.add_column(_when(name))
        for name in ("klass", "kind", "urgent", "ward", "next_due_at", "late"):
            table.create_index(op.f(f"ix_case_{name}"), [name])


def _clocks() -> None:
    _table(
        "case_pause",
        _ref("case_id", "case"),
        _text("reason"),
        _when("started_at", nullable=False),
        _when("ended_at"),
        sa.Column("recheck", sa.Date(), nullable=True),
        _ref("person_id", "person", nullable=True),
        indexes=("case_id",),
    )
    _table(
        "escalation",
        sa.Column("key", sa.String(), nullable=False, unique=True),
        _ref("case_id", "case"),
        _text("agency_code"),
        _text("role"),
        _text("step"),
        _when("late_since", nullable=False),
        _when("told_at", nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        indexes=("case_id",),
    )
    _table(
        "notification",
        _ref("person_id", "person"),
        _text("kind"),
        _ref("case_id", "case", nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        _when("created_at", nullable=False),
        _when("read_at"),
        _text("via"),
        _when("sent_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _when("next_try_at"),
        _text("error", nullable=True),
        indexes=("person_id",),
    )
    _table(
        "correction",
        _ref("case_id", "case"),
        _text("field"),
        _text("before", nullable=True),
        _text("after", nullable=True),
        _ref("person_id", "person"),
        _when("at", nullable=False),
        indexes=("case_id",),
    )
    _table(
        "reminder",
        _ref("case_id", "case"),
        _ref("reply_id", "reply", nullable=True),
        _ref("person_id", "person"),
        sa.Column("due_on", sa.Date(), nullable=False),
        _text("words"),
        _text("state"),
        _when("told_at"),
        _when("created_at", nullable=False),
        indexes=("case_id", "person_id", "state"),
    )


def _duty() -> None:
    _table(
        "shift",
        _ref("agency_code", "agency"),
        _ref("person_id", "person"),
        _when("starts_at", nullable=False),
        _when("ends_at", nullable=False),
        indexes=("agency_code", "person_id"),
    )
    _table(
        "absence",
        _ref("person_id", "person"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        _ref("deputy_id", "person", nullable=True),
        indexes=("person_id",),
    )
    _table(
        "bounce",
        _ref("case_id", "case"),
        _text("kind", nullable=True),
        _ref("agency_code", "agency"),
        _text("to_agency", nullable=True),
        _text("reason"),
        _ref("person_id", "person", nullable=True),
        _when("at", nullable=False),
        indexes=("case_id", "agency_code"),
    )
    _table(
        "handover",
        _ref("agency_code", "agency"),
        _ref("person_id", "person"),
        _text("text"),
        sa.Column("state", sa.JSON(), nullable=False),
        _when("created_at", nullable=False),
        indexes=("agency_code",),
    )
