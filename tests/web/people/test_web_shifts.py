"""Piket: the week of an office, absences with deputies, and the note for the next
shift."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import select
from website import Site, sign_in, visible
from website import post as submit

from aggregator.cases import handovers
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case, Handover
from aggregator.store.tables.people import Absence, Shift

SHIFT = {"orang": "budi", "tanggal": "2026-03-02", "dari": "16:00", "sampai": "23:00"}
"""The tests' now is Monday, 2 March 2026, 20.00 WIB."""


def days_of(page: str) -> list[str]:
    """The words of each day of the week shown."""
    listed = page[page.index('class="plain days"') : page.index("</ol>")]
    return [re.sub(r"<[^>]+>|\s+", " ", day) for day in listed.split("<li")[1:]]


def test_a_shift_stands_in_the_week_and_says_who_is_on_duty(
    site: Site, budi: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    assert 'href="/piket"' in browser.get("/").text
    assert "Sekarang tidak ada yang piket." in visible(browser.get("/piket").text)
    page = submit(browser, "/piket", "/piket/jadwal", **SHIFT).text
    assert "Piket sekarang: <strong>Budi</strong>" in page
    monday, tuesday, *_ = days_of(page)
    assert "16.00–23.00" in monday and "Budi" in monday and "Hari ini" in monday
    assert "Tidak ada yang piket." in tuesday
    with database.reading() as session:
        (shift,) = session.exec(select(Shift))
    assert (shift.agency_code, shift.starts_at.isoformat()) == (
        "dishub",
        "2026-03-02T09:00:00+00:00",
    )


def test_a_night_shift_ends_on_the_next_day(
    site: Site, budi: Viewer, database: Database
) -> None:
    night = {**SHIFT, "tanggal": "2026-03-08", "dari": "22:00", "sampai": "06:00"}
    browser = sign_in(site(), "budi")
    page = submit(browser, "/piket", "/piket/jadwal", **night, minggu="2026-03-02").text
    assert "22.00–06.00" in days_of(page)[6]
    with database.reading() as session:
        (shift,) = session.exec(select(Shift))
    assert (shift.ends_at - shift.starts_at).total_seconds() == 8 * 3600
    following = browser.get("/piket?minggu=2026-03-11").text
    assert "22.00–06.00" in days_of(following)[0], (
        "what runs into a week stands on its first day"
    )


def test_a_deputy_stands_in_for_who_is_away(
    site: Site, budi: Viewer, join: Callable[..., Viewer], database: Database
) -> None:
    join("tono", "dishub")
    browser = sign_in(site(), "budi")
    submit(browser, "/piket", "/piket/jadwal", **SHIFT)
    away = {
        "orang": "budi",
        "mulai": "2026-03-02",
        "hingga": "2026-03-04",
        "pengganti": "tono",
    }
    page = submit(browser, "/piket", "/piket/absen", **away).text
    assert "Piket sekarang: <strong>Tono</strong>" in page
    assert "<s>Budi</s> → Tono" in page
    assert "Pengganti: Tono" in visible(page)
    assert ["Tidak masuk: Budi" in day for day in days_of(page)] == [True] * 3 + [
        False
    ] * 4
    with database.reading() as session:
        (absence,) = session.exec(select(Absence))
    assert (absence.first_day, absence.last_day) == (date(2026, 3, 2), date(2026, 3, 4))


def test_a_shift_is_removed_and_an_absence_ends(
    site: Site, budi: Viewer, rina: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    submit(browser, "/piket", "/piket/jadwal", **SHIFT)
    away = {
        "orang": "budi",
        "mulai": "2026-03-01",
        "hingga": "2026-03-04",
        "pengganti": "",
    }
    page = submit(browser, "/piket", "/piket/absen", **away).text
    shift, absence = (
        re.search(rf'action="(/piket/{what})"', page)[1]  # type: ignore[index]
        for what in (r"jadwal/\d+/hapus", r"absen/\d+/akhiri")
    )
    other = sign_in(site(), "rina")
    for act in (shift, absence):
        assert submit(other, "/piket", act, kantor="dishub").status_code == 403
        assert submit(other, "/piket", act).status_code == 422, (
            "it is none of her office"
        )
    page = submit(browser, "/piket", absence).text
    assert "Tidak ada yang tidak masuk." in visible(page)
    page = submit(browser, "/piket", shift).text
    assert "16.00–23.00" not in visible(page)
    with database.reading() as session:
        assert session.exec(select(Shift)).all() == []
        assert session.exec(select(Absence.last_day)).all() == [date(2026, 3, 1)]


def test_the_next_shift_reads_the_note_and_the_state_of_the_work(
    site: Site,
    budi: Viewer,
    join: Callable[..., Viewer],
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    case = post(
        register("dishub_x", "dishub"),
        "tolong ada kecelakaan barusan, korban luka parah",
    )
    assert case is not None
    join("tono", "dishub")
    browser = sign_in(site(), "budi")
    _hand_over(browser, "Genset di Tajur dipinjam sampai Rabu.")
    page = sign_in(site(), "tono").get("/piket").text
    assert "Genset di Tajur dipinjam sampai Rabu." in visible(page)
    assert f'<a href="/aduan/{case.number}">{case.number}</a>' in page
    _hand_over(browser, "Genset sudah kembali.")
    latest, earlier = browser.get("/piket").text.split("Catatan sebelumnya")
    assert "Genset sudah kembali." in latest and "Genset di Tajur" in earlier


def _hand_over(browser: Any, words: str, **more: str) -> Any:
    return submit(browser, "/piket", "/piket/serah-terima", catatan=words, **more)


@pytest.mark.parametrize(
    ("act", "typed", "told"),
    [
        ("jadwal", {**SHIFT, "orang": "dewi"}, "Orang itu tidak ada di kantor ini."),
        ("jadwal", {**SHIFT, "tanggal": "besok"}, "Pilih tanggalnya."),
        ("jadwal", {**SHIFT, "dari": "sore"}, "Tulis jam seperti 22:00."),
        (
            "absen",
            {"orang": "budi", "mulai": "2026-03-04", "hingga": "2026-03-03"},
            "Hari terakhir mendahului hari pertama.",
        ),
        (
            "absen",
            {
                "orang": "budi",
                "mulai": "2026-03-04",
                "hingga": "2026-03-04",
                "pengganti": "budi",
            },
            "Tidak ada yang menggantikan dirinya sendiri.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_its_form_and_nothing_is_kept(
    site: Site,
    budi: Viewer,
    dewi: Viewer,
    database: Database,
    act: str,
    typed: dict[str, str],
    told: str,
) -> None:
    answer = submit(sign_in(site(), "budi"), "/piket", f"/piket/{act}", **typed)
    assert answer.status_code == 422
    form = answer.text[answer.text.index(f'id="{act}" open') :]
    assert told in form[: form.index("</form>")]
    with database.reading() as session:
        assert session.exec(select(Shift)).first() is None
        assert session.exec(select(Absence)).first() is None


def test_a_coordinator_plans_for_every_office(
    site: Site, budi: Viewer, dewi: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "dewi")
    submit(browser, "/piket", "/piket/jadwal", **SHIFT, kantor="dishub")
    _hand_over(browser, "Dari kota: besok ada kunjungan.", kantor="dishub")
    page = browser.get("/piket?kantor=dishub").text
    assert "<strong>Budi</strong>" in page and "besok ada kunjungan" in visible(page)
    assert "besok ada kunjungan" not in visible(browser.get("/piket").text)
    assert (
        submit(browser, "/piket", "/piket/jadwal", **SHIFT, kantor="entah").status_code
        == 404
    )


def test_a_spokesperson_neither_reads_nor_plans_another_office(
    site: Site,
    budi: Viewer,
    rina: Viewer,
    dewi: Viewer,
    database: Database,
    now: datetime,
) -> None:
    handovers.write(database, now, budi, "Hanya untuk Dishub.")
    browser = sign_in(site(), "rina")
    page = visible(browser.get("/piket?kantor=dishub").text)
    assert "Hanya untuk Dishub." not in page and "Kelurahan Tanah Sareal" in page
    for act in ("jadwal", "absen", "serah-terima"):
        fields = {
            **SHIFT,
            "mulai": "2026-03-02",
            "hingga": "2026-03-02",
            "kantor": "dishub",
        }
        assert submit(browser, "/piket", f"/piket/{act}", **fields).status_code == 403
    with database.reading() as session:
        assert len(session.exec(select(Handover)).all()) == 1
        assert session.exec(select(Shift)).first() is None


def test_who_leads_an_office_reads_only(
    site: Site,
    budi: Viewer,
    join: Callable[..., Viewer],
    database: Database,
    now: datetime,
) -> None:
    handovers.write(database, now, budi, "Genset dipinjam.")
    join("pak-kepala", "dishub", "pimpinan")
    browser = sign_in(site(), "pak-kepala")
    page = browser.get("/piket").text
    assert "Genset dipinjam." in visible(page) and "/piket/jadwal" not in page
    assert submit(browser, "/piket", "/piket/jadwal", **SHIFT).status_code == 403


def test_the_week_is_for_people_who_signed_in(site: Site) -> None:
    assert site().get("/piket").url.path == "/masuk"
