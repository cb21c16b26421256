"""Passkeys on pages: added, used to sign in and to show who it is, renamed and
removed."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import lxml.html
import pyotp
import pytest
from authenticator import Authenticator
from browser import PATIENCE_MS, Served
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect
from website import PASSWORD, Clock, Site, post, sign_in, token, visible

from aggregator.city import catalog
from aggregator.people import second_factor
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.vault import Vault
from aggregator.web.app import create_app
from aggregator.web.people.passkeys import CHALLENGES

HERE = "http://localhost:8080"
PHONE = "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari/537.36"


@pytest.fixture
def here(
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    clock: Clock,
    tmp_path: Path,
) -> Iterator[Site]:
    """`here()` is a new browser of a city whose address may have passkeys."""
    settings = Settings(data_dir=tmp_path / "var", public_url=HERE)
    app = create_app(database, vault, settings, catalog, clock=clock)
    browsers: list[TestClient] = []

    def open_browser() -> TestClient:
        browsers.append(TestClient(app, base_url=HERE, headers={"User-Agent": PHONE}))
        return browsers[-1]

    yield open_browser
    for browser in browsers:
        browser.close()


def asked(browser: TestClient, path: str, page: str) -> str:
    """What the script of a page fetches."""
    answer = browser.post(path, data={"csrftoken": token(browser.get(page).text)})
    assert answer.headers["content-type"] == "application/json"
    return str(answer.text)


def add(browser: TestClient, name: str = "") -> Authenticator:
    phone = Authenticator(HERE, "localhost")
    made = phone.make(asked(browser, "/keamanan/kunci/tantangan", "/keamanan"))
    post(browser, "/keamanan", "/keamanan/kunci", name=name, kunci=made)
    return phone


def enter(browser: TestClient, phone: Authenticator, goal: str = "/papan") -> str:
    """The address of the page that signing in with a passkey leads to."""
    answer = phone.sign(asked(browser, "/masuk/kunci/tantangan", "/masuk"))
    page = f"/masuk/kunci?lanjut={goal}"
    return str(post(browser, "/masuk", page, kunci=answer).url.path)


def test_a_passkey_is_added_and_signs_in_without_login_password_and_code(
    here: Site, budi: Viewer, database: Database, vault: Vault, clock: Clock
) -> None:
    offered = second_factor.offer(vault, budi)
    browser = sign_in(here(), "budi")
    phone = add(browser)
    assert "Chrome, Android" in visible(browser.get("/keamanan").text)
    code = pyotp.TOTP(offered.secret).at(clock.now)
    second_factor.turn_on(database, vault, clock.now, budi, offered.sealed, code)
    another = here()
    assert "Masuk dengan kunci sandi" in another.get("/masuk").text
    assert enter(another, phone) == "/papan"


@pytest.mark.threat("PAS-2")
def test_an_answer_opens_nothing_in_another_browser(here: Site, budi: Viewer) -> None:
    phone = add(sign_in(here(), "budi"))
    thief, owner = here(), here()
    answer = phone.sign(asked(owner, "/masuk/kunci/tantangan", "/masuk"))
    stolen = post(thief, "/masuk", "/masuk/kunci", kunci=answer)
    assert stolen.status_code == 401
    assert "tidak diterima" in visible(stolen.text)
    post(owner, "/masuk", "/masuk/kunci", kunci=answer)
    assert owner.get("/papan").url.path == "/papan"


def test_a_passkey_shows_who_it_is_and_what_was_filled_in_goes_on(
    here: Site, join: Callable[..., Viewer], clock: Clock
) -> None:
    join("ani", "diskominfo", "admin")
    browser = sign_in(here(), "ani")
    phone = add(browser)
    form = {"csrftoken": token(browser.get("/orang").text), "login": "rudi"}
    form |= {"name": "Rudi", "agency": "dishub", "role": "juru_bicara"}
    clock.now += timedelta(minutes=20)
    held = browser.post("/orang", data=form)
    (filled,) = lxml.html.fromstring(held.text).xpath("//main//form")
    answer = phone.sign(asked(browser, "/masuk/lagi/tantangan", "/masuk/lagi"))
    sent = {**dict(filled.fields), "bukti_kunci": answer}
    assert re.search(r"/undangan/[\w-]+", browser.post("/masuk/lagi", data=sent).text)


@pytest.mark.threat("PAS-3")
def test_another_s_passkey_does_not_show_who_it_is(
    here: Site, budi: Viewer, join: Callable[..., Viewer], clock: Clock
) -> None:
    join("ani", "diskominfo", "admin")
    admin, other = sign_in(here(), "ani"), sign_in(here(), "budi")
    add(admin)
    his = add(other)
    clock.now += timedelta(minutes=20)
    answer = his.sign(asked(admin, "/masuk/lagi/tantangan", "/masuk/lagi"))
    refused = post(admin, "/masuk/lagi", "/masuk/lagi", bukti_kunci=answer)
    assert refused.status_code == 401
    assert admin.get("/orang").url.path == "/masuk/lagi"


@pytest.mark.threat("SES-7")
def test_a_copied_cookie_of_an_old_session_adds_and_removes_no_passkey(
    here: Site, budi: Viewer, clock: Clock
) -> None:
    owner, thief = sign_in(here(), "budi"), here()
    phone = add(owner, "HP Budi")
    thief.cookies.update(owner.cookies)
    clock.now += timedelta(minutes=20)
    page = thief.get("/keamanan").text
    acts = ["/keamanan/kunci/tantangan", "/keamanan/kunci"]
    acts += re.findall(r'"(/keamanan/kunci/\d+/hapus)"', page)
    for act in acts:
        answer = thief.post(act, data={"csrftoken": token(page), "kunci": "{}"})
        assert answer.status_code == 403
    assert len(acts) == 3
    assert enter(here(), phone) == "/papan"


def test_a_passkey_is_renamed_and_removed_by_whose_it_is(
    here: Site, budi: Viewer, rina: Viewer
) -> None:
    browser, other = sign_in(here(), "budi"), sign_in(here(), "rina")
    phone = add(browser, "HP lama")
    (rename,) = re.findall(
        r'"(/keamanan/kunci/\d+/nama)"', browser.get("/keamanan").text
    )
    remove = rename.replace("nama", "hapus")
    post(browser, "/keamanan", rename, name="HP dinas")
    post(other, "/keamanan", rename, name="Punya saya")
    post(other, "/keamanan", remove)
    assert "HP dinas" in visible(browser.get("/keamanan").text)
    post(browser, "/keamanan", remove)
    assert "HP dinas" not in visible(browser.get("/keamanan").text)
    assert enter(here(), phone) == "/masuk/kunci"


def test_without_https_the_page_says_what_passkeys_need(
    site: Site, budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    assert "memerlukan alamat https" in visible(browser.get("/keamanan").text)
    assert post(browser, "/keamanan", "/keamanan/kunci/tantangan").status_code == 409
    assert "kunci sandi" not in site().get("/masuk").text


@pytest.mark.threat("PAS-2")
def test_challenges_cannot_be_made_without_end(
    here: Site, database: Database, clock: Clock
) -> None:
    browser = here()
    asked(browser, "/masuk/kunci/tantangan", "/masuk")
    while CHALLENGES.take(database, clock.now, "testclient"):
        pass
    refused = post(browser, "/masuk", "/masuk/kunci/tantangan")
    assert refused.status_code == 429


@pytest.fixture
def page(
    chromium: Browser,
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    clock: Clock,
    tmp_path: Path,
) -> Iterator[Page]:
    """Of a browser whose device keeps passkeys, and of a city at localhost."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://localhost:{listener.getsockname()[1]}"
        settings = Settings(data_dir=tmp_path / "var", public_url=address)
        app = create_app(database, vault, settings, catalog, clock=clock)
        served = Served(app, listener)
        served.thread.start()
        context = chromium.new_context(base_url=address)
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        devices = context.new_cdp_session(opened)
        devices.send("WebAuthn.enable")
        kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
        kind |= {"hasUserVerification": True, "isUserVerified": True}
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
        yield opened
        context.close()
        served.stop()


def test_chromium_makes_a_passkey_and_signs_in_with_it(
    page: Page, budi: Viewer
) -> None:
    page.goto("/masuk?lanjut=/keamanan")
    page.get_by_label("Nama masuk").fill("budi")
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.get_by_label("Nama perangkat ini").fill("Laptop dinas")
    page.get_by_role("button", name="Tambah kunci sandi").click()
    expect(page.locator("strong", has_text="Laptop dinas")).to_be_visible()
    page.context.clear_cookies()
    page.goto("/masuk?lanjut=/papan")
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    page.wait_for_url("**/papan")
