"""Polling one account: claim its row, fetch page by page, store each page, plan the
next poll.

The claim is a conditional UPDATE of the row that is also the schedule, so two workers
never poll one account at the same time. The lease outlasts every time-out of the HTTP
client; a worker that is killed loses its lease by time alone.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import col, select

import connectors
from aggregator.accounts import connections, ledger, renewals, spending
from aggregator.intake import ingest, reading_back
from aggregator.rules.time import schedule
from aggregator.store import discretion
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault, VaultError
from connectors.base import Polls, ReadsBack
from connectors.errors import ConnectorError, NeedsLogin, TryLater

LEASE = timedelta(minutes=2)
PAGES_A_TURN = 20
_SKEW = timedelta(minutes=1)
"""By so much the clocks of two workers may differ."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """`slow`: the last poll failed or took long, so it must not wait in line with the
    others."""

    account_id: int
    slow: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one poll. `more`: the platform has further pages, the next turn comes at once.

    `back`: the last days were read once more, too.
    `quiet`: the streams of pages that had nothing and left the place as it was;
    `troubles`: those that cannot be read now, with the code of why.
    """

    pages: int = 0
    seen: int = 0
    new: int = 0
    more: bool = False
    error: ConnectorError | None = None
    quiet: tuple[str, ...] = ()
    troubles: Mapping[str, str] = field(default_factory=dict)
    back: bool = False


def due(database: Database, now: datetime, limit: int = 200) -> list[Due]:
    """Accounts whose poll is due, longest waiting first."""
    with database.reading() as session:
        rows = session.exec(
            select(
                Account.id,
                Account.failures,
                Account.last_duration_ms,
                col(Account.last_poll_at) > now + _SKEW,
            )
            .where(*_may_be_polled(now))
            .order_by(col(Account.next_poll_at))
            .limit(limit)
        ).all()
        if early := sum(bool(row[3]) for row in rows):
            log.warning(
                "the clock was put back: %s accounts were last polled later than now;"
                " they are polled at once, check the time of this machine",
                early,
            )
        return [Due(row[0], row[1] > 0 or row[2] > 3000) for row in rows]


def _may_be_polled(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Due and held by nobody. A last poll that is still to come was before the clock
    was put back, and so were its next poll and its lease."""
    put_back = col(Account.last_poll_at) > now + _SKEW
    return (
        col(Account.status) == "active",
        or_(
            col(Account.next_poll_at) <= now,
            and_(col(Account.next_poll_at).is_not(None), put_back),
        ),
        or_(
            col(Account.leased_until).is_(None),
            col(Account.leased_until) < now,
            col(Account.leased_until) > now + LEASE + _SKEW,
        ),
    )


def make_due(database: Database, now: datetime, account_id: int) -> None:
    """Something is new: poll now, or once more where a poll is under way."""
    with database.writing(lasting=False) as session:
        session.execute(
            update(Account)
            .where(
                col(Account.id) == account_id,
                col(Account.status) == "active",
                or_(col(Account.next_poll_at) > now, col(Account.leased_until) > now),
            )
            .values(next_poll_at=now)
        )


def claim(
    database: Database, now: datetime, account_id: int, owner: str
) -> Account | None:
    """Take the account for one poll, or None because another worker has it."""
    with database.writing(lasting=False) as session:
        won = session.execute(
            update(Account)
            .where(col(Account.id) == account_id, *_may_be_polled(now))
            .values(
                leased_until=now + LEASE,
                lease_owner=owner,
                last_poll_at=now,
                next_poll_at=now,
            )
        )
        if won.rowcount != 1:  # type: ignore[attr-defined]
            return None
        return session.get_one(Account, account_id)


def poll(
    database: Database,
    vault: Vault,
    account: Account,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Poll a claimed account and give it back. A page that has begun is always
    finished."""
    started = clock()
    outcome = _poll(database, vault, account, clock, stopping)
    ends_early = account.renew_at is not None and account.renew_at > started
    renewable = ends_early and account.last_error_code != "renewed"
    if isinstance(outcome.error, NeedsLogin) and renewable:
        outcome = _after_renewal(database, vault, account, clock, outcome)
    _give_back(database, account.id, started, clock(), outcome)
    return outcome


def _poll(
    database: Database,
    vault: Vault,
    account: Account,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool],
) -> Outcome:
    budget = _budget_left(database, vault, account, clock())
    if isinstance(budget, ConnectorError):
        return Outcome(error=budget)
    try:
        account = renewals.fresh(database, vault, clock(), account)
    except ConnectorError as error:
        return Outcome(error=error)
    return _fetch(database, vault, account, budget, clock, stopping)


