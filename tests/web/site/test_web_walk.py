"""Every page of the site in a browser: found by its route, so that a new page is looked
at too.

On each: no violation of axe, nothing wider than the screen even with letters of twice
the size, nothing too small for a thumb, no request to anybody else, nothing the policy
on scripts refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import DESK, PHONE, Open, Served
from pagecheck import faults, sideways, unfold
from playwright.sync_api import Page
from website import routes

from aggregator.accounts import filestore, registry
from aggregator.answers import drafts, library, replies
from aggregator.answers.drafts import Writing
from aggregator.answers.replies import Answer, Kept
from aggregator.cases import claims, notes
from aggregator.people import staff
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from connectors.base import Upload

LONG = "Pertanggungjawabanketidaksinambungan" * 4
COMPLAINT = (
    f"Lampu jalan mati di RW 4 Batutulis. {LONG} "
    + "Sudah tiga minggu gelap sekali. " * 115
)
MORE = ("/?tampilan=semua&cari=lampu&status=semua", "/naskah/baru?jenis=jawaban")
"""Pages that look different with something in the address."""
ENDLESS = "/langsung"


@pytest.fixture
def arif(join: Callable[..., Viewer]) -> Viewer:
    """Admin at Diskominfo: no page is closed to him."""
    return join("arif", "diskominfo", "admin")


@pytest.fixture
def busy(
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    database: Database,
    now: datetime,
    tmp_path: Path,
    picture: bytes,
    arif: Viewer,
) -> Case:
    """A case with all that a case can have: a complaint of 3,800 letters, 40 photos, an
    answer."""
    account = register("dishub_x", "dishub")
    case = post(account, COMPLAINT, author_name="Bapak " + LONG[:60], native_id="1")
    assert (
        case is not None
        and case.number is not None
        and case.first_message_id is not None
    )
    post(account, "Lampu di RW 4 Batutulis gelap", author_id="asep", author_name="Asep")
    post(
        account,
        "Lampu jalan Batutulis dekat masjid mati",
        author_id="euis",
        anonymous=True,
    )
    kept = filestore.keep_photo(tmp_path / "var", picture)
    photo = {
        "type": "photo",
        "sha256": kept.sha256,
        "mime": kept.mime,
        "size": kept.size,
    }
    with database.writing() as session:
        for n in range(40):
            session.add(
                Attachment(
                    message_id=case.first_message_id,
                    position=n,
                    status="stored",
                    **photo,
                )
            )
    claims.claim(database, now, arif, case.number)
    notes.add_note(database, now, arif, case.number, f"Sudah ditelepon {LONG}")
    proof = Kept(kept.sha256, Upload("foto.jpg", kept.mime, picture))
    replies.reply(
        database,
        now,
        arif,
        case.number,
        Answer("Petugas datang besok.", files=(proof,)),
        key="k1",
        hold=replies.UNDO_WITHIN,
    )
    drafts.save(database, now, arif, case.number, Writing("Kami cek lagi."))
    drafts.attach(
        database,
        now,
        arif,
        case.number,
        [{"sha256": kept.sha256, "name": "foto.jpg", "mime": kept.mime}],
    )
    return case


@pytest.fixture
def places(
    busy: Case, database: Database, vault: Vault, now: datetime, arif: Viewer
) -> dict[str, str]:
    """What stands in the addresses."""
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
    _, token = staff.add(
        database,
        now,
        SYSTEM,
        login="ani",
        name="Ani",
        agency="dishub",
        role="juru_bicara",
    )
    fact = library.Typed(
        "jawaban", LONG[:99], {"id": "Lampu mati: Disperumkim"}, source="Loket"
    )
    entry = library.write(database, now, arif, fact)
    return {
        "number": str(busy.number),
        "handle": "kota",
        "token": token,
        "entry_id": str(entry.id),
        "channel": "none",
    }


class _Places(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "1"


def pages(server: Served, places: dict[str, str]) -> list[str]:
    """Addresses of everything that can be asked for."""
    asked = {path for method, path in routes(server.config.app) if method == "GET"} - {
        ENDLESS
    }
    return [*sorted(path.format_map(_Places(places)) for path in asked), *MORE]


def opened(path: str, *visitors: Page) -> Iterator[Page]:
    """The first visitor to whom an address is a page of its own, with the page open."""
    for page in visitors:
        answer = page.request.get(path, max_redirects=0)
        # no worker runs here, of which one page speaks
        told_ill = path == "/healthz" and answer.status == 503
        assert answer.status < 500 or told_ill, f"{path}: {answer.status}"
        if answer.status == 200 and "<!doctype html>" in answer.text()[:100]:
            page.goto(path, wait_until="load")
            unfold(page)
            yield page
            return


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("screen", "scheme"),
    [(PHONE, "dark"), (DESK, "light")],
    ids=["phone-dark", "desk-light"],
)
def test_every_page_can_be_used_by_everybody(
    browse: Open,
    server: Served,
    places: dict[str, str],
    screen: dict[str, int],
    scheme: str,
) -> None:
    look = {"viewport": screen, "color_scheme": scheme}
    visitors = browse("arif", "/", **look), browse(None, "/masuk", **look)
    visitors[0].wait_for_url(f"{server.address}/")
    hosts: set[str] = set()
    found: list[str] = []
    for page in visitors:
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.on(
            "console", lambda said: said.type == "error" and found.append(said.text)
        )
    walked = []
    for path in pages(server, places):
        for page in opened(path, *visitors):
            walked.append(path)
            found += [
                f"{path}: {fault}" for fault in (*faults(page), *sideways(page, 200))
            ]
    assert not found, "\n".join(found)
    assert hosts == {urlsplit(server.address).netloc}
    assert {"/", f"/aduan/{places['number']}", "/masuk", "/lapor/kota", "/papan"} <= {
        *walked
    }
