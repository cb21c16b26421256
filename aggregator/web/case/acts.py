"""What people do with a case beside answering: notes, offices, classes, waiting,
closing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from aggregator.cases import closing, notes, tasks, triage, waiting
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.twins import joining, suggestions
from aggregator.web.case.page import CasePages, seen_in
from aggregator.web.site import Id, Posted, Site, local, numbers_in, see
from aggregator.web.site.next_case import next_path


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/aduan/{number}")
    case = CasePages(site)
    _among_colleagues(pages, case)
    _tasks(pages, case)
    _classes(pages, case)
    _urgency(pages, case)
    _likenesses(pages, case)
    _ending(pages, case)
    return pages


def _among_colleagues(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/catatan")
    def note(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            text = str(form.get("note", "")).replace("\r\n", "\n")
            notes.write(site.database, site.clock(), viewer, number, text)

        return case.act(request, number, form, do, then="#catatan")

    @pages.post("/tugaskan")
    def assign(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            tasks.assign(
                site.database,
                site.clock(),
                viewer,
                number,
                str(form.get("agency", "")),
                lead=form.get("role") == "lead",
                seen=seen_in(form),
            )

        return case.act(request, number, form, do, then="#offices")


def _tasks(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/tugas")
    def task(request: Request, number: str, form: Posted) -> Response:
        """An office's own part: taken in hand, done, not needed, or not theirs."""

        def do(viewer: Viewer) -> None:
            now, agency = site.clock(), str(form.get("agency", "")) or None
            reason = str(form.get("reason", "")).strip()
            if form.get("act") == "accept":
                tasks.accept(site.database, now, viewer, number, agency)
            elif form.get("act") == "waive":
                _needed(reason)
                tasks.finish(
                    site.database, now, viewer, number, agency=agency, waived=reason
                )
            elif form.get("act") == "bounce":
                _needed(reason)
                to = str(form.get("to", "")) or None
                tasks.bounce(
                    site.database, now, viewer, number, reason, to=to, agency=agency
                )
            else:
                tasks.finish(site.database, now, viewer, number, agency=agency)

        return _onwards(case, request, number, form, do, then="#offices")

    @pages.post("/tunggu")
    def wait(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            if form.get("act") == "go_on":
                waiting.go_on(site.database, site.clock(), viewer, number)
            else:
                waiting.wait(
                    site.database,
                    site.clock(),
                    viewer,
                    number,
                    str(form.get("why", "")),
                    recheck=_day(str(form.get("recheck", ""))),
                )

        return case.act(request, number, form, do)


def _classes(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/klasifikasi")
    def classify(request: Request, number: str, form: Posted) -> Response:
        """What the rules found is right (nothing chosen), or this is right instead."""

        def do(viewer: Viewer) -> None:
            urgent = str(form.get("urgent", ""))
            triage.confirm(
                site.database,
                site.clock(),
                viewer,
                number,
                klass=str(form.get("klass", "")) or None,
                kind=str(form.get("kind", "")) or None,
                ward=str(form.get("ward", "")) or None,
                language=str(form.get("language", "")) or None,
                urgent=None if urgent not in ("0", "1") else urgent == "1",
                seen=seen_in(form),
            )

        return case.act(request, number, form, do)


def _urgency(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/darurat")
    def decide(request: Request, number: str, form: Posted) -> Response:
        """What may be an emergency is one and rings, or is none. Only "none" leads back
        to the list it was seen in."""
        urgent = form.get("darurat") != "0"

        def do(viewer: Viewer) -> None:
            triage.decide(site.database, site.clock(), viewer, number, urgent=urgent)

        done = case.act(request, number, form, do)
        goes_back = not urgent and "back" in form and done.status_code == 303
        return see(local(str(form["back"]))) if goes_back else done

    @pages.post("/112")
    def told(request: Request, number: str, form: Posted) -> Response:
        """Somebody has made sure that 112 knows; everybody sees who and when."""

        def do(viewer: Viewer) -> None:
            triage.tell_112(site.database, site.clock(), viewer, number)

        return case.act(request, number, form, do)


def _likenesses(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/gabung")
    def same(request: Request, number: str, form: Posted) -> Response:
        """This case and another one are the same problem, or they are not."""
        other = str(form.get("other", ""))

        def join(viewer: Viewer) -> None:
            joining.join(
                site.database,
                site.clock(),
                viewer,
                number,
                other,
                reason=str(form.get("reason", "")).strip(),
                seen=seen_in(form),
            )

        def apart(viewer: Viewer) -> None:
            suggestions.not_the_same(site.database, site.clock(), viewer, number, other)

        def perhaps(viewer: Viewer) -> None:
            suggestions.perhaps_the_same(
                site.database, site.clock(), viewer, number, other
            )

        if form.get("act") in ("apart", "perhaps"):
            do = apart if form.get("act") == "apart" else perhaps
            return case.act(request, number, form, do, then="#twins")
        done = case.act(request, number, form, join)
        whole = casenumbers.tidy(other)
        return (
            see(f"/aduan/{whole}")
            if done.status_code == 303 and whole.isdecimal()
            else done
        )

    @pages.post("/pindah")
    def elsewhere(request: Request, number: str, form: Posted) -> Response:
        """Messages about something else: a case of their own, or the case they belong
        to."""
        chosen = numbers_in(form, "message")

        def do(viewer: Viewer) -> None:
            database, now = site.database, site.clock()
            seen = seen_in(form)
            if form.get("act") == "move":
                into = str(form.get("other", ""))
                joining.move(database, now, viewer, chosen, into, seen=seen)
            else:
                joining.split(database, now, viewer, number, chosen, seen=seen)

        return case.act(request, number, form, do, then="#acts")

    @pages.post("/pisah/{link_id}")
    def undo(request: Request, number: str, link_id: Id, form: Posted) -> Response:
        """What was joined into this case is a case of its own again."""

        def do(viewer: Viewer) -> None:
            joining.undo(site.database, site.clock(), viewer, link_id)

        return case.act(request, number, form, do)


def _ending(pages: APIRouter, case: CasePages) -> None:
    site = case.site

    @pages.post("/selesai")
    def close(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            closing.close(
                site.database,
                site.clock(),
                viewer,
                number,
                seen_in(form),
                outcome=str(form.get("outcome", "selesai")),
                waive=str(form.get("waive", "")).strip() or None,
            )

        return _onwards(case, request, number, form, do)

    @pages.post("/buka")
    def reopen(request: Request, number: str, form: Posted) -> Response:
        def do(viewer: Viewer) -> None:
            closing.reopen(site.database, site.clock(), viewer, number)

        return case.act(request, number, form, do)


def _onwards(
    case: CasePages,
    request: Request,
    number: str,
    form: FormData,
    do: Callable[[Viewer], Any],
    then: str = "",
) -> Response:
    """An act that may end one's work on a case: with `lanjut` it leads to the next of
    the queue that the case was opened from."""
    onwards = None
    if form.get("lanjut") == "1" and request.session.get("antrean"):
        # asked before: a closed case has no place in the queue
        onwards = next_path(case.site, request, case.site.viewer(request), number)
    answer = case.act(request, number, form, do, then)
    return see(onwards) if onwards and answer.status_code == 303 else answer


def _needed(reason: str) -> None:
    if not reason:
        raise Refusal("say why", "reason_needed")


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
