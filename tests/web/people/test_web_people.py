"""What administrators do with people, raw events and the audit trail."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import fakechannel
import pytest
from fastapi.testclient import TestClient
from website import PASSWORD, Site, post, sign_in, visible

import aggregator
from aggregator import city
from aggregator.intake import ingest
from aggregator.people import staff
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.web import words

Arrive = Callable[..., Case | None]


@pytest.fixture
def admin(site: Site, join: Callable[..., Viewer]) -> TestClient:
    join("ani", "diskominfo", "admin")
    return sign_in(site(), "ani")


def invite(admin: TestClient, **fields: str) -> str:
    """The page that answers an invitation."""
    typed = {
        "login": "rudi",
        "name": "Rudi",
        "agency": "dishub",
        "role": "juru_bicara",
        **fields,
    }
    return str(post(admin, "/orang", "/orang", **typed).text)


def test_an_invitation_is_shown_once_and_lets_in(site: Site, admin: TestClient) -> None:
    link = re.search(r"/undangan/[\w-]+", invite(admin))
    assert link is not None
    assert link[0] not in admin.get("/orang").text
    newcomer = site()
    post(newcomer, link[0], link[0], password=PASSWORD, again=PASSWORD)
    assert newcomer.get("/papan").url.path == "/papan"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"login": "dua kata"}, "tanpa spasi"),
        ({"login": "ani"}, "sudah ada"),
        ({"name": ""}, "Tulis namanya"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(
    admin: TestClient, wrong: dict[str, str], said: str
) -> None:
    page = invite(admin, email="rudi@kota.example", **wrong)
    assert said in page
    assert "rudi@kota.example" in page


def test_a_new_role_counts_from_the_next_page_on(
    site: Site, admin: TestClient, budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    post(admin, "/orang", "/orang/budi/peran", role="pimpinan")
    assert browser.get("/catat").status_code == 403


def test_who_is_disabled_is_out_and_a_reset_lets_in_again(
    site: Site, admin: TestClient, budi: Viewer
) -> None:
    browser = sign_in(site(), "budi")
    post(admin, "/orang", "/orang/budi/nonaktifkan")
    assert browser.get("/papan").url.path == "/masuk"
    link = re.search(
        r"/undangan/[\w-]+", post(admin, "/orang", "/orang/budi/atur-ulang").text
    )
    assert link is not None
    post(browser, link[0], link[0], password=PASSWORD, again=PASSWORD)
    assert browser.get("/papan").url.path == "/papan"


def test_a_successor_takes_over_on_one_page(
    site: Site, admin: TestClient, budi: Viewer, register: Callable[..., Account]
) -> None:
    register("dishub_x", "dishub")
    browser = sign_in(site(), "budi")
    answer = post(admin, "/orang", "/orang/budi/ganti", name="Tuti", login="tuti").text
    assert "Tuti menggantikan Budi" in visible(answer) and "fake:dishub_x" in answer
    assert re.search(r"/undangan/[\w-]+", answer)
    assert browser.get("/papan").url.path == "/masuk"
    refused = visible(
        post(admin, "/orang", "/orang/ani/ganti", name="Tuti", login="tuti").text
    )
    assert "akses Anda sendiri" in refused


@pytest.mark.parametrize("act", ["peran", "nonaktifkan"])
def test_nobody_takes_away_their_own_access(
    admin: TestClient, database: Database, act: str
) -> None:
    answer = post(admin, "/orang", f"/orang/ani/{act}", role="pimpinan")
    assert "akses Anda sendiri" in visible(answer.text)
    stored = staff.get(database, "ani")
    assert (stored.role, stored.status) == ("admin", "active")


def test_people_are_found_by_a_part_of_their_name(
    admin: TestClient, budi: Viewer
) -> None:
    assert "Budi" in visible(admin.get("/orang?cari=bud").text)
    assert "Tidak ada yang cocok" in visible(admin.get("/orang?cari=zzz").text)


def test_what_could_not_be_read_is_shown_without_names_and_tried_again(
    admin: TestClient,
    database: Database,
    register: Callable[..., Account],
    post: Arrive,
) -> None:
    account = register("dishub_x", "dishub")
    post(account, "Lampu mati, kata Pak Surya", broken=True, native_id="7")
    (event,) = ingest.events(database, status="failed")
    page = admin.get("/mentah").text
    assert "@dishub_x" in page
    assert "Surya" not in visible(page)
    with database.writing() as session:  # as after the repair of a parser
        stored = session.get_one(type(event), event.id)
        stored.payload = {**stored.payload, "broken": False}
    form = re.search(r'name="csrftoken" value="([^"]+)"', page)
    assert form is not None
    admin.post(
        "/mentah/proses-ulang", data={"csrftoken": form[1], "event": str(event.id)}
    )
    assert ingest.events(database, status="failed") == []
    assert "Data mentah diproses ulang" in visible(admin.get("/audit?orang=ani").text)


def test_the_trail_is_searched_by_person_act_case_and_day(
    site: Site,
    admin: TestClient,
    budi: Viewer,
    register: Callable[..., Account],
    post: Arrive,
) -> None:
    case = post(register("dishub_x", "dishub"), "Lampu mati")
    assert case is not None

    def acts(query: str) -> list[str]:
        return re.findall(
            r"<strong>([^<]+)</strong>", admin.get(f"/audit?{query}").text
        )

    assert acts("orang=budi") == ["Undangan diterima"]
    assert "<span>budi</span>" in admin.get("/audit?tindakan=invited").text
    assert acts(f"nomor={case.number}&tindakan=case_opened") == ["Aduan dibuka"]
    today = city.here().today(datetime.now(UTC)).isoformat()
    assert acts("orang=budi&sampai=2001-01-01") == []
    assert acts(f"orang=budi&dari=2001-01-01&sampai={today}") == ["Undangan diterima"]


def test_the_trail_goes_on_with_older_lines(
    admin: TestClient, register: Callable[..., Account], post: Arrive
) -> None:
    account = register("dishub_x", "dishub")
    for n in range(55):
        post(account, f"Lampu mati nomor {n}", author_id=f"warga{n}")
    first = admin.get("/audit?tindakan=case_opened").text
    older = re.search(r'href="/audit\?([^"]+sebelum=\d+)"', first)
    assert older is not None
    rest = admin.get(f"/audit?{older[1].replace('&amp;', '&')}").text
    assert first.count("<strong>Aduan dibuka") == 50
    assert rest.count("<strong>Aduan dibuka") >= 1


def test_people_are_filtered_and_their_data_corrected(
    admin: TestClient, database: Database, budi: Viewer
) -> None:
    assert "Budi" not in visible(admin.get("/orang?peran=admin").text)
    fields = {"name": "Budi Santoso", "agency": "dishub", "email": "budi@kota.example"}
    wrong = post(admin, "/orang", "/orang/budi/data", **fields, telegram="bukan angka")
    assert "ditulis sebagai angka" in visible(wrong.text)
    post(
        admin,
        "/orang",
        "/orang/budi/data",
        **fields,
        speaks="su, en",
        position="kepala_opd",
    )
    stored = staff.get(database, "budi")
    assert (stored.name, stored.speaks, stored.position, stored.email) == (
        "Budi Santoso",
        ["su", "en"],
        "kepala_opd",
        "budi@kota.example",
    )


def test_everything_set_aside_for_one_reason_is_tried_again_at_once(
    admin: TestClient,
    database: Database,
    register: Callable[..., Account],
    post: Arrive,
) -> None:
    account = register("dishub_x", "dishub")
    for number in range(3):
        post(
            account,
            "Lampu mati",
            broken=True,
            native_id=f"b{number}",
            author_id=f"w{number}",
        )
    sort = (ingest.events(database, status="failed")[0].reason or "").partition(":")[0]
    page = admin.get(f"/mentah?akun={account.id}&sebab={sort}").text
    token = re.search(r'name="csrftoken" value="([^"]+)"', page)
    assert token is not None and page.count('name="event"') == 3
    with database.writing() as session:  # as after the repair of a parser
        for event in ingest.events(database, status="failed")[:2]:
            stored = session.get_one(type(event), event.id)
            stored.payload = {**stored.payload, "broken": False}
    form = {
        "csrftoken": token[1],
        "cakupan": "semua",
        "akun": str(account.id),
        "sebab": sort,
    }
    answer = admin.post("/mentah/proses-ulang", data=form).text
    assert "Diproses ulang: 2 terbaca, 1 masih disisihkan" in visible(answer)
    assert answer.count('name="event"') == 1


def test_an_account_is_paused_asked_and_read_again(
    admin: TestClient,
    site: Site,
    database: Database,
    register: Callable[..., Account],
    platform: fakechannel.Platform,
    dewi: Viewer,
) -> None:
    account = register("dishub_x", "dishub")
    at = f"/kesehatan/{account.id}"
    paused = visible(post(admin, "/kesehatan", f"{at}/jeda").text)
    assert (
        "Dijeda" in paused and "Dijeda administrator" in paused
    )  # the ledger names the gap
    assert "Aktif" in visible(post(admin, "/kesehatan", f"{at}/lanjut").text)
    assert "platform menerima login" in visible(
        post(admin, "/kesehatan", f"{at}/periksa").text
    )
    with database.writing() as session:
        session.get_one(Account, account.id).status = "needs_login"
    assert f"sahut accounts rotate fake:{account.handle}" in visible(
        admin.get("/kesehatan").text
    )
    other = visible(sign_in(site(), "dewi").get("/kesehatan").text)
    assert "sahut accounts rotate" not in other and "Hanya operator" in other


def acts_recorded() -> set[str]:
    """The acts that the program writes into the trail, where it says them in one
    word."""
    said = []
    for file in Path(aggregator.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            if isinstance(function, ast.Name) and function.id in ("record", "changed"):
                said += node.args[2:3]
            elif isinstance(function, ast.Attribute) and function.attr == "record":
                said += node.args[:1]  # of a case that is open
    return {word.value for word in said if isinstance(word, ast.Constant)}


def test_every_act_in_the_trail_has_its_words() -> None:
    acts = acts_recorded()
    assert {"claimed", "setting_changed"} <= acts
    assert acts - words.AUDIT.keys() == set()


def test_a_mail_that_only_looks_automatic_is_taken_in_by_an_administrator(
    admin: TestClient,
    database: Database,
    register: Callable[..., Account],
    post: Arrive,
) -> None:
    account = register("dishub_x", "dishub")
    assert post(account, "Lampu mati di Loji", automatic="newsletter") is None
    health = visible(admin.get("/kesehatan").text)
    assert "Surat otomatis yang disisihkan: 1." in health
    page = admin.get(f"/mentah?status=ignored&akun={account.id}").text
    assert "Buletin atau kiriman lain untuk banyak orang." in visible(page)
    (event,) = ingest.events(database, status="ignored")
    token = re.search(r'name="csrftoken" value="([^"]+)"', page)
    assert token is not None
    form = {"csrftoken": token[1], "event": str(event.id), "status": "ignored"}
    admin.post("/mentah/proses-ulang", data=form)
    assert len(ingest.events(database, status="ignored")) == 1
    admin.post("/mentah/proses-ulang", data=form | {"sebagai": "pesan"})
    assert ingest.events(database, status="ignored") == []
    assert ingest.events(database, status="done")[0].admitted
    trail = visible(admin.get("/audit?orang=ani").text)
    assert "Surat otomatis diterima sebagai laporan" in trail
