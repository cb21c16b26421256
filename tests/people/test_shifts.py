"""Shifts, absences, deputies, handovers, and one person taking over from another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from aggregator.accounts import rosters
from aggregator.accounts.registering import ImportRefused
from aggregator.answers import drafts
from aggregator.answers.drafts import Writing
from aggregator.cases import claims, handovers, notes
from aggregator.people import (
    invitations,
    notifications,
    passwords,
    sessions,
    shifts,
    staff,
    succession,
)
from aggregator.people.refusal import PeopleError
from aggregator.people.sessions import Browser
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case, Reminder
from aggregator.store.tables.people import Person
from aggregator.store.tables.store import AuditEntry

Join = Callable[..., Viewer]
HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 2)


@pytest.fixture
def case(register: Callable[..., Account], post: Callable[..., Case | None]) -> Case:
    found = post(
        register("dishub_x", "dishub"), "Lampu jalan di Jl. Batutulis mati dua malam"
    )
    assert found is not None
    return found


def logins(database: Database, role: str, agency: str = "dishub") -> list[str]:
    with database.reading() as session:
        return [
            person.login for person in shifts.recipients(session, agency, role, TODAY)
        ]


def test_who_is_on_duty_now(
    database: Database, now: datetime, budi: Viewer, join: Join
) -> None:
    join("sari", "dishub")
    night, day = (staff.get(database, "budi"), staff.get(database, "sari"))
    shifts.add_shift(database, SYSTEM, night, now - HOUR, now + 7 * HOUR)
    shifts.add_shift(database, SYSTEM, day, now + 7 * HOUR, now + 15 * HOUR)
    with database.reading() as session:
        assert [p.login for p in shifts.on_duty(session, "dishub", now)] == ["budi"]
        assert [p.login for p in shifts.on_duty(session, "dishub", now + 7 * HOUR)] == [
            "sari"
        ]
        assert shifts.on_duty(session, "dlh", now) == []
    assert [
        shift.person_id for shift in shifts.shifts(database, now + 8 * HOUR, "dishub")
    ] == [day.id]
    with pytest.raises(PeopleError, match="ends after it starts"):
        shifts.add_shift(database, SYSTEM, day, now, now)


def test_deputies_stand_in_and_their_deputies_too_until_nobody_is_left(
    database: Database, now: datetime, join: Join
) -> None:
    for login in ("kepala", "wakil", "sekretaris"):
        join(login, "dishub")
    join("desi", "diskominfo", "koordinator")
    head, second, third = (
        staff.get(database, one) for one in ("kepala", "wakil", "sekretaris")
    )
    shifts.set_position(database, SYSTEM, "kepala", "kepala_opd")
    assert logins(database, "kepala_opd") == ["kepala"]
    shifts.be_absent(database, now, SYSTEM, head, TODAY, TODAY, second)
    assert logins(database, "kepala_opd") == ["wakil"]
    shifts.be_absent(database, now, SYSTEM, second, TODAY, TODAY, third)
    assert logins(database, "kepala_opd") == ["sekretaris"]
    shifts.be_absent(database, now, SYSTEM, third, TODAY, TODAY, head)
    assert logins(database, "kepala_opd") == ["desi"]
    assert shifts.be_back(database, now, SYSTEM, head) == 1
    assert logins(database, "kepala_opd") == ["kepala"]
    assert shifts.be_back(database, now, SYSTEM, head) == 0


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda db: shifts.set_position(db, SYSTEM, "budi", "raja"), "does not exist"),
        (
            lambda db: shifts.set_languages(db, SYSTEM, "budi", ["Inggris"]),
            "two letters",
        ),
        (
            lambda db: shifts.set_reach(db, SYSTEM, "budi", telegram="@budi"),
            "write its number",
        ),
        (
            lambda db: shifts.set_reach(db, SYSTEM, "budi", email="budi"),
            "no e-mail address",
        ),
        (
            lambda db: shifts.set_languages(db, SYSTEM, "hantu", ["en"]),
            "nobody has the login",
        ),
    ],
)
def test_what_cannot_be_is_said(
    database: Database, budi: Viewer, act: Callable[[Database], object], said: str
) -> None:
    with pytest.raises(PeopleError, match=said):
        act(database)


def test_a_person_s_ways_are_set_one_by_one(database: Database, budi: Viewer) -> None:
    shifts.set_reach(database, SYSTEM, "budi", email="budi@contoh.example")
    both = shifts.set_reach(database, SYSTEM, "budi", telegram="77120")
    assert (both.telegram, both.email) == ("77120", "budi@contoh.example")
    assert shifts.set_reach(database, SYSTEM, "budi", telegram="").telegram is None


def test_an_absence_needs_its_days_in_order_and_somebody_else_as_deputy(
    database: Database, now: datetime, budi: Viewer
) -> None:
    person = staff.get(database, "budi")
    with pytest.raises(PeopleError, match="ends after it begins"):
        shifts.be_absent(
            database, now, SYSTEM, person, TODAY, TODAY - timedelta(days=1), None
        )
    with pytest.raises(PeopleError, match="their own deputy"):
        shifts.be_absent(database, now, SYSTEM, person, TODAY, TODAY, person)


def test_coming_back_early_keeps_the_days_that_were(
    database: Database, now: datetime, budi: Viewer
) -> None:
    person = staff.get(database, "budi")
    yesterday = TODAY - timedelta(days=1)
    shifts.be_absent(
        database, now, SYSTEM, person, yesterday, TODAY + timedelta(days=5), None
    )
    assert shifts.be_back(database, now, SYSTEM, person) == 1
    with database.reading() as session:
        assert shifts.absence_of(session, person.id or 0, TODAY) is None
        assert shifts.absence_of(session, person.id or 0, yesterday) is not None


def test_a_roster_is_saved_whole_or_not_at_all(
    database: Database, now: datetime, budi: Viewer, tmp_path: Path
) -> None:
    file = tmp_path / "piket.csv"
    file.write_text(
        "login;starts;ends;agency\r\n"
        "budi;2026-03-02T22:00;2026-03-03T06:00;\r\n"
        "budi;2026-03-02T22:00;2026-03-03T06:00;\r\n"
        "hantu;2026-03-02T22:00;2026-03-03T06:00;\r\n"
        "budi;besok;lusa;\r\n"
        "budi;2026-03-03T06:00;2026-03-02T22:00;\r\n"
        "budi;2026-03-02T22:00;2026-03-03T06:00;dinas-angin\r\n",
        encoding="utf-8-sig",
    )
    lines = rosters.plan(database, file)
    assert [line.row.reason.split(";")[0] for line in lines] == [
        "",
        "stands in the file twice",
        "nobody has the login 'hantu'",
        "write times like 2026-03-02T22:00".replace("2026-03-02", "2026-11-25"),
        "it ends before it starts",
        "there is no agency 'dinas-angin'",
    ]
    with pytest.raises(ImportRefused, match="5 rows are wrong"):
        rosters.save(database, SYSTEM, lines)
    assert shifts.shifts(database, now) == []
    file.write_text("login,starts,ends\nbudi,2026-03-02 22:00,2026-03-03 06:00\n")
    assert rosters.save(database, SYSTEM, rosters.plan(database, file)) == 1
    (shift,) = shifts.shifts(database, now)
    assert (shift.starts_at, shift.ends_at) == (
        now + 2 * HOUR,
        now + 10 * HOUR,
    )  # local times
    assert [line.row.outcome for line in rosters.plan(database, file)] == ["same"]


def test_a_shift_leaves_its_work_and_a_note_to_the_next(
    database: Database,
    now: datetime,
    case: Case,
    budi: Viewer,
    rina: Viewer,
    join: Join,
) -> None:
    sari = join("sari", "dishub")
    shifts.add_shift(
        database, SYSTEM, staff.get(database, "sari"), now + 7 * HOUR, now + 15 * HOUR
    )
    with database.writing() as session:
        stored = session.get_one(Case, case.id)
        stored.next_due_at = now + 3 * HOUR
        session.add(
            Reminder(
                case_id=case.id or 0, person_id=budi.id, due_on=TODAY, words="hari ini"
            )
        )
    note = handovers.write(database, now, budi, "Tim PJU ke Batutulis jam 9")
    number = case.number
    assert note.state == {
        "open": 1,
        "urgent": [],
        "late": [],
        "near": [number],
        "waiting": [],
        "promised": [{"number": number, "due_on": "2026-03-02", "words": "hari ini"}],
    }
    (told,) = notifications.of_person(database, sari.id)
    assert (told.kind, told.data) == ("handover", {"agency": "Dishub", "who": "Budi"})
    assert notifications.of_person(database, budi.id) == []
    assert [one.text for one in handovers.latest(database, "dishub")] == [note.text]
    with pytest.raises(PeopleError, match="does not hand over"):
        handovers.write(database, now, rina, "salah", "dishub")


def test_a_successor_gets_the_work_and_the_old_access_ends(
    database: Database, now: datetime, case: Case, budi: Viewer, join: Join
) -> None:
    number = case.number or ""
    shifts.set_position(database, SYSTEM, "budi", "kepala_opd")
    shifts.add_shift(
        database, SYSTEM, staff.get(database, "budi"), now + HOUR, now + 9 * HOUR
    )
    claims.claim(database, now, budi, number)
    notes.add_note(database, now, budi, number, "sudah ditelepon")
    with database.writing() as session:
        session.add(
            Reminder(
                case_id=case.id or 0, person_id=budi.id, due_on=TODAY, words="hari ini"
            )
        )
    drafts.save(database, now, budi, number, Writing("Baik, kami cek"))
    token, _ = sessions.begin(database, now, budi.id, 1, Browser("Chrome", "::1"))
    assert sessions.of_token(database, now, token) is not None
    sari = join("sari", "dishub")
    done = succession.replace(database, now, SYSTEM, "budi", "sari")
    assert (done.drafts, done.reminders, done.shifts, done.token) == (1, 1, 1, None)
    (told,) = notifications.of_person(database, sari.id)
    assert (told.kind, told.data["numbers"], done.cases) == (
        "succession",
        [number],
        [number],
    )
    assert done.accounts == ["fake:dishub_x"]
    assert sessions.of_token(database, now, token) is None
    assert passwords.sign_in(database, now, "budi", "kata sandi panjang") is None
    assert staff.get(database, "sari").position == "kepala_opd"
    assert [shift.person_id for shift in shifts.shifts(database, now)] == [sari.id]
    with database.reading() as session:
        assert session.get_one(Case, case.id).claimed_by is None
        assert session.exec(select(Reminder.person_id)).all() == [sari.id]
        mine = drafts.own(session, sari, session.get_one(Case, case.id))
        assert mine is not None and mine.text == "Baik, kami cek"
        noted = select(AuditEntry.actor).where(AuditEntry.action == "noted")
        assert session.exec(noted).all() == ["budi"]  # what was done stays their doing


def test_a_successor_may_be_invited_in_the_same_step(
    database: Database, now: datetime, budi: Viewer
) -> None:
    done = succession.replace(database, now, SYSTEM, "budi", "tuti", name="Tuti")
    assert done.token is not None
    invited = invitations.invited(database, now, done.token)
    assert invited is not None
    assert (invited.login, invited.agency_code, invited.role) == (
        "tuti",
        "dishub",
        "juru_bicara",
    )


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ("budi", "take over from themselves"),
        ("hantu", "--name"),
        ("rina", "of the same agency"),
    ],
)
def test_a_wrong_successor_changes_nothing(
    database: Database, now: datetime, budi: Viewer, rina: Viewer, login: str, said: str
) -> None:
    with pytest.raises(PeopleError, match=said):
        succession.replace(database, now, SYSTEM, "budi", login)
    with database.reading() as session:
        assert session.get_one(Person, budi.id).status == "active"
