"""Catat laporan: what came by telephone, at the desk or as a pasted chat, without
JavaScript."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import select
from website import Site, hidden, sign_in, token, visible

from aggregator.desk import queue
from aggregator.intake import entries
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault

CHAT = """[24/02/26 09.12] Siti Contoh: Pak, lampu di Gg. Kepatihan mati
[24/02/26 09.13] Pak RT: sudah lapor?
[24/02/26 09.14] Siti Contoh: belum, gelap sekali"""


def fields(page: str, **typed: Any) -> dict[str, Any]:
    """Of a form that is open: its hidden fields and what somebody types."""
    return {
        "csrftoken": token(page),
        "entry": hidden(page, "entry"),
        "kept": hidden(page, "kept"),
        "via": "112",
        **typed,
    }


def test_a_call_becomes_a_case_that_says_who_wrote_it_down(
    site: Site, budi: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    assert 'href="/catat"' in browser.get("/").text
    page = browser.get("/catat").text
    answer = browser.post(
        "/catat", data=fields(page, text="Lampu lalu lintas mati", place="Tajur")
    )
    assert answer.url.path.startswith("/aduan/")
    assert "Dicatat manual oleh Budi" in visible(answer.text)
    assert "Lampu lalu lintas mati" in visible(answer.text)
    with database.reading() as session:
        (account,) = session.exec(select(Account).where(Account.channel == "manual"))
        (message,) = session.exec(select(Message))
    assert (account.agency_code, account.handle) == ("dishub", "meja-dishub")
    assert message.extra["source"] == "call112"
    assert message.author_name is None and not message.public


def test_a_double_click_is_one_case(
    site: Site, budi: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    form = fields(browser.get("/catat").text, text="Pohon miring di depan SD")
    first, again = browser.post("/catat", data=form), browser.post("/catat", data=form)
    assert first.url.path == again.url.path
    with database.reading() as session:
        assert len(session.exec(select(Case)).all()) == 1


def test_of_a_pasted_chat_a_person_chooses_the_lines(
    site: Site, budi: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    form = fields(browser.get("/catat").text, via="whatsapp", pasted=CHAT)
    shown = browser.post("/catat", data=form).text
    assert shown.count('name="line"') == 3
    ticked = re.findall(r'name="line" value="(\d)" checked', shown)
    assert ticked == ["0", "2"], "what the first says who speaks"
    chosen = fields(shown, via="whatsapp", pasted=CHAT, chosen="1", line=["0"])
    answer = browser.post("/catat", data=chosen)
    assert answer.url.path.startswith("/aduan/")
    with database.reading() as session:
        (message,) = session.exec(select(Message))
    assert message.text == "Pak, lampu di Gg. Kepatihan mati"
    assert message.author_name == "Siti Contoh"
    assert message.created_at.isoformat() == "2026-02-24T02:12:00+00:00"
    assert [line["who"] for line in message.extra["chat"]] == [
        "Siti Contoh",
        "Pak RT",
        "Siti Contoh",
    ]


def test_a_screenshot_survives_the_step_of_choosing(
    site: Site, budi: Viewer, picture: bytes, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    form = fields(browser.get("/catat").text, via="whatsapp", pasted=CHAT)
    shown = browser.post(
        "/catat", data=form, files={"photo": ("layar.jpg", picture, "image/jpeg")}
    ).text
    assert "Sudah tersimpan: 1" in visible(shown)
    chosen = fields(shown, via="whatsapp", pasted=CHAT, chosen="1", line=["0", "2"])
    answer = browser.post("/catat", data=chosen)
    (address,) = re.findall(r'src="(/media/\d+)[?"]', answer.text)
    assert browser.get(address).headers["content-type"] == "image/jpeg"


def test_a_picture_alone_is_a_report(site: Site, budi: Viewer, picture: bytes) -> None:
    browser = sign_in(site(), "budi")
    answer = browser.post(
        "/catat",
        data=fields(browser.get("/catat").text, via="visit"),
        files={"photo": ("layar.jpg", picture, "image/jpeg")},
    )
    assert answer.url.path.startswith("/aduan/")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"text": ""}, "Belum ada tulisan."),
        (
            {"text": "Lampu mati", "via": "merpati"},
            "Pilih bagaimana laporan ini masuk.",
        ),
        (
            {"text": "Lampu mati", "said_at": "2027-01-01T10:00"},
            "Waktunya harus yang sudah lewat.",
        ),
        ({"pasted": CHAT, "chosen": "1"}, "Pilih sedikitnya satu baris"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    site: Site, budi: Viewer, typed: dict[str, str], told: str
) -> None:
    browser = sign_in(site(), "budi")
    form = fields(browser.get("/catat").text, place="Gg. Masjid", **typed)
    answer = browser.post("/catat", data=form)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Gg. Masjid"' in answer.text


def test_an_anonymous_report_keeps_no_name(
    site: Site, budi: Viewer, database: Database
) -> None:
    browser = sign_in(site(), "budi")
    form = fields(
        browser.get("/catat").text,
        text="Ada pungutan di loket",
        name="Siti Contoh",
        contact="081200001111",
        anonymous="1",
    )
    browser.post("/catat", data=form)
    with database.reading() as session:
        (message,) = session.exec(select(Message))
        (event,) = session.exec(select(RawEvent))
    kept = str(event.payload)
    assert "Siti Contoh" not in kept and "81200001111" not in kept
    assert message.anonymous
    assert (message.author_name, message.contact) == (None, None)


def test_only_who_signed_in_and_may_act_writes_down(
    site: Site, join: Any, database: Database
) -> None:
    assert site().get("/catat").url.path == "/masuk"
    join("kadis", "dishub", "pimpinan")
    browser = sign_in(site(), "kadis")
    assert "Peran Anda" in visible(browser.get("/catat").text)
    form = {
        "csrftoken": token(browser.get("/lacak").text),
        "via": "112",
        "text": "Lampu mati",
    }
    answer = browser.post("/catat", data=form)
    assert answer.status_code == 403
    with database.reading() as session:
        assert session.exec(select(Case)).all() == []


def test_a_photo_nobody_uploaded_here_cannot_be_named(
    site: Site, budi: Viewer, database: Database, now: datetime
) -> None:
    browser = sign_in(site(), "budi")
    form = fields(browser.get("/catat").text, text="Lampu mati")
    browser.post("/catat", data={**form, "kept": '[[{"sha256": "00"}], null].x'})
    with database.reading() as session:
        (case,) = session.exec(select(Case))
    assert case.number
    detail = queue.detail(database, now, budi, case.number)
    assert detail.messages[0].attachments == []


def test_another_offices_desk_is_for_who_sees_all(
    database: Database, vault: Vault, now: Any, budi: Viewer, dewi: Viewer
) -> None:
    entry = entries.Entry(entries.new_id(), "phone", text="Sampah menumpuk")
    with pytest.raises(Refusal) as refusal:
        entries.record(database, vault, now, budi, entry, "dlh")
    assert refusal.value.code == "not_yours"
    number = entries.record(database, vault, now, dewi, entry, "dlh")
    with database.reading() as session:
        (account,) = session.exec(select(Account).where(Account.channel == "manual"))
    assert account.agency_code == "dlh"
    assert queue.detail(database, now, dewi, number).case.number == number
