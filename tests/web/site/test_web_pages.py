"""The pages as a spokesperson and a resident meet them, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from website import Site, hidden, post, sign_in, token, visible

from aggregator.accounts import registry
from aggregator.answers import outbox, replies
from aggregator.desk import queue
from aggregator.people import staff
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from aggregator.web import words

WEB = Path(words.__file__).parents[1]


@pytest.fixture
def number(register: Callable[..., Account], post: Callable[..., Case | None]) -> str:
    case = post(
        register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan", native_id="1"
    )
    assert case is not None and case.number is not None
    return case.number


def test_nobody_sees_a_case_without_signing_in(site: Site, number: str) -> None:
    browser = site()
    for path in (
        "/",
        f"/aduan/{number}",
        "/kesehatan",
        "/antrean/daftar",
        "/cari?nomor=1",
    ):
        assert browser.get(path).url.path == "/masuk"
    assert browser.get("/media/1").url.path == "/masuk"


def test_a_wrong_password_says_no_more_than_that_it_is_wrong(
    site: Site, budi: Viewer
) -> None:
    for login in ("budi", "hantu"):
        answer = post(site(), "/masuk", "/masuk", login=login, password="salah")
        assert answer.status_code == 401
        assert "Nama masuk atau kata sandi salah." in visible(answer.text)


def test_guessing_passwords_is_stopped(site: Site, budi: Viewer) -> None:
    browser = site()
    statuses = [
        post(
            browser, "/masuk", "/masuk", login="budi", password=f"tebakan {n}"
        ).status_code
        for n in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2


def test_an_invitation_leads_to_the_queue(
    site: Site, database: Database, now: Any
) -> None:
    _, link = staff.add(
        database, now, SYSTEM, login="rina", name="Rina", agency="dishub"
    )
    browser, path = site(), f"/undangan/{link}"
    answer = post(browser, path, path, password="terang bulan", again="terang bulan")
    assert answer.url.path == "/"
    assert "Tidak ada aduan" in visible(answer.text)
    assert browser.get(path).status_code == 410


def test_a_form_without_its_token_changes_nothing(
    site: Site, database: Database, number: str, budi: Viewer, now: datetime
) -> None:
    browser = sign_in(site(), "budi")
    answer = browser.post(f"/aduan/{number}/ambil", data={})
    assert answer.status_code == 403
    assert queue.detail(database, now, budi, number).case.claimed_by is None


def test_claim_preview_send_and_close(
    site: Site,
    database: Database,
    vault: Vault,
    number: str,
    budi: Viewer,
    now: Any,
    platform: fakechannel.Platform,
) -> None:
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    assert "Lampu mati di Gg. Kepatihan" in visible(browser.get("/").text)
    post(browser, case, f"{case}/ambil")
    shown = browser.get(case).text
    draft = {"key": hidden(shown, "key"), "target": hidden(shown, "target")}
    preview = post(
        browser, case, f"{case}/balas", text="Tim PJU datang", step="preview", **draft
    )
    assert "Ini akan dikirim" in visible(preview.text) and "@dishub_x" in preview.text
    for _ in range(2):  # a double click
        post(
            browser,
            case,
            f"{case}/balas",
            text="Tim PJU datang",
            step="send",
            version=hidden(preview.text, "version"),
            **draft,
        )
    assert [
        outbox.send(database, vault, Path(), now, one)
        for one in outbox.due(database, now + replies.UNDO_WITHIN)
    ] == ["sent"]
    assert [reply.text for reply in platform.arrived] == ["Tim PJU datang"]
    assert "Terkirim" in visible(browser.get(case).text)
    post(browser, case, f"{case}/selesai", version="")
    assert "Buka kembali" in visible(browser.get(case).text)


def test_who_comes_second_is_told_who_came_first(
    site: Site, number: str, budi: Viewer, dewi: Viewer
) -> None:
    first, second, case = (
        sign_in(site(), "budi"),
        sign_in(site(), "dewi"),
        f"/aduan/{number}",
    )
    post(first, case, f"{case}/ambil")
    answer = second.post(
        f"{case}/ambil", data={"csrftoken": token(second.get(case).text)}
    )
    assert answer.status_code == 409
    assert "Budi lebih dulu mengambil aduan ini." in visible(answer.text)


def test_a_stale_page_keeps_what_was_typed(
    site: Site, number: str, budi: Viewer, dewi: Viewer
) -> None:
    browser, case = sign_in(site(), "budi"), f"/aduan/{number}"
    post(browser, case, f"{case}/ambil")
    stale = browser.get(case).text
    other = sign_in(site(), "dewi")
    post(other, case, f"{case}/tugaskan", agency="dpupr", role="help")
    answer = post(
        browser,
        case,
        f"{case}/balas",
        text="Tulisan panjang saya",
        step="send",
        version=hidden(stale, "version"),
        key=hidden(stale, "key"),
        target=hidden(stale, "target"),
    )
    assert answer.status_code == 409
    assert "berubah sejak" in visible(
        answer.text
    ) and "Tulisan panjang saya" in visible(answer.text)


def test_another_office_s_case_is_not_shown(
    site: Site, number: str, rina: Viewer
) -> None:
    browser = sign_in(site(), "rina")
    answer = browser.get(f"/aduan/{number}")
    assert answer.status_code == 403
    assert "Kepatihan" not in answer.text + browser.get("/").text


def test_a_deleted_post_s_words_are_on_no_page(
    site: Site,
    number: str,
    budi: Viewer,
    register: Callable[..., Account],
    database: Database,
    now: Any,
) -> None:
    from aggregator.intake import ingest
    from connectors.base import RawItem

    account = registry.find(database, "dishub_x")
    gone = RawItem("delete:1", "fake", {"kind": "delete", "native_id": "1"})
    ids = ingest.receive(database, now, account.id or 0, [gone]).new_ids
    ingest.process(database, now, ids)
    browser = sign_in(site(), "budi")
    pages = browser.get("/").text + browser.get(f"/aduan/{number}").text
    assert "Kepatihan" not in pages and "Isinya sudah dihapus" in pages


def test_the_text_of_a_resident_cannot_become_markup(
    site: Site,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    budi: Viewer,
) -> None:
    post(
        register("dishub_x", "dishub"),
        "<script>alert(1)</script> jalan rusak parah sekali",
    )
    browser = sign_in(site(), "budi")
    page = browser.get("/")
    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'self'")


def test_english_is_one_tap_away_and_remembered(site: Site, budi: Viewer) -> None:
    browser = sign_in(site(), "budi")
    post(browser, "/", "/bahasa", language="en", back="/")
    assert "Nothing here" in visible(browser.get("/").text)
    assert 'lang="en"' in sign_in(site(), "budi").get("/").text


@pytest.fixture
def form(database: Database, vault: Vault, now: Any) -> str:
    chosen = registry.parse_settings(
        "webform", {"handle": "kota", "title": "Lapor Kota"}
    )
    registry.register(
        database,
        vault,
        now,
        SYSTEM,
        channel="webform",
        agency="diskominfo",
        account_settings=chosen,
        identity=registry.identify("webform", chosen),
    )
    return "/lapor/kota"


def test_a_resident_reports_with_a_photo_and_gets_a_number_at_once(
    site: Site,
    form: str,
    database: Database,
    dewi: Viewer,
    picture: bytes,
    now: datetime,
) -> None:
    browser = site()
    page = browser.get(form).text
    fields = {
        "csrftoken": token(page),
        "submission": hidden(page, "submission"),
        "text": "Pohon miring di depan SD",
        "place": "Jl. Ahmad Yani",
        "name": "Siti",
        "contact": "0812-3456-7890",
    }
    files = {"photo": ("foto.jpg", picture, "image/jpeg")}
    answer = browser.post(form, data=fields, files=files)
    again = browser.post(form, data=fields, files=files)
    assert answer.url.path == again.url.path
    assert "Simpan nomor ini" in visible(answer.text)
    (row,) = queue.listing(database, dewi)
    assert row.case.number in answer.text
    (spoken,) = queue.detail(database, now, dewi, row.case.number).messages
    said = spoken.message
    assert (row.case.place, said.contact) == ("Jl. Ahmad Yani", "+6281234567890")
    assert said.latitude == pytest.approx(-6.595, abs=1e-3)
    assert [item.status for item in spoken.attachments] == ["stored"]
    shown = sign_in(site(), "dewi").get(f"/media/{spoken.attachments[0].id}")
    assert shown.headers["content-type"] == "image/jpeg"


def test_an_anonymous_report_keeps_no_name(
    site: Site, form: str, database: Database, dewi: Viewer, now: datetime
) -> None:
    browser = site()
    page = browser.get(form).text
    browser.post(
        form,
        data={
            "csrftoken": token(page),
            "submission": hidden(page, "submission"),
            "text": "Antrean di loket panjang sekali",
            "name": "Siti",
            "contact": "0812",
            "anonymous": "1",
        },
    )
    (row,) = queue.listing(database, dewi)
    (spoken,) = queue.detail(database, now, dewi, row.case.number).messages
    assert (spoken.message.author_name, spoken.message.contact) == (None, None)
    assert "Anonim" in visible(
        sign_in(site(), "dewi").get(f"/aduan/{row.case.number}").text
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [({"text": " "}, 422), ({"website": "http://spam.example"}, 200)],
)
def test_empty_and_robot_submissions_open_no_case(
    site: Site,
    form: str,
    database: Database,
    dewi: Viewer,
    change: dict[str, str],
    status: int,
) -> None:
    browser = site()
    page = browser.get(form).text
    fields = {
        "csrftoken": token(page),
        "submission": "s1",
        "text": "Jalan rusak",
        **change,
    }
    assert browser.post(form, data=fields).status_code == status
    assert queue.listing(database, dewi) == []


def test_a_file_that_is_no_picture_is_refused_and_the_text_kept(
    site: Site, form: str
) -> None:
    browser = site()
    page = browser.get(form).text
    answer = browser.post(
        form,
        data={"csrftoken": token(page), "submission": "s1", "text": "Jalan rusak"},
        files={"photo": ("virus.exe", b"MZ", "image/jpeg")},
    )
    assert answer.status_code == 422
    assert "Hanya gambar" in visible(answer.text) and "Jalan rusak" in visible(
        answer.text
    )


def test_the_answer_is_shown_only_to_whoever_has_the_receipt(
    site: Site, form: str, database: Database, vault: Vault, dewi: Viewer, now: Any
) -> None:
    browser = site()
    page = browser.get(form).text
    receipt = browser.post(
        form,
        data={
            "csrftoken": token(page),
            "submission": "rahasia1",
            "text": "Jalan rusak parah",
        },
    ).url
    (row,) = queue.listing(database, dewi)
    assert row.case.number is not None
    officer, case = sign_in(site(), "dewi"), f"/aduan/{row.case.number}"
    post(officer, case, f"{case}/ambil")
    shown = officer.get(case).text
    post(
        officer,
        case,
        f"{case}/balas",
        text="Besok kami tambal",
        step="send",
        key="k1",
        target=hidden(shown, "target"),
        version=hidden(shown, "version"),
    )
    assert [
        outbox.send(database, vault, Path(), now, one)
        for one in outbox.due(database, now + replies.UNDO_WITHIN)
    ] == ["sent"]
    assert "Besok kami tambal" in visible(browser.get(str(receipt)).text)
    public = visible(site().get(f"/lacak/{row.case.number}").text)
    assert "Dijawab" in public and "Besok" not in public and "Jalan rusak" not in public


def test_a_mistyped_tracking_number_is_said_to_be_one(site: Site, number: str) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    answer = site().get(f"/lacak/{wrong}")
    assert answer.status_code == 404
    assert "ada angka yang salah" in visible(answer.text)


def test_without_a_worker_health_is_red_and_says_no_more(
    site: Site, number: str
) -> None:
    answer = site().get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "red"})
    assert site().get("/livez").status_code == 200
    assert site().get("/readyz").status_code == 200


def test_every_word_of_the_pages_has_its_indonesian() -> None:
    used = {
        message
        for _, _, message, _, _ in extract_from_dir(
            WEB,
            [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")],
            keywords={"_": None, "N_": None, "translate": None},
        )
        if isinstance(message, str)
    }
    with (WEB / "words" / "locale" / "id.po").open("rb") as file:
        known = {message.id: message for message in read_po(file) if message.id}
    assert used - known.keys() == set(), "missing in id.po"
    assert known.keys() - used == set(), "no longer used"
    assert [
        message.id for message in known.values() if not message.string or message.fuzzy
    ] == []
