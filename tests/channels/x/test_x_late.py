"""What X shows late, and what happened while nobody read: read by itself, within the
budget, and not paid for twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import select

from aggregator.accounts import registry, spending
from aggregator.intake import ingest, polling
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault
from connectors.x import XAccount, reading
from sandbox.serve import Sandbox

BUDGET = 400
HOUR = 3600.0


class Office:
    """Polls its account of X every four hours, while the sandbox's clock runs along."""

    def __init__(
        self, database: Database, vault: Vault, sandbox: Sandbox, token: Any
    ) -> None:
        self.database, self.vault, self.sandbox, self.token = (
            database,
            vault,
            sandbox,
            token,
        )
        # at noon UTC, so that half a day later is another day of X's bill
        today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        self.now = today + timedelta(days=1)
        sandbox.advance((self.now - datetime.now(UTC)).total_seconds())

    def registers(self) -> None:
        settings = XAccount(
            access_token=self.token.key,
            access_token_secret=self.token.secret,
            daily_read_budget=BUDGET,
        )
        self.account: Account = registry.register(
            self.database,
            self.vault,
            self.now,
            SYSTEM,
            channel="x",
            agency="dishub",
            account_settings=settings,
            identity=registry.identify("x", settings),
            interval=int(4 * HOUR),
        ).account
        self.poll()

    def later(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        self.sandbox.advance(hours * HOUR)

    def poll(self) -> None:
        due = polling.claim(self.database, self.now, self.account.id or 0, "w")
        assert due is not None
        outcome = polling.poll(self.database, self.vault, due, clock=lambda: self.now)
        assert outcome.error is None and not outcome.more, outcome

    def poll_at_once(self) -> None:
        with self.database.writing() as session:
            session.get_one(Account, self.account.id).next_poll_at = self.now
        self.poll()

    def polls(self, times: int) -> None:
        for _ in range(times):
            self.later(4.5)  # a poll is spread a little around its time
            self.poll()

    def knows(self, ids: set[str]) -> int:
        with self.database.reading() as session:
            keys = session.exec(select(RawEvent.payload)).all()
        return len(ids & {str(payload["data"]["id"]) for payload in keys})

    def message(self, native_id: int) -> Message:
        while ids := ingest.waiting(self.database):
            ingest.process(self.database, self.now, ids)
        with self.database.reading() as session:
            query = select(Message).where(Message.native_id == str(native_id))
            return session.exec(query).one()


@pytest.fixture
def office(
    sqlite_database: Database,
    vault: Vault,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    sandbox.x.add_user("dishub_x", "Dishub")
    found = Office(sqlite_database, vault, sandbox, sandbox.x.add_account("dishub_x"))
    clock = SimpleNamespace(time=lambda: found.now.timestamp())
    monkeypatch.setattr(reading, "time", clock)
    found.registers()
    return found


def hundred(sandbox: Sandbox, shown_after: float) -> set[str]:
    return {
        str(
            sandbox.x.post(
                f"warga{n % 7}", f"@dishub_x lubang {n}", shown_after=shown_after
            ).id
        )
        for n in range(100)
    }


@pytest.mark.parametrize("before", [1, 5], ids=["early", "just before"])
@pytest.mark.parametrize("late", [20 / 60, 6.0], ids=["20 minutes", "6 hours"])
def test_a_hundred_posts_that_became_visible_late_are_all_read_within_the_budget(
    office: Office, sandbox: Sandbox, late: float, before: int
) -> None:
    """Also those that X shows only after the account was read back that day."""
    office.polls(before)
    hidden = hundred(sandbox, late * HOUR)
    office.later(0.2)
    sandbox.x.post("siti", "@dishub_x lampu mati")  # the polls go on from here
    office.poll_at_once()
    office.polls(13 - before)
    assert office.knows(hidden) == 100
    for day in range(4):
        on = (office.now - timedelta(days=day)).date()
        used = spending.usage(office.database, office.account.id or 0, on).reads
        billed = sandbox.x.billed_reads(office.token.key, on.isoformat())
        assert billed.get("post", 0) <= used <= BUDGET


@pytest.mark.parametrize("late", [20 / 60, 6.0], ids=["20 minutes", "6 hours"])
def test_after_an_interruption_they_are_read_with_the_second_poll(
    office: Office, sandbox: Sandbox, late: float
) -> None:
    office.polls(1)
    hidden = hundred(sandbox, late * HOUR)
    sandbox.x.post("siti", "@dishub_x lampu mati")
    office.poll_at_once()
    office.later(30)
    office.poll()
    office.polls(1)
    assert office.knows(hidden) == 100


def test_edits_and_deletions_during_an_interruption_are_heard_of(
    office: Office, sandbox: Sandbox
) -> None:
    edited = sandbox.x.post("siti", "@dishub_x lampu mati")
    deleted = sandbox.x.post("siti", "@dishub_x salah kirim")
    office.poll_at_once()
    unread = sandbox.x.post("joko", "@dishub_x got mampet")
    sandbox.x.edit(edited.id, "@dishub_x lampu mati di Jl. Merdeka")
    sandbox.x.edit(unread.id, "@dishub_x got mampet di Jl. Pajajaran")
    sandbox.x.delete(deleted.id)
    office.later(20)
    office.poll()
    assert office.message(edited.id).text == "@dishub_x lampu mati di Jl. Merdeka"
    assert office.message(deleted.id).deleted_at is not None
    assert office.message(unread.id).text == "@dishub_x got mampet di Jl. Pajajaran"


def test_direct_messages_are_not_paid_for_again(
    office: Office, sandbox: Sandbox
) -> None:
    for n in range(25):
        sandbox.x.message("siti", "dishub_x", f"jalan rusak {n}")
    office.polls(1)
    asked: list[str] = []
    spend = sandbox.x.spend

    def noted(token: Any, endpoint: str) -> dict[str, str]:
        asked.append(endpoint)
        return spend(token, endpoint)

    sandbox.x.spend = noted  # type: ignore[method-assign]
    office.polls(6)
    assert asked.count("GET /2/users/:id/mentions") == 7, "one of them reads back"
    assert asked.count("GET /2/dm_events") == 6
