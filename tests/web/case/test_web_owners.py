"""Whose a case is, on its page: proposals with reasons, not the city's, parts of
offices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select
from website import Site, hidden, post, sign_in, visible

from aggregator.cases import reminders
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Assignment, Case, Reminder


@pytest.fixture
def say(
    register: Callable[..., Account], post: Callable[..., Case | None]
) -> Callable[..., str]:
    account = register("dishub_x", "dishub")

    def arrive(text: str, **said: Any) -> str:
        case = post(account, text, author_id=text[-12:], **said)
        assert case is not None and case.number is not None
        return f"/aduan/{case.number}"

    return arrive


def section(browser: TestClient, case: str, name: str) -> str:
    page = browser.get(case).text
    start = page.index(f'id="{name}"')
    return " ".join(page[start : page.index("</section>", start)].split())


def test_three_owners_with_level_and_reason_and_a_tap_brings_one_in(
    site: Site, budi: Viewer, say: Callable[..., str], database: Database
) -> None:
    case = say("Lampu jalan di Jl. Batutulis mati dua malam")
    browser = sign_in(site(), "budi")
    owners = section(browser, case, "owners")
    assert "<strong>Dinas Perhubungan</strong>" in owners and "sudah menerima" in owners
    assert (
        "urusan Penerangan jalan umum" in owners and "Contact Center PLN 123" in owners
    )
    assert "yakin" in section(browser, case, "about")
    assert 'aria-label="Libatkan Dinas Perumahan dan Permukiman"' in owners
    post(browser, case, f"{case}/tugaskan", agency="disperumkim", role="help")
    offices = section(browser, case, "offices")
    assert (
        "belum ditangani" in offices and offices.count("Respons perangkat daerah") == 2
    )
    post(browser, case, f"{case}/tugas", act="accept")
    assert "sedang mengerjakan" in section(browser, case, "offices")
    with database.reading() as session:
        rows = {
            row.agency_code: row.acknowledged_at
            for row in session.exec(select(Assignment))
        }
    assert rows["dishub"] is not None and rows["disperumkim"] is None


def test_an_old_case_names_its_offices_as_they_were_called_then(
    site: Site, budi: Viewer, say: Callable[..., str], database: Database
) -> None:
    case = say("Lampu jalan di Jl. Batutulis mati dua malam")
    with database.writing() as session:
        session.exec(select(Case)).one().opened_at = datetime(2016, 5, 2, tzinfo=UTC)
    assert "DLLAJ" in section(sign_in(site(), "budi"), case, "offices")


def test_what_is_not_the_city_s_is_answered_with_the_body_and_closed_as_such(
    site: Site, budi: Viewer, dewi: Viewer, say: Callable[..., str], database: Database
) -> None:
    case = say("Kabel udara semrawut di Jl. Batutulis")
    browser = sign_in(site(), "budi")
    post(browser, case, f"{case}/ambil")
    post(browser, case, f"{case}/balas", step="preview", text="Terima kasih.")
    page = post(browser, case, f"{case}/balas", step="referral", body="pln").text
    written = page[page.index('<textarea id="text"') :]
    assert "Terima kasih." in written and "kewenangan PLN" in written, (
        "what was typed stays"
    )
    assert "Kewenangan: <strong>PLN</strong>" in section(browser, case, "owners")
    post(browser, case, f"{case}/tugas", act="done")
    closed = post(
        browser, case, f"{case}/selesai", outcome="bukan_kewenangan", waive="milik PLN"
    )
    assert "Bukan kewenangan kota" in visible(closed.text) and closed.status_code == 200


def test_a_promise_is_moved_or_taken_back_on_the_page_of_the_case(
    site: Site,
    budi: Viewer,
    dewi: Viewer,
    say: Callable[..., str],
    database: Database,
    now: Any,
) -> None:
    case = say("Lampu jalan di Jl. Batutulis mati")
    with database.writing() as session:
        stored = session.exec(select(Case)).one()
        session.add(
            Reminder(
                case_id=stored.id or 0,
                person_id=budi.id,
                due_on=now.date(),
                words="besok",
                created_at=now,
            )
        )
    browser = sign_in(site(), "budi")
    number = hidden(browser.get(case).text, "aduan")
    (reminder, _) = reminders.of_person(database, budi)[0]
    act = f"/kabar/janji/{reminder.id}"
    moved = post(
        browser, case, act, aduan=number, langkah="pindah", tanggal="2026-03-09"
    )
    assert (
        "Dijanjikan untuk 09-03-2026" in visible(moved.text) and moved.url.path == case
    )
    post(browser, case, act, aduan=number, langkah="bukan")
    assert reminders.of_person(database, budi) == []


def test_a_tap_on_another_kind_or_class_corrects_the_case(
    site: Site, dewi: Viewer, say: Callable[..., str], database: Database
) -> None:
    case = say("Angkot 03 ngetem di Warung Jambu bikin macet sampai Jl. Pajajaran")
    browser = sign_in(site(), "dewi")
    about = section(browser, case, "about")
    assert 'value="kemacetan" aria-label="Yang benar: Kemacetan"' in about
    post(browser, case, f"{case}/klasifikasi", kind="kemacetan")
    post(browser, case, f"{case}/klasifikasi", ward="kel-sempur", language="id-su")
    with database.reading() as session:
        stored = session.exec(select(Case)).one()
    assert (stored.kind, stored.ward, stored.language) == (
        "kemacetan",
        "kel-sempur",
        "id-su",
    )
