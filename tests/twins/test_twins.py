"""How a message finds its case, on both databases, through the whole of T2."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from aggregator.cases import closing
from aggregator.intake import ingest
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.store import AuditEntry
from aggregator.store.tables.twins import MessageTraits, Suggestion, WordCount
from connectors.base import RawItem

Register = Callable[..., Account]
Post = Callable[..., Case]

LAMP = "Lampu jalan di Gang Kenanga RW 4 mati sejak Senin, gelap sekali kalau malam"
LAMP_AGAIN = "penerangan jalan Gang Kenanga RW 4 padam, anak-anak takut pulang mengaji"
DRAIN = "Got di Jalan Melati mampet dan airnya meluap ke rumah warga tiap hujan"


@pytest.fixture
def dishub(register: Register) -> Account:
    return register("dishub_bogor", "dishub")


def read(database: Database, case: Case) -> Case:
    with database.reading() as session:
        return session.get_one(Case, case.id)


def suggestions(database: Database) -> list[Suggestion]:
    with database.reading() as session:
        return list(session.exec(select(Suggestion).order_by(col(Suggestion.id))))


def remembered(database: Database) -> int:
    with database.reading() as session:
        return len(session.exec(select(MessageTraits.message_id)).all())


def test_a_copy_by_somebody_else_joins_and_counts_a_second_reporter(
    database: Database, dishub: Account, post: Post
) -> None:
    first = post(dishub, LAMP, author_id="siti")
    again = post(
        dishub, f"Diteruskan: {LAMP.upper()} 🙏 https://t.co/a1", author_id="joko"
    )
    assert again.id == first.id
    assert read(database, first).reporters == 2
    with database.reading() as session:
        written = session.exec(
            select(AuditEntry).where(AuditEntry.action == "repeat_joined")
        ).one()
    assert "same_words" in written.detail["reasons"]


def test_a_copy_that_was_cut_off_joins(dishub: Account, post: Post) -> None:
    first = post(dishub, LAMP, author_id="siti")
    assert post(dishub, f"RT @siti: {LAMP[:62]}…", author_id="joko").id == first.id


def test_another_number_opens_a_case_of_its_own(dishub: Account, post: Post) -> None:
    first = post(dishub, LAMP, author_id="siti")
    assert post(dishub, LAMP.replace("RW 4", "RW 5"), author_id="joko").id != first.id


def test_the_same_person_goes_on_with_their_case_as_one_reporter(
    database: Database, dishub: Account, post: Post
) -> None:
    first = post(dishub, LAMP, author_id="siti")
    again = post(
        dishub, "min lampu Gang Kenanga RW 4 masih mati juga", author_id="siti"
    )
    remark = post(dishub, "kapan min?", author_id="siti")
    assert {again.id, remark.id} == {first.id}
    assert read(database, first).reporters == 1
    assert read(database, first).message_count == 3


def test_the_same_person_with_another_matter_opens_another_case(
    dishub: Account, post: Post
) -> None:
    first = post(dishub, LAMP, author_id="siti")
    assert post(dishub, DRAIN, author_id="siti").id != first.id


def test_other_words_of_other_people_are_suggested_with_reasons(
    database: Database, dishub: Account, post: Post
) -> None:
    first = post(dishub, LAMP, author_id="siti")
    second = post(dishub, LAMP_AGAIN, author_id="joko")
    assert second.id != first.id
    (one,) = suggestions(database)
    assert (one.case_id, one.other_id, one.state) == (second.id, first.id, "open")
    assert {"same_place", "same_kind", "same_numbers"} <= {
        row["code"] for row in one.reasons
    }
    assert 0.4 < one.score < 0.99


def test_what_a_person_refused_is_never_suggested_again(
    database: Database, dishub: Account, post: Post
) -> None:
    post(dishub, LAMP, author_id="siti")
    post(dishub, LAMP_AGAIN, author_id="joko")
    with database.writing() as session:
        session.exec(select(Suggestion)).one().state = "refused"
    post(dishub, "lampu jalan Gang Kenanga RW 4 mati terus, gelap", author_id="joko")
    assert [row.state for row in suggestions(database)] == ["refused"]


def test_after_closing_the_same_place_is_a_recurrence(
    database: Database, dishub: Account, post: Post, dewi: Viewer, now: datetime
) -> None:
    first = post(dishub, LAMP, author_id="siti")
    closing.close(database, now, dewi, first.number or "", waive="sudah menyala")
    second = post(dishub, LAMP, author_id="joko")
    closing.close(database, now, dewi, second.number or "", waive="sudah menyala")
    third = post(dishub, LAMP_AGAIN, author_id="ani")
    assert [(row.recurrence_of, row.recurrence) for row in (second, third)] == [
        (first.id, 1),
        (second.id, 2),
    ]


def test_confidential_cases_stay_apart(
    database: Database, dishub: Account, post: Post
) -> None:
    hidden = post(dishub, LAMP, author_id="siti")
    with database.writing() as session:
        session.get_one(Case, hidden.id).confidential = True
    assert post(dishub, LAMP, author_id="joko").id != hidden.id
    assert suggestions(database) == []


def test_a_message_sent_confidentially_joins_nothing(
    dishub: Account, post: Post
) -> None:
    first = post(dishub, LAMP, author_id="siti")
    hidden = post(dishub, LAMP, author_id="joko", extra={"rahasia": True})
    assert hidden.id != first.id and hidden.confidential


def test_anonymous_reports_are_never_joined_by_themselves(
    dishub: Account, post: Post
) -> None:
    first = post(dishub, LAMP, author_id="siti")
    assert post(dishub, LAMP, author_id=None, anonymous=True).id != first.id


def test_an_edited_message_is_found_by_its_new_words(
    dishub: Account, post: Post
) -> None:
    first = post(dishub, LAMP, author_id="siti", native_id="7")
    post(dishub, DRAIN, author_id="siti", native_id="7", kind="edit", key="edit:7")
    assert post(dishub, f"RT @siti: {DRAIN}", author_id="joko").id == first.id
    assert post(dishub, LAMP, author_id="ani").id != first.id


def test_a_deleted_message_is_forgotten(
    database: Database, dishub: Account, post: Post
) -> None:
    first = post(dishub, LAMP, author_id="siti", native_id="7")
    assert remembered(database) == 1
    post(dishub, None, native_id="7", kind="delete", key="delete:7")
    assert remembered(database) == 0
    with database.reading() as session:
        assert not any(session.exec(select(WordCount.recent)).all())
    assert post(dishub, LAMP, author_id="joko").id != first.id


def test_twins_that_arrive_at_once_are_one_case(
    database: Database, dishub: Account, now: datetime
) -> None:
    def item(number: int) -> RawItem:
        said: dict[str, Any] = {
            "kind": "mention",
            "native_id": f"c{number}",
            "author_id": f"warga{number}",
            "created_at": (now + timedelta(seconds=number)).isoformat(),
            "text": LAMP,
        }
        return RawItem(f"c{number}", "fake", said, dishub.external_id)

    received = ingest.receive(
        database, now, dishub.id or 0, [item(n) for n in range(8)]
    )
    with ThreadPoolExecutor(4) as pool:
        done = list(
            pool.map(lambda id_: ingest.process(database, now, [id_]), received.new_ids)
        )
    assert sum(done) == 8
    with database.reading() as session:
        assert len(set(session.exec(select(Message.case_id)).all())) == 1
        assert session.exec(select(Case)).one().reporters == 8
