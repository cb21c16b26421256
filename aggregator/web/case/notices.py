"""One answer to every reporter of a case: written, looked at reporter by reporter,
queued."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from aggregator.answers import contradictions, notices, outward
from aggregator.cases import casefile
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.web.site import Posted, Site, see, whole_number
from aggregator.web.words import case as words_case


@dataclass(frozen=True, slots=True)
class Step:
    """A step of telling all: the words; whether to look at the drafts; whether to
    `send`, and then under which `key`, `although` what stops it, and `without` which
    messages."""

    text: str
    key: str
    send: bool
    look: bool
    although: str | None
    without: list[int]


def step(form: FormData, longest_key: int) -> Step:
    key, chosen = str(form.get("key", ""))[:longest_key], form.get("step")
    ticked = {str(value) for value in form.getlist("to")}
    known = {str(value) for value in form.getlist("listed")}
    text = str(form.get("text", "")).replace("\r\n", "\n")
    return Step(
        text=outward.masked(text) if chosen == "mask" else text,
        key=key,
        send=chosen == "send" and bool(key),
        look=chosen != "edit",
        although=str(form.get("although", "")).strip() or None,
        without=[
            number
            for one in known - ticked
            if (number := whole_number(one)) is not None
        ],
    )


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/aduan/{number}/kabari")

    @pages.get("")
    def show(request: Request, number: str) -> HTMLResponse:
        return _page(site, request, site.viewer(request), number)

    @pages.post("")
    def go_on(request: Request, number: str, form: Posted) -> Response:
        """`step`: look at the drafts, change the text, or send to those who are
        ticked."""
        viewer, said = site.viewer(request), step(form, 64)
        if not viewer.may_act:
            raise Refusal(f"{viewer.login} may read, not act", "read_only")
        try:
            if not said.send:
                return _page(
                    site, request, viewer, number, said.text, looking=said.look
                )
            notices.queue(
                site.database,
                site.clock(),
                viewer,
                number,
                said.text,
                key=said.key,
                without=said.without,
                although=said.although,
            )
        except Refusal as error:
            if error.code in ("no_such_case", "bad_number", "not_yours", "read_only"):
                raise
            stopped = error.code == outward.STOPPED
            return _page(
                site, request, viewer, number, said.text, looking=stopped, error=error
            )
        site.wake()
        return see(f"/aduan/{number}/kabari")

    return pages


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    number: str,
    text: str = "",
    *,
    looking: bool = False,
    error: Refusal | None = None,
) -> HTMLResponse:
    now = site.clock()
    with casefile.reading(site.database, now, viewer, number) as file:
        session, case = file.session, file.case
        planned = notices.plan(session, now, viewer, case, text) if looking else []
        against = contradictions.find(session, now, case, text) if looking else []
        told = [
            (notice, notices.told(session, notice.id))
            for notice in notices.of_case(session, case.id)
        ]
        text = text or ("" if told else notices.last_answer(session, case))
    holder = case.closed_by if case.status == "closed" else case.claimed_by
    return site.page(
        request,
        "case/notices.html",
        viewer=viewer,
        case=case,
        text=text,
        planned=planned,
        stopped=outward.stopped(text) if planned else (),
        told=told,
        against=against,
        said=words_case,
        key=uuid.uuid4().hex,
        error=error,
        may_send=viewer.may_act and holder == viewer.id,
        status=409 if error else 200,
    )
