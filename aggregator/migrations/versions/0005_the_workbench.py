"""the workbench: search, saved views, drafts, answer library, presence, second factor,
push"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from aggregator.store.db import Utc

revision = "0005"
down_revision = "0004"
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


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _table(
    name: str, *columns: sa.schema.SchemaItem, indexes: tuple[str, ...] = ()
) -> None:
    op.create_table(name, sa.Column("id", sa.Integer(), primary_key=True), *columns)
    for column in indexes:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def upgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(_text("totp", nullable=True))
        table.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=True))
        table.add_column(
            sa.Column("recovery_codes", sa.JSON(), nullable=False, server_default="[]")
        )
        table.add_column(
            sa.Column("preferences", sa.JSON(), nullable=False, server_default="{}")
        )
    _answering()
    _looking()
    _people()
    _search()
    _only_added_to()


def _answering() -> None:
    _table(
        "draft",
        _ref("case_id", "case"),
        _ref("person_id", "person"),
        _ref("message_id", "message", nullable=True),
        _ref("account_id", "account", nullable=True),
        _text("text"),
        _flag("private"),
        _json("files"),
        _flag("shared"),
        _text("state"),
        _text("remark", nullable=True),
        _ref("decided_by", "person", nullable=True),
        _number("version"),
        _when("updated_at", nullable=False),
        sa.UniqueConstraint("case_id", "person_id"),
        indexes=("case_id", "state"),
    )
    _table(
        "library_entry",
        _text("sort"),
        _ref("agency_code", "agency", nullable=True),
        _text("title"),
        _json("texts"),
        _text("kind", nullable=True),
        _text("klass", nullable=True),
        _text("source", nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        _flag("archived"),
        _number("uses"),
        _number("version"),
        _ref("person_id", "person", nullable=True),
        _when("updated_at", nullable=False),
        indexes=("sort", "agency_code", "kind"),
    )


def _looking() -> None:
    _table(
        "saved_view",
        _ref("person_id", "person"),
        _text("name"),
        _text("query"),
        _ref("agency_code", "agency", nullable=True),
        _when("created_at", nullable=False),
        indexes=("person_id", "agency_code"),
    )
    op.create_table(
        "presence",
        sa.Column("case_id", sa.Integer(), sa.ForeignKey("case.id"), primary_key=True),
        sa.Column(
            "person_id", sa.Integer(), sa.ForeignKey("person.id"), primary_key=True
        ),
        _flag("writing"),
        _when("seen_at", nullable=False),
    )
    _table(
        "bulk_act",
        _ref("person_id", "person"),
        _text("act"),
        _text("query"),
        _json("before"),
        _when("at", nullable=False),
        _when("undone_at"),
        indexes=("person_id",),
    )


def _people() -> None:
    _table(
        "device",
        _ref("person_id", "person"),
        _text("token_hash"),
        _text("name"),
        _when("created_at", nullable=False),
        _when("last_seen_at", nullable=False),
        _when("expires_at", nullable=False),
        sa.UniqueConstraint("token_hash"),
        indexes=("person_id",),
    )
    _table(
        "push_subscription",
        _ref("person_id", "person"),
        _text("endpoint"),
        _text("p256dh"),
        _text("auth"),
        _when("created_at", nullable=False),
        _when("failed_at"),
        sa.UniqueConstraint("endpoint"),
        indexes=("person_id",),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.JSON(), nullable=False),
        _ref("person_id", "person", nullable=True),
        _when("changed_at", nullable=False),
    )


_WORDS = "coalesce({0}text, '') || ' ' || coalesce({0}place, '')"


def _search() -> None:
    """Full-text search of messages, kept by the database itself; deleted texts leave
    it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX ix_message_search ON message USING gin "
            f"(to_tsvector('simple', {_WORDS.format('')})) WHERE deleted_at IS NULL"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE message_search USING fts5"
        "(words, tokenize='unicode61 remove_diacritics 2')"
    )
    put = (
        "INSERT INTO message_search(rowid, words) SELECT new.id,"
        f" {_WORDS.format('new.')}"
    )
    op.execute(
        f"CREATE TRIGGER message_search_new AFTER INSERT ON message BEGIN {put} "
        "WHERE new.deleted_at IS NULL; END"
    )
    op.execute(
        "CREATE TRIGGER message_search_changed AFTER UPDATE OF text, place, deleted_at"
        f" ON message BEGIN DELETE FROM message_search WHERE rowid = old.id; {put}"
        " WHERE new.deleted_at IS NULL; END"
    )
    op.execute(
        "CREATE TRIGGER message_search_gone AFTER DELETE ON message "
        "BEGIN DELETE FROM message_search WHERE rowid = old.id; END"
    )
    op.execute(
        "INSERT INTO message_search(rowid, words) "
        f"SELECT id, {_WORDS.format('')} FROM message WHERE deleted_at IS NULL"
    )


def _only_added_to() -> None:
    """The audit trail refuses changes from whoever holds the database, the program
    included."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'audit entries are never changed'; END$$"
        )
        op.execute(
            "CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry "
            "FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_{act.lower()} BEFORE {act} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END"
        )
