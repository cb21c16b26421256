"""The queue by keys alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from browser import Open
from playwright.sync_api import Page, expect

from aggregator.people.viewers import Viewer
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case


@pytest.fixture
def queue(
    browse: Open,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> Page:
    """Budi's queue of two cases."""
    account = register("dishub_x", "dishub")
    for text in ("Lampu jalan di Batutulis mati", "Parkir liar di Empang"):
        post(account, text, author_id=text)
    page = browse("budi", "/")
    expect(page.locator("ol.rows > li")).to_have_count(2)
    page.wait_for_load_state("load")
    return page


def test_rows_are_walked_ticked_and_claimed_by_keys(queue: Page) -> None:
    page = queue
    rows = page.locator("ol.rows a.row")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("#ticked")).to_have_text("1 dicentang")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Papan ketik")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("papan")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("Cari di daftar ini")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/kabar$"))
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile(r"/aduan/\d+"))


def test_the_palette_acts_on_a_case(queue: Page) -> None:
    """Ctrl+K, a word of the act, Enter: what the page lets its reader do."""
    page = queue

    palette = page.get_by_role("dialog", name="Pergi ke mana saja")

    def act(words: str) -> None:
        page.wait_for_load_state()  # keys are heard once the page has its scripts
        page.keyboard.press("Control+k")
        expect(palette).to_be_visible()
        page.keyboard.type(words)
        page.keyboard.press("Enter")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/aduan/\d+"))
    act("ambil")
    expect(page.locator(".now")).to_contain_text("Anda menangani aduan ini")
    act("tulis balasan")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Escape")
    act("libatkan")
    expect(page.locator("#agency")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(palette.get_by_role("button", name="Ambil", exact=True)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    act("lepas")
    expect(page.locator(".now")).to_contain_text("Belum ada yang menangani")
