"""The web application as the tests of its pages use it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from browser import DESK, PATIENCE_MS, Open, Served, launch, sign_in_here
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from website import Clock, Site

from aggregator.city import catalog
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.vault import Vault
from aggregator.web.app import create_app


@pytest.fixture
def clock(now: datetime) -> Clock:
    """What the pages take for the time; `clock.now += ...` lets it pass."""
    return Clock(now)


@pytest.fixture
def site(
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    clock: Clock,
    tmp_path: Path,
    platform: fakechannel.Platform,
) -> Iterator[Site]:
    """`site()` is a new browser without JavaScript: its own cookies, the same city."""
    settings = Settings(data_dir=tmp_path / "var")
    app = create_app(database, vault, settings, catalog, clock=clock)
    browsers: list[TestClient] = []

    def open_browser() -> TestClient:
        browsers.append(TestClient(app, base_url="http://127.0.0.1:8080"))
        return browsers[-1]

    yield open_browser
    for browser in browsers:
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not of the whole session: its event loop would stand in the way of tests with
    their own."""
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def server(
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    now: datetime,
    tmp_path: Path,
) -> Iterator[Served]:
    settings = Settings(data_dir=tmp_path / "var")
    app = create_app(database, vault, settings, catalog, clock=lambda: now)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Served(app, listener)
        served.thread.start()
        yield served
        served.stop()


@pytest.fixture
def browse(chromium: Browser, server: Served) -> Iterator[Open]:
    """`browse("budi", "/")`: a page of somebody's own browser; anonymous without a
    login."""
    contexts: list[BrowserContext] = []

    def open_page(login: str | None, path: str, **options: Any) -> Page:
        options.setdefault("viewport", DESK)
        contexts.append(chromium.new_context(base_url=server.address, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.goto(path)
        if login:
            sign_in_here(page, login)
        return page

    yield open_page
    for context in contexts:
        context.close()
