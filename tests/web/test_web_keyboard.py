"""The queue by keys alone, and for those who see little: axe at both sizes, light and dark."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from aggregator import catalog
from aggregator.db import Database
from aggregator.models import Account, Case
from aggregator.people import Viewer
from aggregator.settings import Settings
from aggregator.vault import Vault
from aggregator.web.app import create_app

SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def browse(
    database: Database, vault: Vault, catalog: catalog.Catalog, now: datetime, tmp_path: Path,
    budi: Viewer, register: Callable[..., Account], post: Callable[..., Case | None],
) -> Iterator[Callable[..., Page]]:  # fmt: skip
    """`browse(width=360, ...)`: Budi's queue of two cases."""
    account = register("dishub_x", "dishub")
    for text in ("Lampu jalan di Batutulis mati", "Parkir liar di Empang"):
        post(account, text, author_id=text)
    settings = Settings(data_dir=tmp_path / "var")
    app = create_app(database, vault, settings, catalog, clock=lambda: now)
    with socket.create_server(("127.0.0.1", 0)) as listener, sync_playwright() as playwright:
        config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )

        def open_page(**options: Any) -> Page:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            page = chromium.new_context(base_url=address, **options).new_page()
            page.set_default_timeout(20_000)
            page.goto("/masuk")
            page.get_by_label("Nama masuk").fill("budi")
            page.get_by_label("Kata sandi").fill("kata sandi panjang")
            page.get_by_role("button", name="Masuk").click()
            expect(page.locator("ol.rows > li")).to_have_count(2)
            page.wait_for_load_state("load")
            return page

        yield open_page
        chromium.close()
        server.should_exit = True
        thread.join(15)


def test_rows_are_walked_ticked_and_claimed_by_keys(browse: Callable[..., Page]) -> None:
    page = browse(viewport=SIZES["desk"])
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_of_the_queue_fits_and_passes_axe(
    browse: Callable[..., Page], size: str, scheme: str
) -> None:
    page, axe = browse(viewport=SIZES[size], color_scheme=scheme), Axe()
    for path in ("/", "/?tampilan=semua&cari=parkir", "/kabar", "/bantuan", "/luring"):
        page.goto(path)
        for summary in page.locator("main summary").all():
            summary.click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SIZES[size]["width"], f"{path} is {wide} px wide"
        found = axe.run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
