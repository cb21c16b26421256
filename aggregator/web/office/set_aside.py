"""Mentah: raw events that could not be read, why, and another try after the cause is
repaired."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.intake import set_aside
from aggregator.intake.set_aside import Wanted
from aggregator.web import words
from aggregator.web.site import Posted, Site, number_in, numbers_in, see
from aggregator.web.words import access as words_access

PAGE = 25


def router(site: Site) -> APIRouter:
    pages = APIRouter(prefix="/mentah")

    @pages.get("")
    def show(request: Request) -> HTMLResponse:
        """`selesai` and `gagal`: what became of the events that were processed again
        just now."""
        viewer, asked = site.admin(request), request.query_params
        wanted, before = _wanted(asked), number_in(asked, "sebelum")
        rows = set_aside.listing(site.database, wanted, PAGE + 1, before)
        older = (
            {**_query(wanted), "sebelum": str(rows[PAGE - 1].event.id)}
            if rows[PAGE:]
            else {}
        )
        return site.page(
            request,
            "office/set_aside.html",
            viewer=viewer,
            rows=rows[:PAGE],
            wanted=wanted,
            overview=set_aside.overview(site.database, wanted),
            older=urlencode(older),
            replayable=wanted.status in set_aside.REPLAYABLE,
            most=set_aside.MOST_AT_ONCE,
            done=number_in(asked, "selesai"),
            failed=number_in(asked, "gagal"),
            reasons=words_access.REASON,
            any_reason=words_access.ANY_REASON,
        )

    @pages.post("/proses-ulang")
    def replay(request: Request, form: Posted) -> Response:
        """The chosen ones, or with `cakupan` everything that fits; with `sebagai` as
        messages of residents, whatever seems to have written them."""
        viewer, now = site.administrator(request), site.clock()
        wanted = _wanted(form)
        if form.get("cakupan") == "semua":
            outcome = set_aside.replay_all(site.database, now, viewer.actor, wanted)
        else:
            ids = numbers_in(form, "event")
            admit = form.get("sebagai") == "pesan"
            outcome = set_aside.replay(
                site.database, now, viewer.actor, ids, admit=admit
            )
        site.wake()
        failed = outcome.get("failed", 0)
        became = {"selesai": sum(outcome.values()) - failed, "gagal": failed}
        return see(f"/mentah?{urlencode({**_query(wanted), **became})}")

    return pages


def _wanted(asked: Mapping[str, object]) -> Wanted:
    status = str(asked.get("status", ""))
    return Wanted(
        status if status in words.RAW_STATUS else "failed",
        number_in(asked, "akun"),
        str(asked.get("sebab", "")),
    )


def _query(wanted: Wanted) -> dict[str, str]:
    """The address of what is looked at, without what is empty."""
    asked = {
        "status": wanted.status,
        "akun": str(wanted.account_id or ""),
        "sebab": wanted.reason,
    }
    return {name: value for name, value in asked.items() if value}
