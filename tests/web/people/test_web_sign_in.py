"""Signing in with a second step, as somebody with an authenticator on their phone does
it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient
from website import PASSWORD, Site, post, sign_in, token, visible

from aggregator.people import invitations, second_factor, staff
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.vault import Vault

Shown = Callable[[int], str]


@pytest.fixture
def shown(database: Database, vault: Vault, now: datetime, budi: Viewer) -> Shown:
    """`shown(0)`: what Budi's authenticator shows now, `shown(1)` half a minute
    later."""
    offered = second_factor.offer(vault, budi)
    totp, before = pyotp.TOTP(offered.secret), now - timedelta(minutes=2)
    second_factor.turn_on(
        database, vault, before, budi, offered.sealed, totp.at(before)
    )
    return lambda step: totp.at(now + step * timedelta(seconds=30))


def give(browser: TestClient, code: str, **more: str) -> TestClient:
    post(browser, "/masuk/kode", "/masuk/kode", code=code, **more)
    return browser


def test_switching_it_on_shows_a_picture_and_the_recovery_codes_once(
    site: Site, now: datetime, budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    page = browser.get("/keamanan").text
    assert "<svg" in page
    secret = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert secret is not None
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(now)
    codes = post(browser, "/keamanan", "/keamanan/nyalakan", code=code)
    assert len(re.findall(r"<code>[a-z0-9-]{14}</code>", codes.text)) == 10
    after = browser.get("/keamanan").text
    assert "<code>" not in after
    assert "Sisa kode pemulihan: 10" in visible(after)


def test_a_wrong_code_does_not_switch_it_on(
    site: Site, database: Database, budi: Viewer
) -> None:
    answer = post(
        sign_in(site(), "budi"), "/keamanan", "/keamanan/nyalakan", code="000000"
    )
    assert answer.status_code == 422
    assert "Kode tidak cocok" in visible(answer.text)
    assert staff.get(database, "budi").totp is None


def test_the_password_alone_opens_nothing(site: Site, shown: Shown) -> None:
    browser = sign_in(site(), "budi")
    for path in ("/", "/keamanan", "/papan"):
        assert browser.get(path).url.path == "/masuk"


def test_the_code_leads_to_the_page_that_was_asked_for(
    site: Site, shown: Shown
) -> None:
    browser = site()
    form = {"csrftoken": token(browser.get("/masuk").text)}
    step = browser.post(
        "/masuk?lanjut=/papan", data={**form, "login": "budi", "password": PASSWORD}
    )
    assert step.url.path == "/masuk/kode"
    answer = browser.post(
        str(step.url), data={"csrftoken": token(step.text), "code": shown(0)}
    )
    assert answer.url.path == "/papan"


def test_a_code_somebody_else_saw_is_worth_nothing_afterwards(
    site: Site, shown: Shown
) -> None:
    assert give(sign_in(site(), "budi"), shown(0)).get("/papan").url.path == "/papan"
    assert give(sign_in(site(), "budi"), shown(0)).get("/papan").url.path == "/masuk"


def test_a_recovery_code_does_instead(
    site: Site,
    database: Database,
    vault: Vault,
    now: datetime,
    budi: Viewer,
    shown: Shown,
) -> None:
    code = second_factor.renew_codes(database, vault, now, budi, shown(0))[3]
    assert give(sign_in(site(), "budi"), code).get("/papan").url.path == "/papan"


def test_guessing_codes_is_stopped(site: Site, shown: Shown) -> None:
    browser = sign_in(site(), "budi")
    statuses = [
        post(browser, "/masuk/kode", "/masuk/kode", code="abc").status_code
        for _ in range(11)
    ]
    assert statuses == [401] * 10 + [429]
    assert give(browser, shown(0)).get("/papan").url.path == "/masuk"


def test_a_remembered_device_needs_no_code_until_it_is_forgotten(
    site: Site, shown: Shown
) -> None:
    phone = site()
    phone.headers["User-Agent"] = (
        "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari/537.36"
    )
    give(sign_in(phone, "budi"), shown(0), remember="1")
    post(phone, "/keamanan", "/keluar")
    page = sign_in(phone, "budi").get("/keamanan").text
    assert "Chrome, Android" in visible(page)
    forget = re.search(r'action="(/keamanan/perangkat/\d+)"', page)
    assert forget is not None
    post(phone, "/keamanan", forget[1])
    post(phone, "/keamanan", "/keluar")
    assert sign_in(phone, "budi").get("/keamanan").url.path == "/masuk"


def test_signing_out_everywhere_forgets_devices(site: Site, shown: Shown) -> None:
    phone = give(sign_in(site(), "budi"), shown(0), remember="1")
    post(phone, "/keamanan", "/keluar-semua")
    assert sign_in(phone, "budi").get("/papan").url.path == "/masuk"


def test_a_reset_between_password_and_code_lets_nobody_in(
    site: Site, database: Database, now: datetime, shown: Shown
) -> None:
    browser = sign_in(site(), "budi")
    form = {"csrftoken": token(browser.get("/masuk/kode").text)}
    invitations.reset(database, now, SYSTEM, "budi")
    answer = browser.post("/masuk/kode", data={**form, "code": shown(0)})
    assert answer.url.path == "/masuk"
    assert browser.get("/papan").url.path == "/masuk"


def test_the_step_is_not_shown_to_who_gave_no_password(site: Site) -> None:
    assert site().get("/masuk/kode").url.path == "/masuk"
