"""Anonymous stays anonymous and confidential stays confidential: in every list, in the
search, in what the terminal prints, in what people are told, in the trail and in the
logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from openpyxl.cell import Cell
from sqlmodel import select
from website import Site, sign_in, visible

from aggregator.accounts import carriers
from aggregator.accounts.carriers import Carriers
from aggregator.cases import clockwork
from aggregator.cli.cases import list_, show_
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.rules.time.calendar import WIB
from aggregator.store import settings
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Notification, Person
from aggregator.store.tables.store import AuditEntry

# They are looked for in the markup too, hidden fields and addresses included; so each
# is long enough not to stand by chance in a token that was drawn.
NAMES = ("Kurniasih", "8111-2222", "81112222")
"""Of who asked to stay anonymous: nobody reads them."""
NUMBERS = ("32710465", "3456-7890", "34567890")
"""In their text: only the office that has the case reads them."""
ACCUSED = ("Wiryawan", "seratus ribu")
"""In the confidential report: only those it was given to read it."""


@dataclass(frozen=True, slots=True)
class Reports:
    anonymous: str
    confidential: str


@pytest.fixture
def reports(
    caplog: pytest.LogCaptureFixture,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> Reports:
    """Both came to Dishub's account; what is logged from here on is looked at."""
    caplog.set_level(logging.DEBUG)
    account = register("dishub_x", "dishub")
    first = post(
        account,
        "NIK saya 3271046504930002, hp 0812-3456-7890, lampu mati di Gg. Kepatihan",
        anonymous=True,
        author_name="Kurniasih",
        author_id="k1",
        contact="0813-8111-2222",
    )
    second = post(
        account,
        "Pungli: petugas loket minta uang seratus ribu, namanya Wiryawan",
        author_id="w2",
    )
    assert first is not None and second is not None and second.confidential
    return Reports(str(first.number), str(second.number))


def pages(browser: TestClient, number: str) -> Iterator[tuple[str, str]]:
    """Every page a person may open about a case, and every list it could stand in."""
    at = f"/aduan/{number}"
    lists = (
        "/",
        "/?tampilan=semua&status=semua",
        "/?tampilan=darurat",
        "/antrean/daftar",
    )
    others = ("/kabar", "/papan", "/insiden", "/piket", "/naskah", "/audit", "/orang")
    raw = ("/mentah?status=done", "/mentah?status=ignored", f"/lacak/{number}")
    for path in (
        *lists,
        *others,
        *raw,
        at,
        f"{at}/kabar?versi=0&sejak=0",
        f"{at}/kabari",
    ):
        yield path, browser.get(path).text


def cells(browser: TestClient) -> list[str]:
    """Everything written in the spreadsheet of all cases."""
    got = browser.get("/antrean/unduh?tampilan=semua&status=semua")
    sheet = load_workbook(io.BytesIO(got.content)).active
    assert sheet is not None
    return [str(value) for row in sheet.iter_rows(values_only=True) for value in row]


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://x.example";"Lampu mati")',
        "000012",
        "https://x.example/lampu-mati",
        "Lampu _x0041_ mati <b>&amp;</b>",
    ],
)
def test_words_of_a_resident_stay_words_in_a_spreadsheet(
    site: Site,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    text: str,
) -> None:
    post(register("dishub_x", "dishub"), text)
    said = columns(sign_in(site(), "budi"))["Isi"]
    assert (said.value, said.data_type, said.hyperlink) == (text, "s", None)


