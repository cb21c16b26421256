"""What people correct of the rules: whose a case is then, how often it happens, what it
teaches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import select

from aggregator.cases import claims, corrections, ownership, triage
from aggregator.people import shifts
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.people import Notification

pytestmark = pytest.mark.sqlite  # nothing here is the database's own

Post = Callable[..., Case | None]


@pytest.fixture
def said(register: Callable[..., Account], post: Post) -> Callable[[str], Case]:
    account = register("dishub_x", "dishub")

    def say(text: str) -> Case:
        found = post(account, text, author_id=text[-20:])
        assert found is not None
        return found

    return say


def tasks(database: Database, case: Case) -> list[Assignment]:
    with database.reading() as session:
        return list(
            session.exec(select(Assignment).where(Assignment.case_id == case.id))
        )


def owners(database: Database, case: Case) -> list[tuple[str, str]]:
    with database.reading() as session:
        stored = session.get_one(Case, case.id)
    return [(one.agency, one.role) for one in ownership.proposed(stored, [])]


def test_a_corrected_ward_names_the_ward_office(
    database: Database, now: datetime, said: Callable[[str], Case], budi: Viewer
) -> None:
    case = said("Jalan berlubang parah min, tolong diperbaiki")
    triage.confirm(database, now, budi, case.number or "", ward="kel-sempur")
    assert ("kel-sempur", "help") in owners(database, case)


def test_what_becomes_secret_is_taken_from_the_office_complained_about(
    database: Database,
    now: datetime,
    said: Callable[[str], Case],
    budi: Viewer,
    dewi: Viewer,
) -> None:
    case = said("Lampu jalan di Jl. Batutulis mati dua malam")
    triage.confirm(database, now, dewi, case.number or "", kind="pungli")
    assert [row.agency_code for row in tasks(database, case)] == ["inspektorat"]
    with pytest.raises(Refusal, match="there is no case"):
        claims.claim(database, now, budi, case.number or "")


def test_a_person_names_the_body_that_must_act(
    database: Database, now: datetime, said: Callable[[str], Case], budi: Viewer
) -> None:
    case = said("Jalan berlubang parah di Jl. Batutulis")
    assert (
        triage.not_ours(database, now, budi, case.number or "", "dbmpr-jabar")
        == "dbmpr-jabar"
    )
    assert owners(database, case)[0] == ("dbmpr-jabar", "responsible")
    (measured,) = [
        one for one in corrections.measured(database) if one.field == "authority"
    ]
    assert (measured.wrong, measured.usual) == (1, ("kota", "provinsi"))
    with pytest.raises(Refusal, match="say which body"):
        triage.not_ours(database, now, budi, case.number or "", "nasa")


def test_corrections_are_measured_and_can_be_learnt_from(
    database: Database, now: datetime, said: Callable[[str], Case], budi: Viewer
) -> None:
    wrong = said("Lampu jalan di Jl. Batutulis mati, hubungi 0812-3456-7890")
    right = said("Sampah menumpuk di Jl. Suryakencana")
    undone = said("Macet parah di Jl. Pajajaran")
    triage.confirm(database, now, budi, right.number or "")
    triage.confirm(database, now, budi, wrong.number or "", klass="aspirasi")
    triage.confirm(database, now, budi, undone.number or "", klass="spam")
    triage.confirm(database, now, budi, undone.number or "", klass=undone.klass)
    found = {one.field: one for one in corrections.measured(database)}
    assert (found["klass"].looked_at, found["klass"].wrong) == (3, 1)
    assert found["klass"].usual == ("pengaduan", "aspirasi")
    assert found["kind"].right == 1.0
    (first, _) = corrections.examples(database)
    assert first["class"] == "aspirasi"
    assert "Batutulis" in first["text"] and "3456" not in first["text"]


def test_a_question_goes_before_who_can_answer_it(
    database: Database,
    said: Callable[[str], Case],
    join: Callable[..., Viewer],
    dewi: Viewer,
) -> None:
    english = (
        "Good morning, which bus goes to the station tomorrow and where does it stop?"
    )

    def told(case: Case) -> set[Any]:
        with database.reading() as session:
            query = select(Notification.person_id).where(
                Notification.case_id == case.id
            )
            return set(session.exec(query.where(Notification.kind == "language")))

    nobody = said(english)
    assert told(nobody) == {dewi.id}, "nobody is marked, so the coordinators know"
    mira = join("mira", "disparbud")
    shifts.set_languages(database, SYSTEM, "mira", ["id", "en"])
    case = said("What documents do I need to register a new family card here?")
    assert told(case) == {mira.id}
    assert {row.agency_code: row.reason for row in tasks(database, case)}[
        "disparbud"
    ] == ("language:en")
