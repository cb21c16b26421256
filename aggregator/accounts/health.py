"""How the accounts are: what they read, what is missing, what it costs, when a login
ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from aggregator.accounts import ledger, registry, renewals, spending
from aggregator.store import options
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Gap, Stream
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.intake import RawEvent


@dataclass(frozen=True, slots=True)
class Health:
    """`days_left` of the login; `silence` once alarming; `money` in US dollars, this
    month. `set_aside`: what could not be read; `automatic`: what programs wrote;
    `history`: what is of before the account was read."""

    account: Account
    streams: list[Stream]
    gaps: list[Gap]
    set_aside: int
    automatic: int
    history: int
    reads_today: int
    money: float
    days_left: int | None
    silence: timedelta | None

    @property
    def warns(self) -> bool:
        ends_soon = self.days_left is not None and self.days_left <= max(
            renewals.WARN_DAYS
        )
        return (
            ends_soon
            or self.silence is not None
            or self.set_aside > 0
            or bool(self.troubles)
        )

    @property
    def troubles(self) -> list[Gap]:
        """Lists of the account that cannot be read now, while others can."""
        return [
            gap for gap in self.gaps if gap.ended_at is None and gap.stream != "main"
        ]


def of_accounts(
    database: Database, now: datetime, agency: str | None = None
) -> list[Health]:
    """Of every account, or those of an agency: what needs somebody first."""
    found = [
        _one(database, now, account)
        for account in registry.list_all(database)
        if agency in (None, account.agency_code)
    ]
    return sorted(found, key=_urgency)


def _urgency(health: Health) -> tuple[bool, bool, bool]:
    account = health.account
    return account.status != "needs_login", not account.failures, not health.warns


def _one(database: Database, now: datetime, account: Account) -> Health:
    account_id, today = account.id, now.date()
    with database.reading() as session:
        streams = ledger.streams_of(session, account_id)
        gaps = ledger.gaps_of(session, account_id, limit=5)
        aside = ledger.set_aside(session, account_id)
        automatic = ledger.automatic(session, account_id)
        history = ledger.history(session, account_id)
        alarming = timedelta(hours=options.number(session, options.SILENT_HOURS))
    return Health(
        account,
        streams,
        gaps,
        aside,
        automatic,
        history,
        reads_today=spending.usage(database, account_id, today).reads,
        money=spending.money_since(database, account_id, today.replace(day=1)),
        days_left=renewals.days_left(now, account),
        silence=ledger.silent_for(now, account, alarming),
    )


def counts(database: Database) -> dict[str, int]:
    """Counts only: who watches from outside learns no account and no resident."""
    with database.reading() as session:
        events = session.exec(
            select(RawEvent.status, func.count())
            .where(col(RawEvent.status).in_(("new", "failed")))
            .group_by(RawEvent.status)
        )
        waiting = dict(events.all())
        accounts = session.exec(
            select(Account.status, func.count()).group_by(Account.status)
        )
        states = dict(accounts.all())
        failing = session.exec(
            select(func.count()).where(col(Account.failures) > 0)
        ).one()
        unknown = session.exec(
            select(func.count()).where(Reply.state == "unknown")
        ).one()
    return {
        "accounts_active": states.get("active", 0),
        "accounts_needing_login": states.get("needs_login", 0),
        "accounts_failing": failing,
        "raw_events_waiting": waiting.get("new", 0),
        "raw_events_failed": waiting.get("failed", 0),
        "replies_unknown": unknown,
    }
