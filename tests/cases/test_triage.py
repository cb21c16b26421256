"""What a case is about and whose it is, without typing it again; and what people
correct."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import col, select

from aggregator.cases import claims, triage
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Assignment, Case, Correction
from aggregator.store.tables.people import Notification
from aggregator.store.tables.twins import Incident, IncidentCase, Suggestion

Post = Callable[..., Case | None]


def offices(database: Database, case: Case) -> dict[str, str]:
    with database.reading() as session:
        query = select(Assignment).where(Assignment.case_id == case.id)
        return {row.agency_code: row.role for row in session.exec(query)}


def test_a_complaint_sent_to_the_wrong_office_is_led_by_the_right_one(
    database: Database, register: Callable[..., Account], post: Post
) -> None:
    case = post(
        register("dinkes_x", "dinkes"), "Lampu jalan di Jl. Batutulis mati dua malam"
    )
    assert case is not None
    assert (case.klass, case.kind, case.ward) == (
        "pengaduan",
        "pju_mati",
        "kel-batu-tulis",
    )
    assert offices(database, case) == {"dishub": "lead", "dinkes": "help"}
    assert case.understood.owners[0].reason == "kind:pju_mati"


def test_what_no_word_tells_stays_with_the_office_addressed(
    database: Database, register: Callable[..., Account], post: Post
) -> None:
    case = post(register("dishub_x", "dishub"), "Min, ini gimana ya kelanjutannya")
    assert case is not None
    assert offices(database, case) == {"dishub": "lead"}


def test_who_asks_for_bribes_never_sees_the_report(
    database: Database,
    register: Callable[..., Account],
    post: Post,
    budi: Viewer,
    dewi: Viewer,
) -> None:
    said = "Petugas parkir dishub minta uang pungli 50 ribu di terminal, mohon ditindak"
    case = post(register("dishub_x", "dishub"), said)
    assert case is not None and case.number is not None
    assert case.confidential
    assert "dishub" not in offices(database, case)
    assert offices(database, case)["inspektorat"] == "lead"
    with pytest.raises(Refusal, match="there is no case"):
        claims.claim(database, case.opened_at, budi, case.number, 30)
    again = post(register("dishub_y", "dishub"), said, reply_to=None)
    assert again is not None and "dishub" not in offices(database, again)


def test_what_becomes_secret_is_in_no_incident_and_beside_no_case_that_tells_it(
    database: Database,
    now: datetime,
    register: Callable[..., Account],
    post: Post,
    dewi: Viewer,
) -> None:
    account = register("dishub_x", "dishub")
    case = post(account, "Lampu jalan di Jl. Batutulis mati dua malam")
    alike = post(account, "Angkot ngetem di depan stasiun")
    assert case is not None and alike is not None and case.number is not None
    with database.writing() as session:
        session.add(
            Incident(
                id=1,
                kind="pju_mati",
                spot="x",
                place="Batutulis",
                first_at=now,
                proposed_at=now,
            )
        )
        session.add(IncidentCase(incident_id=1, case_id=case.id or 0))
        session.add(Suggestion(case_id=alike.id or 0, other_id=case.id or 0, score=0.7))
    triage.confirm(database, now, dewi, case.number, kind="pungli")
    assert offices(database, case) == {"inspektorat": "lead"}
    with database.reading() as session:
        assert session.exec(select(IncidentCase)).all() == []
        assert session.exec(select(Suggestion)).all() == []


def test_an_emergency_rings_at_once_for_offices_and_coordinators(
    database: Database,
    register: Callable[..., Account],
    post: Post,
    join: Callable[..., Viewer],
    dewi: Viewer,
) -> None:
    joko = join("joko", "bpbd")
    case = post(
        register("kota_x", "diskominfo"),
        "TOLONG rumah tertimpa longsor di Mulyaharja, dua orang terjebak di dalam",
    )
    assert case is not None and case.urgent and case.klass == "darurat"
    with database.reading() as session:
        query = select(Notification.person_id).where(Notification.case_id == case.id)
        assert set(session.exec(query.where(col(Notification.urgent)))) == {
            joko.id,
            dewi.id,
        }


def test_thanks_are_bound_by_no_clock(
    register: Callable[..., Account], post: Post
) -> None:
    account = register("dlh_x", "dlh")
    thanks = post(
        account,
        "Hatur nuhun min, pipa di Cimanggu geus dibenerkeun kamari, gancang pisan",
    )
    assert thanks is not None
    assert (thanks.klass, thanks.next_due_at) == ("apresiasi", None)
    complaint = post(account, "Sampah di TPS Pasar Merdeka menumpuk seminggu")
    assert complaint is not None and complaint.next_due_at is not None


def test_a_correction_moves_the_case_and_is_kept(
    database: Database,
    now: datetime,
    register: Callable[..., Account],
    post: Post,
    dewi: Viewer,
) -> None:
    case = post(
        register("dishub_x", "dishub"), "Lampu jalan di Jl. Batutulis mati dua malam"
    )
    assert case is not None and case.number is not None
    corrected = triage.confirm(database, now, dewi, case.number, kind="kebersihan")
    assert corrected.confirmed and corrected.kinds == ["kebersihan", "pju_mati"]
    assert offices(database, case) == {"dishub": "help", "dlh": "lead"}
    with database.reading() as session:
        kept = session.exec(select(Correction)).one()
    assert (kept.field, kept.before, kept.after) == ("kind", "pju_mati", "kebersihan")


def test_agreeing_is_no_correction(
    database: Database,
    now: datetime,
    register: Callable[..., Account],
    post: Post,
    budi: Viewer,
) -> None:
    case = post(
        register("dishub_x", "dishub"), "Lampu jalan di Jl. Batutulis mati dua malam"
    )
    assert case is not None and case.number is not None
    assert triage.confirm(database, now, budi, case.number).confirmed
    with database.reading() as session:
        assert session.exec(select(Correction)).all() == []
    for wrong in ({"klass": "curhat"}, {"kind": "hujan"}, {"ward": "kel-atlantis"}):
        with pytest.raises(Refusal, match="there is no"):
            triage.confirm(database, now, budi, case.number, **wrong)  # type: ignore[arg-type]
