"""Who reads what of a resident's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from aggregator.cases import casefile, privacy, revealing
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.store import AuditEntry

SAID = (
    "Tolong cek, NIK saya 3271046504930002, hp 0812-3456-7890, lampu mati di Gg."
    " Kepatihan"
)


@pytest.fixture
def number(register: Callable[..., Account], post: Callable[..., Case | None]) -> str:
    case = post(register("dishub_x", "dishub"), SAID)
    assert case is not None
    return case.number or ""


def read(database: Database, now: datetime, viewer: Viewer, number: str) -> str | None:
    with casefile.reading(database, now, viewer, number) as file:
        return file.reader.text(SAID)


def make_secret(database: Database, number: str) -> None:
    with database.writing() as session:
        session.exec(
            select(Case).where(Case.number == number)
        ).one().confidential = True


def test_the_office_of_a_case_and_whoever_verifies_read_it_in_full(
    database: Database,
    now: datetime,
    number: str,
    budi: Viewer,
    join: Callable[..., Viewer],
) -> None:
    vera = join("vera", "diskominfo", "verifikator")
    assert read(database, now, budi, number) == SAID
    assert read(database, now, vera, number) == SAID


def test_another_office_reads_personal_data_masked(
    database: Database, now: datetime, number: str, dewi: Viewer
) -> None:
    shown = read(database, now, dewi, number)
    assert shown is not None and "[nik]" in shown and "[phone]" in shown
    assert "327104" not in shown and "3456" not in shown and "lampu mati" in shown


def test_what_tells_of_a_child_or_an_illness_is_masked_too() -> None:
    shown = privacy.masked(
        "Anak saya umur 7 tahun bernama Ujang sakit demam. Selokan bau."
    )
    assert "Ujang" not in shown and "demam" not in shown and "Selokan bau" in shown


def test_showing_needs_a_reason_and_leaves_a_line(
    database: Database, now: datetime, number: str, dewi: Viewer
) -> None:
    with pytest.raises(Refusal) as refused:
        revealing.reveal(database, now, dewi, number, "  ya ")
    assert refused.value.code == "reason_needed"
    revealing.reveal(database, now, dewi, number, "Menelepon pelapor 0812 3456 7890")
    with database.reading() as session:
        line = session.exec(
            select(AuditEntry).where(AuditEntry.action == "revealed")
        ).one()
    assert (line.actor, line.detail["reason"]) == ("dewi", "Menelepon pelapor [phone]")
    assert read(database, line.at, dewi, number) == SAID
    assert (
        read(
            database,
            line.at + privacy.REVEALED_FOR + timedelta(minutes=1),
            dewi,
            number,
        )
        != SAID
    )


def test_a_confidential_case_is_not_read_by_others_at_all(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    make_secret(database, number)
    assert read(database, now, budi, number) == SAID
    assert read(database, now, dewi, number) is None


def test_of_many_cases_those_read_in_full_are_known_at_once(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    with casefile.reading(database, now, budi, number) as file:
        assert privacy.full_cases(file.session, now, budi, [file.id]) == {file.id}
        assert privacy.full_cases(file.session, now, dewi, [file.id]) == set()


def test_whose_office_may_be_complained_about_is_shown_nothing_whatever_the_reason(
    database: Database,
    now: datetime,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    join: Callable[..., Viewer],
    dewi: Viewer,
) -> None:
    said = "Petugas parkir dishub minta uang pungli 50 ribu di terminal, mohon ditindak"
    case = post(register("dishub_p", "dishub"), said)
    assert case is not None and case.number is not None and case.confidential
    with pytest.raises(Refusal) as refused:
        concerned = join("kokom", "dishub", "koordinator")
        revealing.reveal(
            database, now, concerned, case.number, "Ingin tahu siapa pelapornya"
        )
    assert refused.value.code == "concerned"
    revealing.reveal(
        database, now, dewi, case.number, "Menjawab pertanyaan inspektorat"
    )
