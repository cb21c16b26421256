"""What a platform's mail told, and the platform itself tells before or after, is one
message of that platform's account."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator.accounts import registry
from aggregator.answers import by_hand
from aggregator.desk import queue
from aggregator.desk.queue import CaseDetail
from aggregator.intake import ingest
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.vault import Vault
from connectors.base import Identity, RawItem
from connectors.x import X

SERVER = "mx.kota.example"
TEXT = "Lampu di Jalan Sudirman mati sejak Senin"
Arrive = Callable[[Account, RawItem], None]


def mail(link: str = "https://x.com/siti/status/2000000000000000005") -> RawItem:
    raw = (
        f"Authentication-Results: {SERVER}; dkim=pass header.d=x.com\r\n"
        "From: X <notify@x.com>\r\nTo: kabar@kota.example\r\n"
        "Subject: Siti (@siti) mentioned you on X\r\nMessage-ID: <1@x.com>\r\n"
        "Date: Mon, 02 Mar 2026 13:00:00 +0000\r\n\r\n"
        f"Siti (@siti) mentioned you\r\n\r\n{TEXT[:30]}...\r\n\r\nView: {link}\r\n"
    )
    payload = {
        "raw": base64.b64encode(raw.encode()).decode(),
        "notices": ["x:dishub_kota"],
        "notices_server": SERVER,
    }
    return RawItem(f"mail:{link}", "mail", payload, "kabar@kota.example")


def post(native_id: str = "2000000000000000005") -> RawItem:
    row = {
        "id": native_id,
        "text": TEXT,
        "author_id": "41",
        "created_at": "2026-03-02T12:59:00.000Z",
        "entities": {"mentions": [{"username": "dishub_kota", "id": "42"}]},
    }
    includes = {"users": [{"id": "41", "username": "siti", "name": "Siti"}]}
    (item,) = X.read_file({"data": [row], "includes": includes}, "mention")
    return replace(item, account="42")


@pytest.fixture
def mailbox(database: Database, vault: Vault, now: datetime) -> Account:
    given = {
        "address": "kabar@kota.example",
        "password": "p",
        "notices": "x:dishub_kota",
        "notices_server": SERVER,
    }
    return registered(database, vault, now, "imap", "kabar@kota.example", given)


def registered(
    database: Database,
    vault: Vault,
    now: datetime,
    channel: str,
    external_id: str,
    given: dict[str, str],
    handle: str | None = None,
) -> Account:
    return registry.register(
        database,
        vault,
        now,
        SYSTEM,
        channel=channel,
        agency="dishub",
        account_settings=registry.parse_settings(channel, given),
        identity=Identity(external_id, handle or external_id, external_id),
    ).account


@pytest.fixture
def arrive(database: Database, now: datetime) -> Arrive:
    def add(account: Account, item: RawItem) -> None:
        received = ingest.receive(database, now, account.id or 0, [item])
        ingest.process(database, now, received.new_ids)

    return add


@pytest.fixture
def dishub_x(database: Database, vault: Vault, now: datetime) -> Callable[[], Account]:
    """`dishub_x()`: the account is registered with a login."""
    keys = {"access_token": "t", "access_token_secret": "s"}
    return lambda: registered(database, vault, now, "x", "42", keys, "dishub_kota")


def only(database: Database, now: datetime, viewer: Viewer) -> CaseDetail:
    (row,) = queue.listing(database, viewer, status="all")
    return queue.detail(database, now, viewer, row.case.number or "")


def test_it_is_of_the_platform_and_answered_there(
    database: Database, mailbox: Account, arrive: Arrive, budi: Viewer, now: datetime
) -> None:
    arrive(mailbox, mail())
    case = only(database, now, budi)
    (said,) = case.messages
    assert (said.message.channel, said.message.author_name) == ("x", "Siti")
    assert [(one.handle, one.status) for one in said.accounts] == [
        ("dishub_kota", "by_mail")
    ]
    assert case.targets == []
    later, number = now + timedelta(hours=1), str(case.case.number)
    by_hand.answered_there(database, later, budi, number, said.message.id or 0, key="k")
    assert only(database, later, budi).case.status == "answered"


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/siti/status/2000000000000000005",
        "https://x.com/siti/status/1999999999999999999",
    ],
)
def test_what_the_platform_tells_later_completes_it(
    link: str,
    database: Database,
    mailbox: Account,
    arrive: Arrive,
    dishub_x: Callable[[], Account],
    budi: Viewer,
    now: datetime,
) -> None:
    """By its id, or by who said it and how it begins; the account is the same row."""
    arrive(mailbox, mail(link))
    known = only(database, now, budi).messages[0].accounts[0]
    account = dishub_x()
    assert (account.id, account.status) == (known.id, "active")
    arrive(account, post())
    case = only(database, now, budi)
    (said,) = case.messages
    assert (said.message.text, said.message.native_id) == (TEXT, "2000000000000000005")
    assert said.message.author_id == "41" and case.targets
    assert "message_completed" in [line.action for line in case.audit]
    arrive(mailbox, mail(f"{link}?again"))
    assert len(only(database, now, budi).messages) == 1


def test_a_mail_about_what_was_read_already_says_nothing_new(
    database: Database,
    mailbox: Account,
    arrive: Arrive,
    dishub_x: Callable[[], Account],
    budi: Viewer,
    now: datetime,
) -> None:
    arrive(dishub_x(), post())
    arrive(mailbox, mail("https://x.com/siti/status/1999999999999999999"))
    (said,) = only(database, now, budi).messages
    assert said.message.text == TEXT and said.message.reply_to
