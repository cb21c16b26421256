"""Views kept under a name, and one act over many cases: looked at first, taken back for
a while."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from aggregator.cases import bulk
from aggregator.desk import queue, views
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.web.site import Id, Posted, Site, number_in, see
from aggregator.web.site.next_case import chosen


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.post("/antrean/tampilan")
    def save(request: Request, form: Posted) -> Response:
        query = str(form.get("saringan", ""))
        saved = views.save(
            site.database,
            site.clock(),
            site.viewer(request),
            str(form.get("nama", "")),
            query,
            shared=form.get("bersama") == "1",
        )
        return see(f"/?{saved.query}")

    @pages.post("/antrean/tampilan/{view_id}/hapus")
    def remove(request: Request, view_id: Id) -> Response:
        views.remove(site.database, site.viewer(request), view_id)
        return see("/")

    @pages.post("/antrean/massal")
    def over_many(request: Request, form: Posted) -> Response:
        """Without `pasti` what would change, with it the act."""
        viewer, query = site.viewer(request), str(form.get("saringan", ""))
        order = _order(form)
        numbers, more = _numbers(site, viewer, form, query)
        if not numbers:
            raise Refusal("no case was chosen", "none_chosen")
        now = site.clock()
        if form.get("pasti") == "1":
            minutes = site.claim_minutes
            act, outcome = bulk.apply(
                site.database, now, viewer, order, numbers, query=query, minutes=minutes
            )
            site.wake()
        else:
            act, outcome = 0, bulk.preview(site.database, now, viewer, order, numbers)
        return site.page(
            request,
            "desk/bulk.html",
            viewer=viewer,
            order=order,
            outcome=outcome,
            query=query,
            more=more,
            act=act,
            numbers=numbers,
        )

    @pages.post("/antrean/massal/{act_id}/urung")
    def undo(request: Request, act_id: Id, form: Posted) -> Response:
        viewer = site.viewer(request)
        outcome = bulk.undo(site.database, site.clock(), viewer, act_id)
        return site.page(
            request,
            "desk/bulk.html",
            viewer=viewer,
            order=None,
            outcome=outcome,
            query=str(form.get("saringan", "")),
            more=False,
            act=0,
            numbers=[],
        )

    return pages


def _order(form: FormData) -> bulk.Order:
    act = str(form.get("tindakan", ""))
    value = {"tugaskan": "kantor", "golongan": "golongan"}.get(act)
    return bulk.Order(act, str(form.get(value, "")) if value else "")


def _numbers(
    site: Site, viewer: Viewer, form: FormData, query: str
) -> tuple[list[str], bool]:
    """The ticked cases, or all of the filter; and whether there are more than one act
    takes."""
    if form.get("cakupan") != "semua":
        ticked = [str(number) for number in form.getlist("nomor")]
        return ticked[: bulk.MOST], len(ticked) > bulk.MOST
    if number_in(form, "banyak") == 0:
        return [], False
    wanted = chosen(viewer, dict(parse_qsl(query)))
    rows = queue.standing(site.database, site.clock(), viewer, wanted, bulk.MOST + 1)
    return [number for number, _ in rows[: bulk.MOST]], len(rows) > bulk.MOST
