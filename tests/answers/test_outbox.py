"""Answers go out once, and say honestly what became of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import fakechannel
import pytest

from aggregator.accounts import registry, states
from aggregator.answers import deliveries, outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, tasks
from aggregator.desk import queue
from aggregator.desk.filters import Filter
from aggregator.people import notifications
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from connectors import base
from connectors.errors import NeedsLogin, Refused, TryLater, Unknown

Platform = fakechannel.Platform


@pytest.fixture
def answer(
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
    now: datetime,
) -> Reply:
    """Budi has answered a case; the answer is queued."""
    case = post(
        register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan", native_id="1"
    )
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    return replies.reply(
        database, now, budi, case.number, Answer("Sedang dicek"), key="k1"
    )


def state(database: Database, answer: Reply) -> Reply:
    with database.reading() as session:
        return session.get_one(Reply, answer.id)


def send(database: Database, vault: Vault, now: datetime) -> list[str]:
    return [
        outbox.send(database, vault, Path(), now, reply)
        for reply in outbox.due(database, now)
    ]


def test_an_answer_reaches_the_platform_and_the_case_is_answered(
    database: Database,
    vault: Vault,
    now: datetime,
    answer: Reply,
    platform: Platform,
    budi: Viewer,
) -> None:
    assert send(database, vault, now) == ["sent"]
    (arrived,) = platform.arrived
    assert (arrived.text, arrived.to["post"], arrived.key) == (
        "Sedang dicek",
        "1",
        "k1",
    )
    (row,) = queue.listing(database, budi)
    assert row.case.status == "answered"
    assert send(database, vault, now) == []


def test_many_workers_send_it_once(
    database: Database, vault: Vault, now: datetime, answer: Reply, platform: Platform
) -> None:
    assert answer.id is not None
    with ThreadPoolExecutor(8) as pool:
        results = list(
            pool.map(
                lambda _: outbox.send(database, vault, Path(), now, answer.id), range(8)
            )
        )
    assert sorted(results) == ["sent"] + ["taken"] * 7
    assert len(platform.arrived) == 1


def test_a_time_out_after_sending_is_unknown_and_never_sent_again_by_itself(
    database: Database, vault: Vault, now: datetime, answer: Reply, platform: Platform
) -> None:
    platform.on_send = [Unknown("no answer from the platform")]
    assert send(database, vault, now) == ["unknown"]
    assert send(database, vault, now + timedelta(days=1)) == []
    assert len(platform.arrived) == 1


def test_a_person_settles_an_unknown_answer(
    database: Database,
    vault: Vault,
    now: datetime,
    answer: Reply,
    platform: Platform,
    budi: Viewer,
) -> None:
    assert answer.id is not None
    platform.on_send = [Unknown("no answer from the platform")]
    send(database, vault, now)
    replies.settle(database, now, budi, answer.id, arrived=False)
    assert send(database, vault, now) == ["sent"]
    with pytest.raises(Refusal, match="is sent"):
        replies.settle(database, now, budi, answer.id, arrived=True)


def test_a_killed_process_leaves_an_unknown_answer(
    database: Database, vault: Vault, now: datetime, answer: Reply, platform: Platform
) -> None:
    with database.writing() as session:
        row = session.get_one(Reply, answer.id)
        row.state, row.sending_at = "sending", now
    assert outbox.find_lost(database, now + timedelta(minutes=1)) == 0
    assert outbox.find_lost(database, now + timedelta(minutes=4)) == 1
    assert state(database, answer).error_code == "interrupted"
    assert send(database, vault, now + timedelta(minutes=4)) == []


def test_a_busy_platform_is_tried_again_when_it_says(
    database: Database, vault: Vault, now: datetime, answer: Reply, platform: Platform
) -> None:
    platform.on_send = [TryLater("too many requests", retry_after=90)]
    assert send(database, vault, now) == ["try_later"]
    assert send(database, vault, now + timedelta(seconds=89)) == []
    assert send(database, vault, now + timedelta(seconds=90)) == ["sent"]
    assert len(platform.arrived) == 1


def test_a_refusal_is_final_and_says_why(
    database: Database, vault: Vault, now: datetime, answer: Reply, platform: Platform
) -> None:
    platform.on_send = [Refused("the resident has blocked the account", code="blocked")]
    assert send(database, vault, now) == ["refused"]
    assert state(database, answer).error_code == "blocked"


def test_an_answer_waits_while_its_account_needs_a_new_login(
    database: Database, vault: Vault, now: datetime, answer: Reply, platform: Platform
) -> None:
    platform.on_send = [NeedsLogin("the token was revoked")]
    assert send(database, vault, now) == ["try_later"]
    later = now + timedelta(hours=1)
    assert send(database, vault, later) == []
    states.resume(database, later, SYSTEM, "dishub_x")
    assert send(database, vault, later) == ["sent"]


def test_an_answer_can_be_withdrawn_until_it_is_on_its_way(
    database: Database,
    vault: Vault,
    now: datetime,
    answer: Reply,
    platform: Platform,
    budi: Viewer,
) -> None:
    assert answer.id is not None
    replies.cancel_reply(database, now, budi, answer.id)
    assert send(database, vault, now) == []
    with pytest.raises(Refusal, match="is cancelled"):
        replies.cancel_reply(database, now, budi, answer.id)


def test_a_bug_while_sending_is_treated_as_perhaps_sent(
    database: Database, vault: Vault, now: datetime, answer: Reply, platform: Platform
) -> None:
    platform.on_send = [RuntimeError("bug")]
    assert send(database, vault, now) == ["unknown"]


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("failure", [[], [Unknown("no answer from the platform")]])
def test_an_answer_that_came_back_before_the_platform_replied_stays_as_it_came(
    database: Database,
    vault: Vault,
    held: str,
    budi: Viewer,
    now: datetime,
    platform: Platform,
    post: Callable[..., Case | None],
    failure: list[Exception],
    closes: bool,
) -> None:
    account = registry.find(database, "dishub_x")
    answer = replies.reply(
        database, now, budi, held, Answer("Sudah menyala.", closes=closes), key="k1"
    )
    platform.meanwhile = [
        lambda: post(
            account,
            "Sudah menyala.",
            native_id="r9",
            parent_id="p1",
            author_id=account.external_id,
        )
    ]
    platform.on_send = [*failure]
    assert send(database, vault, now) == ["sent"]
    after = state(database, answer)
    assert (after.state, after.external_id, after.error) == ("sent", "r9", None)
    case = queue.detail(database, now, budi, held).case
    assert case.status == ("closed" if closes else "answered")
    assert told(database, budi) == []


@pytest.fixture
def held(
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    database: Database,
    budi: Viewer,
    now: datetime,
) -> str:
    """The number of a case in Budi's hands."""
    case = post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan")
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    return case.number


