"""The queue: open cases of the viewer's agency, oldest first."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from aggregator import accounts, attachments, queue
from aggregator.people import Viewer
from aggregator.rules import casenumbers
from aggregator.web.site import Site, see

PAGE = 50
TABS = {"terbuka": "open", "saya": "open", "dijawab": "answered", "selesai": "closed"}


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    def rows(viewer: Viewer, tab: str, office: str | None, start: int) -> list[queue.QueueRow]:
        return queue.listing(
            site.database, viewer, agency=office, status=TABS[tab], mine=tab == "saya",
            limit=PAGE + 1, offset=start,
        )  # fmt: skip

    def render(request: Request, template: str) -> HTMLResponse:
        viewer = site.viewer(request)
        tab = request.query_params.get("tab", "terbuka")
        tab = tab if tab in TABS else "terbuka"
        office = request.query_params.get("kantor") or None
        if not viewer.sees_all:
            office = viewer.agency_code
        start = request.query_params.get("mulai", "0")
        start_at = int(start) if start.isdigit() else 0
        found = rows(viewer, tab, office, start_at)
        return site.page(
            request, template, viewer=viewer, rows=found[:PAGE], more=len(found) > PAGE,
            next_start=start_at + PAGE, tab=tab, office=office, tabs=list(TABS),
            counts=queue.count(site.database, viewer, office),
            offices=sorted(site.catalog.agencies.values(), key=lambda entry: entry.name.id)
            if viewer.sees_all else [],
        )  # fmt: skip

    @pages.get("/")
    def show(request: Request) -> HTMLResponse:
        return render(request, "queue.html")

    @pages.get("/antrean/daftar")
    def part(request: Request) -> HTMLResponse:
        return render(request, "_rows.html")

    @pages.get("/cari")
    def search(request: Request, nomor: str = "") -> Response:
        site.viewer(request)
        return see(f"/aduan/{casenumbers.tidy(nomor)}" if nomor.strip() else "/")

    @pages.get("/media/{attachment_id}")
    def picture(request: Request, attachment_id: int) -> Response:
        row = queue.attachment(site.database, site.viewer(request), attachment_id)
        if row is None or row.sha256 is None:
            raise HTTPException(404)
        path = attachments.path_of(site.settings.data_dir, row.sha256)
        if not path.exists():
            raise HTTPException(404)
        return FileResponse(
            path,
            media_type=row.mime,
            headers={"Cache-Control": "private, max-age=86400, immutable"},
        )

    @pages.get("/kesehatan")
    def health(request: Request) -> HTMLResponse:
        viewer = site.viewer(request)
        shown = [
            account
            for account in accounts.list_all(site.database)
            if viewer.sees_all or account.agency_code == viewer.agency_code
        ]
        return site.page(request, "health.html", viewer=viewer, accounts=shown)

    return pages
