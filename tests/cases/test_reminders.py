"""A promise in an answer is on somebody's list until it is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import fakechannel
import pytest
from sqlmodel import select

from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, closing, reminders
from aggregator.cases.reminders import ReminderError
from aggregator.people import shifts, staff
from aggregator.people.viewers import Viewer
from aggregator.rules.time.calendar import WIB, Calendar
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case, Reminder
from aggregator.store.tables.people import Notification
from aggregator.store.vault import Vault
from connectors.errors import Unknown

HOUR = timedelta(hours=1)
PROMISE = "Terima kasih, besok tim PJU kami ke lokasi"
TOMORROW = date(2026, 3, 3)


@pytest.fixture
def answer(
    database: Database,
    now: datetime,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
) -> Reply:
    """Budi's answer with a promise, queued."""
    case = post(
        register("dishub_x", "dishub"), "Lampu jalan di Jl. Batutulis mati dua malam"
    )
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    return replies.reply(database, now, budi, case.number, Answer(PROMISE), key="k1")


def send(database: Database, vault: Vault, now: datetime, answer: Reply) -> str:
    return outbox.send(database, vault, Path(), now, answer.id or 0)


def kept(database: Database) -> list[Reminder]:
    with database.reading() as session:
        return list(session.exec(select(Reminder)))


def test_only_what_was_sent_is_a_promise(
    database: Database, vault: Vault, now: datetime, answer: Reply
) -> None:
    assert kept(database) == []
    send(database, vault, now, answer)
    (reminder,) = kept(database)
    assert (reminder.due_on, reminder.words, reminder.state) == (
        TOMORROW,
        "besok",
        "open",
    )


def test_an_answer_whose_fate_was_settled_by_hand_is_a_promise_once(
    database: Database,
    vault: Vault,
    now: datetime,
    answer: Reply,
    budi: Viewer,
    platform: fakechannel.Platform,
) -> None:
    platform.on_send.append(Unknown("no answer in time"))
    assert send(database, vault, now, answer) == "unknown"
    assert kept(database) == []
    replies.settle(database, now + 30 * HOUR, budi, answer.id or 0, arrived=True)
    (reminder,) = kept(database)
    assert (
        reminder.due_on == TOMORROW
    )  # from when it was sent, not from when somebody looked
    with database.writing() as session:
        stored = session.get_one(Reply, answer.id)
        assert reminders.note_promises(session, now, stored) == []


def test_a_promise_can_be_moved_and_is_told_on_its_new_day(
    database: Database, vault: Vault, now: datetime, answer: Reply, budi: Viewer
) -> None:
    send(database, vault, now, answer)
    (reminder,) = kept(database)
    assert reminders.tell_due(database, now + 12 * HOUR) == 1
    reminders.change(
        database, budi, reminder.id or 0, due_on=TOMORROW + timedelta(days=3)
    )
    assert reminders.tell_due(database, now + 24 * HOUR) == 0
    assert reminders.tell_due(database, now + 84 * HOUR) == 1


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("2026-03-02T09:00", "2026-03-02T14:00"),
        ("2026-03-02T15:30", "2026-03-02T17:30"),
        ("2026-03-01T15:30", "2026-03-02T00:00"),
    ],
)
def test_a_promise_for_today_is_told_while_there_is_time_to_keep_it(
    made: str, told: str
) -> None:
    made_at, told_at = (
        datetime.fromisoformat(text).replace(tzinfo=WIB) for text in (made, told)
    )
    assert reminders.due_at(date(2026, 3, 2), made_at, Calendar()) == told_at


def test_nobody_else_changes_a_promise_but_who_sees_every_agency(
    database: Database,
    vault: Vault,
    now: datetime,
    answer: Reply,
    rina: Viewer,
    dewi: Viewer,
) -> None:
    send(database, vault, now, answer)
    (reminder,) = kept(database)
    with pytest.raises(ReminderError, match="no such reminder"):
        reminders.change(database, rina, reminder.id or 0, state="done")
    with pytest.raises(ReminderError, match="cannot be 'perhaps'"):
        reminders.change(database, dewi, reminder.id or 0, state="perhaps")
    assert (
        reminders.change(database, dewi, reminder.id or 0, state="done").state == "done"
    )


def test_the_deputy_is_told_and_a_closed_case_tells_nobody(
    database: Database,
    vault: Vault,
    now: datetime,
    answer: Reply,
    budi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    sari = join("sari", "dishub")
    send(database, vault, now, answer)
    budi_, sari_ = (staff.get(database, "budi"), staff.get(database, "sari"))
    shifts.be_absent(database, now, SYSTEM, budi_, TOMORROW, TOMORROW, sari_)
    assert reminders.tell_due(database, now + 12 * HOUR) == 1
    with database.reading() as session:
        assert session.exec(select(Notification.person_id)).all() == [sari.id]
        number = session.get_one(Case, answer.case_id).number or ""
    (reminder,) = kept(database)
    reminders.change(database, budi, reminder.id or 0, due_on=TOMORROW)
    closing.close(database, now + 13 * HOUR, budi, number)
    assert reminders.tell_due(database, now + 14 * HOUR) == 0
    assert [one.state for one in kept(database)] == ["done"]