def test_an_answer_that_ends_a_case_closes_it_once_it_has_arrived(
    database: Database,
    vault: Vault,
    held: str,
    budi: Viewer,
    now: datetime,
    platform: Platform,
) -> None:
    platform.on_send = [Refused("deleted", code="gone")]
    answer = replies.reply(
        database, now, budi, held, Answer("Sudah menyala.", closes=True), key="k1"
    )
    assert send(database, vault, now) == ["refused"]
    assert queue.detail(database, now, budi, held).case.status == "new"
    replies.settle(database, now, budi, answer.id or 0, arrived=False)
    assert send(database, vault, now) == ["sent"]
    closed = queue.detail(database, now, budi, held).case
    assert (closed.status, closed.outcome, closed.closed_by) == (
        "closed",
        "selesai",
        budi.id,
    )


def test_a_question_to_the_resident_lets_the_case_wait_once_it_has_arrived(
    database: Database,
    vault: Vault,
    held: str,
    budi: Viewer,
    now: datetime,
    platform: Platform,
) -> None:
    platform.on_send = [Refused("deleted", code="gone")]
    asked = replies.reply(
        database, now, budi, held, Answer("Di RT berapa?", waits=True), key="k1"
    )
    assert send(database, vault, now) == ["refused"]
    assert queue.detail(database, now, budi, held).case.waiting is None
    replies.settle(database, now, budi, asked.id or 0, arrived=True)
    case = queue.detail(database, now, budi, held).case
    assert (case.status, case.waiting) == ("answered", "menunggu_pelapor")


def test_where_another_office_still_acts_an_answer_ends_the_part_of_one_s_own(
    database: Database,
    vault: Vault,
    held: str,
    budi: Viewer,
    now: datetime,
    platform: Platform,
) -> None:
    tasks.assign(database, now, budi, held, "dpupr", lead=False)
    replies.reply(
        database, now, budi, held, Answer("Sudah menyala.", closes=True), key="k1"
    )
    assert send(database, vault, now) == ["sent"]
    detail = queue.detail(database, now, budi, held)
    assert (detail.case.status, detail.case.claimed_by) == ("answered", None)
    parts = {row.agency_code: row.status for row in detail.assignments}
    assert (parts["dishub"], parts["dpupr"]) == ("done", "open")
    claims.claim(database, now, budi, held)
    with pytest.raises(Refusal, match="open tasks"):
        replies.reply(
            database, now, budi, held, Answer("Sekali lagi.", closes=True), key="k2"
        )


