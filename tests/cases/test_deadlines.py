"""Clocks of stored cases: side by side, paused with a reason, told once, never
reset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from aggregator.answers import outbox, replies
from aggregator.answers.replies import Answer
from aggregator.cases import (
    claims,
    closing,
    deadlines,
    escalations,
    reminders,
    tasks,
    waiting,
)
from aggregator.people import shifts, staff
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Assignment, Case, Escalation, Reminder
from aggregator.store.tables.people import Notification, Person
from aggregator.store.vault import Vault

Post = Callable[..., Case | None]
HOUR = timedelta(hours=1)


@pytest.fixture
def case(register: Callable[..., Account], post: Post) -> Case:
    """A street light, said at NOW: Monday 2 March 2026, 20.00 WIB."""
    found = post(
        register("dishub_x", "dishub"), "Lampu jalan di Jl. Batutulis mati dua malam"
    )
    assert found is not None
    return found


@pytest.fixture
def head(database: Database, join: Callable[..., Viewer]) -> Viewer:
    """The head of Dishub, who is told when the office is late."""
    viewer = join("kepala", "dishub", "pimpinan")
    with database.writing() as session:
        session.get_one(Person, viewer.id).position = "kepala_opd"
    return viewer


def steps(database: Database, now: datetime, case: Case) -> dict[str, str]:
    with database.reading() as session:
        stored = session.get_one(Case, case.id)
        return {
            one.clock.name: one.clock.state
            for one in deadlines.of_case(session, now, stored)
        }


def late(database: Database, now: datetime) -> bool:
    deadlines.refresh_due(database, now)
    with database.reading() as session:
        return session.exec(select(Case)).one().late


def test_two_procedures_run_side_by_side(
    database: Database, now: datetime, case: Case
) -> None:
    after = steps(database, now + 25 * HOUR, case)
    assert after["respons_opd"] == "breached"  # the city's 24 hours
    assert after["tindak_lanjut_awal"] == "running"  # the nation's five working days
    assert after["terus_ke_opd"] == "met"  # it reached the office with the message


def test_a_deadline_that_has_come_marks_the_case(
    database: Database, now: datetime, case: Case
) -> None:
    assert case.next_due_at == case.opened_at + 24 * HOUR
    assert not late(database, now + 23 * HOUR)
    assert late(database, now + 24 * HOUR + timedelta(minutes=1))


def answer(
    database: Database, vault: Vault, now: datetime, who: Viewer, case: Case, text: str
) -> None:
    number = case.number or ""
    claims.claim(database, now, who, number)
    reply = replies.reply(
        database, now, who, number, Answer(text), key=f"{case.id}-{text}"
    )
    assert outbox.send(database, vault, None, now, reply.id or 0) == "sent"  # type: ignore[arg-type]


def test_an_answer_meets_the_response_and_reopening_resets_nothing(
    database: Database, vault: Vault, now: datetime, case: Case, budi: Viewer
) -> None:
    answer(database, vault, now + HOUR, budi, case, "Tim ke lokasi")
    assert steps(database, now + 30 * HOUR, case)["respons_opd"] == "met"
    closing.close(database, now + 2 * HOUR, budi, case.number or "")
    closing.reopen(database, now + 40 * HOUR, budi, case.number or "")
    again = steps(database, now + 49 * HOUR, case)
    assert again["respons_opd"] == "met"
    assert again["tindak_lanjut"] == "breached"  # two days from when the office had it


def test_waiting_for_the_reporter_stops_what_may_stop_and_ends_when_they_write(
    database: Database,
    now: datetime,
    case: Case,
    budi: Viewer,
    register: Callable[..., Account],
    post: Post,
) -> None:
    number = case.number or ""
    with pytest.raises(Refusal, match="on which day"):
        waiting.wait(database, now, budi, number, "menunggu_anggaran")
    waiting.wait(database, now + HOUR, budi, number, "menunggu_pelapor")
    state = steps(database, now + 49 * HOUR, case)
    assert (state["tindak_lanjut"], state["respons_opd"]) == ("paused", "breached")
    post(
        register("dishub_x", "dishub"),
        "di depan nomor 12 min",
        parent_id="p1",
        kind="reply",
    )
    with database.reading() as session:
        assert session.get_one(Case, case.id).waiting is None


def test_nobody_can_wait_for_ever(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    waiting.wait(database, now, budi, case.number or "", "menunggu_pelapor")
    assert deadlines.end_pauses_that_are_over(database, now + timedelta(days=6)) == 0
    assert deadlines.end_pauses_that_are_over(database, now + timedelta(days=15)) == 1


def told(database: Database, who: Viewer) -> list[str]:
    with database.reading() as session:
        query = select(Notification).where(Notification.person_id == who.id)
        return [row.kind for row in session.exec(query.order_by(col(Notification.id)))]


def test_the_head_of_the_office_is_told_once_and_by_day(
    database: Database, now: datetime, case: Case, head: Viewer
) -> None:
    moment = now + 25 * HOUR  # 21.00 WIB: quiet hours
    assert late(database, moment)
    assert escalations.run(database, moment) == 0
    morning = now + 35 * HOUR
    assert escalations.run(database, morning) == 1
    assert escalations.run(database, morning) == 0  # a second worker, or a restart
    assert told(database, head) == ["escalation"]
    with database.reading() as session:
        assert session.exec(select(Escalation.role)).all() == ["kepala_opd"]


def test_taking_the_case_in_hand_stops_the_ladder(
    database: Database, now: datetime, case: Case, head: Viewer, budi: Viewer
) -> None:
    claims.claim(database, now + 2 * HOUR, budi, case.number or "")
    assert late(database, now + 35 * HOUR)
    assert escalations.run(database, now + 35 * HOUR) == 0


def test_many_late_cases_make_one_message(
    database: Database,
    now: datetime,
    head: Viewer,
    register: Callable[..., Account],
    post: Post,
) -> None:
    account = register("dishub_x", "dishub")
    for street in ("Batutulis", "Suryakencana", "Sukasari", "Bondongan"):
        post(account, f"Lampu jalan di Jl. {street} mati", author_id=street)
    deadlines.refresh_due(database, now + 35 * HOUR)
    assert escalations.run(database, now + 35 * HOUR) == 4
    assert told(database, head) == ["digest"]


def test_a_deputy_is_told_for_who_is_away(
    database: Database, now: datetime, case: Case, head: Viewer, budi: Viewer
) -> None:
    day = (now + 35 * HOUR).date()
    away, deputy = (staff.get(database, "kepala"), staff.get(database, "budi"))
    shifts.be_absent(database, now, SYSTEM, away, day, day, deputy)
    assert late(database, now + 35 * HOUR)
    escalations.run(database, now + 35 * HOUR)
    assert (told(database, head), told(database, budi)) == ([], ["escalation"])


def test_a_promise_in_an_answer_is_remembered_on_its_day(
    database: Database, vault: Vault, now: datetime, case: Case, budi: Viewer
) -> None:
    answer(
        database, vault, now, budi, case, "Terima kasih, besok tim PJU kami ke lokasi"
    )
    assert reminders.tell_due(database, now + HOUR) == 0
    with database.reading() as session:
        kept = session.exec(select(Reminder)).one()
    assert kept.due_on == (now + timedelta(days=1)).date()
    assert reminders.tell_due(database, now + 24 * HOUR) == 1
    assert reminders.tell_due(database, now + 25 * HOUR) == 0
    assert told(database, budi) == ["reminder"]
    reminders.change(database, budi, kept.id or 0, state="done")
    assert reminders.of_person(database, budi) == []


def test_an_office_that_says_not_ours_hands_the_case_on(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    with pytest.raises(Refusal, match="say why"):
        tasks.bounce(database, now, budi, case.number or "", " ")
    tasks.bounce(
        database, now, budi, case.number or "", "Lampu taman", to="disperumkim"
    )
    with database.reading() as session:
        rows = {row.agency_code: row.status for row in session.exec(select(Assignment))}
    assert rows == {"dishub": "bounced", "disperumkim": "open"}


def test_a_case_closes_when_every_office_is_done_or_waived(
    database: Database,
    now: datetime,
    case: Case,
    budi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    number, lina = case.number or "", join("lina", "disperumkim")
    tasks.assign(database, now, budi, number, "disperumkim")
    claims.claim(database, now, lina, number)
    with pytest.raises(Refusal, match="disperumkim have open tasks"):
        closing.close(database, now, budi, number)
    tasks.finish(database, now, lina, number)
    assert (
        closing.close(database, now, budi, number, outcome="selesai").status == "closed"
    )


def test_claims_of_who_is_away_go_back_to_the_queue(
    database: Database, now: datetime, case: Case, budi: Viewer
) -> None:
    claims.claim(database, now, budi, case.number or "")
    today = now.date()
    shifts.be_absent(
        database, now, SYSTEM, staff.get(database, "budi"), today, today, None
    )
    with database.reading() as session:
        assert session.get_one(Case, case.id).claimed_by is None
