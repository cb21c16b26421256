"""A served site and a browser to look at it with; the fixtures are in
tests/web/conftest.py."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, Playwright, expect
from website import PASSWORD

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
Open = Callable[..., Page]
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


PATIENCE_MS = 60_000
"""So long a page may take to show what a test expects: it shares two cores with other
tests, and perhaps with other work."""


def launch(playwright: Playwright) -> Browser:
    expect.set_options(timeout=PATIENCE_MS)
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=_QUIET
    )


class Served(uvicorn.Server):
    """An application at an address of this machine."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                app, log_level="error", lifespan="off", timeout_graceful_shutdown=1
            )
        )
        self.listener = listener
        self.thread = threading.Thread(target=self.run, kwargs={"sockets": [listener]})

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def stop(self) -> None:
        self.should_exit = True
        self.thread.join()


def sign_in_here(page: Page, login: str) -> None:
    """On a page that asks who one is."""
    page.get_by_label("Nama masuk").fill(login)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
