"""What keeps an account complete: its ledger, its login, what must be fetched, what
became of answers. The platform is the fake channel; both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from sqlmodel import select

from aggregator.accounts import health, renewals, spending
from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import casefile, claims
from aggregator.desk import queue
from aggregator.intake import expansions, ingest, polling, reconcile
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Gap, Stream
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault
from connectors import base
from connectors.base import RawItem
from connectors.errors import NeedsLogin, TryLater, Unknown

Register = Callable[..., Account]
Post = Callable[..., Case | None]
FOLDER = Path()


def lamp(native_id: str, **said: Any) -> dict[str, Any]:
    return {
        "kind": "mention",
        "native_id": native_id,
        "author_id": "siti",
        "created_at": "2026-03-02T12:00:00+00:00",
        "text": f"Lampu mati {native_id}",
        **said,
    }


def poll(
    database: Database, vault: Vault, account: Account, now: datetime
) -> polling.Outcome:
    claimed = polling.claim(database, now, account.id or 0, "test")
    assert claimed is not None
    return polling.poll(database, vault, claimed, clock=lambda: now)


def stored(database: Database, account: Account) -> Account:
    with database.reading() as session:
        return session.get_one(Account, account.id)


# The ledger


def test_the_ledger_counts_pages_and_money(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts = [lamp("1"), lamp("2"), lamp("3")]
    poll(database, vault, account, now)
    with database.reading() as session:
        (stream,) = session.exec(select(Stream)).all()
    assert (stream.name, stream.pages, stream.seen, stream.new) == ("posts", 2, 3, 3)
    assert spending.usage(database, account.id or 0, now.date()).money == pytest.approx(
        1.5
    )


def test_a_time_without_reading_is_one_gap_with_its_reason(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub")
    poll(database, vault, account, now)
    for minutes in (10, 20):
        platform.on_fetch = [TryLater("down", retry_after=1)]
        poll(database, vault, account, now + timedelta(minutes=minutes))
    poll(database, vault, account, now + timedelta(minutes=30))
    with database.reading() as session:
        (gap,) = session.exec(select(Gap)).all()
    assert (gap.reason, gap.began_at, gap.ended_at) == (
        "try_later",
        now,
        now + timedelta(minutes=30),
    )


def test_what_a_platform_forgot_stays_in_the_ledger(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts, platform.gap = [lamp("1")], "retention"
    poll(database, vault, account, now)
    (seen,) = health.of_accounts(database, now)
    assert [gap.reason for gap in seen.gaps] == ["retention"]


def test_half_a_day_of_silence_is_an_alarm(
    register: Register, database: Database, vault: Vault, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    poll(database, vault, account, now)
    (calm,) = health.of_accounts(database, now + timedelta(hours=11))
    assert calm.silence is None
    (seen,) = health.of_accounts(database, now + timedelta(hours=13))
    assert seen.silence == timedelta(hours=13) and seen.warns


def test_reconciling_brings_in_what_was_missed_and_says_so(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub")
    platform.posts = [lamp("1"), lamp("2")]
    poll(database, vault, account, now)
    platform.posts.insert(0, lamp("late"))  # became visible late, behind the cursor
    found = reconcile.reconcile(
        database, vault, now, stored(database, account), timedelta(days=7)
    )
    assert (found.new, found.remote) == (1, 3)
    assert stored(database, account).cursor == {"seen": 2}


# Logins that end


def fresh_settings(now: datetime, **change: Any) -> fakechannel.FakeAccount:
    return fakechannel.FakeAccount(
        **{
            "name": "dishub_x",
            "token": "baru",
            "renewed_at": now + timedelta(hours=2),
            **change,
        }
    )


def test_a_login_is_renewed_before_it_is_used(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub", renewed_at=now - timedelta(minutes=1))
    platform.renewals = [fresh_settings(now)]
    assert poll(database, vault, account, now).error is None
    after = stored(database, account)
    opened = vault.open(after.sealed, fakechannel.FakeAccount)
    assert opened.token.get_secret_value() == "baru"
    assert after.renew_at == now + timedelta(hours=2)


def test_only_one_renews_at_a_time(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub", renewed_at=now)
    with database.writing() as session:
        session.get_one(Account, account.id).renewing_until = now + timedelta(minutes=1)
    assert renewals.renew(database, vault, now, account.id or 0) is False
    platform.renewals = [fresh_settings(now)]
    later = now + timedelta(minutes=2)
    assert renewals.renew(database, vault, later, account.id or 0) is True


def test_a_login_that_ends_early_is_renewed_once_and_then_a_person_is_asked(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub", renewed_at=now + timedelta(hours=1))
    platform.on_fetch, platform.renewals = [NeedsLogin("401")], [fresh_settings(now)]
    assert getattr(poll(database, vault, account, now).error, "code", "") == "renewed"
    platform.on_fetch = [NeedsLogin("401")]
    poll(database, vault, account, now + timedelta(minutes=5))
    assert stored(database, account).status == "needs_login"


def test_a_renewal_that_is_refused_stops_the_account(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub", renewed_at=now)
    platform.renewals = [NeedsLogin("invalid_grant")]
    poll(database, vault, account, now)
    assert stored(database, account).status == "needs_login"


def test_the_end_of_a_login_is_told_14_7_and_1_days_before_each_once(
    register: Register, database: Database, now: datetime
) -> None:
    register("dishub_x", "dishub", ends_at=now + timedelta(days=20))
    told = [
        len(renewals.warn(database, now + timedelta(days=day)))
        for day in (0, 7, 8, 13, 14, 18, 19, 19)
    ]
    assert told == [0, 1, 0, 1, 0, 0, 1, 0]


# Deliveries that name only ids


def test_what_a_delivery_only_names_is_fetched_and_becomes_a_case(
    register: Register,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
    budi: Viewer,
) -> None:
    account = register("dishub_x", "dishub")
    named = RawItem(
        "n1", "fake", {"kind": "mention", "native_id": "m1", "needs_fetch": True}
    )
    ids = ingest.receive(database, now, account.id or 0, [named]).new_ids
    ingest.process(database, now, ids)
    assert queue.listing(database, budi) == []
    platform.hidden["m1"] = lamp("m1", text="Lampu mati di Empang")
    (event_id,) = expansions.due(database, now)
    assert expansions.expand(database, vault, now, event_id) == "done"
    ingest.process(database, now, ingest.waiting(database))
    (row,) = queue.listing(database, budi)
    assert row.text == "Lampu mati di Empang"


def test_what_is_gone_before_it_was_fetched_is_not_asked_for_again(
    register: Register, database: Database, vault: Vault, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    named = RawItem(
        "n1", "fake", {"kind": "mention", "native_id": "m1", "needs_fetch": True}
    )
    ingest.process(
        database, now, ingest.receive(database, now, account.id or 0, [named]).new_ids
    )
    (event_id,) = expansions.due(database, now)
    assert expansions.expand(database, vault, now, event_id) == "ignored"
    assert expansions.due(database, now + timedelta(days=1)) == []


def test_a_delivery_that_cannot_be_taken_apart_is_kept_and_can_be_replayed(
    register: Register, database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    for _ in range(2):
        ingest.keep_unreadable(database, now, account.id or 0, b"\xff\xfe", "not JSON")
    with database.reading() as session:
        (event,) = session.exec(select(RawEvent)).all()
    assert (event.status, event.reason) == ("failed", "not JSON")
    assert ingest.replay(database, now, [event.id or 0]) == {"failed": 1}


# What became of answers


@pytest.fixture
def answered(
    register: Register, post: Post, database: Database, now: datetime, budi: Viewer
) -> Callable[..., Reply]:
    def write(**said: Any) -> Reply:
        case = post(register("dishub_x", "dishub"), "Lampu mati di Empang", **said)
        assert case is not None and case.number is not None
        claims.claim(database, now, budi, case.number)
        return replies.reply(
            database, now, budi, case.number, Answer("Sedang dicek"), key="k1"
        )

    return write


def test_an_answer_of_unknown_fate_is_looked_up_and_never_sent_again(
    answered: Callable[..., Reply],
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    answer = answered()
    platform.on_send = [Unknown("cut off")]
    assert outbox.send(database, vault, FOLDER, now, answer.id or 0) == "unknown"
    (found,) = outbox.to_look_up(database, now)
    assert outbox.look_up(database, vault, now, found) == "sent"
    assert len(platform.arrived) == 1


def test_what_is_not_found_stays_unknown_and_is_asked_for_later(
    answered: Callable[..., Reply],
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
) -> None:
    answer = answered()
    platform.on_send = [Unknown("cut off")]
    outbox.send(database, vault, FOLDER, now, answer.id or 0)
    platform.arrived.clear()
    assert outbox.look_up(database, vault, now, answer.id or 0) == "unknown"
    assert outbox.to_look_up(database, now) == []
    assert outbox.to_look_up(database, now + timedelta(minutes=2)) == [answer.id]
    assert outbox.to_look_up(database, now + timedelta(hours=7)) == []


def notice(target: str, state: str) -> RawItem:
    said = {
        "kind": "status",
        "native_id": f"{target}:{state}",
        "target_id": target,
        "extra": {"state": state},
    }
    return RawItem(f"{target}:{state}", "fake", said)


def test_a_notice_that_comes_before_the_send_has_returned_is_not_lost(
    answered: Callable[..., Reply], database: Database, vault: Vault, now: datetime
) -> None:
    answer = answered()
    ids = ingest.receive(
        database, now, answer.account_id, [notice("reply-1", "delivered")]
    ).new_ids
    ingest.process(database, now, ids)
    outbox.send(database, vault, FOLDER, now, answer.id or 0)
    with database.reading() as session:
        after = session.get_one(Reply, answer.id)
    assert (after.state, after.delivery) == ("sent", "delivered")


def test_notices_come_in_any_order_and_failing_to_deliver_is_a_refusal(
    answered: Callable[..., Reply], database: Database, vault: Vault, now: datetime
) -> None:
    answer = answered()
    outbox.send(database, vault, FOLDER, now, answer.id or 0)
    seen = []
    for state in ("read", "delivered", "failed"):
        items = [notice("reply-1", state)]
        ids = ingest.receive(database, now, answer.account_id, items).new_ids
        ingest.process(database, now, ids)
        with database.reading() as session:
            after = session.get_one(Reply, answer.id)
            seen.append((after.delivery, after.state))
    assert seen == [("read", "sent"), ("read", "sent"), ("failed", "refused")]


def test_a_private_answer_to_something_public_goes_the_private_way(
    register: Register,
    post: Post,
    platform: fakechannel.Platform,
    database: Database,
    vault: Vault,
    now: datetime,
    budi: Viewer,
) -> None:
    case = post(register("dishub_x", "dishub"), "Lampu mati di Empang")
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    answer = replies.reply(
        database, now, budi, case.number, Answer("Nomor Anda?", private=True), key="k"
    )
    assert outbox.send(database, vault, FOLDER, now, answer.id or 0) == "sent"
    assert [(sent.private, sent.to["signature"]) for sent in platform.arrived] == [
        (True, "- dishub_x")
    ]


def test_a_window_counts_from_the_last_thing_the_person_wrote(
    register: Register, post: Post, database: Database, now: datetime, budi: Viewer
) -> None:
    account = register("dishub_x", "dishub")
    talk = {"kind": "dm", "conversation_id": "c1", "public": False}
    for hour in (0, 5):
        until = now + timedelta(hours=hour + 24)
        case = post(
            account,
            f"pesan {hour}",
            reply_until=until.isoformat(),
            created_at=(now + timedelta(hours=hour)).isoformat(),
            **talk,
        )
    assert case is not None
    with casefile.reading(database, now, budi, case.number or "") as file:
        found = replies.targets(file.session, budi, file.said)
    assert {target.until for target in found} == {now + timedelta(hours=29)}


def test_the_fake_channel_has_every_ability_these_tests_speak_of() -> None:
    assert {"look_up", "expand", "count", "renew", "private"} <= set(
        base.abilities(fakechannel.Fake)
    )


def test_a_confidential_report_makes_the_case_confidential(
    register: Register, post: Post, database: Database
) -> None:
    case = post(
        register("dishub_x", "dishub"), "Dimintai uang", extra={"rahasia": True}
    )
    with database.reading() as session:
        assert session.get_one(Case, case.id if case else 0).confidential
        assert session.exec(select(Message)).one().case_id == (case.id if case else 0)
