"""The gate that every text for residents passes: what stops, what is let out, and that
nothing goes past it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from aggregator.answers import broadcasts, notices, outward, replies
from aggregator.answers.outward import Cleared
from aggregator.answers.replies import Answer
from aggregator.cases import claims
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Notice, Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.store import AuditEntry
from aggregator.twins import incidents

pytestmark = pytest.mark.sqlite  # what stops is not the database's

NIK = "Data NIK 3271046504930002 sudah kami terima."
STOPPING = {
    NIK: "nik",
    "No KK 3271042201150003 sudah diperbarui.": "kk",
    "Dana sudah masuk ke rek BCA 1234567890.": "bank_account",
    "Laporan anak Ibu yang bernama Rara Anindya sudah kami terima.": "child",
    "Pak Slamet Riyadi yang sakit stroke akan dijemput.": "health",
    "NIK ３２７１\u200b０４６５０４９３０００２ sudah kami terima.": "nik",
}
FLOODS = (
    "Banjir besar di Jl. Pajajaran, motor mogok semua",
    "Jalan Pajajaran kebanjiran setinggi lutut, tolong",
    "Banjir masuk rumah warga di Jl Pajajaran dekat terminal, tolong",
    "Banjir lagi banjir lagi, Pajajaran lumpuh",
)
Post = Callable[..., Case | None]


@pytest.fixture
def number(
    database: Database,
    now: datetime,
    budi: Viewer,
    register: Callable[..., Account],
    post: Post,
) -> str:
    """A case that Budi has in hand."""
    case = post(register("dishub_x", "dishub"), "Lampu mati", native_id="1")
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    return case.number


def sent(database: Database) -> list[str]:
    with database.reading() as session:
        return [*session.exec(select(Reply.text)), *session.exec(select(Notice.text))]


@pytest.mark.parametrize("text", STOPPING)
def test_what_is_surely_personal_stops_and_goes_masked(text: str) -> None:
    with pytest.raises(Refusal, match="mask it, or say why") as refused:
        outward.clear(text)
    assert refused.value.code == outward.STOPPED
    assert STOPPING[text] in refused.value.detail["types"]
    assert outward.clear(outward.masked(text)).admitted == ()


@pytest.mark.parametrize(
    "text",
    [
        "Kak Siti, laporannya sudah kami terima.",
        "Silakan hubungi Bu Rini di 0812 3456 7890 ya kak.",
        "Anak Ibu yang berumur 7 tahun sudah terdaftar di SD.",
        "Puskesmas melayani imunisasi anak usia 0-5 tahun tanpa biaya.",
    ],
)
def test_what_is_only_worth_a_look_stops_nothing(text: str) -> None:
    assert outward.clear(text).text == text


@pytest.mark.threat("OUT-1")
def test_a_text_that_the_gate_has_not_seen_cannot_be_made_one_that_it_has() -> None:
    with pytest.raises(TypeError, match="only the gate"):
        Cleared("NIK 3271046504930002", (), "", object())


@pytest.mark.threat("OUT-1")
def test_nothing_but_the_gate_makes_an_answer_that_will_be_sent() -> None:
    """What was said on the platform itself is written down as sent."""
    root = Path(outward.__file__).parents[1]
    makers = {
        file.relative_to(root).as_posix()
        for file in root.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Reply"
        if "aggregator.store.tables.answers import" in file.read_text("utf-8")
    }
    assert makers == {"answers/outward.py", "answers/by_hand.py"}


@pytest.mark.threat("OUT-1")
@pytest.mark.parametrize("private", [False, True])
def test_an_answer_with_an_identity_number_is_not_queued(
    database: Database, number: str, budi: Viewer, now: datetime, private: bool
) -> None:
    publicly = {"private": True, "publicly": NIK} if private else {}
    text = "Kami lanjutkan di sini" if private else NIK
    with pytest.raises(Refusal, match="personal data"):
        replies.reply(database, now, budi, number, Answer(text, **publicly), key="k1")
    assert sent(database) == []


@pytest.mark.threat("OUT-2")
def test_who_says_why_it_must_go_out_is_in_the_trail_with_the_reason(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    answer = Answer(NIK, although="Diminta pelapor, hanya terbaca pelapor")
    replies.reply(database, now, budi, number, answer, key="k1")
    assert sent(database) == [NIK]
    with database.reading() as session:
        [entry] = session.exec(select(AuditEntry).where(AuditEntry.action == "replied"))
        assert entry.detail["personal_data"] == ["nik"]
        assert entry.detail["reason"] == "Diminta pelapor, hanya terbaca pelapor"
        assert "3271046504930002" not in str(entry.detail)


@pytest.mark.threat("OUT-1")
def test_telling_all_reporters_stops_too(
    database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    with pytest.raises(Refusal, match="personal data"):
        notices.queue(database, now, budi, number, NIK, key="n1")
    assert sent(database) == []
    notices.queue(database, now, budi, number, NIK, key="n1", although="Salinan surat")
    assert NIK in sent(database)


@pytest.mark.threat("OUT-1")
def test_the_statement_of_an_incident_stops_too(
    database: Database,
    register: Callable[..., Account],
    post: Post,
    dewi: Viewer,
    now: datetime,
) -> None:
    account = register("kota_x", "diskominfo")
    for index, text in enumerate(FLOODS):
        at = (now - timedelta(minutes=30 - index)).isoformat()
        post(account, text, native_id=f"f{index}", author_id=str(index), created_at=at)
    [incident] = incidents.propose(database, now)
    incidents.confirm(database, now, dewi, incident, statement="Tim di lokasi")
    with pytest.raises(Refusal, match="personal data"):
        broadcasts.queue(database, now, dewi, incident, NIK, key="b1")
    assert sent(database) == []
