"""An emergency on the screen: whom to call, who told 112, and what only may be one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from website import Site, post, sign_in, visible

from aggregator.people.viewers import Viewer
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

pytestmark = pytest.mark.sqlite  # nothing here is the database's own

DOUBTFUL = "Takut ada yang tenggelam di kolam itu kalau hujan, di Mulyaharja"
ANOTHER = "Kalau ada orang tenggelam di Situ Gede lapor ke siapa ya"
FIRE = "TOLONG kebakaran di Gg. Kenanga, Menteng"


@pytest.fixture
def say(
    register: Callable[..., Account], request: pytest.FixtureRequest
) -> Callable[[str], str]:
    """A resident's words; the number of their case."""
    arrive: Callable[..., Case | None] = request.getfixturevalue("post")
    account = register("dishub_x", "dishub")

    def send(text: str) -> str:
        case = arrive(account, text, author_id=text[:9])
        assert case is not None and case.number is not None
        return case.number

    return send


def test_112_and_the_nearest_numbers_are_one_press_away(
    site: Site, say: Callable[[str], str], budi: Viewer
) -> None:
    page = sign_in(site(), "budi").get(f"/aduan/{say(FIRE)}").text
    calls = re.findall(r'href="tel:(\d+)"', page)
    assert calls[0] == "112" and {"119", "110"} <= set(calls)
    assert "belum dipastikan" in visible(page)


def test_everybody_sees_who_told_112_also_on_a_page_that_is_open(
    site: Site, say: Callable[[str], str], budi: Viewer, dewi: Viewer
) -> None:
    number = say(FIRE)
    case = f"/aduan/{number}"
    open_page = sign_in(site(), "dewi")
    shown = open_page.get(case).text
    news = re.search(r'hx-get="([^"]*/kabar[^"]*)"', shown)
    assert news is not None
    browser = sign_in(site(), "budi")
    assert "112 diberi tahu" not in visible(browser.get(case).text)
    done = visible(post(browser, case, f"{case}/112").text)
    assert "112 diberi tahu pukul" in done and "oleh budi" in done
    fresh = open_page.get(news[1].replace("&amp;", "&")).text
    assert 'id="darurat" hx-swap-oob="true"' in fresh
    assert visible(fresh).count("112 diberi tahu") == 2  # the news, and the banner
    assert "112 sudah saya beri tahu" not in visible(fresh)


def test_what_may_be_one_is_decided_where_it_is_seen(
    site: Site, say: Callable[[str], str], dewi: Viewer
) -> None:
    calm, danger = say(DOUBTFUL), say(ANOTHER)
    browser = sign_in(site(), "dewi")
    for path in ("/", "/piket"):
        shown = visible(browser.get(path).text)
        assert "Mungkin darurat" in shown and "Tidak ada bel" in shown, path
    done = post(browser, "/", f"/aduan/{calm}/darurat", darurat="0", back="/piket")
    assert done.url.path == "/piket"
    assert f"/aduan/{calm}" not in done.text and f"/aduan/{danger}" in done.text
    done = post(browser, "/", f"/aduan/{danger}/darurat", darurat="1", back="/")
    assert done.url.path == f"/aduan/{danger}"
    assert "Telepon 112" in visible(done.text)
    assert "Tidak ada bel" not in visible(browser.get("/piket").text)


def test_who_only_reads_sees_it_and_is_not_asked(
    site: Site, say: Callable[[str], str], join: Callable[..., Viewer]
) -> None:
    number = say(DOUBTFUL)
    join("sri", "diskominfo", "pimpinan")
    shown = sign_in(site(), "sri").get("/").text
    assert "Mungkin darurat" in visible(shown)
    assert f"/aduan/{number}/darurat" not in shown
