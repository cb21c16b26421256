"""Two answers to one matter that cannot both be right are shown side by side before
sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from aggregator.answers import contradictions, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims
from aggregator.people.viewers import Viewer
from aggregator.rules.reports.contradiction import Said, differences
from aggregator.rules.time.calendar import Calendar
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.twins import joining, suggestions

AT = datetime(2026, 3, 2, 3, tzinfo=UTC)
OFFICES = {"dishub": ["Dishub", "Dinas Perhubungan"], "dpupr": ["DPUPR", "Dinas PUPR"]}


def fields(ours: str, theirs: str, before: timedelta = timedelta()) -> list[str]:
    found = differences(Said(ours, AT), Said(theirs, AT - before), OFFICES, Calendar())
    return [one.field for one in found]


@pytest.mark.parametrize(
    ("ours", "theirs", "differ"),
    [
        (
            "Besok petugas Dishub memperbaikinya",
            "Akan diperbaiki Senin depan oleh DPUPR",
            ["date", "office"],
        ),
        ("Sudah selesai diperbaiki", "Belum selesai, masih kami kerjakan", ["status"]),
        ("Parantos beres", "Nuju dikerjakeun", ["status"]),
        ("It has been fixed", "Pekerjaan sedang berjalan", ["status"]),
        ("Ini bukan kewenangan kami", "Akan kami perbaiki", ["status"]),
        ("Permohonan ditolak", "Sudah selesai, silakan diambil", ["status"]),
        ("Biayanya Rp50.000", "Pembuatan KTP gratis", ["amount"]),
        ("Bantuannya 1,5 juta", "Bantuannya 600 ribu rupiah", ["amount"]),
        ("Loket buka pukul 08.00", "Loket buka mulai jam 9.00", ["hours"]),
        ("Parkir di sana dilarang", "Parkir di sana boleh", ["allowed"]),
    ],
)
def test_what_cannot_both_be_right(ours: str, theirs: str, differ: list[str]) -> None:
    assert fields(ours, theirs) == differ
    assert fields(theirs, ours) == differ


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("It will be repaired tomorrow", "Besok diperbaiki"),
        ("Enjing dilereskeun ku Dishub", "Besok diperbaiki Dinas Perhubungan"),
        ("Tarifnya Rp 50.000", "Tarif 50 ribu"),
        ("Rp1,5 juta", "1.500.000 rupiah"),
        ("Belum diperbaiki, dijadwalkan besok", "Sedang dikerjakan, selesai besok"),
        ("Loket buka 08.00–15.00", "Buka dari pukul 8.00, petugas datang 09.30"),
        ("Tidak boleh membuang sampah di sana", "Boleh minta fotonya, Kak?"),
        ("Terima kasih atas laporannya", "Besok kami cek, biayanya Rp 10.000"),
    ],
)
def test_what_agrees_in_other_words(ours: str, theirs: str) -> None:
    assert fields(ours, theirs) == []


def test_what_was_at_work_yesterday_may_be_done_today() -> None:
    assert (
        fields("Sudah selesai diperbaiki", "Sedang dikerjakan", timedelta(days=1)) == []
    )
    assert fields(
        "Sedang dikerjakan", "Sudah selesai diperbaiki", timedelta(days=1)
    ) == ["status"]


def test_tomorrow_said_yesterday_is_today() -> None:
    assert fields("Hari ini diperbaiki", "Besok diperbaiki", timedelta(days=1)) == []


@pytest.fixture
def answered(
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    dewi: Viewer,
    now: datetime,
) -> tuple[str, str]:
    """Two open cases that ask the same; one was told Monday."""
    account = register("kota_x", "diskominfo")
    one = post(
        account, "Kak, jadwal bikin KTP di kecamatan hari apa ya?", author_id="siti"
    )
    assert one is not None
    claims.claim(database, now, dewi, str(one.number))
    replies.reply(
        database,
        now,
        dewi,
        str(one.number),
        Answer("Setiap hari kerja, gratis"),
        key="k1",
    )
    two = post(
        register("dukcapil_x", "disdukcapil"),
        "Min mau tanya biaya dan jadwal bikin KTP di kecamatan dong",
        author_id="agus",
    )
    assert two is not None and two.id != one.id
    return str(one.number), str(two.number)


def found(
    database: Database, number: str, text: str, at: datetime
) -> list[contradictions.Contradiction]:
    with database.reading() as session:
        case = session.exec(select(Case).where(Case.number == number)).one()
        return contradictions.find(session, at, case, text)


def test_the_writer_sees_both_texts_for_the_same_question(
    database: Database, answered: tuple[str, str], now: datetime
) -> None:
    one, two = answered
    told = found(database, two, "Biayanya Rp 25.000", now)
    assert [(row.theirs, row.agency, row.case.number) for row in told] == [
        ("Setiap hari kerja, gratis", "diskominfo", one)
    ]
    assert told[0].differences[0].field == "amount"
    assert found(database, two, "Tidak dipungut biaya", now) == []
    assert found(database, two, "Biayanya Rp 25.000", now + timedelta(days=31)) == []


def test_answers_of_joined_cases_count_and_refused_pairs_do_not(
    database: Database, answered: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    one, two = answered
    suggestions.not_the_same(database, now, dewi, one, two)
    assert found(database, two, "Biayanya Rp 25.000", now) == []
    joining.join(database, now, dewi, one, two)
    assert len(found(database, two, "Biayanya Rp 25.000", now)) == 1


def test_a_withdrawn_answer_contradicts_nothing(
    database: Database, answered: tuple[str, str], dewi: Viewer, now: datetime
) -> None:
    replies.cancel_reply(database, now, dewi, 1)
    assert found(database, answered[1], "Biayanya Rp 25.000", now) == []
