"""Spots where the same problem came back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from aggregator.twins import chronic
from aggregator.web.site import Site


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/berulang")
    def show(request: Request, jenis: str = "") -> HTMLResponse:
        viewer = site.viewer(request)
        chosen = jenis if jenis in site.catalog.categories else ""
        found = chronic.spots(site.database, site.clock(), viewer, chosen)
        kinds = sorted({one.kind for one in found if one.kind} | ({chosen} - {""}))
        return site.page(
            request,
            "desk/chronic.html",
            viewer=viewer,
            spots=found,
            kinds=kinds,
            chosen=chosen,
        )

    return pages
