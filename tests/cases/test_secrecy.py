"""A secret case has readers by name; whoever is none cannot tell it from a case that is
not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import col, select

from aggregator.cases import casefile, claims, readership, secrecy, triage
from aggregator.desk import figures, queue
from aggregator.desk.filters import Filter
from aggregator.intake import ingest
from aggregator.people import invitations, notifications, shifts, staff
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case, CaseConcern, CaseReader
from aggregator.store.tables.people import Notification

SAID = "Petugas parkir dishub minta uang pungli 50 ribu di terminal, mohon ditindak"
WHY = "Menangani laporan ini"
Arrive = Callable[..., Case]


@pytest.fixture
def arrive(register: Callable[..., Account], post: Callable[..., Case]) -> Arrive:
    account = register("dishub_x", "dishub")
    return lambda text=SAID, **said: post(account, text, **said)


@pytest.fixture
def ida(database: Database, now: datetime, join: Callable[..., Viewer]) -> Viewer:
    """Of the Inspectorate, and named to read secret cases from the beginning."""
    found = join("ida", "inspektorat")
    readership.name_first(database, now, SYSTEM, "ida")
    return found


def sees(database: Database, now: datetime, viewer: Viewer, case: Case) -> bool:
    try:
        with casefile.reading(database, now, viewer, str(case.number)):
            return True
    except Refusal as error:
        assert error.code == "no_such_case"
        return False


def concerned(database: Database, case: Case) -> dict[str, str]:
    with database.reading() as session:
        query = select(CaseConcern).where(CaseConcern.case_id == case.id)
        return {row.agency_code: row.named_by for row in session.exec(query)}


def told(database: Database, kind: str) -> set[int]:
    with database.reading() as session:
        query = select(Notification.person_id).where(Notification.kind == kind)
        return set(session.exec(query))


@pytest.mark.threat("SEC-1")
def test_a_secret_case_is_its_readers_alone_whatever_a_role_sees(
    database: Database,
    now: datetime,
    arrive: Arrive,
    ida: Viewer,
    budi: Viewer,
    dewi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    others = [
        budi,
        dewi,
        join("ani", "diskominfo", "admin"),
        join("vera", "diskominfo", "verifikator"),
        join("kokom", "dishub", "koordinator"),
        join("iwan", "inspektorat", "koordinator"),
    ]
    case = arrive()
    assert sees(database, now, ida, case)
    assert [one.login for one in readers_of(database, now, ida, case)] == ["ida"]
    for viewer in others:
        assert not sees(database, now, viewer, case), viewer.login
        assert queue.page(database, now, viewer, Filter("semua", status="semua")) == []
        assert not any(queue.count(database, now, viewer).values())
        assert figures.offices(database, viewer, now) == []
        assert figures.period(database, viewer, case.opened_at, now).total == 0
        with pytest.raises(Refusal) as refused:
            claims.claim(database, now, viewer, str(case.number))
        with pytest.raises(Refusal) as nothing:
            claims.claim(database, now, viewer, casenumbers.number_of(9_999))
        gone = str(refused.value).replace(str(case.number), "N")
        assert refused.value.code == nothing.value.code == "no_such_case"
        assert gone == str(nothing.value).replace(casenumbers.number_of(9_999), "N")
    (row,) = queue.page(database, now, ida, Filter("semua"))
    assert (row.case.number, row.text) == (case.number, SAID)
    assert ingest.events(database) == []


def readers_of(
    database: Database, now: datetime, viewer: Viewer, case: Case
) -> list[readership.Reading]:
    with casefile.reading(database, now, viewer, str(case.number)) as file:
        return readership.of_case(file)


@pytest.mark.threat("SEC-2")
@pytest.mark.parametrize(
    ("said", "office", "named_by"),
    [
        (SAID, "dishub", "text"),
        ("Ada pungli di loket KTP, diminta seratus ribu", "disdukcapil", "kind"),
        ("Ada pungli, saya diminta uang oleh petugas", "dishub", "account"),
        ("Pegawai inspektorat minta uang pungli ke saya", "inspektorat", "text"),
    ],
)
def test_the_people_of_an_office_it_may_be_about_never_read_it(
    database: Database,
    now: datetime,
    arrive: Arrive,
    join: Callable[..., Viewer],
    said: str,
    office: str,
    named_by: str,
) -> None:
    join("rani", "inspektorat")
    readership.name_first(database, now, SYSTEM, "rani")
    case = arrive(said)
    assert case.confidential
    assert concerned(database, case)[office] == named_by
    sekda = join("sekda", "setda", "pimpinan")
    shifts.set_position(database, SYSTEM, "sekda", "sekda")
    if office == "inspektorat":
        readership.break_glass(database, now, sekda, str(case.number), WHY)
        reader = sekda
    else:
        reader = viewer_of(database, "rani")
    for role in ("admin", "verifikator", "koordinator", "juru_bicara"):
        theirs = join(role, office, role)
        with pytest.raises(Refusal) as refused:
            readership.add(database, now, reader, str(case.number), role, WHY)
        assert refused.value.code == "concerned"
        assert not sees(database, now, theirs, case)


def viewer_of(database: Database, login: str) -> Viewer:
    from aggregator.people import viewers

    return viewers.viewer(staff.get(database, login))


def test_an_appeal_to_who_looks_into_it_is_no_complaint_of_them(
    database: Database, now: datetime, arrive: Arrive, ida: Viewer
) -> None:
    case = arrive("Ada pungli di loket, mohon inspektorat menindak")
    assert "inspektorat" not in concerned(database, case)
    assert sees(database, now, ida, case)


@pytest.mark.threat("SEC-2")
def test_who_moves_to_an_office_it_may_be_about_reads_it_no_more(
    database: Database, now: datetime, arrive: Arrive, ida: Viewer
) -> None:
    case = arrive()
    staff.correct(database, SYSTEM, "ida", "Ida", "dishub")
    assert not sees(database, now, viewer_of(database, "ida"), case)


@pytest.mark.threat("SEC-2")
def test_a_later_message_that_names_the_reader_s_office_ends_their_reading(
    database: Database, now: datetime, arrive: Arrive, ida: Viewer
) -> None:
    case = arrive(SAID, native_id="1")
    assert sees(database, now, ida, case)
    arrive("Orang inspektorat juga ikut dapat jatah", native_id="2", parent_id="1")
    assert not sees(database, now, ida, case)


@pytest.mark.threat("SEC-3")
def test_without_a_named_reader_somebody_is_told_that_there_is_none_and_no_more(
    database: Database,
    now: datetime,
    arrive: Arrive,
    budi: Viewer,
    dewi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    case = arrive()
    assert told(database, "no_reader") == {dewi.id}
    (note,) = notifications.unread(database, dewi.id)
    assert (note.case_id, note.data) == (None, {})
    assert readership.standing(database, now)[1:] == (1, ["dp3a", "inspektorat"])
    ida = join("ida", "inspektorat")
    assert readership.name_first(database, now, SYSTEM, "ida") == 1
    assert sees(database, now, ida, case) and told(database, "reader") == {ida.id}
    assert readership.standing(database, now)[:2] == (1, 0)


@pytest.mark.threat("SEC-4")
def test_the_glass_is_broken_by_one_position_with_a_reason_and_the_readers_hear_it(
    database: Database,
    now: datetime,
    arrive: Arrive,
    ida: Viewer,
    dewi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    case = arrive()
    number = str(case.number)
    ani, sari = join("ani", "diskominfo", "admin"), join("sari", "setda", "pimpinan")
    shifts.set_position(database, SYSTEM, "sari", "sekda")
    for viewer in (ani, dewi):
        with pytest.raises(Refusal) as refused:
            readership.break_glass(database, now, viewer, number, WHY)
        assert refused.value.code == "not_glass"
    with pytest.raises(Refusal) as refused:
        readership.break_glass(database, now, sari, number, " ya ")
    assert refused.value.code == "reason_needed"
    readership.break_glass(database, now, sari, number, "Ancaman terhadap pelapor")
    assert sees(database, now, sari, case)
    assert told(database, "glass_broken") == {ida.id}
    with database.reading() as session:
        query = select(Notification).where(col(Notification.kind) == "glass_broken")
        assert session.exec(query).one().data["reason"] == "Ancaman terhadap pelapor"
    (_, glass) = readers_of(database, now, ida, case)
    assert glass.glass and glass.login == "sari"


@pytest.mark.threat("SEC-4")
def test_nobody_of_an_office_it_may_be_about_breaks_the_glass(
    database: Database, now: datetime, arrive: Arrive, budi: Viewer
) -> None:
    case = arrive()
    shifts.set_position(database, SYSTEM, "budi", "sekda")
    with pytest.raises(Refusal) as refused:
        readership.break_glass(database, now, budi, str(case.number), WHY)
    assert refused.value.code == "concerned"


def test_readers_name_and_take_off_one_another_and_one_stays(
    database: Database, now: datetime, arrive: Arrive, ida: Viewer, dewi: Viewer
) -> None:
    number = str(arrive().number)
    readership.add(database, now, ida, number, "dewi", "Saksi di kantor")
    assert sees(database, now, dewi, arrive_none(database, number))
    readership.remove(database, now, dewi, number, "ida", "Pindah tugas dulu")
    assert not sees(database, now, ida, arrive_none(database, number))
    with pytest.raises(Refusal) as refused:
        readership.remove(database, now, dewi, number, "dewi", "Sudah selesai")
    assert refused.value.code == "last_reader"
    assert notifications.unread(database, ida.id) == []


def arrive_none(database: Database, number: str) -> Case:
    with database.reading() as session:
        return session.exec(select(Case).where(Case.number == number)).one()


@pytest.mark.threat("SEC-5")
def test_who_resets_the_access_of_a_reader_does_not_become_one(
    database: Database,
    now: datetime,
    arrive: Arrive,
    ida: Viewer,
    join: Callable[..., Viewer],
) -> None:
    case = arrive()
    rani = join("rani", "inspektorat")
    readership.add(database, now, ida, str(case.number), "rani", WHY)
    token = invitations.reset(database, now, SYSTEM, "ida")
    invitations.accept(database, now, token, "sandi orang lain")
    assert not sees(database, now, ida, case)
    assert told(database, "reader_removed") == {rani.id}
    later = arrive("Ada pungli lagi di loket parkir dishub", native_id="9")
    assert not sees(database, now, ida, later)


@pytest.mark.threat("SEC-6")
def test_what_becomes_secret_is_taken_from_all_who_knew_of_it(
    database: Database,
    now: datetime,
    arrive: Arrive,
    ida: Viewer,
    budi: Viewer,
    dewi: Viewer,
) -> None:
    case = arrive("Kebakaran besar di Pasar Anyar, tolong pemadam!")
    number = str(case.number)
    assert told(database, "emergency") == {dewi.id, budi.id}
    claims.claim(database, now, budi, number)
    triage.confirm(database, now, dewi, number, kind="pungli")
    assert told(database, "emergency") == set()
    assert concerned(database, case)["dishub"] in ("account", "owner")
    for viewer in (budi, dewi):
        assert not sees(database, now, viewer, case)
        assert notifications.of_person(database, viewer.id) == []
    assert arrive_none(database, number).claimed_by is None
    assert sees(database, now, ida, case)


def test_cases_of_before_are_given_to_who_is_named_by_now(
    database: Database, now: datetime, arrive: Arrive, join: Callable[..., Viewer]
) -> None:
    """Of an older version: secret, with nobody who reads it."""
    case = arrive("Lampu jalan mati di Jl. Batutulis")
    with database.writing() as session:
        kept = session.get_one(Case, case.id)
        kept.confidential, kept.kinds = True, ["pungli"]
    ida = join("ida", "inspektorat")
    assert readership.name_first(database, now, SYSTEM, "ida") == 1
    assert sees(database, now, ida, case)
    with database.reading() as session:
        assert len(session.exec(select(CaseReader)).all()) == 1
        assert secrecy.unread(session) == []
