"""Mentah: raw events that could not be read, why, and another try after the cause is repaired."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator import aside
from aggregator.web import words
from aggregator.web.site import Posted, Site, see

PAGE = 25


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/mentah")

    @pages.get("")
    def show(request: Request, status: str = "failed", sebelum: int | None = None) -> HTMLResponse:
        viewer = site.admin(request)
        chosen = status if status in words.RAW_STATUS else "failed"
        rows = aside.listing(site.database, chosen, PAGE + 1, sebelum)
        return site.page(
            request, "raw.html", viewer=viewer, rows=rows[:PAGE], chosen=chosen,
            older=rows[PAGE - 1].event.id if len(rows) > PAGE else None,
        )  # fmt: skip

    @pages.post("/proses-ulang")
    def replay(request: Request, form: Posted) -> Response:
        viewer = site.admin(request)
        ids = [int(str(one)) for one in form.getlist("event") if str(one).isdecimal()]
        aside.replay(site.database, site.clock(), viewer.actor, ids)
        site.wake()
        return see("/mentah")

    return pages
