"""One answer to every reporter of a case: written, looked at reporter by reporter, queued."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator import cases, contradictions, notices
from aggregator.cases import CaseError
from aggregator.people import Viewer
from aggregator.web import words_case
from aggregator.web.site import Posted, Site, see


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/aduan/{number}/kabari")

    @pages.get("")
    def show(request: Request, number: str) -> HTMLResponse:
        return _page(site, request, site.viewer(request), number)

    @pages.post("")
    def go_on(request: Request, number: str, form: Posted) -> Response:
        """`step`: look at the drafts, change the text, or send to those who are ticked."""
        viewer, text = site.viewer(request), str(form.get("text", "")).replace("\r\n", "\n")
        key = str(form.get("key", ""))[:64]
        if not viewer.may_act:
            raise CaseError(f"{viewer.login} may read, not act", "read_only")
        try:
            if form.get("step") != "send" or not key:
                looking = form.get("step") != "edit"
                return _page(site, request, viewer, number, text, looking=looking)
            ticked = {str(value) for value in form.getlist("to")}
            known = {str(value) for value in form.getlist("listed")}
            without = [int(one) for one in known - ticked if one.isdecimal()]
            notices.queue(
                site.database, site.clock(), viewer, number, text, key=key, without=without
            )
        except CaseError as error:
            if error.code in ("no_such_case", "bad_number", "not_yours", "read_only"):
                raise
            return _page(site, request, viewer, number, text, error=error)
        site.wake()
        return see(f"/aduan/{number}/kabari")

    return pages


def _page(
    site: Site, request: Request, viewer: Viewer, number: str, text: str = "", *,
    looking: bool = False, error: CaseError | None = None,
) -> HTMLResponse:  # fmt: skip
    now = site.clock()
    with site.database.reading() as session:
        case = cases.find_in(session, viewer, number)
        planned = notices.plan(session, now, viewer, case, text) if looking else []
        against = contradictions.find(session, now, case, text) if looking else []
        told = [
            (notice, notices.told(session, notice.id or 0))
            for notice in notices.of_case(session, case.id or 0)
        ]
        text = text or ("" if told else notices.last_answer(session, case))
    holder = case.closed_by if case.status == "closed" else case.claimed_by
    return site.page(
        request, "notices.html", viewer=viewer, case=case, text=text, planned=planned, told=told,
        against=against, said=words_case, key=uuid.uuid4().hex, error=error,
        may_send=viewer.may_act and holder == viewer.id, status=409 if error else 200,
    )  # fmt: skip
