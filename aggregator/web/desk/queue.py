"""The queue: cases by view and filter, the nearest deadline first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.accounts.registry import handles_of
from aggregator.answers import help_requests
from aggregator.cases import bulk
from aggregator.desk import filters, queue, views
from aggregator.desk.filters import Filter
from aggregator.people import preferences
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store.db import Reads
from aggregator.web.desk import _rows as rows
from aggregator.web.desk._counts import Counts
from aggregator.web.site import Posted, Site, local, see, tour, whole_number
from aggregator.web.site.live import state_of
from aggregator.web.site.next_case import chosen, next_path

PAGE = 30
_MOST = 500


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    counts = Counts(site)

    @pages.get("/")
    def show(request: Request) -> HTMLResponse:
        with site.database.look() as look:
            viewer = site.viewer(request, look)
            # before the rows: what comes in between is told, not missed
            state = state_of(site, look)
            view = _view(site, look, request, viewer, counts, state)
            request.session["antrean"] = view["query"]
            return site.page(
                request,
                "desk/queue.html",
                viewer=viewer,
                state=state,
                fields=_fields(look, viewer, view["chosen"]),
                saved=views.of_viewer(look, viewer),
                tour=tour.step(viewer),
                act=bulk.newest(look, site.clock(), viewer),
                **view,
            )

    @pages.get("/antrean/daftar")
    def part(request: Request) -> HTMLResponse:
        """Only the rows: `banyak` of them for a page that looks again, or the next
        page."""
        with site.database.look() as look:
            viewer = site.viewer(request, look)
            view = _view(site, look, request, viewer, counts, state_of(site, look))
            template = "desk/_more.html" if view["start"] else "desk/_list.html"
            return site.page(request, template, viewer=viewer, **view)

    @pages.get("/antrean/berikutnya")
    def following(request: Request, dari: str = "") -> Response:
        """The next case of the queue somebody came from that nobody else holds."""
        return see(next_path(site, request, site.viewer(request), dari))

    @pages.get("/cari")
    def search(request: Request, nomor: str = "") -> Response:
        """A number opens its case; anything else is looked for in every case."""
        viewer = site.viewer(request)
        number = casenumbers.tidy(nomor)
        if number.isdecimal():
            return see(f"/aduan/{quote(number, safe='')}")
        everything = Filter(
            "semua", status="semua", words=" ".join(nomor.split()), order="terbaru"
        )
        return see(f"/?{everything.query()}" if everything.words and viewer else "/")

    @pages.post("/antrean/tur")
    def toured(request: Request, form: Posted) -> Response:
        viewer = site.viewer(request)
        seen = tour.end_of(str(form.get("langkah", "")))
        preferences.choose(site.database, viewer.id, tour=seen)
        return see(local(str(form.get("back", "/"))))

    return pages


def _view(
    site: Site,
    look: Reads,
    request: Request,
    viewer: Viewer,
    counts: Counts,
    state: str,
) -> dict[str, Any]:
    """What the list shows, by the address."""
    asked = dict(request.query_params)
    wanted = chosen(viewer, asked)
    start = _number(asked.get("mulai", ""))
    limit = min(_MOST, -(-max(_number(asked.get("banyak", "")), 1) // PAGE) * PAGE)
    now = site.clock()
    found = queue.page(look, now, viewer, wanted, limit=limit + 1, offset=start)
    query = wanted.query()
    office = wanted.agency if viewer.sees_all else ""
    shown = found[:limit]
    language = site.language(request, viewer)
    return {
        "rows": shown,
        "lines": rows.written(site.pieces, language, viewer, now, shown),
        "chosen": wanted,
        "start": start,
        "before": f"/?{query}&mulai={max(0, start - PAGE)}" if start else None,
        "next": f"{query}&mulai={start + limit}" if len(found) > limit else None,
        "query": query,
        "links": _links(wanted.agency, wanted.order),
        "without": _without(site, look, request, viewer, wanted),
        "counts": counts.of(look, viewer, office, state),
        "help_asked": help_requests.count_asked(look, viewer) if viewer.may_act else 0,
        "perhaps": []
        if wanted.view == "mungkin"
        else queue.perhaps_emergencies(look, now, viewer, limit=2),
        "emergencies": []
        if wanted.view == "darurat"
        else queue.unclaimed_emergencies(look, now, viewer),
    }


@lru_cache(maxsize=500)
def _links(office: str, order: str) -> dict[str, str]:
    """Every view of the same office in the same order."""
    return {
        view: f"/?{Filter(view, agency=office, order=order).query()}"
        for view in filters.VIEWS
    }


def _without(
    site: Site, look: Reads, request: Request, viewer: Viewer, wanted: Filter
) -> list[tuple[str, str, str]]:
    """What narrows the list: the field, its value in words, the address without it."""
    language = site.language(request, viewer)
    names: dict[str, Callable[[str], str]] = {
        "agency": lambda value: site.catalog.name(value, language),
        "ward": lambda value: site.catalog.name(value, language),
        "kind": lambda value: site.catalog.kind(value, language),
        "account": lambda value: dict(handles_of(look, viewer)).get(
            whole_number(value) or 0, value
        ),
    }
    plain = Filter()
    return [
        (
            name,
            names[name](value) if name in names else value,
            f"/?{wanted.query(**{name: getattr(plain, name)})}",
        )
        for name, value in wanted.narrowed.items()
    ]


def _fields(look: Reads, viewer: Viewer, wanted: Filter) -> dict[str, Any]:
    """What the fields of the filter offer, and what is chosen in them: all that they
    show."""
    plain = Filter()
    return {
        "every_office": viewer.sees_all,
        "handles": handles_of(look, viewer),
        "chosen": replace(
            wanted, view=plain.view, words=plain.words, order=plain.order
        ),
    }


def _number(typed: str) -> int:
    return (whole_number(typed) or 0) if len(typed) < 9 else 0