def test_numbers_and_moments_are_such_in_a_spreadsheet(
    site: Site,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    case = post(register("dishub_x", "dishub"), "Lampu mati")
    assert case is not None
    found = columns(sign_in(site(), "budi"))
    assert found["Pelapor"].value == 1
    came = case.opened_at.astimezone(WIB).replace(tzinfo=None, microsecond=0)
    assert found["Masuk (WIB)"].value == came
    assert found["Jawaban pertama (WIB)"].value is None


def columns(browser: TestClient) -> dict[str, Cell]:
    """Heading to the cell of the first case."""
    got = browser.get("/antrean/unduh")
    sheet = load_workbook(io.BytesIO(got.content)).active
    assert sheet is not None
    heads, first = list(sheet.iter_rows(max_row=2))
    return {str(head.value): cell for head, cell in zip(heads, first, strict=True)}


@pytest.mark.parametrize(
    ("login", "agency", "role", "not_of_anonymous", "not_of_confidential"),
    [
        ("dewi", "diskominfo", "koordinator", NAMES + NUMBERS, ACCUSED),
        ("rudi", "dishub", "juru_bicara", NAMES, ACCUSED),
        ("tuti", "tirtapakuan", "juru_bicara", NAMES + NUMBERS, ACCUSED),
        ("vera", "diskominfo", "verifikator", NAMES, ACCUSED),
        ("ani", "diskominfo", "admin", NAMES, ACCUSED),
    ],
)
def test_no_page_shows_what_the_reader_may_not_read(
    site: Site,
    reports: Reports,
    join: Callable[..., Viewer],
    login: str,
    agency: str,
    role: str,
    not_of_anonymous: tuple[str, ...],
    not_of_confidential: tuple[str, ...],
) -> None:
    join(login, agency, role)
    browser = sign_in(site(), login)
    shown = [
        (path, word)
        for number in (reports.anonymous, reports.confidential)
        for path, text in pages(browser, number)
        for word in (*not_of_anonymous, *not_of_confidential)
        if word in text
    ]
    assert shown == []
    sheet = cells(browser)
    assert reports.confidential not in sheet
    assert (reports.anonymous in sheet) == (role != "juru_bicara" or agency == "dishub")
    written = "\n".join(sheet)
    assert [
        word for word in (*not_of_anonymous, *not_of_confidential) if word in written
    ] == []
    assert reports.confidential not in browser.get("/cari?nomor=Wiryawan").text


@pytest.mark.threat("OUT-3")
def test_a_spreadsheet_holds_no_number_of_a_resident_whoever_asks_for_it(
    site: Site, reports: Reports, join: Callable[..., Viewer]
) -> None:
    join("vera", "diskominfo", "verifikator")
    browser = sign_in(site(), "vera")
    assert "3271046504930002" in browser.get(f"/aduan/{reports.anonymous}").text
    written = "\n".join(cells(browser))
    assert "NIK saya [nik], hp [phone], lampu mati" in written


def test_a_number_alone_does_not_tell_that_there_is_a_secret_report(
    site: Site, reports: Reports
) -> None:
    """Numbers can be tried one after another."""
    assert "Dinas Perhubungan" in visible(
        site().get(f"/lacak/{reports.anonymous}").text
    )
    secret = site().get(f"/lacak/{reports.confidential}")
    nothing = site().get(f"/lacak/{casenumbers.number_of(9_999)}")
    assert (secret.status_code, visible(secret.text)) == (404, visible(nothing.text))


def test_no_list_of_the_terminal_shows_it_either(
    reports: Reports,
    database: Database,
    dewi: Viewer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", database.url.render_as_string(hide_password=False)
    )
    settings.load.cache_clear()
    list_(login="dewi", status="all", agency=None, limit=50, as_json=True)
    show_(number=reports.anonymous, login="dewi", as_json=True)
    with pytest.raises(Refusal, match="there is no case"):
        show_(number=reports.confidential, login="dewi", as_json=True)
    printed = capsys.readouterr().out
    assert "lampu mati" in printed and reports.confidential not in printed
    assert [word for word in (*NAMES, *NUMBERS, *ACCUSED) if word in printed] == []


def test_nobody_is_told_it_and_neither_trail_nor_log_holds_it(
    reports: Reports,
    database: Database,
    now: datetime,
    join: Callable[..., Viewer],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for login, agency, role in (
        ("rudi", "dishub", "juru_bicara"),
        ("ida", "inspektorat", "juru_bicara"),
        ("dewi", "diskominfo", "koordinator"),
    ):
        join(login, agency, role)
    with database.writing() as session:
        for person in session.exec(select(Person)):
            person.position = "kepala_opd"
    clockwork.strike(database, now + timedelta(days=9))
    with database.reading() as session:
        people = {person.id: person for person in session.exec(select(Person))}
        told = [
            carriers.text_of(one, people[one.person_id], Carriers())
            for one in session.exec(select(Notification))
        ]
        trail: list[Any] = [entry.detail for entry in session.exec(select(AuditEntry))]
    assert told and trail
    written = "\n".join([*told, json.dumps(trail, default=str), caplog.text])
    assert [word for word in (*NAMES, *NUMBERS, *ACCUSED) if word in written] == []
