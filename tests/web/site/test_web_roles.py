"""Who may open what: every route, as everybody.

A page without a line in POLICY fails the test. Roles work at Dishub, whose case it is;
"stranger" is a spokesperson of another office, "nobody" has not signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from website import PASSWORD, Clock, routes, token

from aggregator.accounts import filestore
from aggregator.city import catalog
from aggregator.people import shifts
from aggregator.people.viewers import Viewer
from aggregator.store import options
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from aggregator.web.app import create_app

READERS = frozenset(options.ROLES)
ANYBODY = READERS | {"stranger", "nobody"}
SIGNED_IN = READERS | {"stranger"}
ACTING = READERS - {"pimpinan"}
WRITING = ACTING | {"stranger"}
ADMIN = frozenset({"admin"})
NO_ROLE: frozenset[str] = frozenset()
"""Open to who holds a position of the city, whatever their role."""

POLICY: dict[str, frozenset[str]] = {
    "GET /": SIGNED_IN,
    "GET /.well-known/security.txt": ANYBODY,
    "GET /aduan/{number}": READERS,
    "POST /aduan/{number}/ambil": ACTING,
    "POST /aduan/{number}/ambil-alih": ACTING,
    "POST /aduan/{number}/balas": ACTING,
    "POST /aduan/{number}/buka": ACTING,
    "POST /aduan/{number}/catatan": ACTING,
    "POST /aduan/{number}/draf": ACTING,
    "GET /aduan/{number}/draf/foto/{sha256}": READERS,
    "POST /aduan/{number}/draf/{draft_id}": ACTING,
    "POST /aduan/{number}/gabung": ACTING,
    "GET /aduan/{number}/hadir": READERS,
    "POST /aduan/{number}/jawaban/{reply_id}": ACTING,
    "GET /aduan/{number}/jawaban/{reply_id}/foto/{at}": READERS,
    "GET /aduan/{number}/kabar": READERS,
    "GET /aduan/{number}/kabari": READERS,
    "POST /aduan/{number}/kabari": ACTING,
    "POST /aduan/{number}/112": ACTING,
    "POST /aduan/{number}/darurat": ACTING,
    "POST /aduan/{number}/dijawab-di-sana": ACTING,
    "POST /aduan/{number}/klasifikasi": ACTING,
    "POST /aduan/{number}/pembaca": READERS,
    "POST /aduan/{number}/lepas": ACTING,
    "POST /aduan/{number}/minta-bantuan": ACTING,
    "POST /aduan/{number}/minta-bantuan/{request_id}": ACTING,
    "POST /aduan/{number}/pindah": ACTING,
    "POST /aduan/{number}/pisah/{link_id}": ACTING,
    "POST /aduan/{number}/selesai": ACTING,
    "POST /aduan/{number}/tampilkan": READERS,
    "POST /aduan/{number}/tugas": ACTING,
    "POST /aduan/{number}/tugaskan": ACTING,
    "POST /aduan/{number}/tunggu": ACTING,
    "GET /antrean/berikutnya": SIGNED_IN,
    "GET /antrean/daftar": SIGNED_IN,
    "GET /antrean/unduh": SIGNED_IN,
    "POST /antrean/massal": SIGNED_IN,
    "POST /antrean/massal/{act_id}/urung": SIGNED_IN,
    "POST /antrean/tampilan": SIGNED_IN,
    "POST /antrean/tampilan/{view_id}/hapus": SIGNED_IN,
    "POST /antrean/tur": SIGNED_IN,
    "GET /audit": ADMIN,
    "POST /bahasa": ANYBODY,
    "GET /bantuan": SIGNED_IN,
    "GET /bantu-jawab": SIGNED_IN,
    "GET /bantu-jawab/{number}": READERS,
    "POST /bantu-jawab/{number}": ACTING,
    "GET /berulang": SIGNED_IN,
    "GET /cari": SIGNED_IN,
    "GET /catat": WRITING,
    "GET /buka-darurat": NO_ROLE,
    "POST /buka-darurat": NO_ROLE,
    "POST /catat": WRITING,
    "GET /healthz": ANYBODY,
    "GET /livez": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /kabar": SIGNED_IN,
    "GET /kabar/{told_id}": SIGNED_IN,
    "POST /kabar/dibaca": SIGNED_IN,
    "POST /kabar/dorong": SIGNED_IN,
    "POST /kabar/dorong/henti": SIGNED_IN,
    "POST /kabar/janji/{reminder_id}": SIGNED_IN,
    "POST /kabar/piket": SIGNED_IN,
    "GET /kait/{channel}": ANYBODY,
    "POST /kait/{channel}": ANYBODY,
    "GET /kait/{channel}/{account_id}": ANYBODY,
    "POST /kait/{channel}/{account_id}": ANYBODY,
    "GET /keamanan": SIGNED_IN,
    "POST /keamanan/kode-baru": SIGNED_IN,
    "POST /keamanan/kunci": SIGNED_IN,
    "POST /keamanan/kunci/tantangan": SIGNED_IN,
    "POST /keamanan/kunci/{passkey_id}/hapus": SIGNED_IN,
    "POST /keamanan/kunci/{passkey_id}/nama": SIGNED_IN,
    "POST /keamanan/matikan": SIGNED_IN,
    "POST /keamanan/nyalakan": SIGNED_IN,
    "POST /keamanan/perangkat/{device_id}": SIGNED_IN,
    "POST /keamanan/sandi": SIGNED_IN,
    "POST /keamanan/sesi-lain": SIGNED_IN,
    "POST /keamanan/sesi/{session_id}": SIGNED_IN,
    "POST /keluar": ANYBODY,
    "POST /keluar-semua": SIGNED_IN,
    "GET /insiden": SIGNED_IN,
    "POST /insiden/{incident_id}": SIGNED_IN,
    "GET /insiden/{incident_id}/kabari": SIGNED_IN,
    "POST /insiden/{incident_id}/kabari": WRITING,
    "GET /kesehatan": SIGNED_IN,
    "POST /kesehatan/{account_id}/{act}": ADMIN,
    "GET /lacak": ANYBODY,
    "GET /lacak/{number}": ANYBODY,
    "GET /langsung": SIGNED_IN,
    "GET /lapor/{handle}": ANYBODY,
    "POST /lapor/{handle}": ANYBODY,
    "GET /luring": ANYBODY,
    "GET /manifest.webmanifest": ANYBODY,
    "GET /masuk": ANYBODY,
    "POST /masuk": ANYBODY,
    "GET /masuk/lagi": SIGNED_IN,
    "POST /masuk/kunci": ANYBODY,
    "POST /masuk/kunci/tantangan": ANYBODY,
    "POST /masuk/lagi": SIGNED_IN,
    "POST /masuk/lagi/tantangan": SIGNED_IN,
    "GET /masuk/kode": ANYBODY,
    "GET /masuk/oidc": ANYBODY,
    "GET /masuk/oidc/kembali": ANYBODY,
    "POST /masuk/kode": ANYBODY,
    "GET /media/{attachment_id}": READERS,
    "GET /media/{attachment_id}/halaman/{sheet}": READERS,
    "GET /media/{attachment_id}/unduh": READERS,
    "GET /mentah": ADMIN,
    "POST /mentah/proses-ulang": ADMIN,
    "GET /naskah": SIGNED_IN,
    "GET /naskah/baru": WRITING,
    "POST /naskah/baru": WRITING,
    "POST /naskah/sapaan/{account_id}": ACTING,
    "GET /naskah/{entry_id}": SIGNED_IN,
    "POST /naskah/{entry_id}": WRITING,
    "GET /orang": ADMIN,
    "POST /orang": ADMIN,
    "POST /orang/{login}/atur-ulang": ADMIN,
    "POST /orang/{login}/data": ADMIN,
    "POST /orang/{login}/ganti": ADMIN,
    "POST /orang/{login}/nonaktifkan": ADMIN,
    "POST /orang/{login}/peran": ADMIN,
    "GET /papan": SIGNED_IN,
    "GET /pengaturan": ADMIN,
    "POST /pengaturan/{name}": ADMIN,
    "GET /piket": SIGNED_IN,
    "POST /piket/absen": WRITING,
    "POST /piket/absen/{absence_id}/akhiri": WRITING,
    "POST /piket/jadwal": WRITING,
    "POST /piket/jadwal/{shift_id}/hapus": WRITING,
    "POST /piket/serah-terima": WRITING,
    "GET /saya": SIGNED_IN,
    "POST /saya": SIGNED_IN,
    "GET /sw.js": ANYBODY,
    "GET /undangan/{token}": ANYBODY,
    "POST /undangan/{token}": ANYBODY,
}
"""Who gets past the door; whether the act then makes sense (409, 422) is no matter of
roles."""

PROVED = {
    "GET /antrean/unduh",
    "GET /buka-darurat",
    "GET /orang",
    "GET /pengaturan",
    "POST /aduan/{number}/pembaca",
    "POST /buka-darurat",
    "POST /keamanan/kunci",
    "POST /keamanan/kunci/tantangan",
    "POST /keamanan/kunci/{passkey_id}/hapus",
    "POST /keamanan/nyalakan",
    "POST /kesehatan/{account_id}/{act}",
    "POST /mentah/proses-ulang",
    "POST /orang",
    "POST /orang/{login}/atur-ulang",
    "POST /orang/{login}/data",
    "POST /orang/{login}/ganti",
    "POST /orang/{login}/nonaktifkan",
    "POST /orang/{login}/peran",
    "POST /pengaturan/{name}",
}
"""What asks who signed in a while ago to show again who they are."""
ENDLESS = "GET /langsung"
"""Asked only by those it turns away: a stream of events that is let in does not end."""
LAST = ("", "POST /keluar-semua", "POST /keluar")
"""They end the session, the first of them for who has one."""
FIELDS: dict[str, dict[str, str]] = {
    "POST /aduan/{number}/ambil-alih": {"reason": "Yang memegang sudah pulang"},
    "POST /aduan/{number}/balas": {"step": "send", "key": "k1", "text": "Kami cek."},
    "POST /aduan/{number}/catatan": {"note": "Sudah ditelepon"},
    "POST /aduan/{number}/jawaban/{reply_id}": {"act": "cancel"},
    "POST /aduan/{number}/tugaskan": {"agency": "dishub", "role": "help"},
    "POST /aduan/{number}/tunggu": {"why": "menunggu_pelapor"},
    "POST /catat": {"via": "phone", "text": "Lampu mati"},
}


@pytest.fixture
def app(
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    clock: Clock,
    tmp_path: Path,
) -> FastAPI:
    settings = Settings(
        data_dir=tmp_path / "var", security_contact="mailto:csirt@bogor.test"
    )
    return create_app(database, vault, settings, catalog, clock=clock)


@pytest.fixture
def places(
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    database: Database,
    join: Callable[..., Viewer],
    picture: bytes,
    tmp_path: Path,
    platform: fakechannel.Platform,
) -> dict[str, str]:
    """What stands in the addresses: a case of Dishub with a picture and an answer under
    way."""
    account = register("dishub_x", "dishub")
    case = post(account, "Lampu mati di Gg. Kepatihan")
    assert case is not None and case.first_message_id is not None
    kept = filestore.keep_photo(tmp_path / "var", picture)
    row = Attachment(
        message_id=case.first_message_id,
        position=9,
        type="photo",
        sha256=kept.sha256,
        mime=kept.mime,
        size=kept.size,
        previews=[kept.sha256],
        status="stored",
    )
    author = join("ani", "dishub")
    answer = Reply(
        key="k0",
        case_id=case.id or 0,
        message_id=case.first_message_id,
        account_id=account.id or 0,
        person_id=author.id,
        text="Sedang dicek.",
    )
    with database.writing() as session:
        session.add_all([row, answer])
    return {
        "number": str(case.number),
        "attachment_id": str(row.id),
        "reply_id": str(answer.id),
        "channel": "none",
        "session_id": "0",
    }


def test_every_route_has_a_policy(app: FastAPI) -> None:
    declared = {f"{method} {path}" for method, path in routes(app)}
    assert declared - POLICY.keys() == set(), "say in POLICY who may open it"
    assert POLICY.keys() - declared == set(), "no such page any more"


@pytest.mark.parametrize("who", sorted(ANYBODY))
def test_doors_open_as_the_policy_says(
    who: str, app: FastAPI, places: dict[str, str], join: Callable[..., Viewer]
) -> None:
    with TestClient(
        app, base_url="http://127.0.0.1:8080", follow_redirects=False
    ) as browser:
        if who != "nobody":
            _enter(browser, who, join)
        csrf = _csrf(browser)
        kept = dict(browser.cookies)
        asked = sorted(POLICY, key=lambda key: LAST.index(key) if key in LAST else 0)
        opened = {
            key
            for key in asked
            if not (key == ENDLESS and who in POLICY[key])
            and _opens(browser, key, places, csrf, kept)
        }
    expected = {key for key, allowed in POLICY.items() if who in allowed} - {ENDLESS}
    assert opened - expected == set(), f"{who} should not get in"
    assert expected - opened == set(), f"{who} is turned away"


@pytest.mark.threat("SES-7")
def test_what_reaches_furthest_asks_for_the_password_again(
    app: FastAPI,
    places: dict[str, str],
    join: Callable[..., Viewer],
    database: Database,
    clock: Clock,
) -> None:
    """As an administrator who may break the glass."""
    with TestClient(
        app, base_url="http://127.0.0.1:8080", follow_redirects=False
    ) as browser:
        _enter(browser, "admin", join)
        shifts.set_position(database, SYSTEM, "orangnya", "sekda")
        csrf, kept = _csrf(browser), dict(browser.cookies)
        clock.now += timedelta(minutes=15)
        asked = set()
        for key in POLICY.keys() - {ENDLESS, *LAST}:
            answer = _answer(browser, key, places, csrf, kept)
            sent_there = answer.headers.get("location", "").startswith("/masuk/lagi")
            if sent_there or 'name="bukti_sandi"' in answer.text:
                asked.add(key)
    assert asked == PROVED | {"GET /masuk/lagi", "POST /masuk/lagi"}


def _enter(browser: TestClient, who: str, join: Callable[..., Viewer]) -> None:
    role, agency = (
        ("juru_bicara", "tirtapakuan") if who == "stranger" else (who, "dishub")
    )
    join("orangnya", agency, role)
    form = {"csrftoken": token(browser.get("/masuk").text)}
    signed = browser.post(
        "/masuk", data={**form, "login": "orangnya", "password": PASSWORD}
    )
    assert signed.status_code == 303


def _csrf(browser: TestClient) -> str:
    return token(browser.get("/lacak").text)


def _opens(
    browser: TestClient,
    key: str,
    places: dict[str, str],
    csrf: str,
    cookies: dict[str, str],
) -> bool:
    """Whether the door opens."""
    answer = _answer(browser, key, places, csrf, cookies)
    to_sign_in = answer.headers.get("location", "").startswith("/masuk?lanjut=")
    turned_away = to_sign_in or answer.status_code == 403
    return not turned_away and not (answer.status_code == 404 and "/media/" in key)


def _answer(
    browser: TestClient,
    key: str,
    places: dict[str, str],
    csrf: str,
    cookies: dict[str, str],
) -> Any:
    """Signing out in one request does not sign out of the next."""
    browser.cookies.clear()
    browser.cookies.update(cookies)
    method, path = key.split(" ")
    address = path.format_map(_Places(places))
    if method == "GET":
        return browser.get(address, params={"versi": 0, "sejak": 0})
    return browser.post(address, data={"csrftoken": csrf, **FIELDS.get(key, {})})


class _Places(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "1"
