"""Somebody whom a channel names by a telephone number, an id of its own, or both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import select

from aggregator.privacy import erasure
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import AuthorAlias, Message
from connectors.whatsapp import wire

Post = Callable[..., Case | None]
PHONE, OWN_ID, NEW_ID = "628111", "ID.77", "ID.88"
CHAT = {"kind": "dm", "public": False}


@pytest.fixture
def account(register: Callable[..., Account]) -> Account:
    return register("dinkes_wa", "dinkes")


def says(post: Post, account: Account, text: str, *ids: str) -> Case | None:
    said = {**CHAT, "author_id": ids[0], "conversation_id": ids[0], "person_ids": ids}
    return post(account, text, **said)


def test_who_takes_a_username_goes_on_in_the_same_conversation(
    account: Account, post: Post
) -> None:
    """From then on the platform tells the id alone."""
    first = says(post, account, "Antrean puskesmas sejak subuh", PHONE, OWN_ID)
    later = says(post, account, "Sampai siang belum dipanggil", OWN_ID)
    assert first is not None and later is not None
    assert later.number == first.number


def test_who_was_known_by_the_id_goes_on_when_a_number_is_told(
    account: Account, post: Post
) -> None:
    first = says(post, account, "Antrean puskesmas sejak subuh", OWN_ID)
    later = says(post, account, "Sampai siang belum dipanggil", PHONE, OWN_ID)
    assert first is not None and later is not None
    assert later.number == first.number


def test_a_notice_that_an_id_changed_is_remembered(
    account: Account, post: Post
) -> None:
    first = says(post, account, "Antrean puskesmas sejak subuh", OWN_ID)
    post(account, None, kind="system", person_ids=[OWN_ID, NEW_ID], author_id=None)
    later = says(post, account, "Sampai siang belum dipanggil", NEW_ID)
    assert first is not None and later is not None
    assert later.number == first.number


def test_two_people_stay_two(account: Account, post: Post) -> None:
    one = says(post, account, "Antrean puskesmas sejak subuh", PHONE, OWN_ID)
    other = says(post, account, "Obat batuk kosong di apotek", "628222", NEW_ID)
    assert one is not None and other is not None
    assert one.number != other.number


def test_the_ids_of_a_person_go_with_their_last_message(
    account: Account, post: Post, database: Database, now: datetime, tmp_path: Path
) -> None:
    says(post, account, "Antrean puskesmas sejak subuh", PHONE, OWN_ID)
    says(post, account, "Sampai siang belum dipanggil", OWN_ID)
    with database.reading() as session:
        first, last = (row.id for row in session.exec(select(Message)))
    for message_id, left in ((first, 1), (last, 0)):
        erasure.erase(database, tmp_path, now, [message_id])
        with database.reading() as session:
            assert len(session.exec(select(AuthorAlias)).all()) == left


def test_whatsapp_tells_every_id_of_a_person() -> None:
    value = {
        "metadata": {"phone_number_id": "21"},
        "contacts": [{"wa_id": PHONE, "user_id": OWN_ID}],
        "messages": [
            {
                "from": PHONE,
                "from_user_id": OWN_ID,
                "id": "wamid.1",
                "timestamp": "1772430000",
                "type": "text",
                "text": {"body": "Obat kosong"},
            }
        ],
    }
    (item,) = wire.raw_items(value)
    (said,) = wire.messages_of(item)
    assert said.person_ids == (PHONE, OWN_ID)
    assert said.author_id == PHONE


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        ({"type": "user_changed_number", "wa_id": "628999"}, (PHONE, "628999")),
        ({"type": "user_changed_user_id", "user_id": NEW_ID}, (PHONE, NEW_ID)),
        (
            {
                "type": "user_changed_user_id",
                "previous_user_id": OWN_ID,
                "user_id": NEW_ID,
            },
            (PHONE, NEW_ID, OWN_ID),
        ),
    ],
)
def test_whatsapp_tells_the_old_and_the_new_id(
    notice: dict[str, str], expected: tuple[str, ...]
) -> None:
    row = {"from": PHONE, "id": "wamid.2", "timestamp": "1772430000", "type": "system"}
    value = {
        "metadata": {"phone_number_id": "21"},
        "messages": [{**row, "system": notice}],
    }
    (item,) = wire.raw_items(value)
    (said,) = wire.messages_of(item)
    assert (said.kind, said.person_ids) == ("system", expected)
