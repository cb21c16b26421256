"""Many reports of one event become one incident, adapted to what is usual at that
hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from aggregator.answers import broadcasts
from aggregator.cases import deadlines, tasks
from aggregator.people import notifications
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports.incidents import (
    Matter,
    Setting,
    Settings,
    needed,
    proposed,
)
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.store import AuditEntry
from aggregator.store.tables.twins import Incident
from aggregator.twins import incidents

Post = Callable[..., Case | None]
FLOODS = (
    "Banjir besar di Jl. Pajajaran, motor mogok semua",
    "Jalan Pajajaran kebanjiran setinggi lutut, tolong",
    "Banjir masuk rumah warga di Jl Pajajaran dekat terminal, tolong",
    "Banjir lagi banjir lagi, Pajajaran lumpuh",
)
LIMITS = Settings(Setting(5, 60, 3), {"kebakaran": Setting(2, 20, 2)})


def test_the_usual_of_the_hour_raises_the_bar_but_never_lowers_it() -> None:
    assert needed(Setting(5, 60, 3), usual=0) == 5
    assert needed(Setting(5, 60, 3), usual=2.1) == 7


def test_what_is_dangerous_is_proposed_with_fewer_reports() -> None:
    fire, jam, hole = (
        Matter(kind, "pjjrn") for kind in ("kebakaran", "kemacetan", "jalan")
    )
    counts = {fire: 2, jam: 9, hole: 4}
    assert proposed(counts, {jam: 4.0}, LIMITS) == [fire]
    assert proposed(counts, {jam: 2.0}, LIMITS) == [jam, fire]


@pytest.fixture
def flood(register: Callable[..., Account], post: Post, now: datetime) -> list[Case]:
    """Three people report one flood within the hour."""
    account = register("kota_x", "diskominfo")
    found = []
    for number, text in enumerate(FLOODS[:3]):
        at = (now - timedelta(minutes=30 - number)).isoformat()
        case = post(
            account, text, native_id=f"f{number}", author_id=f"p{number}", created_at=at
        )
        assert case is not None and case.kind == "banjir_longsor"
        found.append(case)
    return found


def test_reports_that_come_thick_propose_one_incident_with_all_their_cases(
    database: Database, flood: list[Case], dewi: Viewer, now: datetime
) -> None:
    assert len(incidents.propose(database, now)) == 1
    assert incidents.propose(database, now + timedelta(minutes=1)) == []
    [shown] = incidents.listing(database, now, dewi)
    assert (shown.incident.kind, shown.incident.state) == ("banjir_longsor", "proposed")
    assert "pajajaran" in shown.incident.place.lower()
    assert {case.id for case in shown.cases} == {case.id for case in flood}
    assert shown.incident.first_at == now - timedelta(minutes=30)


def test_what_comes_later_joins_it_and_keeps_its_own_number_and_clock(
    database: Database,
    flood: list[Case],
    post: Post,
    register: Callable[..., Account],
    dewi: Viewer,
    now: datetime,
) -> None:
    incidents.propose(database, now)
    late = post(register("bpbd_x", "bpbd"), FLOODS[3], native_id="f9", author_id="p9")
    incidents.propose(database, now)
    [shown] = incidents.listing(database, now, dewi)
    assert late is not None and late.id in {case.id for case in shown.cases}
    kept = next(case for case in shown.cases if case.id == flood[0].id)
    assert (kept.number, kept.next_due_at) == (flood[0].number, flood[0].next_due_at)


def test_one_person_alone_is_no_incident(
    database: Database, register: Callable[..., Account], post: Post, now: datetime
) -> None:
    account = register("kota_x", "diskominfo")
    for number, text in enumerate(FLOODS):
        post(account, text, native_id=f"f{number}", author_id="siti")
    assert incidents.propose(database, now) == []


def test_what_happens_there_every_day_at_this_hour_is_not_proposed(
    database: Database,
    flood: list[Case],
    register: Callable[..., Account],
    post: Post,
    now: datetime,
) -> None:
    account = register("bpbd_x", "bpbd", first_days=60)
    for day in range(1, 28):
        for number in range(2):
            at = (now - timedelta(days=day, minutes=-number)).isoformat()
            text = f"{FLOODS[number]} hari ke {day}"
            post(
                account,
                text,
                native_id=f"d{day}-{number}",
                author_id=f"q{day}-{number}",
                created_at=at,
            )
    assert incidents.propose(database, now) == []


def test_from_proposal_to_end_it_has_one_owner_a_statement_and_a_time(
    database: Database, flood: list[Case], dewi: Viewer, rina: Viewer, now: datetime
) -> None:
    [number] = incidents.propose(database, now)
    with pytest.raises(Refusal, match="no incident"):
        incidents.confirm(database, now, rina, number)
    news = now + timedelta(hours=1)
    mine = incidents.confirm(
        database, now, dewi, number, statement="Petugas di lokasi.", news_at=news
    )
    assert (mine.state, mine.owner_id, mine.next_update_at) == ("open", dewi.id, news)
    with pytest.raises(Refusal, match="is open"):
        incidents.confirm(database, now, dewi, number)
    with pytest.raises(Refusal, match="has changed"):
        incidents.update(
            database, now, dewi, number, statement="x", version=mine.version - 1
        )
    with pytest.raises(Refusal, match="has passed"):
        incidents.update(database, now, dewi, number, news_at=now)
    assert incidents.listing(database, news, dewi)[0].news_due
    incidents.update(database, news, dewi, number, news_at=news + timedelta(hours=1))
    assert not incidents.listing(database, news, dewi)[0].news_due
    incidents.end(database, news, dewi, number)
    assert incidents.listing(database, news, dewi) == []
    assert (
        incidents.listing(database, news, dewi, everything=True)[0].incident.state
        == "ended"
    )
    with database.reading() as session:
        lines = session.exec(select(AuditEntry).where(AuditEntry.subject == "incident"))
        assert [line.action for line in lines] == [
            "incident_proposed",
            "incident_confirmed",
            "incident_updated",
            "incident_ended",
        ]
        assert all(session.get_one(Case, case.id).status == "new" for case in flood)


def test_its_owner_is_told_once_when_the_promised_time_of_news_has_come(
    database: Database, flood: list[Case], dewi: Viewer, budi: Viewer, now: datetime
) -> None:
    [number] = incidents.propose(database, now)
    assert [row.kind for row in notifications.unread(database, dewi.id)] == [
        "incident_proposed"
    ]
    news = now + timedelta(hours=1)
    incidents.confirm(
        database, now, dewi, number, statement="Tim di lokasi", news_at=news
    )
    assert incidents.tell_due(database, now) == 0
    assert [incidents.tell_due(database, news) for _ in range(2)] == [1, 0]
    later = news + timedelta(hours=1)
    incidents.update(database, news, dewi, number, statement="Air surut", news_at=later)
    assert incidents.tell_due(database, news + timedelta(minutes=5)) == 0
    tasks.assign(database, now, dewi, str(flood[0].number), "dishub", lead=False)
    with pytest.raises(Refusal, match="Dewi owns"):
        incidents.end(database, later, budi, number)
    incidents.take(database, later, budi, number)
    assert [row.kind for row in notifications.unread(database, dewi.id)] == [
        "incident_taken",
        "incident",
        "incident_proposed",
    ]
    assert incidents.tell_due(database, later) == 1
    [shown] = incidents.listing(database, later, dewi)
    assert (shown.owner, shown.reporters) == ("Budi", 3)
    assert [text for _, text in shown.said] == ["Tim di lokasi", "Air surut"]


def test_a_person_adds_and_drops_cases_and_the_program_leaves_it_at_that(
    database: Database,
    flood: list[Case],
    post: Post,
    register: Callable[..., Account],
    dewi: Viewer,
    now: datetime,
) -> None:
    [number] = incidents.propose(database, now)
    other = post(
        register("bpbd_x", "bpbd"), "Genangan air tinggi sekali", native_id="g1"
    )
    assert other is not None
    incidents.add(database, now, dewi, number, str(other.number))
    incidents.drop(database, now, dewi, number, str(flood[0].number))
    incidents.propose(database, now + timedelta(minutes=1))
    [shown] = incidents.listing(database, now, dewi)
    assert {case.id for case in shown.cases} == {other.id, flood[1].id, flood[2].id}
    with database.reading() as session:
        found = incidents.of_cases(session, now, dewi, [other.id or 0])
        assert found is not None and found.incident.id == number
        assert incidents.of_cases(session, now, dewi, [flood[0].id or 0]) is None


def test_one_statement_reaches_everybody_who_reported_the_incident_once(
    database: Database, flood: list[Case], dewi: Viewer, now: datetime
) -> None:
    [number] = incidents.propose(database, now)
    text = "Tim BPBD di lokasi, kabar berikutnya pukul 20.00"
    with pytest.raises(Refusal, match="is proposed"):
        broadcasts.queue(database, now, dewi, number, text, key="b1")
    incidents.confirm(database, now, dewi, number, statement=text)
    for _ in range(2):  # a double click
        written = broadcasts.queue(database, now, dewi, number, text, key="b1")
        assert {notice.case_id for notice in written} == {case.id for case in flood}
    with pytest.raises(Refusal, match="nobody"):
        broadcasts.queue(database, now, dewi, number, text, key="b2")
    with database.reading() as session:
        said = session.exec(select(Reply.text)).all()
        told = broadcasts.told(session, incidents.find(session, now, dewi, number))
    assert len(said) == len(set(said)) == 3, "equal public answers are taken for spam"
    assert all(text in one for one in said)
    assert [[row.state for row in one.rows] for one in told] == [["queued"] * 3]


def test_what_a_person_said_is_none_is_left_alone_for_a_day(
    database: Database, flood: list[Case], dewi: Viewer, now: datetime
) -> None:
    [number] = incidents.propose(database, now)
    incidents.dismiss(database, now, dewi, number)
    assert incidents.propose(database, now + timedelta(minutes=2)) == []


def test_a_confidential_report_is_no_member(
    database: Database, flood: list[Case], now: datetime
) -> None:
    with database.writing() as session:
        session.get_one(Case, flood[0].id).confidential = True
    assert incidents.propose(database, now) == []
    with database.reading() as session:
        assert session.exec(select(Incident)).all() == []
    assert deadlines.OPEN
