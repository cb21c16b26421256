"""A flood told by many: proposed, confirmed by one, told with one statement, and
ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from website import Site, post, sign_in, token, visible

from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.twins import incidents

FLOODS = (
    "Banjir besar di Jl. Pajajaran, motor mogok semua",
    "Jalan Pajajaran kebanjiran setinggi lutut, tolong",
    "Banjir masuk rumah warga di Jl Pajajaran dekat terminal, tolong",
)


def test_who_confirms_an_incident_owns_it_until_it_is_over(
    site: Site,
    database: Database,
    now: datetime,
    dewi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    account = register("kota_x", "diskominfo")
    for number, text in enumerate(FLOODS):
        at = (now - timedelta(minutes=30 - number)).isoformat()
        post(
            account, text, native_id=f"f{number}", author_id=f"p{number}", created_at=at
        )
    incidents.propose(database, now)
    browser = sign_in(site(), "dewi")
    page = browser.get("/insiden").text
    assert "Diusulkan" in visible(page) and "Pastikan, saya pemiliknya" in visible(page)
    early = submit(
        browser, act="confirm", statement="Tim di lokasi", news_at="2020-01-01T00:00"
    )
    assert early.status_code == 409
    assert "Pilih waktu kabar berikutnya yang belum lewat." in visible(early.text)
    news = f"{now + timedelta(hours=9):%Y-%m-%dT%H:%M}"
    page = submit(browser, act="confirm", statement="Tim di lokasi", news_at=news).text
    assert "Berlangsung" in visible(page) and "Tim di lokasi" in visible(page)
    assert (
        "Sudah berakhir" in visible(page) and "Pemilik: <strong>Dewi</strong>" in page
    )
    number = page.split('href="/aduan/')[1].split('"')[0]
    member = visible(browser.get(f"/aduan/{number}").text)
    assert "Bagian dari insiden" in member and "Tim di lokasi" in member
    first = browser.get("/insiden/1/kabari").text
    assert "Tim di lokasi</textarea>" in first
    tell = {"csrftoken": token(first), "text": "Tim di lokasi", "key": "b1"}
    seen = browser.post("/insiden/1/kabari", data={**tell, "step": "look"}).text
    ids = [part.split('"')[0] for part in seen.split('name="listed" value="')[1:]]
    assert len(ids) == 3
    sent = {**tell, "step": "send", "listed": ids, "to": ids[:2]}
    assert (
        browser.post("/insiden/1/kabari", data=sent).text.count("Menunggu dikirim") == 2
    )
    assert number not in incidents_of(submit(browser, act="drop", number=number).text)
    assert number in incidents_of(submit(browser, act="add", number=number).text)
    assert "Pernyataan untuk semua" not in visible(submit(browser, act="end").text)


def incidents_of(page: str) -> str:
    """The page without what stands above its title: a flood is an emergency too."""
    return page.split("<h1>")[1]


def submit(browser: Any, **fields: str) -> Any:
    return post(browser, "/insiden", "/insiden/1", **fields)