def _after_renewal(
    database: Database,
    vault: Vault,
    account: Account,
    clock: Callable[[], datetime],
    outcome: Outcome,
) -> Outcome:
    """Credentials may end before their time; a person is asked only when renewing fails
    too."""
    try:
        renewals.renew(database, vault, clock(), account.id)
    except ConnectorError as error:
        return replace(outcome, error=error)
    again = TryLater("the credentials were renewed", retry_after=1.0, code="renewed")
    return replace(outcome, error=again)


def _budget_left(
    database: Database, vault: Vault, account: Account, now: datetime
) -> int | ConnectorError | None:
    """Billed reads left today; None where reads are free."""
    try:
        kind = connectors.load(account.channel)
        budget = getattr(
            vault.open(account.sealed, kind.Account), "daily_read_budget", None
        )
    except (
        VaultError,
        connectors.UnknownChannel,
        connectors.ChannelUnavailable,
    ) as error:
        return NeedsLogin(str(error), code="not_usable")
    if budget is None:
        return None
    left = budget - spending.usage(database, account.id, now.date()).reads
    if left > 0:
        return int(left)
    until = (schedule.start_of_next_day(now) - now).total_seconds()
    return TryLater(
        f"today's budget of {budget} billed reads is used up; polling goes on at"
        " 00:00 UTC",
        retry_after=until,
        code="budget_used",
    )


def _fetch(
    database: Database,
    vault: Vault,
    account: Account,
    budget: int | None,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool],
) -> Outcome:
    with connections.connected(account, vault) as connector:
        if not isinstance(connector, Polls):
            problem = NeedsLogin(
                f"{account.channel} cannot be polled", code="not_usable"
            )
            return Outcome(error=problem)
        outcome = _read_pages(database, account, connector, budget, clock, stopping)
        whole = outcome.error is None and not outcome.more
        if (
            whole
            and isinstance(connector, ReadsBack)
            and reading_back.is_due(account, clock())
        ):
            _hold_on(database, account.id, clock())
            return _read_back(database, account, connector, outcome, budget, clock)
        return outcome


