"""What may be an emergency: it waits for a look without ringing, and a person decides;
who told 112, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from aggregator.cases import closing, corrections, triage
from aggregator.desk import queue
from aggregator.desk.filters import Filter
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Notification
from aggregator.store.tables.store import AuditEntry
from aggregator.twins import joining

pytestmark = pytest.mark.sqlite  # nothing here is the database's own

DOUBTFUL = "Takut ada yang tenggelam di kolam itu kalau hujan, di Mulyaharja"
ANOTHER = "Kalau ada orang tenggelam di Situ Gede lapor ke siapa ya"
FIRE = "TOLONG kebakaran di Gg. Kenanga"


@pytest.fixture
def say(
    register: Callable[..., Account], post: Callable[..., Case | None]
) -> Callable[..., Case]:
    account = register("bpbd_x", "bpbd")

    def arrive(text: str, author: str = "siti") -> Case:
        found = post(account, text, author_id=author)
        assert found is not None
        return found

    return arrive


def again(database: Database, case: Case) -> Case:
    with database.reading() as session:
        return session.get_one(Case, case.id)


def rung(database: Database) -> int:
    with database.reading() as session:
        query = select(Notification).where(col(Notification.urgent))
        return len(list(session.exec(query)))


def goes_on(database: Database, now: datetime, case: Case, text: str) -> None:
    """The reporter says something more in the same case."""
    with database.writing() as session:
        stored = session.get_one(Case, case.id)
        first = session.get_one(Message, stored.first_message_id)
        more = Message(**{**first.model_dump(exclude={"id"}), "native_id": text})
        more.text = text
        triage.go_on(session, now, stored, more, [])


def waiting(database: Database, now: datetime, viewer: Viewer) -> list[str]:
    found = queue.perhaps_emergencies(database, now, viewer)
    return [row.case.number for row in found]


def test_it_stands_first_and_nothing_rings(
    database: Database, now: datetime, say: Callable[..., Case], dewi: Viewer
) -> None:
    late = say("Sampah di TPS Pasar Merdeka menumpuk seminggu", "asep")
    doubtful = say(DOUBTFUL)
    assert (doubtful.urgent, doubtful.maybe_urgent) == (False, True)
    assert rung(database) == 0
    assert waiting(database, now, dewi) == [doubtful.number]
    listed = queue.page(database, now, dewi, Filter("semua"))
    assert [row.case.number for row in listed] == [doubtful.number, late.number]
    assert queue.count(database, now, dewi)["mungkin"] == 1


def test_who_says_that_it_is_one_rings_and_is_learnt_from(
    database: Database, now: datetime, say: Callable[..., Case], dewi: Viewer
) -> None:
    case = say(DOUBTFUL)
    triage.decide(database, now, dewi, case.number or "", urgent=True)
    decided = again(database, case)
    assert (decided.urgent, decided.maybe_urgent) == (True, False)
    assert decided.confirmed is False
    assert rung(database) > 0
    assert waiting(database, now, dewi) == []
    (taught,) = corrections.examples(database)
    assert taught["urgent"] == "True"


def test_who_says_that_it_is_none_ends_the_doubt_and_is_learnt_from(
    database: Database, now: datetime, say: Callable[..., Case], dewi: Viewer
) -> None:
    case = say(DOUBTFUL)
    triage.decide(database, now, dewi, case.number or "", urgent=False)
    triage.decide(database, now, dewi, case.number or "", urgent=True)  # too late
    assert (again(database, case).urgent, rung(database)) == (False, 0)
    assert waiting(database, now, dewi) == []
    (taught,) = corrections.examples(database)
    assert taught["urgent"] == "False"
    said = {one.field: one for one in corrections.measured(database)}
    assert (said["maybe_urgent"].looked_at, said["maybe_urgent"].wrong) == (1, 1)


def test_a_further_message_asks_again_and_a_cry_rings(
    database: Database, now: datetime, say: Callable[..., Case], dewi: Viewer
) -> None:
    case = say(DOUBTFUL)
    triage.decide(database, now, dewi, case.number or "", urgent=False)
    goes_on(database, now, case, DOUBTFUL)
    assert waiting(database, now, dewi) == [case.number]
    goes_on(database, now, case, FIRE)
    decided = again(database, case)
    assert (decided.urgent, decided.maybe_urgent) == (True, False)


def test_a_cry_in_a_case_that_a_person_has_confirmed_is_looked_at(
    database: Database, now: datetime, say: Callable[..., Case], dewi: Viewer
) -> None:
    case = say("Sampah di TPS Pasar Merdeka menumpuk seminggu")
    triage.confirm(database, now, dewi, case.number or "")
    goes_on(database, now, case, FIRE)
    assert waiting(database, now, dewi) == [case.number]


def test_it_leaves_with_its_case_and_comes_with_a_report_of_the_same(
    database: Database, now: datetime, say: Callable[..., Case], dewi: Viewer
) -> None:
    calm, doubtful = say("Kolam di Mulyaharja tanpa pagar", "asep"), say(DOUBTFUL)
    joining.join(database, now, dewi, doubtful.number or "", calm.number or "")
    assert waiting(database, now, dewi) == [calm.number]
    closing.close(database, now, dewi, calm.number or "", outcome="arsip", waive="x")
    assert waiting(database, now, dewi) == []


def test_what_was_said_to_be_none_is_not_asked_again_for_a_report_of_the_same(
    database: Database, now: datetime, say: Callable[..., Case], dewi: Viewer
) -> None:
    first, second = say(DOUBTFUL), say(ANOTHER, "asep")
    triage.decide(database, now, dewi, first.number or "", urgent=False)
    joining.join(database, now, dewi, second.number or "", first.number or "")
    assert waiting(database, now, dewi) == []


def test_the_first_who_told_112_stands_in_the_history(
    database: Database,
    now: datetime,
    say: Callable[..., Case],
    dewi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    case, joko = say(FIRE), join("joko", "bpbd")
    later = now + timedelta(minutes=2)
    triage.tell_112(database, now, joko, case.number or "")
    triage.tell_112(database, later, dewi, case.number or "")
    assert again(database, case).told_112_at == now
    with database.reading() as session:
        query = select(AuditEntry).where(col(AuditEntry.action) == "told_112")
        assert [line.person_id for line in session.exec(query)] == [joko.id]
    with pytest.raises(Refusal, match="may read"):
        reads = join("ani", "bpbd", "pimpinan")
        triage.tell_112(database, now, reads, case.number or "")
