"""Answering a case in a browser: by keys, without a network, two at once, with photos
of proof."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import fakechannel
import pytest
from browser import PHONE, Open
from pagecheck import faults, sideways, unfold
from playwright.sync_api import Page, Response, Route, expect

from aggregator.accounts import filestore
from aggregator.answers import outbox, replies
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault


@pytest.fixture
def case(register: Callable[..., Account], post: Callable[..., Case | None]) -> Case:
    made = post(
        register("dishub_x", "dishub"),
        "Lampu mati di Gg. Kepatihan RW 4",
        native_id="1",
    )
    assert made is not None
    return made


@pytest.fixture
def number(case: Case) -> str:
    return case.number or ""


def look_at(page: Page) -> None:
    """The page as it stands has no fault, on a phone and with letters of twice the
    size."""
    page.wait_for_load_state("load")
    unfold(page)
    assert [*faults(page), *sideways(page, 200)] == []


def keeping(page: Page, text: str) -> Any:
    """Until the server has said that it keeps this text, which it may have kept letter
    by letter before."""

    def of_it(answer: Response) -> bool:
        sent = parse_qs(answer.request.post_data or "").get("text")
        return answer.url.endswith("/draf") and sent == [text]

    return page.expect_response(of_it)


def test_an_answer_with_a_photo_of_the_repair_goes_out_from_a_phone(
    browse: Open,
    number: str,
    budi: Viewer,
    picture: bytes,
    database: Database,
    vault: Vault,
    now: datetime,
    tmp_path: Path,
    platform: fakechannel.Platform,
) -> None:
    page = browse("budi", f"/aduan/{number}", viewport=PHONE, color_scheme="dark")
    page.get_by_role("button", name="Ambil dan balas").click()
    field = page.get_by_label("Balasan Anda")
    expect(field).to_be_focused()
    look_at(page)
    field.fill("Lampu sudah menyala.")
    photo = {"name": "rumah-budi.jpg", "mimeType": "image/jpeg", "buffer": picture}
    page.get_by_label(re.compile("^Foto balasan")).set_input_files(photo)
    page.get_by_role("button", name="Pratinjau").click()
    shown = page.get_by_role("img", name="Foto balasan")
    expect(shown).to_be_in_viewport()
    look_at(page)
    page.get_by_role("button", name="Kirim", exact=True).click()
    expect(page.get_by_role("button", name="Urungkan")).to_be_in_viewport()
    expect(page.locator("#jawaban").get_by_role("img")).to_be_visible()
    look_at(page)
    for reply in outbox.due(database, now + replies.UNDO_WITHIN):
        outbox.send(database, vault, tmp_path / "var", now, reply)
    (sent,) = platform.arrived
    (file,) = sent.files
    assert b"Exif" not in file.content and "rumah" not in file.name


def test_what_is_typed_survives_the_loss_of_the_network(
    browse: Open, number: str, budi: Viewer
) -> None:
    page = browse("budi", f"/aduan/{number}", service_workers="block")
    page.get_by_role("button", name="Ambil dan balas").click()
    field = page.get_by_label("Balasan Anda")
    field.fill("Kami cek.")
    expect(page.locator("#kept")).to_contain_text("Draf tersimpan")
    page.context.set_offline(True)
    with page.expect_event(
        "requestfailed", lambda request: request.url.endswith("/draf")
    ):
        field.press_sequentially(" Besok.")
    page.get_by_role("button", name="Pratinjau").click()
    expect(
        page.get_by_text("Tulisan Anda disimpan di peramban ini")
    ).to_be_in_viewport()
    expect(field).to_have_value("Kami cek. Besok.")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(f"/aduan/{number}")
    expect(field).to_have_value("Kami cek. Besok.")
    page.get_by_role("button", name="Pratinjau").click()
    expect(page.locator("blockquote")).to_have_text("Kami cek. Besok.")


def test_what_is_typed_before_the_page_listens_is_kept_too(
    browse: Open, number: str, budi: Viewer
) -> None:
    page = browse("budi", f"/aduan/{number}", service_workers="block")
    page.get_by_role("button", name="Ambil dan balas").click()
    expect(page.get_by_label("Balasan Anda")).to_be_visible()
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route(re.compile(r"/case\b.*\.js"), hold)
    page.goto(f"/aduan/{number}", wait_until="commit")
    page.get_by_label("Balasan Anda").fill("Kami cek malam ini.")
    late[0].continue_()
    expect(page.locator("#kept")).to_contain_text("Draf tersimpan")


def test_who_writes_on_two_devices_reads_both_texts_and_loses_neither(
    browse: Open, number: str, budi: Viewer
) -> None:
    desk = browse("budi", f"/aduan/{number}")
    desk.get_by_role("button", name="Ambil dan balas").click()
    desk.get_by_label("Balasan Anda").fill("Dijadwalkan besok.")
    expect(desk.locator("#kept")).to_contain_text("Draf tersimpan")
    phone = browse("budi", f"/aduan/{number}", viewport=PHONE)
    field = phone.get_by_label("Balasan Anda")
    with keeping(phone, "Dijadwalkan besok. Pagi."):
        field.fill("Dijadwalkan besok. Pagi.")
    with keeping(phone, "Sudah di lokasi. Selesai."):
        field.fill("Sudah di lokasi.")
        field.press_sequentially(" Selesai.")
    desk.get_by_label("Balasan Anda").press_sequentially(" Terima kasih.")
    desk.get_by_role("button", name="Lihat keduanya").click()
    expect(desk.locator("blockquote")).to_have_text("Sudah di lokasi. Selesai.")
    expect(desk.get_by_label("Balasan Anda")).to_have_value(
        re.compile("^Dijadwalkan besok")
    )
    look_at(desk)
    desk.get_by_label("Balasan Anda").fill("Sudah di lokasi. Selesai besok.")
    desk.get_by_role("button", name="Pratinjau").click()
    expect(desk.locator("blockquote")).to_have_text("Sudah di lokasi. Selesai besok.")


def test_two_who_write_see_each_other_and_no_stale_answer_goes_out(
    browse: Open,
    number: str,
    budi: Viewer,
    dewi: Viewer,
    platform: fakechannel.Platform,
) -> None:
    budis = browse("budi", f"/aduan/{number}")
    budis.get_by_role("button", name="Ambil dan balas").click()
    budis.get_by_label("Balasan Anda").fill("Kami cek malam ini.")
    expect(budis.locator("#kept")).to_contain_text("Draf tersimpan")
    budis.get_by_role("button", name="Pratinjau").click()
    dewis = browse("dewi", f"/aduan/{number}")
    expect(dewis.locator("#here")).to_contain_text("Budi (Dishub) sedang menulis")
    dewis.locator("summary", has_text="Ambil alih").click()
    dewis.locator("#take-reason").fill("Budi sudah pulang")
    dewis.get_by_role("button", name="Ambil alih").click()
    expect(dewis.get_by_text("Anda menangani aduan ini")).to_be_visible()
    budis.get_by_role("button", name="Kirim", exact=True).click()
    expect(budis.get_by_role("alert")).to_contain_text("Diambil alih")
    expect(budis.get_by_label("Balasan Anda")).to_have_value("Kami cek malam ini.")
    assert platform.arrived == []


def test_a_case_of_forty_photos_is_answered_by_keys_alone(
    browse: Open,
    case: Case,
    budi: Viewer,
    database: Database,
    picture: bytes,
    tmp_path: Path,
) -> None:
    kept = filestore.keep_photo(tmp_path / "var", picture)
    with database.writing() as session:
        for n in range(40):
            session.add(
                Attachment(
                    message_id=case.first_message_id or 0,
                    position=n,
                    type="photo",
                    sha256=kept.sha256,
                    mime=kept.mime,
                    size=kept.size,
                    status="stored",
                )
            )
    page = browse("budi", f"/aduan/{case.number}")
    page.wait_for_load_state("load")
    photos = page.locator("#said ~ .group [data-gallery] a")
    photos.first.focus()
    page.keyboard.press("Enter")
    large = page.locator("#zoom img")
    expect(large).to_have_attribute("src", re.compile("/media/1$"))
    page.keyboard.press("ArrowLeft")
    expect(large).to_have_attribute("src", re.compile("/media/40$"))
    page.keyboard.press("Escape")
    expect(photos.first).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_label("Balasan Anda")).to_be_focused()
    page.keyboard.type("Petugas datang besok.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("blockquote")).to_have_text("Petugas datang besok.")
    page.wait_for_load_state("load")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Urungkan")).to_be_visible()
    page.wait_for_load_state("load")
    page.keyboard.press("m")
    expect(page.get_by_label("Catatan", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Selesai", exact=True)).to_be_focused()
