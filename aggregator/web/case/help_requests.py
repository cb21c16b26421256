"""Bantu jawab: questions of other offices, and answers proposed to them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.answers import help_requests
from aggregator.cases import casefile
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.web.case.page import CasePages
from aggregator.web.site import Id, Posted, Site, see, whole_number
from aggregator.web.words import case as words_case


def router(site: Site) -> APIRouter:
    pages = APIRouter()
    _helping(pages, site)
    _asking(pages, CasePages(site))
    return pages


def _helping(pages: APIRouter, site: Site) -> None:
    @pages.get("/bantu-jawab")
    def listing(request: Request) -> HTMLResponse:
        viewer = site.viewer(request)
        found = help_requests.wanted(site.database, site.clock(), viewer)
        return site.page(request, "case/help_answer.html", viewer=viewer, wanted=found)

    @pages.get("/bantu-jawab/{number}")
    def show(request: Request, number: str) -> Response:
        """Who may open the case itself is led there."""
        viewer = site.viewer(request)
        if _has_it(site, viewer, number):
            return see(f"/aduan/{number}")
        return _page(site, request, viewer, number)

    @pages.post("/bantu-jawab/{number}")
    def propose(request: Request, number: str, form: Posted) -> Response:
        viewer, text = (
            site.viewer(request),
            str(form.get("text", "")).replace("\r\n", "\n"),
        )
        if viewer.may_act and _has_it(site, viewer, number):
            return see(f"/aduan/{number}")
        step, _, fact = str(form.get("step", "")).partition(":")
        if step == "insert":
            return _page(site, request, viewer, number, text, whole_number(fact) or 0)
        try:
            help_requests.propose(site.database, site.clock(), viewer, number, text)
        except Refusal as error:
            if error.code not in ("empty", "too_long"):
                raise
            return _page(site, request, viewer, number, text, error=error)
        site.wake()
        return see(f"/bantu-jawab/{number}")


def _has_it(site: Site, viewer: Viewer, number: str) -> bool:
    try:
        with casefile.reading(site.database, site.clock(), viewer, number):
            return True
    except Refusal as error:
        if error.code != "not_yours":
            raise
        return False


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    number: str,
    text: str | None = None,
    fact: int = 0,
    error: Refusal | None = None,
) -> HTMLResponse:
    asked = help_requests.question(site.database, site.clock(), viewer, number)
    typed = (asked.own.text if asked.own else "") if text is None else text
    for offer in asked.facts:
        if offer.entry.id == fact:
            typed = f"{typed.rstrip()}\n\n{offer.text}" if typed.strip() else offer.text
    return site.page(
        request,
        "case/help_propose.html",
        viewer=viewer,
        status=409 if error else 200,
        asked=asked,
        case=asked.case,
        typed=typed,
        error=error,
        said=words_case,
    )


def _asking(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/aduan/{number}/minta-bantuan")
    def ask(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            help_requests.ask(
                site.database,
                site.clock(),
                viewer,
                number,
                str(form.get("asked", "")),
                agency=str(form.get("agency", "")) or None,
            )

        return case.act(request, number, form, do, then="#bantuan")

    @pages.post("/aduan/{number}/minta-bantuan/{request_id}")
    def withdraw(
        request: Request, number: str, request_id: Id, form: Posted
    ) -> Response:
        return case.act(
            request,
            number,
            form,
            lambda viewer: help_requests.withdraw(
                site.database, site.clock(), viewer, number, request_id
            ),
            then="#bantuan",
        )
