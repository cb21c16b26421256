"""Pictures of the pages in both sizes, taken of a running demonstration: make
screenshots."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench._served import demonstration

FOLDER = Path("docs/screenshots")
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}
PAGES = {
    "queue": "/",
    "board": "/papan",
    "health": "/kesehatan",
    "entry": "/catat",
    "form": "/lapor/situs_demo",
    "news": "/kabar",
    "library": "/naskah",
    "incidents": "/insiden",
    "chronic": "/berulang",
    "duty": "/piket",
    "preferences": "/saya",
    "security": "/keamanan",
    "help": "/bantuan",
}
OF_ADMINS = {
    "people": "/orang",
    "settings": "/pengaturan",
    "raw": "/mentah",
    "audit": "/audit",
}


def main() -> None:
    """Start the demonstration in an empty folder, look at it as the coordinator, stop
    it."""
    target = FOLDER.resolve()
    target.mkdir(parents=True, exist_ok=True)
    with demonstration() as (site, password):
        _take(site, password, target)


def _take(site: str, password: str, target: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        for size, viewport in SIZES.items():
            page = browser.new_context(viewport=viewport).new_page()  # type: ignore[arg-type]
            page.goto(f"{site}/masuk")
            _save(page, target / f"sign-in-{size}.png")
            page = _signed_in(browser, site, "dewi", password, viewport)
            _walk(page, site, PAGES, target, size)
            page.goto(site + "/")
            page.locator("a.row").first.click()
            page.wait_for_url("**/aduan/*")
            _save(page, target / f"case-{size}.png")
            admin = _signed_in(browser, site, "admin", password, viewport)
            _walk(admin, site, OF_ADMINS, target, size)
        browser.close()


def _walk(
    page: Page, site: str, pages: dict[str, str], target: Path, size: str
) -> None:
    for name, path in pages.items():
        if page.goto(site + path).ok:  # type: ignore[union-attr]
            _save(page, target / f"{name}-{size}.png")


def _signed_in(
    browser: Browser, site: str, login: str, password: str, viewport: dict[str, int]
) -> Page:
    """At the queue, without the tour."""
    page = browser.new_context(viewport=viewport).new_page()  # type: ignore[arg-type]
    page.goto(f"{site}/masuk")
    page.get_by_label("Nama masuk").fill(login)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(site + "/")
    skip = page.get_by_role("button", name="Lewati perkenalan")
    if skip.count():
        skip.click()
    return page


def _save(page: Page, file: Path) -> None:
    page.wait_for_load_state("domcontentloaded")
    page.screenshot(path=file, full_page=False)
    print(f"  {file.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
