"""Sessions live on the server: what ends one ends it wherever its cookie was copied
to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import requests
from browser import Served
from fastapi.testclient import TestClient
from sqlmodel import select
from website import PASSWORD, Clock, Site, sign_in, token, visible
from website import post as submit

from aggregator.people import sessions, staff
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import UserSession

PHONE = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"


@pytest.fixture
def phone(site: Site, budi: Viewer) -> TestClient:
    browser = site()
    browser.headers["User-Agent"] = PHONE
    return sign_in(browser, "budi")


@pytest.fixture
def desk(site: Site, budi: Viewer) -> TestClient:
    browser = site()
    browser.headers["User-Agent"] = DESK
    return sign_in(browser, "budi")


def copied(site: Site, browser: TestClient) -> TestClient:
    """Another browser with the cookies of this one."""
    thief = site()
    thief.cookies.update(browser.cookies)
    return thief


def is_in(browser: TestClient) -> bool:
    return browser.get("/saya").url.path == "/saya"


def rows(database: Database) -> list[UserSession]:
    with database.reading() as session:
        return list(session.exec(select(UserSession)))


@pytest.mark.threat("SES-1")
def test_signing_out_ends_the_session_for_a_copy_of_its_cookie_too(
    site: Site, phone: TestClient
) -> None:
    thief = copied(site, phone)
    assert is_in(thief)
    submit(phone, "/saya", "/keluar")
    assert not is_in(thief)


@pytest.mark.threat("SES-2")
def test_the_database_holds_no_token_that_opens_a_session(
    database: Database, phone: TestClient
) -> None:
    (kept,) = rows(database)
    token = phone.cookies["sesi"]
    assert len(token) >= 32
    assert token not in kept.model_dump_json()


@pytest.mark.threat("SES-3")
def test_signing_in_again_begins_a_new_session_and_ends_the_one_before(
    site: Site, phone: TestClient
) -> None:
    before = copied(site, phone)
    sign_in(phone, "budi")
    assert phone.cookies["sesi"] != before.cookies["sesi"]
    assert is_in(phone) and not is_in(before)


@pytest.mark.threat("SES-4")
def test_a_session_ends_when_nobody_uses_it(
    database: Database, clock: Clock, phone: TestClient
) -> None:
    clock.now += timedelta(hours=11)
    assert is_in(phone)
    clock.now += timedelta(hours=11)
    assert is_in(phone), "it was used in between"
    clock.now += timedelta(hours=13)
    assert not is_in(phone)


@pytest.mark.threat("SES-4")
def test_what_an_open_page_asks_by_itself_is_no_use(
    clock: Clock, phone: TestClient
) -> None:
    for _ in range(13):
        clock.now += timedelta(hours=1)
        answer = phone.get(
            "/antrean/daftar", headers={"HX-Request": "true"}, follow_redirects=False
        )
    assert answer.status_code == 401


@pytest.mark.threat("SES-4")
def test_a_session_ends_however_much_it_is_used(
    clock: Clock, phone: TestClient
) -> None:
    end = clock.now + timedelta(days=7)
    while clock.now + timedelta(hours=10) < end:
        clock.now += timedelta(hours=10)
        assert is_in(phone)
    clock.now = end
    assert not is_in(phone)


def test_where_somebody_came_from_is_forgotten_a_month_after_the_end(
    database: Database, clock: Clock, phone: TestClient
) -> None:
    sessions.forget_old(database, clock.now + timedelta(days=36))
    assert len(rows(database)) == 1
    sessions.forget_old(database, clock.now + timedelta(days=38))
    assert rows(database) == []


def test_the_last_use_is_written_seldom(
    database: Database, clock: Clock, phone: TestClient
) -> None:
    began = clock.now
    clock.now += timedelta(minutes=2)
    assert is_in(phone)
    assert rows(database)[0].last_seen_at == began
    clock.now += timedelta(minutes=4)
    assert is_in(phone)
    assert rows(database)[0].last_seen_at == clock.now


@pytest.mark.threat("SES-5")
def test_the_sessions_of_who_is_disabled_end_at_once(
    database: Database, clock: Clock, phone: TestClient
) -> None:
    staff.disable(database, clock.now, SYSTEM, "budi")
    assert not is_in(phone)


@pytest.mark.threat("SES-5")
def test_an_open_page_hears_nothing_more_once_its_session_has_ended(
    server: Served,
    database: Database,
    now: datetime,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    with requests.Session() as browser:
        form = {"csrftoken": token(browser.get(f"{server.address}/masuk").text)}
        login = {"login": "budi", "password": PASSWORD}
        browser.post(f"{server.address}/masuk", data={**form, **login})
        account = register("dishub_x", "dishub")
        with browser.get(f"{server.address}/langsung", stream=True) as news:
            post(account, "Lampu mati")
            lines = news.iter_lines()
            assert next(line for line in lines if line) == b"event: changed"
            staff.disable(database, now, SYSTEM, "budi")
            post(account, "Banjir di Empang", author_id="asep")
            list(lines)  # or it would never end
        live = {"Accept": "text/event-stream"}
        again = browser.get(f"{server.address}/langsung", headers=live)
        assert again.status_code == 204


@pytest.mark.threat("SES-6")
def test_one_s_sessions_are_listed_and_another_s_can_be_ended(
    phone: TestClient, desk: TestClient
) -> None:
    page = desk.get("/keamanan").text
    assert "Chrome, Android" in page and "Firefox, Windows" in page
    assert page.count("Sesi ini") == 1
    (end,) = re.findall(r'action="(/keamanan/sesi/\d+)"', page)
    submit(desk, "/keamanan", end)
    assert is_in(desk) and not is_in(phone)
    assert "Chrome, Android" not in desk.get("/keamanan").text


def test_each_session_says_when_it_ends_unused_and_in_any_case(
    clock: Clock, phone: TestClient, desk: TestClient
) -> None:
    """It began at 20.00 in Bogor."""
    said = visible(phone.get("/keamanan").text)
    assert said.count("Berakhir bila tidak dipakai: 3 Mar 2026, 08.00 WIB") == 2
    assert said.count("paling lambat berakhir: 9 Mar 2026, 20.00 WIB") == 2
    clock.now += timedelta(hours=2)
    phone.get("/saya")
    said = visible(phone.get("/keamanan").text)
    assert "Berakhir bila tidak dipakai: 3 Mar 2026, 10.00 WIB" in said
    for _ in range(16):
        clock.now += timedelta(hours=10)
        phone.get("/saya")
    said = visible(phone.get("/keamanan").text)
    assert "bila tidak dipakai" not in said, "the other end comes first"


@pytest.mark.threat("SES-6")
def test_nobody_ends_a_session_of_somebody_else(
    site: Site, database: Database, phone: TestClient, rina: Viewer
) -> None:
    other = sign_in(site(), "rina")
    (budis, _) = rows(database)
    submit(other, "/keamanan", f"/keamanan/sesi/{budis.id}")
    assert is_in(phone)


@pytest.mark.threat("SES-6")
def test_all_others_end_and_this_one_goes_on(
    site: Site, phone: TestClient, desk: TestClient
) -> None:
    assert submit(desk, "/keamanan", "/keamanan/sesi-lain").url.path == "/keamanan"
    assert is_in(desk) and not is_in(phone)


def test_a_new_password_ends_all_others_and_this_one_goes_on(
    phone: TestClient, desk: TestClient
) -> None:
    new = {"new": "kata sandi baru sekali", "again": "kata sandi baru sekali"}
    submit(desk, "/keamanan", "/keamanan/sandi", old="kata sandi panjang", **new)
    assert is_in(desk) and not is_in(phone)
