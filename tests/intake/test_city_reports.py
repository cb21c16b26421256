"""Reports of LAPOR! and SiBadra on their way to a case: edits, privacy, repetition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

import connectors
from aggregator.accounts import registry
from aggregator.intake import ingest
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, MessageVersion
from aggregator.store.vault import Vault

Arrive = Callable[..., None]


@pytest.fixture
def arrive(database: Database, vault: Vault, now: datetime) -> Arrive:
    """`arrive("lapor", {...}, {...})`: deliveries of a channel, one after the other."""

    def take(channel: str, *payloads: dict[str, Any]) -> None:
        chosen = registry.parse_settings(channel, {"handle": "kota"})
        registered = registry.register(
            database,
            vault,
            now,
            SYSTEM,
            channel=channel,
            agency="diskominfo",
            account_settings=chosen,
            identity=registry.identify(channel, chosen),
        )
        for number, payload in enumerate(payloads):
            later = now + timedelta(minutes=number)
            items = connectors.load(channel).read_file(payload)
            received = ingest.receive(
                database, later, registered.account.id or 0, items
            )
            ingest.process(database, later, received.new_ids)

    return take


def everything(
    database: Database,
) -> tuple[list[Case], list[Message], list[MessageVersion]]:
    with database.reading() as session:
        return (
            list(session.exec(select(Case))),
            list(session.exec(select(Message))),
            list(session.exec(select(MessageVersion))),
        )


ROW = {
    "Tracking ID": "9100001",
    "Isi Laporan": "Lampu mati",
    "Tanggal Laporan": "02/03/2026 13:00",
}
REPORT = {"id": "SB-7", "updated_at": "2026-03-02T13:05:00+07:00", "text": "Lampu mati"}


def test_a_changed_row_of_lapor_is_an_edit_of_the_same_message(
    arrive: Arrive, database: Database
) -> None:
    changed = {
        **ROW,
        "Isi Laporan": "Lampu mati di Jalan Padjadjaran",
        "Status Laporan": "Proses",
    }
    arrive("lapor", ROW, ROW, changed)
    cases, messages, versions = everything(database)
    assert len(cases) == 1
    assert [message.text for message in messages] == ["Lampu mati di Jalan Padjadjaran"]
    assert [version.text for version in versions] == ["Lampu mati"]


def test_a_changed_report_of_sibadra_is_an_edit_and_a_withdrawn_one_is_marked(
    arrive: Arrive, database: Database
) -> None:
    changed = {
        **REPORT,
        "updated_at": "2026-03-02T13:10:00+07:00",
        "text": "Lampu mati dua",
    }
    withdrawn = {
        **changed,
        "updated_at": "2026-03-02T13:20:00+07:00",
        "status": "withdrawn",
    }
    arrive("sibadra", REPORT, changed, REPORT)
    assert [message.text for message in everything(database)[1]] == ["Lampu mati dua"]
    arrive("sibadra", withdrawn)
    cases, messages, _ = everything(database)
    assert len(cases) == len(messages) == 1
    assert messages[0].deleted_at is not None


@pytest.mark.parametrize(
    ("channel", "payload"),
    [
        ("lapor", {**ROW, "Rahasia": "Ya"}),
        ("sibadra", {**REPORT, "confidential": True}),
    ],
)
def test_what_is_confidential_there_is_confidential_here(
    arrive: Arrive, database: Database, channel: str, payload: dict[str, Any]
) -> None:
    arrive(channel, payload)
    (case,), (message,), _ = everything(database)
    assert case.confidential
    assert not message.public


def test_what_is_not_confidential_is_not(arrive: Arrive, database: Database) -> None:
    arrive("lapor", ROW)
    assert not everything(database)[0][0].confidential


def test_who_is_anonymous_there_has_no_name_here(
    arrive: Arrive, database: Database
) -> None:
    arrive("lapor", {**ROW, "Nama Pelapor": "Siti Contoh", "Anonim": "Ya"})
    (message,) = everything(database)[1]
    assert (message.anonymous, message.author_name, message.contact) == (
        True,
        None,
        None,
    )
