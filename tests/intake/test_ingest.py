"""From what a platform sends to cases in queues: nothing lost, nothing twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

import fakechannel
import pytest
from sqlmodel import Session, col, func, select

from aggregator.answers import replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, closing
from aggregator.desk import queue
from aggregator.intake import ingest
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.intake import (
    Message,
    MessageAccount,
    MessageVersion,
    RawEvent,
)
from connectors.base import Page, RawItem

LAMP = "Lampu jalan di Gg. Kepatihan RW 4 mati lima hari"
Register = Callable[..., Account]
Post = Callable[..., Case | None]


def cases_of(session: Session) -> list[Case]:
    return list(session.exec(select(Case).order_by(col(Case.id))))


def test_a_post_becomes_a_case_in_the_queue_of_the_account_s_agency(
    register: Register, post: Post, budi: Viewer, database: Database
) -> None:
    post(register("dishub_x", "dishub"), LAMP, place="Gg. Kepatihan")
    (row,) = queue.listing(database, budi)
    assert (row.text, row.case.place, row.agencies) == (
        LAMP,
        "Gg. Kepatihan",
        ["dishub"],
    )
    assert row.handles == ["dishub_x"]


def test_the_same_item_received_twice_is_one_raw_event(
    register: Register, database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    item = RawItem(
        "post:1", "fake", {"kind": "mention", "native_id": "1", "text": LAMP}
    )
    assert account.id is not None
    first = ingest.receive(database, now, account.id, [item])
    again = ingest.receive(database, now, account.id, [item, item])
    assert (len(first.new_ids), again.new_ids) == (1, [])


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("post:2", float("nan")),
        ("post:2", float("inf")),
        ("post:\0", 2),
        ("post:\ud83d", 2),
    ],
)
def test_what_no_database_keeps_is_set_aside_and_holds_up_nothing(
    register: Register, database: Database, now: datetime, key: str, number: float
) -> None:
    account = register("dishub_x", "dishub")
    said = {"kind": "mention", "author_id": "siti", "text": LAMP}
    items = [
        RawItem("post:1", "fake", {**said, "native_id": "1"}),
        RawItem(key, "fake", {**said, "native_id": "2", "reply_to": {"n": number}}),
        RawItem("post:3", "fake", {**said, "native_id": "3", "text": "a\0b \ud83d"}),
    ]
    page = Page(tuple(items), {"at": "3"})
    ingest.receive(database, now, account.id, items, page=page)
    again = ingest.receive(database, now, account.id, items, page=page)
    assert again.new_ids == []
    with database.reading() as session:
        assert session.get_one(Account, account.id).cursor == {"at": "3"}
        rows = session.exec(select(RawEvent).order_by(col(RawEvent.id))).all()
    assert [row.status for row in rows] == ["new", "failed", "new"]
    replayed = ingest.replay(database, now, [rows[1].id])
    event = ingest.event(database, rows[1].id)
    assert event is not None and (replayed, event.reason) == ({"done": 1}, None)


def test_one_post_that_tags_three_accounts_is_one_case_listing_three(
    register: Register, post: Post, database: Database
) -> None:
    tagged = {
        register(handle, agency).handle: agency
        for handle, agency in [
            ("pemkot_x", "diskominfo"),
            ("dishub_x", "dishub"),
            ("tanahsareal", "kel-tanah-sareal"),
        ]
    }
    said = {"native_id": "77", "mentions": ["dishub_x", "pemkot_x", "tanahsareal"]}
    for handle, agency in tagged.items():
        post(register(handle, agency), LAMP, **said)
    with database.reading() as session:
        (case,) = cases_of(session)
        assert session.exec(select(func.count()).select_from(Message)).one() == 1
        assert session.exec(select(func.count()).select_from(MessageAccount)).one() == 3
        roles = session.exec(select(Assignment.agency_code, Assignment.role)).all()
        assert sorted(map(tuple, roles)) == [
            ("dishub", "lead"),
            ("diskominfo", "help"),
            ("kel-tanah-sareal", "help"),
        ]
        assert case.message_count == 1


def test_an_edit_is_a_version_and_the_earlier_text_is_kept(
    register: Register, post: Post, database: Database
) -> None:
    account = register("dishub_x", "dishub")
    post(account, "Lampu mati di Gg. Kepatian", native_id="1")
    post(account, LAMP, native_id="1", kind="edit")
    post(account, LAMP + "!", native_id="1b", edit_of="1")
    with database.reading() as session:
        assert len(cases_of(session)) == 1
        message = session.exec(select(Message)).one()
        versions = session.exec(
            select(MessageVersion).order_by(col(MessageVersion.n))
        ).all()
    assert message.text == LAMP + "!"
    assert [version.text for version in versions] == [
        "Lampu mati di Gg. Kepatian",
        LAMP,
    ]


def test_a_deletion_hides_the_text_and_keeps_the_number(
    register: Register, post: Post, database: Database, budi: Viewer
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, LAMP, native_id="1")
    post(account, kind="delete", native_id="1")
    (row,) = queue.listing(database, budi)
    assert case is not None and row.case.number == case.number
    assert row.deleted


def test_a_deletion_that_overtakes_its_post_still_hides_it(
    register: Register, post: Post, database: Database, budi: Viewer
) -> None:
    account = register("dishub_x", "dishub")
    post(account, kind="delete", native_id="1")
    post(account, LAMP, native_id="1")
    assert queue.listing(database, budi) == []


def test_an_album_is_one_message_with_its_caption_and_every_picture(
    register: Register, post: Post, database: Database, budi: Viewer, now: datetime
) -> None:
    account = register("dishub_tg", "dishub")
    for number, caption in [(1, None), (2, LAMP), (3, None)]:
        media = [
            {"type": "photo", "native_id": f"f{number}", "ref": {"path": f"f{number}"}}
        ]
        post(account, caption, native_id=f"c:{number}", group_id="album", media=media)
    (row,) = queue.listing(database, budi)
    assert row.text == LAMP
    (spoken,) = queue.detail(database, now, budi, row.case.number).messages
    assert [picture.native_id for picture in spoken.attachments] == ["f1", "f2", "f3"]


def test_an_edited_caption_of_an_album_part_reaches_its_message(
    register: Register, post: Post, database: Database
) -> None:
    account = register("dishub_tg", "dishub")
    for number in (1, 2):
        media = [{"type": "photo", "native_id": f"f{number}"}]
        post(
            account,
            LAMP if number == 2 else None,
            native_id=f"c:{number}",
            group_id="a",
            media=media,
        )
    post(
        account, LAMP + " (sudah lapor RT)", native_id="c:2", kind="edit", group_id="a"
    )
    with database.reading() as session:
        message = session.exec(select(Message)).one()
    assert message.text == LAMP + " (sudah lapor RT)"


@pytest.mark.parametrize(
    "repeat",
    [
        {"kind": "repost", "target_id": "1", "text": "RT @siti: Lampu"},
        {"kind": "mention", "text": f"RT @siti: {LAMP}", "author_id": "joko"},
        {"kind": "mention", "text": f"{LAMP} https://t.co/x", "author_id": "joko"},
    ],
)
def test_reposts_and_copies_join_the_case_they_repeat(
    register: Register, post: Post, database: Database, repeat: dict[str, str]
) -> None:
    account = register("dishub_x", "dishub")
    post(account, LAMP, native_id="1")
    post(account, native_id="2", **repeat)
    with database.reading() as session:
        (case,) = cases_of(session)
    assert case.message_count == 2


def test_another_lamp_is_another_case(
    register: Register, post: Post, database: Database
) -> None:
    account = register("dishub_x", "dishub")
    post(account, LAMP)
    post(account, LAMP.replace("RW 4", "RW 5"))
    with database.reading() as session:
        assert len(cases_of(session)) == 2


def test_a_private_follow_up_goes_to_the_open_case(
    register: Register, post: Post, database: Database
) -> None:
    account = register("dishub_tg", "dishub")
    private = {"kind": "dm", "conversation_id": "siti", "scope": "bot", "public": False}
    post(account, LAMP, **private)
    post(account, "ada yang bisa bantu?", **private)
    post(
        account,
        "saya juga mau lapor",
        **{**private, "conversation_id": "joko"},
        author_id="joko",
    )
    with database.reading() as session:
        assert [case.message_count for case in cases_of(session)] == [2, 1]


def test_an_answer_in_the_thread_of_a_closed_case_opens_it_again(
    register: Register, post: Post, database: Database, budi: Viewer, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, LAMP, native_id="1")
    assert case is not None and case.number is not None
    closing.close(database, now, budi, case.number)
    post(account, "belum nyala juga", native_id="2", kind="reply", parent_id="1")
    (row,) = queue.listing(database, budi)
    assert (row.case.number, row.case.status, row.case.message_count) == (
        case.number,
        "new",
        2,
    )


def test_the_same_words_after_closing_are_a_new_case(
    register: Register, post: Post, database: Database, budi: Viewer, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, LAMP)
    assert case is not None and case.number is not None
    closing.close(database, now, budi, case.number)
    post(account, LAMP, author_id="joko")
    with database.reading() as session:
        assert [row.status for row in cases_of(session)] == ["closed", "new"]


def test_our_own_post_coming_back_is_outgoing_and_settles_the_reply_that_caused_it(
    register: Register, post: Post, database: Database, budi: Viewer, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, LAMP, native_id="1")
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    answer = replies.reply(
        database, now, budi, case.number, Answer("Sedang dicek"), key="k1"
    )
    with database.writing() as session:
        session.get_one(Reply, answer.id).state = "unknown"
    post(
        account,
        "Sedang dicek",
        native_id="2",
        kind="reply",
        parent_id="1",
        author_id=account.external_id,
    )
    with database.reading() as session:
        assert len(cases_of(session)) == 1
        stored = session.get_one(Reply, answer.id)
        echo = session.exec(select(Message).where(Message.native_id == "2")).one()
    assert (stored.state, stored.external_id) == ("sent", "2")
    assert (echo.direction, echo.case_id) == ("out", case.id)


def test_what_another_city_account_says_is_not_a_complaint(
    register: Register, post: Post, database: Database
) -> None:
    dishub, pemkot = register("dishub_x", "dishub"), register("pemkot_x", "diskominfo")
    post(
        pemkot,
        "Halo @pemkot_x, lampu sudah kami perbaiki",
        author_id=dishub.external_id,
    )
    with database.reading() as session:
        assert cases_of(session) == []


def test_a_poison_event_is_set_aside_alone_and_can_be_replayed(
    register: Register, database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    assert account.id is not None
    items = [
        RawItem(
            f"post:{number}",
            "fake",
            {"kind": "mention", "native_id": str(number), **extra},
        )
        for number, extra in enumerate(
            [{}, {"broken": True}, {"bug": True}, {"text": LAMP}]
        )
    ]
    received = ingest.receive(database, now, account.id, items)
    ingest.process(database, now, received.new_ids)
    failed = ingest.events(database, status="failed")
    bug, broken = sorted(event.reason or "" for event in failed)
    assert bug.startswith("KeyError: aggregator.intake.ingest, line ")
    assert broken == "bad_item: the post has no text"
    with database.writing() as session:  # the parser is repaired
        for event in failed:
            row = session.get_one(RawEvent, event.id)
            row.payload = {
                "kind": "mention",
                "native_id": event.key,
                "text": "Jalan berlubang",
            }
    assert ingest.replay(database, now, [event.id or 0 for event in failed]) == {
        "done": 2
    }
    assert ingest.replay(database, now, [event.id or 0 for event in failed]) == {
        "done": 2
    }
    with database.reading() as session:
        assert len(cases_of(session)) == 4


def test_an_event_is_processed_once_however_often_it_is_asked_for(
    register: Register, database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    assert account.id is not None
    item = RawItem(
        "post:1", "fake", {"kind": "mention", "native_id": "1", "text": LAMP}
    )
    ids = ingest.receive(database, now, account.id, [item]).new_ids
    assert [ingest.process(database, now, ids) for _ in range(3)] == [1, 0, 0]


def test_a_page_s_cursor_is_stored_with_its_items_or_not_at_all(
    register: Register,
    database: Database,
    now: datetime,
    platform: fakechannel.Platform,
) -> None:
    account = register("dishub_x", "dishub")
    assert account.id is not None
    unstorable = RawItem("post:2", "fake", {"text": object()})
    with pytest.raises(Exception, match="JSON"):
        ingest.receive(
            database,
            now,
            account.id,
            [unstorable],
            page=Page((unstorable,), {"seen": 9}),
        )
    with database.reading() as session:
        assert session.get_one(Account, account.id).cursor == {}


def test_words_of_a_month_ago_are_the_same_problem_while_that_is_open(
    register: Register, post: Post, database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub")
    post(account, LAMP, created_at=(now - timedelta(days=40)).isoformat())
    post(account, LAMP, author_id="joko")
    with database.reading() as session:
        assert len(cases_of(session)) == 1


@pytest.mark.threat("FLO-2")
def test_a_message_that_takes_too_long_is_set_aside(
    register: Register, database: Database, now: datetime
) -> None:
    account = register("dishub_x", "dishub").id or 0
    items = [
        RawItem(f"post:{n}", "fake", {"kind": "mention", "native_id": n, "text": LAMP})
        for n in ("1", "2")
    ]
    slow, quick = ingest.receive(database, now, account, items).new_ids
    ingest.process(database, now, [slow], work=itertools.count(step=6.0).__next__)
    ingest.process(database, now, [quick])
    with database.reading() as session:
        assert session.get_one(RawEvent, quick).status == "done"
        set_aside = session.get_one(RawEvent, slow)
        assert set_aside.status == "failed"
        assert (set_aside.reason or "").startswith("too_slow: ")
    assert ingest.replay(database, now, [slow]) == {"done": 1}


@pytest.mark.sqlite
@pytest.mark.threat("FLO-2")
def test_of_a_very_long_text_all_is_kept_and_the_beginning_read(
    register: Register, post: Post, budi: Viewer, database: Database
) -> None:
    text = f"{LAMP} " + "_" * 200_000 + " kebakaran besar"
    case = post(register("dishub_x", "dishub"), text, native_id="1")
    assert case is not None and case.kind == "pju_mati" and not case.urgent
    with database.reading() as session:
        assert session.exec(select(Message.text)).one() == text
