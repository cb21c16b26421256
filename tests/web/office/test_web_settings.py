"""Settings of the city, preferences of a person, and what both change."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from website import PASSWORD, Site, post, sign_in, visible

from aggregator.answers import library
from aggregator.city.catalog import Catalog
from aggregator.people import notifications, preferences, staff, viewers
from aggregator.people.viewers import Viewer
from aggregator.store import options
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Person
from aggregator.store.vault import Vault
from aggregator.web.app import create_app

Arrive = Callable[..., Case | None]


@pytest.fixture
def admin(site: Site, join: Callable[..., Viewer]) -> TestClient:
    join("ani", "diskominfo", "admin")
    return sign_in(site(), "ani")


def set_option(admin: TestClient, name: str, **fields: object) -> str:
    return str(post(admin, "/pengaturan", f"/pengaturan/{name}", **fields).text)


def test_a_setting_says_who_changed_it_and_goes_back_to_its_default(
    admin: TestClient, database: Database
) -> None:
    assert "belum pernah diubah" in visible(admin.get("/pengaturan").text)
    assert "Dipilih Ani pada" in set_option(admin, "claim_minutes", value="45")
    with database.reading() as session:
        assert options.number(session, options.CLAIM_MINUTES, 120) == 45
    trail = visible(admin.get("/audit?tindakan=setting_changed").text)
    assert "after: 45" in trail and "ani" in trail
    set_option(admin, "claim_minutes", act="default")
    with database.reading() as session:
        assert options.number(session, options.CLAIM_MINUTES, 120) == 120


def test_a_value_that_cannot_be_is_refused_and_stays_on_the_page(
    admin: TestClient,
) -> None:
    page = set_option(admin, "claim_minutes", value="5")
    assert "bilangan bulat dari 15 sampai 1440" in page
    assert 'value="5"' in page
    assert "Akun itu tidak ada" in set_option(
        admin, "notify_telegram", value="imap:surat@kota.id"
    )


def test_a_claim_lasts_as_long_as_the_setting_says(
    site: Site,
    admin: TestClient,
    budi: Viewer,
    register: Callable[..., Account],
    post: Arrive,
    database: Database,
) -> None:
    case = post(register("dishub_x", "dishub"), "Lampu mati")
    assert case is not None
    set_option(admin, "claim_minutes", value="45")
    browser = sign_in(site(), "budi")
    token = re.search(
        r'csrftoken" value="([^"]+)"', browser.get(f"/aduan/{case.number}").text
    )
    assert token is not None
    browser.post(f"/aduan/{case.number}/ambil", data={"csrftoken": token[1]})
    with database.reading() as session:
        stored = session.get_one(Case, case.id)
    assert stored.claim_expires_at is not None and stored.claimed_at is not None
    assert (stored.claim_expires_at - stored.claimed_at).total_seconds() == 45 * 60


def test_a_role_that_must_have_a_second_step_sees_only_where_to_switch_it_on(
    site: Site, admin: TestClient, dewi: Viewer, budi: Viewer
) -> None:
    set_option(admin, "code_roles", value=["koordinator"])
    browser = sign_in(site(), "dewi")
    page = browser.get("/papan")
    assert page.url.path == "/keamanan"
    assert "wajib memakai langkah kedua" in visible(page.text)
    part = browser.get("/antrean/daftar", headers={"hx-request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/keamanan")
    assert sign_in(site(), "budi").get("/papan").url.path == "/papan"


def test_an_own_password_ends_the_other_sessions(site: Site, budi: Viewer) -> None:
    here, there = sign_in(site(), "budi"), sign_in(site(), "budi")
    new = "kata sandi lain lagi"
    wrong = post(
        here, "/keamanan", "/keamanan/sandi", old="bukan ini", new=new, again=new
    )
    assert "Kata sandi lama salah" in visible(wrong.text)
    post(here, "/keamanan", "/keamanan/sandi", old=PASSWORD, new=new, again=new)
    assert here.get("/papan").url.path == "/papan"
    assert there.get("/papan").url.path == "/masuk"


def test_tries_are_counted_in_words_and_the_last_one_is_in_the_trail(
    site: Site, admin: TestClient, budi: Viewer
) -> None:
    browser = site()
    pages = [
        post(browser, "/masuk", "/masuk", login="budi", password=f"salah {n}").text
        for n in range(11)
    ]
    assert "Sisa percobaan" not in pages[3]
    assert "Sisa percobaan sebelum harus menunggu: 2." in pages[7]
    assert "Terlalu banyak percobaan" in pages[10]
    assert "Terlalu banyak percobaan masuk" in visible(
        admin.get("/audit?tindakan=locked_out").text
    )


def test_preferences_go_with_the_person(
    site: Site, budi: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    chosen = {
        "language": "en",
        "theme": "dark",
        "signature": "Budi, Dishub",
        "told": ["mention"],
    }
    page = post(browser, "/saya", "/saya", **chosen, begins="20:00", ends="06:00").text
    assert (
        "Saved." in visible(page)
        and '<meta name="color-scheme" content="dark">' in page
    )
    elsewhere = sign_in(site(), "budi").get("/saya").text
    assert 'value="Budi, Dishub"' in elsewhere
    assert "Write the hour" in visible(
        post(browser, "/saya", "/saya", begins="malam", ends="").text
    )
    with database.reading() as session:
        case = Case(
            number="1",
            channel="fake",
            opened_at=session.get_one(Person, budi.id).created_at,
        )
        me = viewers.viewer(session.get_one(Person, budi.id))
        said = library.values(session, case.opened_at, me, case, "id")
    assert said["petugas"] == "Budi, Dishub"


@pytest.mark.parametrize(
    ("kind", "urgent", "via"),
    [
        ("mention", False, "telegram"),
        ("digest", False, "in_app"),
        ("digest", True, "telegram"),
    ],
)
def test_what_is_muted_stays_on_the_pages_unless_it_is_urgent(
    database: Database, budi: Viewer, kind: str, urgent: bool, via: str
) -> None:
    preferences.choose(database, budi.id, muted=["digest"])
    with database.writing() as session:
        person = session.get_one(Person, budi.id)
        person.telegram = "77"
        told = notifications.notify(
            session, person.created_at, person, kind, urgent=urgent
        )
    assert told.via == via


@pytest.mark.parametrize(
    ("chosen", "hour", "rings"),
    [
        ({}, 12, True),
        ({"quiet": ["20:00", "06:00"]}, 21, False),
        ({"quiet": ["20:00", "06:00"]}, 5, False),
        ({"quiet": ["20:00", "06:00"]}, 6, True),
        ({"quiet": ["12:00", "13:00"]}, 12, False),
        ({"quiet": ["20:00", "06:00"], "piket": True}, 21, True),
    ],
)
def test_own_quiet_hours_may_go_over_midnight_and_night_duty_lifts_them(
    chosen: dict[str, object], hour: int, rings: bool
) -> None:
    assert preferences.may_ring(chosen, time(hour), night=False) is rings


def test_an_invitation_lasts_as_long_as_the_setting_says(
    admin: TestClient, database: Database, budi: Viewer
) -> None:
    set_option(admin, "invite_days", value="2")
    with database.reading() as session:
        now = session.get_one(Person, budi.id).created_at
    person, _ = staff.add(
        database, now, SYSTEM, login="rudi", name="Rudi", agency="dishub"
    )
    assert person.invite_expires_at is not None
    assert (person.invite_expires_at - now).days == 2


def test_one_stays_signed_in_as_long_as_the_setting_says(
    admin: TestClient,
    budi: Viewer,
    database: Database,
    vault: Vault,
    catalog: Catalog,
    now: datetime,
    tmp_path: Path,
) -> None:
    set_option(admin, "session_days", value="2")
    set_option(admin, "session_idle_hours", value="48")
    time_is = now
    settings = Settings(data_dir=tmp_path / "var")
    app = create_app(database, vault, settings, catalog, clock=lambda: time_is)
    with TestClient(app, base_url="http://127.0.0.1:8080") as browser:
        sign_in(browser, "budi")
        time_is = now + timedelta(days=2, seconds=-1)
        assert browser.get("/").url.path == "/"
        time_is = now + timedelta(days=2)
        assert browser.get("/saya").url.params["lanjut"] == "/saya", (
            "back to where one was"
        )
        assert sign_in(browser, "budi").get("/saya").url.path == "/saya"
