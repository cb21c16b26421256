"""One answer to all: each reporter on their own channel, once; who is left out says
why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import fakechannel
import pytest
from secret import make_secret
from sqlmodel import select

from aggregator.answers import notices, outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import casefile, claims, closing
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Notice, Reply
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault

DONE = "Lampu di Gg. Kepatihan sudah menyala."
Post = Callable[..., Case | None]


@pytest.fixture
def number(register: Callable[..., Account], post: Post) -> str:
    """A case that three people reported, one of them twice, and that a fourth passed
    on."""
    account = register("dishub_x", "dishub")
    case = post(account, "Lampu Gg. Kepatihan mati", native_id="1", author_id="siti")
    assert case is not None
    post(
        account,
        "gelap banget",
        native_id="2",
        parent_id="1",
        author_id="agus",
        author_name="Agus",
    )
    post(account, "masih mati", native_id="3", parent_id="1", author_id="siti")
    post(
        account,
        "saya juga",
        native_id="4",
        parent_id="1",
        author_id="tono",
        author_name=None,
    )
    post(account, "RT", native_id="5", kind="repost", target_id="1", author_id="rudi")
    return str(case.number)


def plan(
    database: Database, viewer: Viewer, number: str, text: str, at: datetime
) -> list[notices.Planned]:
    with casefile.reading(database, at, viewer, number) as file:
        return notices.plan(file.session, at, viewer, file.case, text)


def test_everybody_who_reported_gets_one_draft_at_their_newest_message(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    drafts = plan(database, budi, number, DONE, now)
    assert [(one.message.native_id, one.text) for one in drafts] == [
        ("3", DONE),
        ("2", f"Halo Agus, {DONE}"),
        ("4", f"Kepada Kak: {DONE}"),
    ]
    assert plan(database, budi, number, DONE, now) == drafts


def test_they_are_sent_once_each_and_the_state_of_each_is_known(
    database: Database,
    vault: Vault,
    tmp_path: Path,
    number: str,
    budi: Viewer,
    now: datetime,
    platform: fakechannel.Platform,
) -> None:
    claims.claim(database, now, budi, number)
    notice = notices.queue(database, now, budi, number, DONE, key="n1")
    again = notices.queue(database, now, budi, number, "lain", key="n1")
    assert again.id == notice.id
    platform.on_send.append(RuntimeError("cut off"))
    for reply_id in outbox.due(database, now):
        outbox.send(database, vault, tmp_path, now, reply_id)
    with database.reading() as session:
        states = [row.state for row in notices.told(session, notice.id or 0)]
        assert [row.id for row in notices.of_case(session, notice.case_id)] == [
            notice.id
        ]
    assert sorted(states) == ["sent", "sent", "unknown"]
    assert len(platform.arrived) == 2


def test_a_greeting_that_makes_it_too_long_is_left_off_and_too_long_is_said(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    fits = "x" * 95
    assert {one.text for one in plan(database, budi, number, fits, now)} == {fits}
    reasons = [one.left_out for one in plan(database, budi, number, "x" * 101, now)]
    assert reasons == ["too_long"] * 3
    claims.claim(database, now, budi, number)
    with pytest.raises(Refusal, match="nobody of case"):
        notices.queue(database, now, budi, number, "x" * 101, key="n1")


def test_confidential_unreachable_and_late_reporters_are_left_out_with_the_reason(
    database: Database,
    register: Callable[..., Account],
    post: Post,
    budi: Viewer,
    now: datetime,
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, "Lampu mati di Gg. Kepatihan", native_id="1", author_id="siti")
    assert case is not None
    more: dict[str, dict[str, object]] = {
        "2": {
            "author_id": None,
            "author_name": None,
            "anonymous": True,
            "reply_to": None,
        },
        "3": {
            "author_id": "agus",
            "reply_until": (now + timedelta(hours=1)).isoformat(),
        },
        "4": {"author_id": "tono", "reply_to": None},
    }
    for native_id, said in more.items():
        post(
            account,
            f"saya juga {native_id}",
            native_id=native_id,
            parent_id="1",
            **said,
        )
    planned = plan(database, budi, str(case.number), DONE, now + timedelta(hours=2))
    assert {one.message.native_id: one.left_out for one in planned} == {
        "1": None,
        "2": "anonymous",
        "3": "window_closed",
        "4": "no_address",
    }
    make_secret(database, case.number, budi)
    planned = plan(database, budi, str(case.number), DONE, now)
    assert {one.left_out for one in planned} == {"confidential"}


def test_who_closed_a_case_may_tell_everybody(
    database: Database, number: str, budi: Viewer, dewi: Viewer, now: datetime
) -> None:
    with pytest.raises(Refusal, match="claim case"):
        notices.queue(database, now, budi, number, DONE, key="n1")
    claims.claim(database, now, budi, number)
    closing.close(database, now, budi, number, waive="selesai")
    with pytest.raises(Refusal, match="claim case"):
        notices.queue(database, now, dewi, number, DONE, key="n2")
    notices.queue(database, now, budi, number, DONE, key="n3")
    with database.reading() as session:
        assert len(session.exec(select(Reply)).all()) == 3


def test_a_reporter_can_be_taken_out_by_hand(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    out = plan(database, budi, number, DONE, now)[1].message.id or 0
    notice = notices.queue(database, now, budi, number, DONE, key="n1", without=[out])
    with database.reading() as session:
        assert session.get_one(Notice, notice.id).text == DONE
        told = notices.told(session, notice.id or 0)
    assert [(row.state, row.reason) for row in told] == [
        ("queued", None),
        ("left_out", "taken_out"),
        ("queued", None),
    ]


def test_who_has_had_the_answer_is_not_told_it_again(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    claims.claim(database, now, budi, number)
    replies.reply(database, now, budi, number, Answer(DONE), key="k1")
    with casefile.reading(database, now, budi, number) as file:
        assert notices.last_answer(file.session, file.case) == DONE
    left_out = [one.left_out for one in plan(database, budi, number, DONE, now)]
    assert sorted(map(str, left_out)) == ["None", "None", "told_already"]
    assert {one.left_out for one in plan(database, budi, number, "Menyala", now)} == {
        None
    }
