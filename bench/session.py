"""Fifty cases worked through on a phone: taps and seconds a case, and what costs the
most taps.

    python -m bench.session [--cases 50] [--login dewi]

The demonstration is started in an empty folder; a spokesperson at 360 x 740 opens a
case, says what it is about, claims it, answers with what the page offers, ends it with
the answer and goes on to the next: a question back stays open, advertising is filed,
what a body outside the city must do names it. At the end every case is looked at again:
whether it became what was meant. Seconds are those of the pages and the fingers of a
program: what a person thinks is not in them.
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
_WHY = "Menjawab pelapor atas nama kota"
_SENDING_MS = 20_000
_DIGITS = 6
_TEXTS = ".offer button[value^='insert:'], .quick button"
"""The fact that may answer it, else the form of an answer that is used most."""
_ENDS = (("closed", "send:close"), ("part", "send:part"), ("answered", "send"))
_ASKS = (("asked", "send:wait"), ("asked", "send"))


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
        _report(work(site, chosen.login, password, chosen.cases))


@dataclass
class Done:
    """`ends`: by case number how it was meant to end; `failed`: those that did not."""

    taps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    ends: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def work(site: str, login: str, password: str, count: int) -> Done:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        page = browser.new_context(
            base_url=site, viewport=_PHONE, has_touch=True
        ).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(60_000)
        _sign_in(page, login, password)
        thumb, done = Thumb(page), Done()
        for number in range(count):
            before, began = thumb.taps.total(), time.perf_counter()
            if number == 0:
                thumb.tap("open", page.locator("a.row").first)
            if page.locator("#said").count() == 0:
                break  # the queue is empty
            case = page.url.split("/aduan/")[1][:_DIGITS]
            done.ends[case] = _handle(thumb)
            done.taps.append(thumb.taps.total() - before)
            done.seconds.append(time.perf_counter() - began)
        done.acts = thumb.taps
        for case, end in done.ends.items():
            if not _came_true(page, case, end):
                done.failed[case] = end
        browser.close()
        return done


def _sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/masuk")
    page.get_by_label("Nama masuk").fill(login)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk").click()
    page.goto("/?tampilan=belum")


def _handle(thumb: Thumb) -> str:
    """From an open case to the next one; how it was meant to end."""
    page = thumb.page
    if thumb.tap_if_there(
        "file", page.get_by_role("button", name="Arsipkan tanpa jawaban")
    ):
        return "filed"
    thumb.tap_if_there(
        "classify", page.get_by_role("button", name="Sudah benar", exact=True)
    )
    claim = page.get_by_role("button", name="Ambil dan balas", exact=True)
    if not thumb.tap_if_there("claim", claim):
        thumb.tap_if_there(
            "claim", page.get_by_role("button", name="Ambil", exact=True)
        )
    if page.locator("#text").count() == 0:
        _read_what_is_hidden(thumb)
    if page.locator("#text").count():
        end = _answer(thumb)
    elif thumb.tap_if_there(
        "close", page.locator("form[action$='/selesai'] button").first
    ):
        return (
            "closed"  # nothing leads back to the resident; closing went on to the next
        )
    else:
        end = "held by somebody else"
    thumb.tap(
        "next",
        page.locator("a[data-next], #jawaban a.button[href*='berikutnya']").first,
    )
    return end


def _read_what_is_hidden(thumb: Thumb) -> None:
    """A confidential case is answered by who says why they read it."""
    reason = thumb.page.locator("#reveal-reason")
    if reason.count():
        thumb.write("say why", reason, _WHY)
        thumb.tap("reveal", thumb.page.locator(".reveal button"))


def _answer(thumb: Thumb) -> str:
    """Answered with what the page offers, and ended as far as the office may end it."""
    page = thumb.page
    asks = thumb.tap_if_there("ask", page.locator("button[value='question']"))
    if not asks and not thumb.tap_if_there(
        "put in", page.locator("button[value^='referral:']")
    ):
        thumb.tap_if_there("put in", page.locator(_TEXTS))
    if not page.locator("#text").input_value().strip():
        thumb.write("write", page.locator("#text"), _ANSWER)
    thumb.tap("preview", page.get_by_role("button", name="Pratinjau", exact=True))
    if page.locator(
        "#balas p.alert"
    ).count():  # what was put in does not fit where it goes
        thumb.tap("change", page.locator("button[value='edit']"))
        thumb.write("write", page.locator("#text"), _ANSWER)
        thumb.tap("preview", page.get_by_role("button", name="Pratinjau", exact=True))
    for end, value in _ASKS if asks else _ENDS:
        if thumb.tap_if_there("send", page.locator(f"button[value^='{value}']")):
            return end
    return "not sent"


def _came_true(page: Page, number: str, end: str) -> bool:
    """Whether a case became what was meant, once its answer has been carried out."""
    page.goto(f"/aduan/{number}")
    if end in ("filed", "closed"):
        done = page.locator("h1 .status.closed")
    elif end == "asked":
        done = page.locator(".now .chip", has_text="Menunggu pelapor")
    elif end == "part":
        done = page.locator("#jawaban .status.answered")
    else:
        return False
    with contextlib.suppress(TooLong):
        done.first.wait_for(timeout=_SENDING_MS)
    return done.count() > 0


def _report(done: Done) -> None:
    if len(done.taps) < 2:
        raise SystemExit("too few cases were open, so nothing was measured")
    for name, values in (("taps", done.taps), ("seconds", done.seconds)):
        p95 = quantiles(values, n=20)[18]
        print(f"  {name:<8} a case: median {median(values):5.1f}, p95 {p95:5.1f}")
    print(f"  {len(done.taps)} cases, {sum(done.taps)} taps: ", end="")
    print(", ".join(f"{act} {number}" for act, number in done.acts.most_common()))
    triage = sum(
        done.acts[act] for act in ("open", "classify", "claim", "next", "file")
    )
    print(
        f"  triage (open, classify, claim): {triage / len(done.taps):.1f} taps a case"
    )
    print("  ends: ", end="")
    print(
        ", ".join(
            f"{end} {number}"
            for end, number in Counter(done.ends.values()).most_common()
        )
    )
    for case, end in done.failed.items():
        print(f"  case {case} was meant to be {end} and is not")


if __name__ == "__main__":
    main()
