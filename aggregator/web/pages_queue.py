"""The queue: open cases of the viewer's agency, oldest first."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from sqlmodel import col, func, select

from aggregator import attachments, health, queue
from aggregator.models import Assignment, Case
from aggregator.people import Viewer
from aggregator.rules import casenumbers
from aggregator.web.live import state_of
from aggregator.web.site import Site, see

PAGE = 50
_MOST = 500
TABS = {"terbuka": "open", "saya": "open", "dijawab": "answered", "selesai": "closed"}
_PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/")
    def show(request: Request) -> HTMLResponse:
        viewer = site.viewer(request)
        state = state_of(site)  # before the rows: what comes in between is told, not missed
        return site.page(
            request, "queue.html", viewer=viewer, state=state,
            offices=site.offices() if viewer.sees_all else [], **_view(site, request, viewer),
        )  # fmt: skip

    @pages.get("/antrean/daftar")
    def part(request: Request) -> HTMLResponse:
        """Only the rows: `banyak` of them for a page that looks again, or the next page."""
        viewer = site.viewer(request)
        view = _view(site, request, viewer)
        template = "_more.html" if view["start"] else "_list.html"
        return site.page(request, template, viewer=viewer, **view)

    @pages.get("/cari")
    def search(request: Request, nomor: str = "") -> Response:
        site.viewer(request)
        number = casenumbers.tidy(nomor)
        return see(f"/aduan/{quote(number, safe='')}" if number else "/")

    @pages.get("/media/{attachment_id}")
    def picture(request: Request, attachment_id: int) -> Response:
        row = queue.attachment(site.database, site.viewer(request), attachment_id)
        if row is None or row.sha256 is None or row.mime not in _PICTURES:
            raise HTTPException(404)
        path = attachments.path_of(site.settings.data_dir, row.sha256)
        if not path.exists():
            raise HTTPException(404)
        kept = {"Cache-Control": "private, max-age=86400, immutable"}
        return FileResponse(path, media_type=row.mime, headers=kept)

    @pages.get("/kesehatan")
    def account_health(request: Request) -> HTMLResponse:
        viewer = site.viewer(request)
        code = None if viewer.sees_all else viewer.agency_code
        shown = health.of_accounts(site.database, site.clock(), code)
        return site.page(request, "health.html", viewer=viewer, accounts=shown)

    return pages


def _view(site: Site, request: Request, viewer: Viewer) -> dict[str, Any]:
    """What the list shows, by the address: tab, office, where it starts."""
    asked = request.query_params
    tab = asked.get("tab", "")
    tab = tab if tab in TABS else "terbuka"
    office = asked.get("kantor") if viewer.sees_all else viewer.agency_code
    office = office if office in site.catalog.agencies else None
    start = _number(asked.get("mulai", ""))
    limit = min(_MOST, -(-max(_number(asked.get("banyak", "")), 1) // PAGE) * PAGE)
    found = queue.listing(
        site.database, viewer, agency=office, status=TABS[tab], mine=tab == "saya",
        limit=limit + 1, offset=start,
    )  # fmt: skip
    chosen = {"tab": tab} | ({"kantor": office} if office and viewer.sees_all else {})
    by_status = queue.count(site.database, viewer, office)
    return {
        "rows": found[:limit],
        "start": start,
        "before": f"/?{urlencode({**chosen, 'mulai': max(0, start - PAGE)})}" if start else None,
        "next": urlencode({**chosen, "mulai": start + limit}) if len(found) > limit else None,
        "tab": tab,
        "office": office,
        "query": urlencode(chosen),
        "links": {name: f"/?{urlencode({**chosen, 'tab': name})}" for name in TABS},
        "counts": {
            "terbuka": by_status.get("new", 0) + by_status.get("answered", 0),
            "saya": _held(site, viewer, office),
            "dijawab": by_status.get("answered", 0),
            "selesai": by_status.get("closed", 0),
        },
    }


def _held(site: Site, viewer: Viewer, office: str | None) -> int:
    """How many open cases the viewer holds, where the tab would list them."""
    query = select(func.count()).where(Case.claimed_by == viewer.id, Case.status != "closed")
    if office:
        at_office = select(Assignment.case_id).where(Assignment.agency_code == office)
        query = query.where(col(Case.id).in_(at_office))
    with site.database.reading() as session:
        return session.exec(query).one()


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 9 else 0
