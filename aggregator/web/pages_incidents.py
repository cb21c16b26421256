"""Incidents: many cases of one event, with one owner, one statement and a time for news."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator import city, incidents
from aggregator.cases import CaseError
from aggregator.web.site import Posted, Site, see


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/insiden")

    @pages.get("")
    def show(request: Request) -> HTMLResponse:
        return _page(site, request)

    @pages.post("/{incident_id}")
    def act(request: Request, incident_id: int, form: Posted) -> Response:
        """`act`: confirm and update take a statement and the time of the next news."""
        viewer, now, what = site.viewer(request), site.clock(), form.get("act")
        try:
            if what in ("confirm", "update"):
                do = incidents.confirm if what == "confirm" else incidents.update
                do(
                    site.database, now, viewer, incident_id,
                    statement=str(form.get("statement", "")).strip() or None,
                    news_at=_moment(str(form.get("news_at", ""))),
                )  # fmt: skip
            elif what == "end":
                incidents.end(site.database, now, viewer, incident_id)
            elif what == "dismiss":
                incidents.dismiss(site.database, now, viewer, incident_id)
        except CaseError as error:
            if error.code == "read_only":
                raise
            return _page(site, request, error=error)
        return see("/insiden")

    return pages


def _page(site: Site, request: Request, error: CaseError | None = None) -> HTMLResponse:
    viewer = site.viewer(request)
    shown = incidents.listing(site.database, site.clock(), viewer, everything=True)
    return site.page(
        request, "incidents.html", viewer=viewer, shown=shown[:50], error=error,
        status=409 if error else 200, local=_local,
    )  # fmt: skip


def _moment(typed: str) -> datetime | None:
    """A time as the browser's own field writes it, in the city's zone; None: left empty."""
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=city.here().rules.calendar.zone)
    except ValueError as error:
        raise CaseError(f"{typed!r} is no time", "news_too_early") from error


def _local(moment: Any) -> str:
    """A time for the browser's own field."""
    if moment is None:
        return ""
    return f"{moment.astimezone(city.here().rules.calendar.zone):%Y-%m-%dT%H:%M}"
