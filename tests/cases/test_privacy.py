"""Who reads what of a resident's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from secret import make_secret
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


def test_a_secret_case_is_read_in_full_by_its_readers_and_not_there_for_others(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    make_secret(database, number, dewi)
    assert read(database, now, dewi, number) == SAID
    with pytest.raises(Refusal, match="there is no case"):
        read(database, now, budi, number)


def test_of_many_cases_those_read_in_full_are_known_at_once(
    database: Database, now: datetime, number: str, budi: Viewer, dewi: Viewer
) -> None:
    with casefile.reading(database, now, budi, number) as file:
        assert privacy.full_cases(file.session, now, budi, [file.id]) == {file.id}
        assert privacy.full_cases(file.session, now, dewi, [file.id]) == set()
