"""What a person is told: notifications, promises that fall due, and how they reach a
phone."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from aggregator import city
from aggregator.cases import reminders
from aggregator.people import notifications, preferences, push
from aggregator.people.refusal import PeopleError, Refusal
from aggregator.rules.reports import casenumbers
from aggregator.web.site import Id, Posted, Site, number_in, see

_ENDS = {"selesai": "done", "bukan": "dropped"}


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/kabar")
    def show(request: Request) -> HTMLResponse:
        viewer = site.viewer(request)
        return site.page(
            request,
            "people/notifications.html",
            viewer=viewer,
            fresh=notifications.unread(site.database, viewer.id),
            leads_to=notifications.leads_to,
            promised=reminders.of_person(site.database, viewer),
            choices=preferences.of_person(site.database, viewer.id),
            devices=push.count(site.database, viewer.id),
            push_key=push.public_key(site.vault),
            today=city.here().today(site.clock()).isoformat(),
        )

    @pages.get("/kabar/{told_id}")
    def follow(request: Request, told_id: Id) -> Response:
        viewer = site.viewer(request)
        return see(
            notifications.opened(site.database, site.clock(), viewer.id, told_id)
        )

    @pages.post("/kabar/dibaca")
    def read(request: Request, form: Posted) -> Response:
        """Up to the newest that was shown, so that what came meanwhile stays unread."""
        viewer = site.viewer(request)
        notifications.mark_read(
            site.database, site.clock(), viewer.id, number_in(form, "sampai")
        )
        return see("/kabar")

    @pages.post("/kabar/janji/{reminder_id}")
    def promise(request: Request, reminder_id: Id, form: Posted) -> Response:
        viewer = site.viewer(request)
        try:
            if form.get("langkah") in _ENDS:
                state = _ENDS[str(form.get("langkah"))]
                reminders.change(site.database, viewer, reminder_id, state=state)
            else:
                day = date.fromisoformat(str(form.get("tanggal", "")))
                reminders.change(site.database, viewer, reminder_id, due_on=day)
        except ValueError as error:
            raise Refusal("choose a day", "bad_day") from error
        except PeopleError as error:
            raise Refusal(str(error), error.code) from error
        number = str(form.get("aduan", ""))
        return see(
            f"/aduan/{number}#clocks" if casenumbers.is_valid(number) else "/kabar"
        )

    @pages.post("/kabar/piket")
    def piket(request: Request, form: Posted) -> Response:
        viewer = site.viewer(request)
        preferences.choose(site.database, viewer.id, piket=form.get("piket") == "1")
        return see("/kabar")

    @pages.post("/kabar/dorong")
    def subscribe(request: Request, form: Posted) -> Response:
        """A browser gives the address at which its maker takes notifications for it."""
        viewer = site.viewer(request)
        endpoint, key, auth = (
            str(form.get(name, "")) for name in ("endpoint", "p256dh", "auth")
        )
        try:
            push.subscribe(site.database, site.clock(), viewer.id, endpoint, key, auth)
        except push.PushError as error:
            return JSONResponse({"problem": str(error)}, status_code=422)
        return JSONResponse({"devices": push.count(site.database, viewer.id)})

    @pages.post("/kabar/dorong/henti")
    def unsubscribe(request: Request) -> Response:
        viewer = site.viewer(request)
        push.forget(site.database, viewer.id)
        return see("/kabar")

    return pages
