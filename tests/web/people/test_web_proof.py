"""Who has been signed in for a while shows again who they are, before what a stolen
session must not reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import lxml.html
import pyotp
import pytest
from fastapi.testclient import TestClient
from website import PASSWORD, Clock, Site, post, sign_in, token, visible

from aggregator.people import second_factor, staff
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.store import options
from aggregator.store.db import Database
from aggregator.store.vault import Vault

A_WHILE = timedelta(minutes=16)
RUDI = {"login": "rudi", "name": "Rudi", "agency": "dishub", "role": "juru_bicara"}


@pytest.fixture
def ani(join: Callable[..., Viewer]) -> Viewer:
    return join("ani", "diskominfo", "admin")


@pytest.fixture
def admin(site: Site, ani: Viewer) -> TestClient:
    return sign_in(site(), "ani")


def is_invited(database: Database, login: str) -> bool:
    try:
        staff.get(database, login)
    except PeopleError:
        return False
    return True


def fields(page: str) -> dict[str, str]:
    """What the form of the page would send."""
    (form,) = lxml.html.fromstring(page).xpath("//main//form")
    return dict(form.fields)


def prove(browser: TestClient, page: str, **typed: str) -> str:
    return str(browser.post("/masuk/lagi", data={**fields(page), **typed}).text)


@pytest.mark.threat("SES-7")
def test_a_copied_cookie_of_an_old_session_cannot_administer(
    site: Site, admin: TestClient, budi: Viewer, database: Database, clock: Clock
) -> None:
    thief = site()
    thief.cookies.update(admin.cookies)
    clock.now += A_WHILE
    csrf = token(thief.get("/saya").text)
    acts = {
        "/orang": RUDI,
        "/orang/budi/peran": {"role": "admin"},
        "/orang/budi/nonaktifkan": {},
        "/pengaturan/session_days": {"value": "30"},
    }
    for act, typed in acts.items():
        answer = thief.post(act, data={"csrftoken": csrf, **typed})
        assert answer.status_code == 403
        guess = {
            **fields(answer.text),
            "bukti_sandi": "tebakan saya",
            "csrftoken": csrf,
        }
        assert thief.post("/masuk/lagi", data=guess).status_code == 401
    assert thief.get("/orang").url.path == "/masuk/lagi"
    assert not is_invited(database, "rudi")
    stored = staff.get(database, "budi")
    assert (stored.role, stored.status) == ("juru_bicara", "active")
    with database.reading() as session:
        assert options.number(session, options.SESSION_DAYS) == 7


@pytest.mark.threat("SES-7")
def test_once_the_owner_has_shown_it_a_copy_of_the_cookie_is_worth_nothing(
    site: Site, admin: TestClient, clock: Clock
) -> None:
    thief = site()
    thief.cookies.update(admin.cookies)
    clock.now += A_WHILE
    prove(admin, admin.get("/orang").text, bukti_sandi=PASSWORD)
    assert admin.get("/orang").url.path == "/orang"
    assert thief.get("/orang").url.path == "/masuk"


def test_who_asks_for_a_page_comes_to_it_once_it_is_shown(
    admin: TestClient, budi: Viewer, clock: Clock
) -> None:
    clock.now += A_WHILE
    asked = admin.get("/orang?cari=bud&peran=juru_bicara")
    assert asked.url.path == "/masuk/lagi"
    answer = admin.post(
        "/masuk/lagi", data={**fields(asked.text), "bukti_sandi": PASSWORD}
    )
    assert answer.url.path == "/orang"
    assert answer.url.query == b"cari=bud&peran=juru_bicara"
    assert "Budi" in visible(answer.text)
    clock.now += timedelta(minutes=14)
    assert admin.get("/orang").url.path == "/orang"


def test_a_form_that_was_filled_in_meanwhile_is_not_lost(
    admin: TestClient, database: Database, clock: Clock
) -> None:
    typed = {**RUDI, "email": "rudi@kota.example", "name": 'Rudi "Ucok" <Siregar>'}
    csrf = token(admin.get("/orang").text)
    clock.now += A_WHILE
    refused = admin.post("/orang", data={"csrftoken": csrf, **typed})
    wrong = prove(admin, refused.text, bukti_sandi="kata sandi keliru")
    assert "Tidak cocok" in visible(wrong)
    done = prove(admin, wrong, bukti_sandi=PASSWORD)
    assert re.search(r"/undangan/[\w-]+", done)
    stored = staff.get(database, "rudi")
    assert (stored.name, stored.email) == (typed["name"], typed["email"])


def test_all_that_is_ticked_is_kept(
    admin: TestClient, database: Database, clock: Clock
) -> None:
    csrf = token(admin.get("/pengaturan").text)
    clock.now += A_WHILE
    roles = ["admin", "verifikator"]
    refused = admin.post(
        "/pengaturan/code_roles", data={"csrftoken": csrf, "value": roles}
    )
    (form,) = lxml.html.fromstring(refused.text).xpath("//main//form")
    sent = dict(form.fields)
    sent["value"] = [value for name, value in form.form_values() if name == "value"]
    admin.post("/masuk/lagi", data={**sent, "bukti_sandi": PASSWORD})
    with database.reading() as session:
        assert set(options.roles(session, options.CODE_ROLES)) == set(roles)


def test_a_code_of_the_authenticator_shows_it_too_and_once_only(
    site: Site, ani: Viewer, database: Database, vault: Vault, clock: Clock
) -> None:
    browser = sign_in(site(), "ani")
    offered = second_factor.offer(vault, ani)
    totp = pyotp.TOTP(offered.secret)
    second_factor.turn_on(
        database, vault, clock.now, ani, offered.sealed, totp.at(clock.now)
    )
    clock.now += A_WHILE
    code = totp.at(clock.now)
    assert "Orang" in visible(
        prove(browser, browser.get("/orang").text, bukti_kode=code)
    )
    clock.now += timedelta(minutes=15)
    asked = browser.get("/orang").text
    assert "Tidak cocok" in visible(prove(browser, asked, bukti_kode=code))


def test_tries_are_counted(admin: TestClient, clock: Clock) -> None:
    clock.now += A_WHILE
    page = admin.get("/orang").text
    for _ in range(10):
        prove(admin, page, bukti_sandi="kata sandi keliru")
    assert "Terlalu banyak" in visible(prove(admin, page, bukti_sandi=PASSWORD))
    assert admin.get("/orang").url.path == "/masuk/lagi"


def test_it_leads_nowhere_outside(admin: TestClient, clock: Clock) -> None:
    clock.now += A_WHILE
    page = admin.get("/masuk/lagi?lanjut=//jahat.example/").text
    sent = {**fields(page), "bukti_lanjut": "//jahat.example", "bukti_sandi": PASSWORD}
    answer = admin.post("/masuk/lagi", data=sent, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_who_downloads_a_list_comes_back_to_it(
    site: Site, budi: Viewer, clock: Clock
) -> None:
    browser = sign_in(site(), "budi")
    clock.now += A_WHILE
    asked = browser.get("/antrean/unduh?tampilan=semua")
    answer = browser.post(
        "/masuk/lagi", data={**fields(asked.text), "bukti_sandi": PASSWORD}
    )
    assert (answer.url.path, answer.url.query) == ("/", b"tampilan=semua")
    assert browser.get("/antrean/unduh?tampilan=semua").status_code == 200


def test_who_must_switch_the_second_step_on_gets_there(
    site: Site, budi: Viewer, admin: TestClient, clock: Clock
) -> None:
    browser = sign_in(site(), "budi")
    post(admin, "/pengaturan", "/pengaturan/code_roles", value="juru_bicara")
    clock.now += A_WHILE
    asked = post(browser, "/keamanan", "/keamanan/nyalakan", code="000000")
    assert asked.status_code == 403
    assert "kode" in visible(prove(browser, asked.text, bukti_sandi=PASSWORD)).lower()
