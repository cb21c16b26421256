"""Jejak audit: who did what, found by person, act, case and day."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from aggregator.desk import trail
from aggregator.web.site import Site, whole_number

PAGE = 50
_FIELDS = ("orang", "tindakan", "nomor", "dari", "sampai")


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/audit")
    def show(request: Request) -> HTMLResponse:
        viewer = site.admin(request)
        typed = {name: request.query_params.get(name, "").strip() for name in _FIELDS}
        before = request.query_params.get("sebelum", "")
        asked = trail.Asked(
            actor=typed["orang"],
            action=typed["tindakan"],
            number=typed["nomor"],
            first=_day(typed["dari"]),
            last=_day(typed["sampai"]),
            before=whole_number(before),
        )
        lines = trail.find(site.database, viewer, asked, PAGE + 1)
        older = (
            urlencode({**typed, "sebelum": lines[PAGE - 1].entry.id})
            if lines[PAGE:]
            else ""
        )
        return site.page(
            request,
            "office/audit.html",
            viewer=viewer,
            lines=lines[:PAGE],
            typed=typed,
            older=older,
        )

    return pages


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
