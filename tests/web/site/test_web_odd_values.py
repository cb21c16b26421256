"""Whatever stands in an address, a form or a cookie: no page breaks.

Every page is found by its route and every field by its name in the code, so that new
ones are asked the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select
from website import Clock, Site, routes, sign_in, token

from aggregator.city.catalog import Catalog
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from aggregator.web.app import create_app

ROOT = Path(__file__).resolve().parents[3]
_BY_PARAMETER = {"nomor", "kode", "versi", "sejak", "hari", "kantor", "cari"}
FIELDS = sorted(
    _BY_PARAMETER
    | {
        name
        for source in (ROOT / "aggregator" / "web").rglob("*.py")
        for name in re.findall(
            r"(?:\.get\(|\.getlist\(|number(?:s)?_in\(\w+, )\"([a-z_]+)\"",
            source.read_text(encoding="utf-8"),
        )
    }
)
ODD = {
    "no digit": "²",
    "nothing seen": "1\x00",
    "beyond all ids": "9223372036854775808",
    "below nothing": "-1",
    "no unicode": b"\xff\xfe\xed\xa0\x80",
    "a pattern": "%_'\"\\(*{{7*7}}",
    "very long": "a" * 60_000,
    "no moment": "2026-13-45T99:99",
}
LEFT_OUT = ("/keluar", "/keluar-semua", "/langsung", "/static")
"""What would end the walk, or never ends itself."""


@pytest.fixture
def walker(
    site: Site,
    join: Callable[..., Viewer],
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    database: Database,
) -> TestClient:
    """Signed in as who may open all pages."""
    join("arif", "diskominfo", "admin")
    post(register("dishub_x", "dishub"), "Lampu jalan mati di RW 4", native_id="1")
    return sign_in(site(), "arif")


@pytest.fixture
def known(walker: TestClient, database: Database, now: object) -> dict[str, str]:
    """What leads to something where it stands in an address."""
    with database.reading() as session:
        case = session.exec(select(Case)).one()
    return {"number": str(case.number), "channel": "x", "login": "arif"}


def _pages(browser: TestClient) -> Iterator[tuple[str, str]]:
    for method, path in routes(browser.app):  # type: ignore[arg-type]
        if not path.startswith(LEFT_OUT):
            yield method, path


@cache
def _said(odd: str | bytes) -> str:
    if len(odd) > 1000:
        return urlencode([(name, odd) for name in FIELDS[:5]])
    return urlencode([(name, odd) for name in FIELDS for _ in range(2)])


ILL = "/healthz"
"""Answers 503 where no worker runs, as here: it says so, and is not broken."""


def _ask(browser: TestClient, method: str, path: str, odd: str | bytes) -> int:
    """The status of an answer with something odd in every field."""
    said = _said(odd)
    if method == "GET":
        short = said if len(said) < 20_000 else urlencode({"cari": odd[:3_000]})
        return browser.get(f"{path}?{short}", follow_redirects=False).status_code
    body = f"csrftoken={quote(browser.token)}&{said}"  # type: ignore[attr-defined]
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = browser.post(path, content=body, headers=headers, follow_redirects=False)
    return answer.status_code


@pytest.mark.threat("ODD-1")
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_values_break_no_page(
    walker: TestClient, known: dict[str, str], odd: str | bytes
) -> None:
    walker.token = token(walker.get("/preferensi").text)  # type: ignore[attr-defined]
    short = odd[:3_000]
    broken = []
    for method, path in _pages(walker):
        names = re.findall(r"\{(\w+)\}", path)
        filled = [
            {name: known.get(name, "1") for name in names},
            *({**{one: known.get(one, "1") for one in names}, name: quote(short, "")}
              for name in names),
        ]  # fmt: skip
        for values in filled:
            address = re.sub(r"\{(\w+)\}", lambda one: values[one[1]], path)  # noqa: B023
            try:
                status = _ask(walker, method, address, odd)
            except Exception as error:
                broken.append(f"{method} {path} {values}: {error!r}"[:300])
            else:
                if status >= 500 and path != ILL:
                    broken.append(f"{method} {path}: {status}")
    assert not broken, "\n".join(broken)


@pytest.mark.threat("ODD-1")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("odd", ["nothing seen", "beyond all ids"])
def test_what_a_database_does_not_keep_breaks_no_page(
    walker: TestClient, known: dict[str, str], odd: str
) -> None:
    test_odd_values_break_no_page(walker, known, ODD[odd])


@pytest.mark.threat("ODD-2")
@pytest.mark.parametrize(
    "cookie", ["", "\xff" * 50, "a" * 5_000, "..", "e30.x.y", '"{']
)
def test_odd_cookies_are_no_session(site: Site, cookie: str) -> None:
    browser = site()
    for path in ("/", "/masuk", "/lacak"):
        said = "; ".join(f"{name}={cookie}" for name in ("sesi", "sahut", "dikenal"))
        headers = {"cookie": f"{said}; bahasa={cookie}".encode("latin-1")}
        answer = browser.get(path, headers=headers, follow_redirects=False)
        assert answer.status_code in (200, 303), (path, answer.status_code)


@pytest.mark.threat("ODD-3")
def test_every_answer_says_what_a_browser_may_do_also_one_about_an_accident(
    database: Database, vault: Vault, catalog: Catalog, tmp_path: Path
) -> None:
    def broken() -> datetime:
        raise RuntimeError("the clock fell off the wall")

    settings = Settings(data_dir=tmp_path, public_url="https://lapor.example")
    app = create_app(database, vault, settings, catalog, clock=broken)
    browser = TestClient(app, raise_server_exceptions=False)
    for path, status in (("/masuk", 200), ("/tiada", 404), ("/lacak/123456", 500)):
        answer = browser.get(path)
        assert answer.status_code == status, path
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "microphone=()" in answer.headers["permissions-policy"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.threat("ODD-3")
def test_who_is_asked_without_https_promises_none(site: Site) -> None:
    assert "strict-transport-security" not in site().get("/masuk").headers


def test_who_found_a_weakness_reads_where_to_write(
    database: Database, vault: Vault, catalog: Catalog, tmp_path: Path, clock: Clock
) -> None:
    def text_of(contact: str) -> tuple[int, str]:
        settings = Settings(
            data_dir=tmp_path,
            public_url="https://lapor.example",
            security_contact=contact,
        )
        app = create_app(database, vault, settings, catalog, clock=clock)
        answer = TestClient(app).get("/.well-known/security.txt")
        return answer.status_code, answer.text

    status, text = text_of("mailto:aman@lapor.example")
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    assert (status, fields["Contact"]) == (200, "mailto:aman@lapor.example")
    assert datetime.fromisoformat(fields["Expires"]) > clock.now
    assert fields["Canonical"] == "https://lapor.example/.well-known/security.txt"
    assert text_of("")[0] == 404
    with pytest.raises(ValueError, match="mailto:"):
        text_of("aman@lapor.example")
