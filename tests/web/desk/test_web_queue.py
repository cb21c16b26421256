"""The queue as people use it: views, filters, acts over many cases, news, the shell of
the app."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from secret import make_secret
from website import Site, post, sign_in, token, visible

from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case


@pytest.fixture
def numbers(
    register: Callable[..., Account], send: Callable[..., Case | None]
) -> list[str]:
    account = register("dishub_x", "dishub")
    said = ("Lampu jalan di Batutulis mati", "Parkir liar di Empang")
    made = [send(account, text, author_id=text) for text in said]
    return [case.number or "" for case in made if case is not None]


@pytest.fixture
def send(request: pytest.FixtureRequest) -> Callable[..., Case | None]:
    """The fixture `post` of a resident, under a name beside the `post` of forms."""
    arrive: Callable[..., Case | None] = request.getfixturevalue("post")
    return arrive


def listed(page: str) -> list[str]:
    return re.findall(r'<li id="c(\d+)"', page)


def test_a_filter_of_the_address_narrows_the_list(
    site: Site, numbers: list[str], budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    assert sorted(listed(browser.get("/").text)) == sorted(numbers)
    page = browser.get("/?tampilan=semua&cari=parkir").text
    assert listed(page) == [numbers[1]]
    assert "Kata: parkir" in visible(page)
    assert "Tidak ada aduan yang cocok" in visible(browser.get("/?kanal=telegram").text)


def test_a_number_and_words_are_looked_for_in_the_same_field(
    site: Site, numbers: list[str], budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    assert browser.get(f"/cari?nomor={numbers[0]}").url.path == f"/aduan/{numbers[0]}"
    assert listed(browser.get("/cari?nomor=parkir liar").text) == [numbers[1]]


def test_many_are_claimed_after_a_look_and_taken_back(
    site: Site, numbers: list[str], budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    order = {"tindakan": "ambil", "cakupan": "semua", "saringan": "tampilan=kantor"}
    seen = visible(post(browser, "/", "/antrean/massal", **order).text)
    assert "2 aduan akan berubah." in seen
    assert (
        'Belum diambil <span class="count" data-tab="belum">2' in browser.get("/").text
    )
    done = post(browser, "/", "/antrean/massal", **order, pasti="1").text
    assert "2 aduan diubah." in visible(done)
    undo = re.search(r"/antrean/massal/\d+/urung", done)
    assert undo is not None
    taken_back = visible(browser.post(undo[0], data={"csrftoken": token(done)}).text)
    assert "Diurungkan pada 2 aduan." in taken_back


def test_the_next_case_is_one_nobody_else_holds(
    site: Site, numbers: list[str], budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    first, second = listed(browser.get("/").text)
    assert f"/antrean/berikutnya?dari={first}" in browser.get(f"/aduan/{first}").text
    answer = browser.get(f"/antrean/berikutnya?dari={first}")
    assert answer.url.path == f"/aduan/{second}"
    page = f"/aduan/{first}"
    post(browser, page, f"{page}/ambil")
    assert "lalu berikutnya" in visible(browser.get(page).text)
    closed = post(
        browser, page, f"{page}/selesai", lanjut="1", waive="Selesai di lapangan"
    )
    assert closed.url.path == f"/aduan/{second}"
    assert "Buka kembali" in visible(browser.get(page).text)


def test_the_tour_goes_from_the_queue_to_a_case_and_is_shown_until_it_is_over(
    site: Site, numbers: list[str], budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    assert "langkah 1 dari 5" in visible(browser.get("/").text)
    assert "langkah 2 dari 5" in visible(
        post(browser, "/", "/antrean/tur", langkah="1").text
    )
    case = f"/aduan/{numbers[0]}"
    assert "langkah 3 dari 5" in visible(browser.get(case).text)
    assert "langkah 4 dari 5" in visible(
        post(browser, case, f"{case}/ambil").text
    )  # they know how now
    assert "langkah 5 dari 5" in visible(
        post(browser, case, "/antrean/tur", langkah="4", back=case).text
    )
    post(browser, "/", "/antrean/tur", langkah="5")
    assert "dari 5" not in visible(sign_in(site(), "budi").get("/").text)


def test_the_tour_of_who_only_reads_has_no_steps_of_acting(
    site: Site, numbers: list[str], join: Callable[..., Viewer]
) -> None:
    join("kadis", "dishub", "pimpinan")
    browser = sign_in(site(), "kadis")
    assert "langkah 1 dari 3" in visible(browser.get("/").text)
    assert "langkah 3 dari 3" in visible(browser.get(f"/aduan/{numbers[0]}").text)


def test_what_is_secret_is_listed_for_its_readers_alone(
    site: Site,
    database: Database,
    register: Callable[..., Account],
    send: Callable[..., Case | None],
    join: Callable[..., Viewer],
    dewi: Viewer,
) -> None:
    said = "Petugas parkir dishub minta uang pungli di terminal"
    made = send(register("dishub_x", "dishub"), said)
    assert made is not None
    ida = join("ida", "inspektorat")
    for login in ("dewi", "ida"):
        assert f"/aduan/{made.number}" not in sign_in(site(), login).get("/").text
    make_secret(database, made.number, ida)
    assert "minta uang" in visible(sign_in(site(), "ida").get("/").text)
    assert "minta uang" not in visible(sign_in(site(), "dewi").get("/").text)


def test_news_help_and_the_shell_are_there(
    site: Site, budi: Viewer, now: datetime, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    assert "Belum ada kabar" in visible(browser.get("/kabar").text)
    assert "Mode piket aktif" in visible(
        post(browser, "/kabar", "/kabar/piket", piket="1").text
    )
    assert "Urutan kerja" in visible(browser.get("/bantuan").text)
    post(browser, "/", "/bahasa", language="en", back="/")
    assert "One case after another" in visible(browser.get("/bantuan").text)
    stranger = site()
    assert stranger.get("/manifest.webmanifest").json()["start_url"] == "/"
    assert stranger.get("/sw.js").headers["content-type"].startswith("text/javascript")
    assert "Tidak ada jaringan" in visible(stranger.get("/luring").text)
