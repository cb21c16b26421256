"""Pictures of the pages in both sizes, taken of a running demonstration: make screenshots."""

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
}


def main() -> None:
    """Start the demonstration in an empty folder, look at it as the coordinator, stop it."""
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
            page = _signed_in(browser, site, password, viewport)
            for name, path in PAGES.items():
                if page.goto(site + path).ok:  # type: ignore[union-attr]
                    _save(page, target / f"{name}-{size}.png")
            page.goto(site + "/")
            page.locator("a.row").first.click()
            _save(page, target / f"case-{size}.png")
            page.context.close()
        browser.close()


def _signed_in(browser: Browser, site: str, password: str, viewport: dict[str, int]) -> Page:
    page = browser.new_context(viewport=viewport).new_page()  # type: ignore[arg-type]
    page.goto(f"{site}/masuk")
    page.screenshot(path=FOLDER / f"sign-in-{'phone' if viewport['width'] < 500 else 'desk'}.png")
    page.get_by_label("Nama masuk").fill("dewi")
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(site + "/")
    return page


def _save(page: Page, file: Path) -> None:
    page.wait_for_load_state("domcontentloaded")
    page.screenshot(path=file, full_page=False)
    print(f"  {file.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
