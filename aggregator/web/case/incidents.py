"""Incidents: many cases of one event, with one owner, one statement and a time for
news."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from aggregator import city
from aggregator.answers import broadcasts, outward
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.twins import incidents
from aggregator.web.case import notices
from aggregator.web.site import Id, Posted, Site, number_in, see
from aggregator.web.words import case as words_case


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/insiden")

    @pages.get("")
    def show(request: Request) -> HTMLResponse:
        return _page(site, request)

    @pages.post("/{incident_id}")
    def act(request: Request, incident_id: Id, form: Posted) -> Response:
        """`act`: confirm and update take a statement and the time of the next news; add
        and drop a case; take, end, dismiss."""
        viewer, what = site.viewer(request), str(form.get("act", ""))
        try:
            _do(site, viewer, incident_id, what, form)
        except Refusal as error:
            if error.code == "read_only":
                raise
            return _page(site, request, error=error)
        return see(f"/insiden#i{incident_id}")

    _telling(pages, site)
    return pages


def _do(
    site: Site, viewer: Viewer, incident_id: int, what: str, form: FormData
) -> None:
    database, now = site.database, site.clock()
    number, version = str(form.get("number", "")), number_in(form, "version")
    simple: dict[str, Callable[..., Any]] = {
        "take": incidents.take,
        "end": incidents.end,
        "dismiss": incidents.dismiss,
    }
    if what in ("confirm", "update"):
        do = incidents.confirm if what == "confirm" else incidents.update
        do(
            database,
            now,
            viewer,
            incident_id,
            statement=str(form.get("statement", "")).strip() or None,
            news_at=_moment(str(form.get("news_at", ""))),
            version=version,
        )
    elif what in ("add", "drop"):
        change = incidents.add if what == "add" else incidents.drop
        change(database, now, viewer, incident_id, number)
    elif what in simple:
        simple[what](database, now, viewer, incident_id, version)


def _telling(pages: APIRouter, site: Site) -> None:
    @pages.get("/{incident_id}/kabari")
    def show(request: Request, incident_id: Id) -> HTMLResponse:
        return _broadcast(site, request, incident_id)

    @pages.post("/{incident_id}/kabari")
    def go_on(request: Request, incident_id: Id, form: Posted) -> Response:
        """`step`: look at what each reporter gets, change the text, or send to the
        ticked."""
        viewer, said = site.viewer(request), notices.step(form, 48)
        if not viewer.may_act:
            raise Refusal(f"{viewer.login} may read, not act", "read_only")
        try:
            if not said.send:
                return _broadcast(
                    site, request, incident_id, said.text, looking=said.look
                )
            broadcasts.queue(
                site.database,
                site.clock(),
                viewer,
                incident_id,
                said.text,
                key=said.key,
                without=said.without,
                although=said.although,
            )
        except Refusal as error:
            if error.code == "no_such_incident":
                raise
            stopped = error.code == outward.STOPPED
            return _broadcast(
                site, request, incident_id, said.text, looking=stopped, error=error
            )
        site.wake()
        return see(f"/insiden/{incident_id}/kabari")


def _broadcast(
    site: Site,
    request: Request,
    incident_id: int,
    text: str = "",
    *,
    looking: bool = False,
    error: Refusal | None = None,
) -> HTMLResponse:
    viewer, now = site.viewer(request), site.clock()
    with site.database.reading() as session:
        shown = incidents.find(session, now, viewer, incident_id)
        planned = broadcasts.plan(session, now, viewer, shown, text) if looking else []
        told = broadcasts.told(session, shown)
    mine = shown.incident.owner_id == viewer.id or viewer.sees_all
    return site.page(
        request,
        "case/broadcast.html",
        viewer=viewer,
        shown=shown,
        planned=planned,
        stopped=outward.stopped(text) if planned else (),
        said=words_case,
        told=told,
        text=text or shown.incident.statement or "",
        key=uuid.uuid4().hex,
        error=error,
        may_send=viewer.may_act and mine and shown.incident.state == "open",
        status=409 if error else 200,
    )


def _page(site: Site, request: Request, error: Refusal | None = None) -> HTMLResponse:
    viewer = site.viewer(request)
    shown = incidents.listing(site.database, site.clock(), viewer, everything=True)
    return site.page(
        request,
        "case/incidents.html",
        viewer=viewer,
        shown=shown[:50],
        error=error,
        status=409 if error else 200,
        local=_local,
    )


def _moment(typed: str) -> datetime | None:
    """A time as the browser's own field writes it, in the city's zone; None: left
    empty."""
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(
            tzinfo=city.here().rules.calendar.zone
        )
    except ValueError as error:
        raise Refusal(f"{typed!r} is no time", "news_too_early") from error


def _local(moment: Any) -> str:
    """A time for the browser's own field."""
    if moment is None:
        return ""
    return f"{moment.astimezone(city.here().rules.calendar.zone):%Y-%m-%dT%H:%M}"
