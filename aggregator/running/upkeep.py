"""Keeping the database: its schema, agencies from config, idle claims."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import Session, col, select

from aggregator import PlainError
from aggregator.city.catalog import Catalog
from aggregator.people import holds
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.city import Agency


class UpkeepError(PlainError):
    """The database is not in the state a command needs; the message says what to do."""


def _alembic(database: Database | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "aggregator:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["database"] = database
    return config


def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str]:
    """Bring the schema up to date; the revision before and after."""
    before = current(database)
    command.upgrade(_alembic(database), revision)
    return before, current(database) or ""


def current(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str:
    """The revision that this program needs; its files are read once."""
    return ScriptDirectory.from_config(_alembic()).get_current_head() or ""


def require_current(database: Database) -> None:
    """UpkeepError unless the schema is the program's."""
    found, wanted = current(database), newest()
    if found != wanted:
        raise UpkeepError(
            f"the database is at revision {found or 'none'}, this program needs"
            f" {wanted}; run `sahut db upgrade`"
        )


def sync_agencies(database: Database, catalog: Catalog) -> int:
    """Mirror config/agencies.yaml into the database; how many rows changed."""
    changed = 0
    with database.writing() as session:
        rows = {row.code: row for row in session.exec(select(Agency))}
        for agency in sorted(
            catalog.agencies.values(), key=lambda entry: entry.parent or ""
        ):
            changed += _sync_one(
                session, rows, agency.code, agency.name.id, agency.kind
            )
        session.flush()
        for agency in catalog.agencies.values():
            row = rows[agency.code]
            if row.parent_code != agency.parent:
                row.parent_code, changed = agency.parent, changed + 1
        for code in rows.keys() - catalog.agencies.keys():
            if rows[code].active:
                rows[code].active, changed = False, changed + 1
    return changed


def _sync_one(
    session: Session, rows: dict[str, Agency], code: str, name: str, kind: str
) -> bool:
    row = rows.get(code)
    if row is None:
        rows[code] = Agency(code=code, name=name, kind=kind)
        session.add(rows[code])
        return True
    same = (row.name, row.kind, row.active) == (name, kind, True)
    row.name, row.kind, row.active = name, kind, True
    return not same


def release_idle_claims(database: Database, now: datetime) -> int:
    """Give claims nobody has used back to the queue; how many."""
    with database.writing() as session:
        idle = list(
            session.exec(
                select(Case)
                # `> 0`, not IS NOT NULL: SQLite would read every case, holding up who
                # writes
                .where(col(Case.claimed_by) > 0, col(Case.claim_expires_at) < now)
                .with_for_update()
            )
        )
        for case in idle:
            holds.give_back(session, SYSTEM, case, "claim_expired")
        return len(idle)


def silent_accounts(database: Database, since: datetime) -> list[Account]:
    """Polled accounts without a good poll since then: platforms drop what waits too
    long."""
    with database.reading() as session:
        return list(
            session.exec(
                select(Account).where(
                    Account.status == "active",
                    col(Account.next_poll_at).is_not(None),
                    col(Account.created_at) < since,
                    (col(Account.last_good_poll_at).is_(None))
                    | (col(Account.last_good_poll_at) < since),
                )
            )
        )