def _read_back(
    database: Database,
    account: Account,
    connector: ReadsBack,
    outcome: Outcome,
    budget: int | None,
    clock: Callable[[], datetime],
) -> Outcome:
    """With a poll that went well. Of billed reads it may take half of what is left of
    the day: what residents write next comes first."""
    assert isinstance(connector, Polls)
    until = clock() + LEASE / 2
    try:
        seen, new = reading_back.read(
            database,
            clock,
            account.id,
            connector,
            connector.back(reading_back.days_of(account, clock())),
            most_reads=None if budget is None else max(1, budget // 2),
            go_on=lambda: clock() < until,
        )
    except ConnectorError as error:
        return replace(outcome, back=True, error=error)
    if new:
        log.info("%s:%s: %s became visible late", account.channel, account.handle, new)
    return replace(outcome, back=True, seen=outcome.seen + seen, new=outcome.new + new)


def _read_pages(
    database: Database,
    account: Account,
    connector: Polls,
    budget: int | None,
    clock: Callable[[], datetime],
    stopping: Callable[[], bool],
) -> Outcome:
    pages = seen = new = cost = 0
    quiet: list[str] = []
    troubles: dict[str, str] = {}
    place, held_at = dict(account.cursor), clock()

    def outcome(*, more: bool = False, error: ConnectorError | None = None) -> Outcome:
        return Outcome(pages, seen, new, more, error, tuple(quiet), troubles)

    try:
        for pages, page in enumerate(connector.fetch(dict(place)), start=1):
            if page.trouble:
                troubles[page.stream] = page.trouble
            elif page.items or page.cost or page.gap or page.cursor != place:
                stored = ingest.receive(
                    database, clock(), account.id, page.items, page=page
                )
                seen, new = seen + stored.seen, new + len(stored.new_ids)
                cost, place = cost + page.cost, page.cursor
            else:
                quiet.append(page.stream)
            if (
                stopping()
                or pages >= PAGES_A_TURN
                or (budget is not None and cost >= budget)
            ):
                return outcome(more=True)
            if clock() - held_at > LEASE / 4:  # most polls end long before
                held_at = clock()
                _hold_on(database, account.id, held_at)
    except ConnectorError as error:
        return outcome(error=error)
    except Exception as error:
        log.exception("polling %s:%s failed", account.channel, account.handle)
        return outcome(error=ConnectorError(_bug(error), code="program_error"))
    return outcome()


def _bug(error: Exception) -> str:
    return f"the connector failed ({type(error).__name__}); the log has the details"


def _hold_on(database: Database, account_id: int, now: datetime) -> None:
    with database.writing(lasting=False) as session:
        session.execute(
            update(Account)
            .where(col(Account.id) == account_id)
            .values(leased_until=now + LEASE)
        )


def _give_back(
    database: Database,
    account_id: int,
    started: datetime,
    now: datetime,
    outcome: Outcome,
) -> None:
    with database.writing() as session:
        account = session.get_one(Account, account_id)
        account.leased_until = account.lease_owner = None
        account.last_duration_ms = int((now - started).total_seconds() * 1000)
        for stream in outcome.quiet:
            ledger.note_page(session, now, account_id, stream, 0, 0)
        if outcome.error is None:
            ledger.note_success(session, now, account, outcome.troubles)
            _succeeded(account, now, outcome)
        else:
            ledger.note_failure(session, now, account, outcome.error)
            _failed(account, now, outcome.error)
            if outcome.back:  # the poll before it went well
                account.last_good_poll_at = now
                if account.failures >= reading_back.TRIES:
                    account.read_back_at = now + reading_back.EVERY
        if isinstance(outcome.error, NeedsLogin):
            renewals.lose(session, now, account, outcome.error)


def _succeeded(account: Account, now: datetime, outcome: Outcome) -> None:
    if account.failures:
        log.info("%s:%s answers again", account.channel, account.handle)
    account.read_back_at = reading_back.next_time(account, now, done=outcome.back)
    account.failures = 0
    account.last_error = account.last_error_code = None
    account.last_good_poll_at = now
    interval = 0 if outcome.more or _asked_meanwhile(account) else account.interval
    account.next_poll_at = schedule.next_poll(now, interval, 0, chance=random.random())


def _asked_meanwhile(account: Account) -> bool:
    """Whether a listener heard of something new after this poll had begun."""
    due, began = account.next_poll_at, account.last_poll_at
    return due is not None and began is not None and due > began


def _failed(account: Account, now: datetime, error: ConnectorError) -> None:
    if not account.failures:
        log.warning("%s:%s: %s", account.channel, account.handle, error)
    account.failures += 1
    account.last_error = discretion.told(error)
    account.last_error_code = error.code
    asked = error.retry_after if isinstance(error, TryLater) else None
    failures = 0 if asked is not None else account.failures
    account.next_poll_at = schedule.next_poll(
        now, account.interval, failures, chance=random.random(), retry_after=asked
    )
