"""One problem in several cases, on the pages: joined, split, moved, taken back, told
apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from website import Site, sign_in, token, visible

from aggregator.cases import claims, closing
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.twins import photos
from aggregator.web.words import case as words_case

Post = Callable[..., Case | None]
LAMP = "Lampu jalan di Gg. Kepatihan RW 4 mati lima hari"
DARK = "Gelap gulita gang kepatihan, penerangan padam terus"
HOLE = "Jalan berlubang besar di Jl. Tentara Pelajar depan pasar"


@pytest.fixture
def account(register: Callable[..., Account]) -> Account:
    return register("dishub_x", "dishub", first_days=30)


def act(browser: Any, number: str, path: str, **fields: Any) -> Any:
    page = browser.get(f"/aduan/{number}").text
    return browser.post(
        f"/aduan/{number}/{path}", data={"csrftoken": token(page), **fields}
    )


def test_two_cases_are_joined_by_hand_and_a_message_goes_its_own_way_and_back(
    site: Site, account: Account, post: Post, dewi: Viewer
) -> None:
    lamp = post(account, LAMP, native_id="1", author_id="siti")
    hole = post(account, HOLE, native_id="2", author_id="agus")
    assert lamp is not None and hole is not None
    one, two = str(lamp.number), str(hole.number)
    browser = sign_in(site(), "dewi")
    assert "Itu aduan ini sendiri." in visible(
        act(browser, one, "gabung", act="join", other=one).text
    )
    whole = act(browser, two, "gabung", act="join", other=one)
    assert whole.url.path == f"/aduan/{one}" and f'href="/aduan/{two}"' in whole.text
    refused = act(browser, one, "pindah", act="split")
    assert refused.status_code == 409
    assert "Centang kiriman yang membahas hal lain." in visible(refused.text)
    shown = act(browser, one, "pindah", act="split", message=["2"]).text
    assert (
        "Dipisah menjadi" in visible(shown)
        and "Kembalikan" in visible(shown)
        and "Jalan berlubang" not in said(shown)
    )
    back = act(browser, one, "pisah/2").text
    assert "Jalan berlubang" in said(back) and "Kembalikan" not in visible(back)


def said(page: str) -> str:
    """The part of a case's page that residents speak in."""
    return page.split('id="said"')[1].split("</section>")[0]


def test_a_message_is_moved_to_the_case_it_belongs_to(
    site: Site, account: Account, post: Post, dewi: Viewer
) -> None:
    lamp = post(account, LAMP, native_id="1", author_id="siti")
    post(account, "di sini juga padam", native_id="3", parent_id="1", author_id="rudi")
    hole = post(account, HOLE, native_id="2", author_id="agus")
    assert lamp is not None and hole is not None
    browser = sign_in(site(), "dewi")
    fields = {"act": "move", "message": ["2"], "other": str(hole.number)}
    assert "Kiriman pindah ke" in visible(
        act(browser, str(lamp.number), "pindah", **fields).text
    )
    assert "di sini juga padam" in said(browser.get(f"/aduan/{hole.number}").text)


def test_what_a_colleague_holds_is_joined_with_a_word_to_them(
    site: Site,
    account: Account,
    post: Post,
    register: Callable[..., Account],
    budi: Viewer,
    dewi: Viewer,
    database: Database,
    now: datetime,
) -> None:
    lamp = post(account, LAMP, native_id="1", author_id="siti")
    dark = post(register("kota_x", "diskominfo"), DARK, native_id="2", author_id="agus")
    assert lamp is not None and dark is not None
    claims.claim(database, now, budi, str(lamp.number))
    browser = sign_in(site(), "dewi")
    page = visible(browser.get(f"/aduan/{lamp.number}").text)
    assert "Mengapa? Budi akan diberi tahu." in page
    fields = {"act": "join", "other": str(dark.number)}
    assert act(browser, str(lamp.number), "gabung", **fields).status_code == 409
    done = act(browser, str(lamp.number), "gabung", reason="gang yang sama", **fields)
    assert done.url.path == f"/aduan/{dark.number}"


def test_not_the_same_is_remembered_until_somebody_takes_it_back(
    site: Site, account: Account, post: Post, dewi: Viewer
) -> None:
    lamp = post(account, LAMP, native_id="1", author_id="siti")
    other = post(account, LAMP.replace("RW 4", "RW 9"), native_id="2", author_id="agus")
    assert lamp is not None and other is not None and lamp.id != other.id
    browser, number = sign_in(site(), "dewi"), str(other.number)
    twin = f"Bukan yang sama dengan {lamp.number}"
    assert twin in browser.get(f"/aduan/{number}").text
    apart = act(browser, number, "gabung", act="apart", other=str(lamp.number)).text
    assert twin not in apart and "Ternyata mungkin sama dengan" in visible(apart)
    assert (
        twin
        in act(browser, number, "gabung", act="perhaps", other=str(lamp.number)).text
    )


def test_a_case_that_came_back_and_a_photo_that_went_round_say_so(
    site: Site,
    account: Account,
    post: Post,
    dewi: Viewer,
    budi: Viewer,
    database: Database,
    now: datetime,
) -> None:
    long_ago = (now - timedelta(days=9)).isoformat()
    first = post(account, LAMP, native_id="1", author_id="siti", created_at=long_ago)
    assert first is not None
    closing.close(database, now, dewi, str(first.number), waive="diganti")
    again = post(account, LAMP, native_id="2", author_id="agus")
    assert again is not None and again.recurrence == 1
    with database.writing() as session:
        for message in session.exec(select(Message)).all():
            row = Attachment(
                message_id=message.id,
                position=0,
                type="photo",
                mime="image/jpeg",
                sha256="0" * 64,
                status="stored",
                looked_at=now,
            )
            session.add(row)
            session.flush()
            photos.remember(session, row, 0x1234567890ABCDEF)
    browser = sign_in(site(), "budi")
    page = browser.get(f"/aduan/{again.number}").text
    assert (
        "Berulang ke-1" in visible(page)
        and f'sebelumnya: <a href="/aduan/{first.number}">' in page
    )
    assert "Foto ini pernah beredar pada 21 Feb 2026" in visible(page)
    assert "berulang sebagai" in visible(browser.get(f"/aduan/{first.number}").text)
    assert "Berulang ke-1" in visible(browser.get("/").text)
    assert f'href="/aduan/{first.number}"' in browser.get("/berulang").text


def test_reasons_are_said_as_people_say_them() -> None:
    reasons = [
        {"code": "other_words", "value": "5", "against": True},
        {"code": "same_place", "value": "Gg. Kepatihan", "against": False},
        {"code": "gap", "value": "938", "against": False},
    ]
    assert words_case.why_alike(str, reasons, full=True) == [
        "same place: Gg. Kepatihan",
        "16 h between them",
        "but each says something more",
    ]
    assert words_case.why_alike(str, reasons, full=False)[0] == "16 h between them"
