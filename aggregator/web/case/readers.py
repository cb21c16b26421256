"""The readers of a secret case: named and taken off on its page; and the page where one
position opens a secret case in an emergency."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.cases import readership
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.web.case.page import CasePages
from aggregator.web.site import Posted, Site, see


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    case = CasePages(site)

    @pages.post("/aduan/{number}/pembaca")
    def change(request: Request, number: str, form: Posted) -> Response:
        """`act`: add or remove the person with the login, for a reason."""
        site.proved(request)
        login, reason = str(form.get("login", "")), str(form.get("reason", ""))
        change = readership.remove if form.get("act") == "remove" else readership.add

        def do(viewer: Viewer) -> None:
            change(site.database, site.clock(), viewer, number, login, reason)

        return case.act(request, number, form, do, then="#pembaca")

    @pages.get("/buka-darurat")
    def ask(request: Request) -> HTMLResponse:
        return _page(site, request, _holder(site, request))

    @pages.post("/buka-darurat")
    def break_glass(request: Request, form: Posted) -> Response:
        viewer = _holder(site, request)
        number, reason = str(form.get("nomor", "")), str(form.get("alasan", ""))
        try:
            readership.break_glass(site.database, site.clock(), viewer, number, reason)
        except Refusal as error:
            return _page(site, request, viewer, number, reason, error)
        return see(f"/aduan/{number}")

    return pages


def _holder(site: Site, request: Request) -> Viewer:
    viewer = site.viewer(request)
    if not readership.may_break(site.database, viewer):
        raise Refusal("who may open a secret case is another", "not_glass")
    return site.proved(request)


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    number: str = "",
    reason: str = "",
    error: Refusal | None = None,
) -> HTMLResponse:
    return site.page(
        request,
        "case/break_glass.html",
        viewer=viewer,
        status=409 if error else 200,
        number=number,
        reason=reason,
        error=error,
    )
