"""Signing in with the city's own accounts, against the provider of the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import lxml.html
import pyotp
import pytest
import requests
from fastapi.testclient import TestClient
from sqlmodel import select
from website import PASSWORD, token, visible

from aggregator.city import catalog
from aggregator.people import oidc, second_factor, staff, viewers
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.people import UserSession
from aggregator.store.vault import Vault
from aggregator.web.app import create_app
from sandbox.identity import CLIENT_ID, CLIENT_SECRET
from sandbox.serve import Sandbox, running

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def provider() -> Iterator[Sandbox]:
    with running(clock=NOW.timestamp) as served:
        yield served


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def settings(provider: Sandbox, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "var",
        oidc_issuer=f"{provider.url}/oidc",
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
    )


@pytest.fixture
def browser(
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    now: datetime,
    settings: Settings,
) -> Iterator[TestClient]:
    app = create_app(database, vault, settings, catalog, clock=lambda: now)
    with TestClient(
        app, base_url="http://127.0.0.1:8080", follow_redirects=False
    ) as opened:
        yield opened


@pytest.fixture
def dewi(database: Database, now: datetime) -> Viewer:
    """Invited with her address; she has chosen no password yet."""
    person, _ = staff.add(
        database,
        now,
        SYSTEM,
        login="dewi",
        name="Dewi",
        agency="diskominfo",
        role="koordinator",
        email="Dewi@kota.example",
    )
    return viewers.viewer(person)


def choose(browser: TestClient, who: str, asked: str = "lanjut=/papan") -> str:
    """Where the provider sends the browser after somebody was chosen on its page."""
    away = browser.get(f"/masuk/oidc?{asked}").headers["location"]
    (link,) = re.findall(
        rf'href="([^"]*{who}[^"]*)"', requests.get(away, timeout=60).text
    )
    chosen = requests.get(
        away.partition("?")[0] + unescape(link), timeout=60, allow_redirects=False
    )
    return chosen.headers["location"]


def test_who_the_provider_knows_gets_to_the_page_they_wanted(
    browser: TestClient, dewi: Viewer
) -> None:
    assert "Masuk dengan Akun Kota" in visible(browser.get("/masuk").text)
    address = choose(browser, "dewi")
    assert browser.get(address).headers["location"] == "/papan"
    assert browser.get("/papan").status_code == 200
    again = browser.get(address)  # the address in the history of a shared computer
    assert again.status_code == 401


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("baru", "belum punya alamat surel yang terverifikasi"),
        ("dewi", "Tidak ada orang di sini"),
    ],
)
def test_others_stay_outside_and_read_why(
    browser: TestClient, who: str, said: str
) -> None:
    answer = browser.get(choose(browser, who))
    assert answer.status_code == 401
    assert said in answer.text
    assert browser.get("/papan").headers["location"].startswith("/masuk")


def test_an_answer_for_another_browser_is_refused(
    browser: TestClient, dewi: Viewer
) -> None:
    address = choose(browser, "dewi")
    browser.cookies.clear()
    assert "terlalu lama terbuka" in visible(browser.get(address).text)


def test_the_second_step_is_asked_for_all_the_same(
    browser: TestClient, dewi: Viewer, database: Database, vault: Vault, now: datetime
) -> None:
    offered = second_factor.offer(vault, dewi)
    code = pyotp.TOTP(offered.secret).at(now)
    second_factor.turn_on(database, vault, now, dewi, offered.sealed, code)
    assert (
        browser.get(choose(browser, "dewi"))
        .headers["location"]
        .startswith("/masuk/kode")
    )
    assert browser.get("/papan").headers["location"].startswith("/masuk?")


def a_while_passes(database: Database) -> None:
    with database.writing() as session:
        for row in session.exec(select(UserSession)):
            row.proved_at -= timedelta(hours=1)


def test_who_has_no_password_shows_with_the_provider_that_it_is_them(
    browser: TestClient, dewi: Viewer, database: Database
) -> None:
    browser.get(choose(browser, "dewi"))
    csrf = token(browser.get("/papan").text)
    a_while_passes(database)
    held = browser.post("/aduan/1/pembaca", data={"csrftoken": csrf, "login": "ida"})
    assert "Buktikan dengan Akun Kota" in visible(held.text)
    link = re.search(r'/masuk/oidc\?([^"]+)" target="_blank"', held.text)
    assert link is not None
    back = browser.get(choose(browser, "dewi", unescape(link[1])))
    assert "Kembalilah" in visible(browser.get(back.headers["location"]).text)
    (form,) = lxml.html.fromstring(held.text).xpath("//main//form")
    on = browser.post("/masuk/lagi", data=dict(form.fields))
    assert (on.status_code, on.headers["location"]) == (307, "/aduan/1/pembaca")


@pytest.mark.threat("SES-7")
def test_another_s_account_does_not_show_it(
    browser: TestClient, dewi: Viewer, join: Callable[..., Viewer], database: Database
) -> None:
    join("ani", "diskominfo", "admin")
    form = {"csrftoken": token(browser.get("/masuk").text)}
    browser.post("/masuk", data={**form, "login": "ani", "password": PASSWORD})
    a_while_passes(database)
    answer = browser.get(choose(browser, "dewi", "lagi=1&lanjut=/orang"))
    assert "milik orang lain" in visible(answer.text)
    assert browser.get("/orang").headers["location"].startswith("/masuk/lagi")


def test_without_the_extra_the_password_is_all_there_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.people.oidc.find_spec", lambda name: None)
    assert oidc.name(settings) == ""
    assert "pip install 'sahut[oidc]'" in oidc.trouble(settings)