def test_one_reason_closes_a_case_for_every_office_once_the_answer_has_arrived(
    database: Database,
    vault: Vault,
    held: str,
    budi: Viewer,
    now: datetime,
    platform: Platform,
) -> None:
    for office in ("dpupr", "disperumkim"):
        tasks.assign(database, now, budi, held, office, lead=False)
    replies.reply(
        database,
        now,
        budi,
        held,
        Answer(
            "Lampu itu milik PLN.",
            closes=True,
            outcome="bukan_kewenangan",
            waive="Milik PLN.",
        ),
        key="k1",
    )
    assert {
        row.status for row in queue.detail(database, now, budi, held).assignments
    } == {"open"}
    assert send(database, vault, now) == ["sent"]
    detail = queue.detail(database, now, budi, held)
    assert (detail.case.status, detail.case.outcome) == ("closed", "bukan_kewenangan")
    waived = {row.agency_code: row.waived_reason for row in detail.assignments}
    assert (waived["dpupr"], waived["disperumkim"]) == ("Milik PLN.", "Milik PLN.")


def told(database: Database, who: Viewer) -> list[str]:
    return [one.kind for one in notifications.of_person(database, who.id)]


def test_the_writer_is_told_once_that_answers_to_a_case_have_not_arrived(
    database: Database,
    vault: Vault,
    held: str,
    budi: Viewer,
    now: datetime,
    platform: Platform,
) -> None:
    for number in range(3):
        platform.on_send = [Refused("no direct messages", code="not_allowed")]
        replies.reply(
            database, now, budi, held, Answer("Sudah kami cek."), key=f"k{number}"
        )
        assert send(database, vault, now) == ["refused"]
    platform.on_send = [Unknown("no answer from the platform")]
    replies.reply(database, now, budi, held, Answer("Sudah kami cek."), key="k4")
    assert send(database, vault, now) == ["unknown"]
    assert told(database, budi) == ["reply_unknown", "reply_refused"]


def test_a_list_says_which_case_waits_for_an_answer_that_has_not_arrived(
    database: Database,
    vault: Vault,
    held: str,
    budi: Viewer,
    now: datetime,
    platform: Platform,
) -> None:
    def listed() -> list[str]:
        return [
            row.missed
            for row in queue.page(database, now, budi, Filter(status="semua"))
        ]

    assert listed() == [""]
    platform.on_send = [Refused("no direct messages", code="not_allowed")]
    private = Answer("Nomor Anda?", private=True, publicly="Lewat pesan.")
    replies.reply(database, now, budi, held, private, key="k1")
    assert send(database, vault, now) == ["refused"]
    assert listed() == ["refused"]
    platform.on_send = [Unknown("no answer from the platform")]
    second = replies.reply(
        database, now, budi, held, Answer("Sudah kami cek."), key="k2"
    )
    assert listed() == [""]
    assert send(database, vault, now) == ["unknown"]
    assert listed() == ["unknown"]
    replies.settle(database, now, budi, second.id or 0, arrived=True)
    assert listed() == [""]


def test_who_can_sign_an_account_in_again_and_its_office_are_told(
    database: Database,
    vault: Vault,
    answer: Reply,
    platform: Platform,
    now: datetime,
    budi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    admin = join("arif", "diskominfo", "admin")
    elsewhere = join("sari", "dpupr")
    platform.on_send = [NeedsLogin("the token was revoked")]
    send(database, vault, now)
    kinds = [told(database, who) for who in (admin, budi, elsewhere)]
    assert kinds == [["account_lost"], ["account_lost"], []]


def test_we_go_on_in_private_is_said_in_public_only_once_the_private_answer_has_arrived(
    database: Database,
    vault: Vault,
    held: str,
    budi: Viewer,
    now: datetime,
    platform: Platform,
) -> None:
    platform.on_send = [Refused("no direct messages", code="not_allowed")]
    private = replies.reply(
        database,
        now,
        budi,
        held,
        Answer("Nomor Anda?", private=True, publicly="Lewat pesan."),
        key="k1",
    )
    assert send(database, vault, now) == ["refused"]
    assert send(database, vault, now + timedelta(days=1)) == []
    replies.settle(database, now, budi, private.id or 0, arrived=False)
    assert send(database, vault, now) == ["sent"]
    assert send(database, vault, now) == ["sent"]
    assert [sent.text for sent in platform.arrived] == ["Nomor Anda?", "Lewat pesan."]


def test_a_case_is_open_again_when_the_answer_that_ended_it_could_not_be_delivered(
    database: Database, vault: Vault, held: str, budi: Viewer, now: datetime
) -> None:
    answer = replies.reply(
        database, now, budi, held, Answer("Sudah menyala.", closes=True), key="k1"
    )
    send(database, vault, now)
    with database.writing() as session:
        sent = session.get_one(Reply, answer.id)
        failed = base.Message(
            "status", "1:failed", target_id=sent.external_id, extra={"state": "failed"}
        )
        assert deliveries.note(session, now, "fake", failed)
    assert queue.detail(database, now, budi, held).case.status == "new"
    assert told(database, budi) == ["reply_refused"]
    replies.settle(database, now, budi, answer.id or 0, arrived=False)
    assert send(database, vault, now) == ["sent"]
    after = state(database, answer)
    assert (after.delivery, queue.detail(database, now, budi, held).case.status) == (
        None,
        "closed",
    )
