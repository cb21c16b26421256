"""The pages in a real browser: two people at once, live news, small screens, no
script."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import fakechannel
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import PHONE, Open, Served
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from ports import own_port
from sqlmodel import select

from aggregator.accounts import filestore
from aggregator.answers import outbox, replies
from aggregator.people import push
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.vault import Vault
from aggregator.web.desk.queue import PAGE


@pytest.fixture
def number(register: Callable[..., Account], post: Callable[..., Case | None]) -> str:
    case = post(
        register("dishub_x", "dishub"),
        "Lampu mati di Gg. Kepatihan RW 4",
        native_id="1",
    )
    assert case is not None and case.number is not None
    return case.number


def test_of_two_who_claim_one_wins_and_the_other_reads_who(
    browse: Open, number: str, budi: Viewer, dewi: Viewer
) -> None:
    budis, dewis = (browse(login, f"/aduan/{number}") for login in ("budi", "dewi"))
    for page in (budis, dewis):
        expect(page.get_by_role("button", name="Ambil", exact=True)).to_be_visible()
    budis.get_by_role("button", name="Ambil", exact=True).click()
    expect(budis.get_by_text("Anda menangani aduan ini")).to_be_visible()
    dewis.get_by_role("button", name="Ambil", exact=True).click()
    expect(dewis.get_by_role("alert")).to_contain_text(
        "Budi lebih dulu mengambil aduan ini."
    )


def answer_case(page: Page, text: str) -> None:
    page.get_by_role("button", name="Ambil dan balas").click()
    page.get_by_label("Balasan Anda").fill(text)
    page.get_by_role("button", name="Pratinjau").click()
    expect(page.locator("blockquote")).to_have_text(text)
    expect(page.get_by_text("Publik: terbaca semua orang.")).to_be_visible()
    page.get_by_role("button", name="Kirim", exact=True).click()


def test_an_answer_is_previewed_sent_and_its_fate_appears_by_itself(
    browse: Open,
    number: str,
    budi: Viewer,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: fakechannel.Platform,
) -> None:
    page = browse("budi", f"/aduan/{number}")
    answer_case(page, "Tim PJU datang malam ini.")
    expect(page.locator("#jawaban .status")).to_have_text("Menunggu dikirim")
    page.get_by_label("Balasan Anda").fill("Tulisan kedua")
    for reply in outbox.due(database, now + replies.UNDO_WITHIN):
        outbox.send(database, vault, Path(), now, reply)
    expect(page.locator("#jawaban .status")).to_have_text("Terkirim")
    expect(page.get_by_label("Balasan Anda")).to_have_value("Tulisan kedua")
    page.get_by_role("button", name="Selesai", exact=True).click()
    expect(page.get_by_role("button", name="Buka kembali")).to_be_visible()
    assert [sent.text for sent in platform.arrived] == ["Tim PJU datang malam ini."]


def test_everything_works_without_javascript(
    browse: Open, number: str, budi: Viewer, database: Database, now: datetime
) -> None:
    page = browse("budi", "/", java_script_enabled=False)
    page.get_by_role("link", name=number).click()
    answer_case(page, "Sudah kami catat.")
    expect(page.locator("#jawaban .status")).to_have_text("Menunggu dikirim")
    page.locator("summary", has_text="Tulis catatan").click()
    page.get_by_label("Catatan", exact=True).fill("Cek gardu")
    page.get_by_role("button", name="Simpan catatan").click()
    expect(page.locator(".message.note")).to_contain_text("Cek gardu")
    assert len(outbox.due(database, now + replies.UNDO_WITHIN)) == 1


def test_the_room_left_is_counted_while_writing(
    browse: Open, number: str, budi: Viewer
) -> None:
    page = browse("budi", f"/aduan/{number}")
    page.get_by_role("button", name="Ambil dan balas").click()
    expect(page.locator("#left")).to_have_text("sisa 100 huruf")
    page.get_by_label("Balasan Anda").fill("a" * 103)
    expect(page.locator("#left")).to_have_text("sisa -3 huruf")


def test_a_new_case_appears_by_itself_and_takes_neither_focus_nor_place(
    browse: Open,
    number: str,
    budi: Viewer,
    dewi: Viewer,
    database: Database,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    page, account = browse("budi", "/"), register("dishub_ig", "dishub")
    row = page.get_by_role("link", name=number)
    row.focus()
    before = row.bounding_box()
    post(account, "Angkot ngetem di Warung Jambu")
    bar = page.get_by_role("button", name="Baru di daftar ini: 1. Tampilkan")
    expect(bar).to_be_visible()
    expect(page.locator("[data-tab=kantor]")).to_have_text("2")
    expect(page.locator("ol.rows > li")).to_have_count(1)
    expect(row).to_be_focused()
    now_at = row.bounding_box()
    assert before is not None and now_at is not None
    assert now_at["x"] == before["x"]
    bar.click()
    expect(page.locator("ol.rows > li")).to_have_count(2)
    expect(page.locator("ol.rows")).to_contain_text("Angkot ngetem")
    expect(bar).to_have_count(0)
    post(account, "TOLONG bus terbakar di terminal, ada yang terjebak!")
    expect(page.get_by_role("alert")).to_contain_text("bus terbakar")
    expect(
        page.locator("ol.rows > li"), "only the banner waits for no press"
    ).to_have_count(2)


def test_a_case_closed_elsewhere_stays_in_place_and_says_so(
    browse: Open, number: str, budi: Viewer, dewi: Viewer
) -> None:
    page, other = browse("budi", "/"), browse("dewi", f"/aduan/{number}")
    row = page.locator("a.row")
    was = row.bounding_box()
    other.get_by_role("button", name="Ambil", exact=True).click()
    expect(page.locator(".holder")).to_have_text("Sedang ditangani oleh Dewi")
    assert row.bounding_box() == was, "what stands below does not move"
    other.get_by_text("Tutup untuk semua tanpa balasan").click()
    expect(other.locator("form.for-all")).to_contain_text("Masih mengerjakan: Dishub")
    other.get_by_role("button", name="Selesai untuk semua").click()
    expect(page.locator("li.gone")).to_contain_text("Sudah tidak di tampilan ini")
    assert row.bounding_box() == was


def test_the_first_case_appears_in_an_empty_queue(
    browse: Open,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    account = register("dishub_x", "dishub")
    page = browse("budi", "/")
    expect(page.get_by_role("heading", name="Tidak ada aduan")).to_be_visible()
    post(account, "Zebra cross pudar")
    expect(page.locator("ol.rows > li")).to_have_count(1)


def test_what_a_colleague_does_is_told_on_an_open_case(
    browse: Open, number: str, budi: Viewer, dewi: Viewer
) -> None:
    page, other = browse("budi", f"/aduan/{number}"), browse("dewi", f"/aduan/{number}")
    other.get_by_role("button", name="Ambil", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Diambil")
    expect(page.get_by_role("link", name="Muat ulang")).to_be_visible()


def test_load_more_goes_on_with_the_next_case(
    browse: Open,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    account = register("dishub_x", "dishub")
    for n in range(PAGE + 3):
        post(account, f"Lubang nomor {n}", author_id=f"warga-{n}")
    page = browse("budi", "/")
    page.wait_for_load_state("load")
    expect(page.locator("ol.rows > li[id]")).to_have_count(PAGE)
    page.get_by_role("link", name="Muat lagi").focus()
    page.keyboard.press("Enter")
    expect(page.locator("ol.rows > li[id]")).to_have_count(PAGE + 3)
    expect(page.locator("ol.rows > li[id] a").nth(PAGE)).to_be_focused()
    expect(page.get_by_role("link", name="Muat lagi")).to_have_count(0)


def test_who_comes_back_from_a_case_finds_the_list_where_they_left_it(
    browse: Open,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    account = register("dishub_x", "dishub")
    for n in range(PAGE + 5):
        post(account, f"Lubang nomor {n}", author_id=f"warga-{n}")
    page = browse("budi", "/", viewport=PHONE)
    page.get_by_role("link", name="Muat lagi").scroll_into_view_if_needed()
    expect(page.locator("ol.rows > li[id]")).to_have_count(PAGE + 5)
    opened = page.locator("ol.rows > li[id] a.row").nth(PAGE + 2)
    address = opened.get_attribute("href")
    for way_back in ("the browser's", "the page's"):
        page.locator(f"a.row[href='{address}']").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Aduan")
        if way_back == "the browser's":
            page.go_back()
        else:
            page.get_by_role("link", name="‹ Antrean").click()
        expect(page.locator("ol.rows > li[id]")).to_have_count(PAGE + 5)
        expect(page.locator(f"a.row[href='{address}']")).to_be_focused()
        expect(page.locator(f"a.row[href='{address}']")).to_be_in_viewport()


def test_many_are_chosen_on_a_phone_without_going_to_the_end_of_the_list(
    browse: Open, number: str, budi: Viewer
) -> None:
    page = browse("budi", "/", viewport=PHONE)
    tick = page.get_by_label(f"Pilih {number}")
    expect(tick).to_be_hidden()
    page.locator("summary", has_text="Pilih banyak").click()
    tick.check()
    page.get_by_role("link", name="1 dicentang").click()
    expect(page.locator("select[name=tindakan]")).to_be_focused()
    page.get_by_role("button", name="Lihat yang akan berubah").click()
    expect(page.get_by_text("1 aduan akan berubah.")).to_be_visible()


SERVE = """
from aggregator.city import catalog
from aggregator.running import service
from aggregator.store import settings, vault
from aggregator.store.db import Database
chosen = settings.load()
service.run(
    Database(chosen.database_url), vault.load(None, chosen.data_dir), chosen,
    catalog.load(chosen.folder_of_config()), background=False,
    announce=lambda: print("ready", flush=True),
)
"""


@pytest.mark.parametrize("processes", ["1", "2"])
def test_open_pages_do_not_hold_the_service_when_it_is_told_to_stop(
    chromium: Browser, budi: Viewer, sqlite_url: str, tmp_path: Path, processes: str
) -> None:
    port = str(own_port())
    told = {
        "DATABASE_URL": sqlite_url,
        "SAHUT_DATA_DIR": str(tmp_path),
        "SAHUT_PORT": port,
        "SAHUT_PAGE_PROCESSES": processes,
    }
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SERVE],
        env={**os.environ, **told},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with chromium.new_context(base_url=f"http://127.0.0.1:{port}") as context:
            page = context.new_page()
            page.goto("/")
            page.get_by_label("Nama masuk").fill("budi")
            page.get_by_label("Kata sandi").fill("kata sandi panjang")
            with page.expect_response("**/langsung?*") as connection:
                page.get_by_role("button", name="Masuk").click()
            assert connection.value.status == 200
            process.terminate()
            _, complaints = process.communicate()
    finally:
        process.kill()
        process.wait()
    assert "graceful shutdown exceeded" not in complaints
    assert "Traceback" not in complaints


def test_writing_down_a_pasted_chat_fits_a_phone(browse: Open, budi: Viewer) -> None:
    page = browse("budi", "/catat", viewport=PHONE)
    page.get_by_label("Atau tempelkan obrolan").fill(
        "24/02/26 09.12 - Siti: Lampu mati https://foto.example/"
        + "a" * 120
        + "\n24/02/26 09.13 - Pak RT: di mana?"
    )
    for wanted in ("lines", "case"):
        assert (
            page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        ), wanted
        assert Axe().run(page).violations_count == 0, wanted
        with page.expect_navigation():
            page.get_by_role("button", name="Simpan sebagai aduan").click()
    expect(page.get_by_text("Dicatat manual oleh Budi")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_week_of_an_office_fits_a_phone_with_its_forms_open(
    browse: Open, budi: Viewer, scheme: str
) -> None:
    page = browse("budi", "/piket", viewport=PHONE, color_scheme=scheme)
    for form in (
        "Serahkan ke piket berikutnya",
        "Tambah jadwal piket",
        "Catat yang tidak masuk",
    ):
        page.locator("summary", has_text=form).click()
    expect(page.get_by_label("Siapa penggantinya?")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Simpan jadwal").click()
    expect(page.locator("li.card[aria-current]")).to_contain_text("08.00–16.00 Budi")


@pytest.fixture
def photographed(number: str, database: Database, tmp_path: Path) -> None:
    """The case has a photo as a telephone takes it: more than a megabyte."""
    photo = io.BytesIO()
    Image.effect_noise((2048, 1536), 80).save(photo, "JPEG")
    kept = filestore.keep_photo(tmp_path / "var", photo.getvalue())
    assert kept.size > 1_000_000
    with database.writing() as session:
        message = session.exec(select(Message)).one()
        session.add(
            Attachment(
                message_id=message.id or 0,
                position=0,
                type="photo",
                status="stored",
                sha256=kept.sha256,
                mime=kept.mime,
                size=kept.size,
            )
        )


@pytest.mark.usefixtures("photographed")
def test_the_first_page_is_light_and_asks_nobody_else(
    browse: Open, budi: Viewer, server: Served
) -> None:
    page = browse("budi", "/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sizes = page.context.new_cdp_session(page)
    sizes.send("Network.enable")
    sizes.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    sizes.on(
        "Network.loadingFinished",
        lambda event: received.append(event["encodedDataLength"]),
    )
    page.reload(wait_until="load")
    expect(page.locator("ol.rows > li")).to_have_count(1)
    drawn = page.wait_for_function(
        "() => document.querySelector('ol.rows img').naturalWidth"
    )
    assert drawn.json_value() == 320
    assert {url.split("/")[2] for url in asked} == {server.address.split("/")[2]}
    assert 0 < sum(received) <= 150_000
    print(f"first page: {sum(received):.0f} bytes")  # noqa: T201


def test_without_a_network_the_app_says_so_and_comes_back(
    browse: Open, budi: Viewer
) -> None:
    page = browse("budi", "/")
    expect(page.get_by_role("heading", name="Tidak ada aduan")).to_be_visible()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_contain_text("Tidak ada jaringan")
    page.goto("/kabar")
    expect(page.get_by_role("heading", name="Tidak ada jaringan")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("link", name="Coba lagi").click()
    expect(page.get_by_role("heading", name="Tidak ada aduan")).to_be_visible()


KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"  # noqa: E501
VENDOR = """
p256dh => { PushManager.prototype.subscribe = async (wanted) => ({ toJSON: () => ({
  endpoint: "https://push.example/" + wanted.applicationServerKey.length,
  keys: { p256dh, auth: "BTBZMqHH6r4Tts7J_aSIgg" },
}) }); }
"""
"""The service of the browser's maker, which no test may ask: it gives an address and
keys."""
SHOWN = """
async () => {
  const registration = await navigator.serviceWorker.ready;
  const end = performance.now() + 60000;
  while (performance.now() < end) {
    const [one] = await registration.getNotifications();
    if (one) return [one.title, one.body, one.data.path];
    await new Promise(requestAnimationFrame);
  }
}
"""
"""Asked again until there is one: what a worker shows is not there with the message it
got."""


def test_a_phone_that_asked_for_it_shows_what_is_pushed_to_it(
    browse: Open, number: str, budi: Viewer, database: Database, server: Served
) -> None:
    page = browse("budi", "/kabar", viewport=PHONE, permissions=["notifications"])
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.evaluate(VENDOR, KEY)
    page.get_by_role("button", name="Beri tahu di ponsel ini").click()
    expect(page.locator(".push-state")).to_have_text("Peramban ini akan diberi tahu.")
    assert push.count(database, budi.id) == 1
    told: list[str] = []
    worker = page.context.new_cdp_session(page)
    worker.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: told.extend(
            one["registrationId"] for one in event["registrations"]
        ),
    )
    worker.send("ServiceWorker.enable")
    while (
        not told
    ):  # the worker is there; the browser tells its number when it comes to it
        page.evaluate("() => new Promise(requestAnimationFrame)")
    message = {
        "title": "Tenggat",
        "body": f"Aduan {number}",
        "path": f"/aduan/{number}",
    }
    worker.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": server.address,
            "registrationId": told[0],
            "data": json.dumps(message),
        },
    )
    assert page.evaluate(SHOWN) == ["Tenggat", f"Aduan {number}", f"/aduan/{number}"]
