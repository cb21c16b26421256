"""Bantu jawab and the end of a case of several offices, on a phone and without
scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browser import PHONE, Open
from pagecheck import faults, sideways, unfold
from playwright.sync_api import Page, expect
from website import Site, post, sign_in, visible

from aggregator.cases import claims, tasks
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case


@pytest.fixture
def number(register: Callable[..., Account], post: Callable[..., Case | None]) -> str:
    said = "Mau tanya, loket KTP buka jam berapa? Saya di 0812-3456-7890"
    case = post(register("dishub_x", "dishub"), said)
    assert case is not None
    return case.number or ""


def look_at(page: Page) -> None:
    page.wait_for_load_state("load")
    unfold(page)
    assert [*faults(page), *sideways(page, 200)] == []


def test_two_offices_answer_one_question_on_their_phones(
    browse: Open, number: str, budi: Viewer, rina: Viewer
) -> None:
    own = browse("budi", f"/aduan/{number}", viewport=PHONE)
    own.get_by_text("Minta bantuan kantor lain").click()
    own.get_by_label("Apa yang ingin Anda ketahui").fill("Jam loket hari Jumat?")
    own.get_by_role("button", name="Minta", exact=True).click()
    expect(own.get_by_text("Bantuan diminta dari semua kantor")).to_be_visible()

    other = browse("rina", "/", viewport=PHONE)
    other.locator(".tabs").get_by_role("link", name="Bantu jawab 1").click()
    expect(other.locator("main")).not_to_contain_text("0812")
    look_at(other)
    other.get_by_role("link", name=number).click()
    other.get_by_label("Jawaban seperti yang akan dibaca warga").fill(
        "Buka 08.00–15.00, Kak."
    )
    look_at(other)
    other.get_by_role("button", name="Usulkan").click()
    expect(other.get_by_text("Usulan Anda sudah ada di kantor itu")).to_be_visible()

    own.reload()
    look_at(own)
    own.get_by_role("button", name="Ambil dan pakai").click()
    expect(own.get_by_label("Balasan Anda")).to_have_value("Buka 08.00–15.00, Kak.")
    other.goto("/kabar")
    expect(other.locator("main")).to_contain_text("memakai usulan Anda")


def test_one_press_answers_and_ends_what_several_offices_have(
    site: Site, number: str, database: Database, now: object, budi: Viewer
) -> None:
    for office in ("dlh", "dpupr"):
        tasks.assign(database, now, budi, number, office, lead=False)  # type: ignore[arg-type]
    tasks.assign(database, now, budi, number, "dishub")  # type: ignore[arg-type]
    claims.claim(database, now, budi, number)  # type: ignore[arg-type]
    browser, page = sign_in(site(), "budi"), f"/aduan/{number}"
    seen = visible(
        post(
            browser, page, f"{page}/balas", step="preview", text="Sudah kami jawab."
        ).text
    )
    assert "Masih mengerjakan" in seen and "Kirim, bagian kami selesai" in seen
    sent = post(
        browser,
        page,
        f"{page}/balas",
        step="send:close",
        text="Sudah kami jawab.",
        key="k1",
        waive="Sudah ditangani kantor utama.",
    )
    assert sent.status_code == 200 and "lalu aduan ditutup" in visible(sent.text)
