"""Fifty cases worked through on a phone: taps and seconds a case, and what costs the most taps.

    python -m bench.session [--cases 50] [--login dewi]

The demonstration is started in an empty folder; a spokesperson at 360 x 740 opens a case, says
what it is about, claims it, answers from a text of the library, closes it and goes on to the next.
Seconds are those of the pages and the fingers of a program: what a person thinks is not in them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median, quantiles

from playwright.sync_api import Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLong

from bench._served import demonstration

_PHONE = {"width": 360, "height": 740}
_ANSWER = "Terima kasih laporannya. Petugas kami periksa ke lokasi hari ini."
_SENDING_MS = 20_000
_WAIVED = "Selesai menurut kantor utama."


@dataclass
class Thumb:
    """Taps and counts them, by act; typed characters are counted beside."""

    page: Page
    taps: Counter[str] = field(default_factory=Counter)
    typed: Counter[str] = field(default_factory=Counter)

    def tap(self, act: str, place: Locator) -> None:
        """What leads to another page, which is waited for."""
        with self.page.expect_navigation():
            place.tap()
        self.taps[act] += 1

    def tap_if_there(self, act: str, place: Locator) -> bool:
        there = place.count() > 0 and place.first.is_visible()
        if there:
            self.tap(act, place.first)
        return there

    def unfold(self, act: str, place: Locator) -> None:
        place.tap()
        self.taps[act] += 1

    def write(self, act: str, place: Locator, text: str) -> None:
        place.tap()
        place.fill(text)
        self.taps[act] += 1
        self.typed[act] += len(text)


def run() -> None:
    main([])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50)
    parser.add_argument("--login", default="dewi")
    chosen = parser.parse_args(arguments)
    with demonstration() as (site, password):
        _report(*work(site, chosen.login, password, chosen.cases))


def work(
    site: str, login: str, password: str, count: int
) -> tuple[list[int], list[float], Counter[str], int]:
    """Taps and seconds of each case, taps of each act, and how many were closed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        page = browser.new_context(base_url=site, viewport=_PHONE, has_touch=True).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(60_000)
        _sign_in(page, login, password)
        thumb, taps, seconds, closed = Thumb(page), [], [], 0
        first = page.locator("a.row").first
        for number in range(count):
            before, began = thumb.taps.total(), time.perf_counter()
            if number == 0:
                thumb.tap("open", first)
            if page.locator("#said").count() == 0:
                break  # the queue is empty
            closed += _handle(thumb)
            taps.append(thumb.taps.total() - before)
            seconds.append(time.perf_counter() - began)
        browser.close()
        return taps, seconds, thumb.taps, closed


def _sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/masuk")
    page.get_by_label("Nama masuk").fill(login)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk").click()
    page.goto("/?tampilan=belum")


def _handle(thumb: Thumb) -> bool:
    """From an open case to the next one; whether it was closed on the way."""
    page = thumb.page
    thumb.tap_if_there("classify", page.get_by_role("button", name="Sudah benar", exact=True))
    claim = page.get_by_role("button", name="Ambil dan balas", exact=True)
    if not thumb.tap_if_there("claim", claim):
        thumb.tap_if_there("claim", page.get_by_role("button", name="Ambil", exact=True))
    if page.locator("#text").count():
        _answer(thumb)
    return _close(thumb)


def _answer(thumb: Thumb) -> None:
    page = thumb.page
    offers = page.locator("summary", has_text="Naskah yang bisa dipakai")
    if offers.count():
        thumb.unfold("texts", offers.first)
        thumb.tap_if_there("put in", page.locator("button[value^='insert:']"))
    if not page.locator("#text").input_value().strip():
        thumb.write("write", page.locator("#text"), _ANSWER)
    thumb.tap("preview", page.get_by_role("button", name="Pratinjau", exact=True))
    thumb.tap_if_there("send", page.get_by_role("button", name="Kirim", exact=True))


def _close(thumb: Thumb) -> bool:
    """Closing leads to the next case, unless other offices still work on this one.

    A case whose answer is still on its way cannot be closed, so that is waited for.
    """
    page = thumb.page
    sent = page.locator("#jawaban .status", has_text="Terkirim")
    with contextlib.suppress(TooLong):
        sent.first.wait_for(timeout=_SENDING_MS)
    number = page.url.split("/aduan/")[1].split("/")[0].partition("#")[0]
    onwards = page.get_by_role("button", name="Selesai, lalu berikutnya", exact=True)
    closed = thumb.tap_if_there("close", onwards)
    if closed and f"/aduan/{number}" not in page.url:
        return True
    if page.locator("#waive").is_visible():
        thumb.write("waive", page.locator("#waive"), _WAIVED)
        thumb.tap("waive", page.get_by_role("button", name="Tutup", exact=True))
    closed = page.get_by_role("button", name="Buka kembali").count() > 0
    thumb.tap("next", page.locator("a[data-next]"))
    return closed


def _report(taps: list[int], seconds: list[float], acts: Counter[str], closed: int) -> None:
    if len(taps) < 2:
        raise SystemExit("too few cases were open, so nothing was measured")
    for name, values in (("taps", taps), ("seconds", seconds)):
        p95 = quantiles(values, n=20)[18]
        print(f"  {name:<8} a case: median {median(values):5.1f}, p95 {p95:5.1f}")
    print(f"  {len(taps)} cases, {closed} closed, {sum(taps)} taps: ", end="")
    print(", ".join(f"{act} {number}" for act, number in acts.most_common()))
    triage = acts["classify"] + acts["claim"] + acts["open"] + acts["next"]
    print(f"  triage (open, classify, claim): {triage / len(taps):.1f} taps a case")


if __name__ == "__main__":
    main()
