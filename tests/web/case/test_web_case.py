"""The page of a case: what others read of it, taking over, parts of offices, texts to
use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select
from website import Site, post, sign_in, token, visible

from aggregator.answers import drafts, library, outbox
from aggregator.answers.library import Typed
from aggregator.cases import casefile, claims, notes
from aggregator.desk import queue
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from aggregator.web.site.alarms import Alarms

SAID = "Lampu mati di Gg. Kepatihan, hubungi saya 0812-3456-7890"


@pytest.fixture
def number(register: Callable[..., Account], arrive: Callable[..., Case | None]) -> str:
    case = arrive(register("dishub_x", "dishub"), SAID, native_id="1")
    assert case is not None and case.number is not None
    return case.number


@pytest.fixture
def arrive(post: Callable[..., Case | None]) -> Callable[..., Case | None]:
    return post


def fields(page: str) -> dict[str, str]:
    found = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page)
        for name in ("csrftoken", "version", "seen", "key", "target")
    }
    return {name: match[1] for name, match in found.items() if match}


def act(browser: TestClient, case: str, what: str, **said: Any) -> Any:
    known = fields(browser.get(case).text)
    return browser.post(f"{case}/{what}", data={**known, **said})


def test_another_office_sees_no_telephone_number_until_it_gives_a_reason(
    site: Site, number: str, dewi: Viewer
) -> None:
    browser, case = sign_in(site(), "dewi"), f"/aduan/{number}"
    shown = visible(browser.get(case).text)
    assert "[phone]" in shown and "3456" not in shown
    assert act(browser, case, "tampilkan", reason="x").status_code == 409
    shown = visible(act(browser, case, "tampilkan", reason="Menelepon pelapor").text)
    assert "0812-3456-7890" in shown and "Menelepon pelapor" in shown


def test_one_press_says_that_it_was_answered_on_the_platform(
    site: Site,
    register: Callable[..., Account],
    arrive: Callable[..., Case | None],
    budi: Viewer,
) -> None:
    where = "https://square.example/p/1"
    account = register("dishub_x", "dishub")
    made = arrive(account, SAID, permalink=where, reply_to=None)
    assert made is not None
    browser, case = sign_in(site(), "budi"), f"/aduan/{made.number}"
    page = browser.get(case).text
    pressed = re.search(r'name="message" value="(\d+)"', page)
    assert pressed and "Sudah dijawab di sana" in visible(page)
    shown = act(browser, case, "dijawab-di-sana", message=pressed[1], said="").text
    assert "langsung di kanalnya" in visible(shown)
    assert "Dijawab langsung di kanalnya oleh orang" in visible(shown)


def test_of_a_confidential_case_others_read_nothing_anywhere(
    site: Site,
    number: str,
    dewi: Viewer,
    budi: Viewer,
    database: Database,
    now: datetime,
) -> None:
    notes.add_note(database, now, budi, number, "Sudah ditelepon, Lampu mati benar")
    with casefile.acting(database, now, dewi, number) as file:
        file.case.confidential = True
    browser = sign_in(site(), "dewi")
    for page in (
        f"/aduan/{number}",
        "/",
        "/?tab=semua",
        "/?q=Kepatihan",
        f"/cari?nomor={number}",
    ):
        assert "Kepatihan" not in re.sub(
            r'value="[^"]*"', "", browser.get(page).text
        ), page
    assert "Lampu mati benar" not in visible(browser.get(f"/aduan/{number}").text)


def test_a_case_is_taken_over_with_a_reason(
    site: Site,
    number: str,
    budi: Viewer,
    dewi: Viewer,
    database: Database,
    now: datetime,
) -> None:
    claims.claim(database, now, budi, number)
    browser, case = sign_in(site(), "dewi"), f"/aduan/{number}"
    assert "Mengapa? Budi akan diberi tahu." in visible(browser.get(case).text)
    shown = visible(act(browser, case, "ambil-alih", reason="Budi sudah pulang").text)
    assert "Anda menangani aduan ini" in shown


def test_an_answer_is_taken_back_within_ten_seconds_and_is_a_draft_again(
    site: Site,
    number: str,
    budi: Viewer,
    database: Database,
    platform: fakechannel.Platform,
) -> None:
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    act(browser, case, "ambil")
    shown = act(browser, case, "balas", text="Tim datang besok", step="preview").text
    assert "Janji: “besok”" in visible(shown) and "10 detik" in visible(shown)
    shown = act(
        browser, case, "balas", text="Tim datang besok", step="send", key="k1"
    ).text
    assert "Urungkan" in visible(shown)
    with database.reading() as session:
        reply = session.get_one(Reply, 1)
    shown = act(browser, case, f"jawaban/{reply.id}", act="undo").text
    assert "Tim datang besok</textarea>" in shown and "Ditarik" in visible(shown)
    assert platform.arrived == []


def test_going_on_in_private_is_one_act_and_is_taken_back_as_one(
    site: Site, number: str, budi: Viewer, database: Database, now: datetime
) -> None:
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    act(browser, case, "ambil")
    said = {
        "text": "Boleh kirim alamatnya?",
        "private": "1",
        "publicly": "Kami lanjutkan di DM.",
    }
    shown = act(browser, case, "balas", **said, step="preview").text
    assert "Pribadi: hanya terbaca pelapor." in visible(
        shown
    ) and "Kami lanjutkan di DM." in visible(shown)
    act(browser, case, "balas", **said, step="send", key="k1")
    halves = queue.detail(database, now, budi, number).replies
    assert {(one.text, one.private, one.state) for one in halves} == {
        ("Boleh kirim alamatnya?", True, "queued"),
        ("Kami lanjutkan di DM.", False, "queued"),
    }
    aside = next(one for one in halves if not one.private)
    shown = act(browser, case, f"jawaban/{aside.id}", act="undo").text
    assert {one.state for one in queue.detail(database, now, budi, number).replies} == {
        "cancelled"
    }
    assert "Boleh kirim alamatnya?</textarea>" in shown


def test_what_was_typed_is_kept_and_its_photos_go_with_the_answer(
    site: Site,
    number: str,
    budi: Viewer,
    database: Database,
    picture: bytes,
    now: datetime,
) -> None:
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    act(browser, case, "ambil")
    assert "Draf tersimpan" in visible(
        act(browser, case, "draf", text="Sudah menyala").text
    )
    known = fields(browser.get(case).text)
    photo = {"photo": ("rumah-budi.jpg", picture, "image/jpeg")}
    said = {**known, "text": "Sudah menyala", "step": "preview"}
    shown = browser.post(f"{case}/balas", data=said, files=photo).text
    (address,) = re.findall(rf'src="({case}/draf/foto/[0-9a-f]+)"', shown)
    kept = browser.get(address)
    assert kept.headers["content-type"] == "image/jpeg" and b"Exif" not in kept.content
    act(browser, case, "balas", text="Sudah menyala", step="send", key="k1")
    detail = queue.detail(database, now, budi, number)
    assert [file["mime"] for file in detail.replies[0].files] == ["image/jpeg"]
    assert browser.get(f"{case}/jawaban/1/foto/0").status_code == 200
    with database.reading() as session:
        assert drafts.own(session, budi, detail.case) is None


def test_a_proof_the_channel_does_not_take_stays_with_the_case(
    site: Site,
    number: str,
    budi: Viewer,
    database: Database,
    picture: bytes,
    vault: Vault,
    now: datetime,
    tmp_path: Path,
    platform: fakechannel.Platform,
) -> None:
    platform.takes_files = False
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    act(browser, case, "ambil")
    known = fields(browser.get(case).text)
    photo = {"photo": ("bukti.jpg", picture, "image/jpeg")}
    said = {**known, "text": "Sudah menyala", "step": "preview"}
    shown = browser.post(f"{case}/balas", data=said, files=photo).text
    assert "foto disimpan di aduan" in visible(shown) and 'value="send"' in shown
    shown = act(
        browser, case, "balas", text="Sudah menyala", step="send", key="k1"
    ).text
    assert f"{case}/jawaban/1/foto/0" in shown and "tidak ikut terkirim" in visible(
        shown
    )
    assert outbox.send(database, vault, tmp_path / "var", now, 1) == "sent"
    assert [sent.files for sent in platform.arrived] == [()]


def test_an_expired_text_is_put_in_only_when_one_was_told(
    site: Site, number: str, budi: Viewer, database: Database, now: datetime
) -> None:
    fact = Typed(
        "jawaban",
        "Jam loket",
        {"id": "Loket buka pukul 08.00."},
        "dishub",
        source="Papan loket",
        valid_until=date(2026, 1, 1),
    )
    entry = library.write(database, now, budi, fact)
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    act(browser, case, "ambil")
    put = f"insert:{entry.id}"
    refused = act(browser, case, "balas", text="Halo.", step=put)
    assert refused.status_code == 409 and "berlaku sampai 2026-01-01" in visible(
        refused.text
    )
    assert "Tetap sisipkan" in visible(refused.text)
    shown = act(
        browser, case, "balas", text="Halo.", step=put, although_expired="1"
    ).text
    assert "Halo.\n\nLoket buka pukul 08.00.</textarea>" in shown


def test_an_office_says_its_part_is_done_or_not_theirs(
    site: Site, number: str, budi: Viewer, database: Database, now: datetime
) -> None:
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    assert act(browser, case, "tugas", act="bounce", reason="").status_code == 409
    act(
        browser,
        case,
        "tugas",
        act="bounce",
        reason="Bukan jalan kota",
        agency="dishub",
        to="dpupr",
    )
    by_office = {
        row.agency_code: row
        for row in queue.detail(database, now, budi, number).assignments
    }
    assert (
        by_office["dishub"].status == "bounced" and by_office["dpupr"].status == "open"
    )


def test_texts_are_written_found_and_taken_out_of_use(
    site: Site, budi: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    page = "/naskah/baru?jenis=jawaban"
    fact = {"sort": "jawaban", "title": "Jam loket", "agency": "dishub"}
    assert (
        post(browser, page, "/naskah/baru", **fact, text_id="Buka").status_code == 409
    )
    shown = visible(
        post(
            browser, page, "/naskah/baru", **fact, text_id="Loket buka", source="Papan"
        ).text
    )
    assert "Jam loket" in shown
    (entry,) = library.listing(database)
    form = {
        "csrftoken": token(browser.get(f"/naskah/{entry.id}").text),
        "act": "archive",
    }
    assert "Jam loket" not in visible(
        browser.post(f"/naskah/{entry.id}", data=form).text
    )


def test_colleagues_see_who_else_has_the_case_open(
    site: Site, number: str, budi: Viewer, dewi: Viewer
) -> None:
    sign_in(site(), "budi").get(f"/aduan/{number}/hadir")
    shown = visible(sign_in(site(), "dewi").get(f"/aduan/{number}/hadir").text)
    assert "Budi (Dishub)" in shown and "sedang membuka aduan ini" in shown


def test_an_emergency_nobody_has_claimed_is_announced_on_every_page_of_who_it_concerns(
    site: Site,
    number: str,
    register: Callable[..., Account],
    arrive: Callable[..., Case | None],
    database: Database,
    now: datetime,
    budi: Viewer,
    rina: Viewer,
) -> None:
    fire = arrive(
        register("dishub_lain", "dishub"),
        "TOLONG kebakaran di Gg. Kenanga",
        native_id="2",
        author_id="dian",
    )
    assert fire is not None and fire.urgent
    line = f'<a href="/aduan/{fire.number}">'
    browser = sign_in(site(), "budi")
    for path in (f"/aduan/{number}", f"/aduan/{number}/hadir", "/kabar", "/papan"):
        page = browser.get(path).text
        assert line in page and "Kenanga" not in visible(page), path
    assert line not in browser.get(f"/aduan/{fire.number}").text
    assert line not in sign_in(site(), "rina").get("/kabar").text
    rings = Alarms()
    assert [one.number for one in rings.of(database, budi, now)] == [fire.number]
    claims.claim(database, now, budi, fire.number or "")
    assert rings.of(database, budi, now + timedelta(seconds=5)) == ()


NIK = "Data NIK 3271046504930002 sudah kami terima."


@pytest.mark.threat("OUT-1")
def test_sending_without_a_preview_does_not_go_past_the_gate(
    site: Site, number: str, database: Database, budi: Viewer
) -> None:
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    act(browser, case, "ambil")
    shown = act(browser, case, "balas", text=NIK, step="send", key="k1")
    assert shown.status_code == 409
    assert "Belum terkirim" in visible(shown.text) and "Samarkan" in visible(shown.text)
    with database.reading() as session:
        assert session.exec(select(Reply)).all() == []
    masked = act(browser, case, "balas", text=NIK, step="mask", key="k1")
    assert "Data NIK [nik] sudah kami terima." in visible(masked.text)
    assert 'name="although"' not in masked.text
    said = {"text": NIK, "although": "Atas permintaan pelapor", "key": "k1"}
    act(browser, case, "balas", **said, step="send")
    with database.reading() as session:
        assert [one.text for one in session.exec(select(Reply))] == [NIK]


def test_a_shared_contact_and_a_filled_in_form_are_read_in_the_case(
    site: Site,
    register: Callable[..., Account],
    arrive: Callable[..., Case | None],
    join: Callable[..., Viewer],
) -> None:
    """What WhatsApp sends instead of words; numbers are masked for other offices."""
    join("budi", "dishub", "juru_bicara")
    join("sri", "dinkes", "juru_bicara")
    told = {"cards": ["Pak RT Udin, 081234567890"], "filled_in": ["lokasi: Jl. Sempur"]}
    case = arrive(register("dishub_x", "dishub"), "Lampu mati", extra=told)
    assert case is not None
    own = visible(sign_in(site(), "budi").get(f"/aduan/{case.number}").text)
    assert "Pak RT Udin, 081234567890" in own
    assert "lokasi: Jl. Sempur" in own
    other = visible(sign_in(site(), "sri").get(f"/aduan/{case.number}").text)
    assert "081234567890" not in other
