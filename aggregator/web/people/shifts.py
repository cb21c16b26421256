"""Piket: the week of an office, who is away, and what one shift leaves to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

from babel.dates import format_date
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from aggregator import city
from aggregator.cases import handovers
from aggregator.desk import queue
from aggregator.people import shift_week, staff
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.store.tables.cases import Handover
from aggregator.web.site import Id, Posted, Site, see

_KEPT_NOTES = 5
_FORBIDDEN = frozenset({"not_yours", "read_only"})
LISTS = ("urgent", "late", "near", "waiting")
Act = Callable[[Viewer, str, FormData], None]


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/piket")
    def duty(request: Request, kantor: str = "", minggu: str = "") -> HTMLResponse:
        viewer = site.viewer(request)
        known = viewer.sees_all and kantor in site.catalog.agencies
        return _page(
            site, request, viewer, kantor if known else viewer.agency_code, minggu
        )

    def act(request: Request, data: FormData, form: str, done: Act) -> Response:
        """Do it and show the week again; what is wrong stands above the form it belongs
        to."""
        viewer = site.viewer(request)
        agency = str(data.get("kantor", "")) or viewer.agency_code
        shown = str(data.get("minggu", ""))
        if agency not in site.catalog.agencies:
            return site.message(request, "no_such_agency", 404)
        try:
            shift_week.check(viewer, agency)
            done(viewer, agency, data)
        except PeopleError as error:
            if error.code in _FORBIDDEN:
                return site.message(request, error.code, 403)
            return _page(site, request, viewer, agency, shown, (form, error.code), data)
        return see(f"/piket?kantor={agency}&minggu={_monday(site, shown)}")

    @pages.post("/piket/jadwal")
    def add_shift(request: Request, data: Posted) -> Response:
        return act(request, data, "jadwal", lambda *asked: _add_shift(site, *asked))

    @pages.post("/piket/jadwal/{shift_id}/hapus")
    def remove_shift(request: Request, shift_id: Id, data: Posted) -> Response:
        def done(viewer: Viewer, agency: str, form: FormData) -> None:
            shift_week.take_off_duty(site.database, viewer, agency, shift_id)

        return act(request, data, "jadwal", done)

    @pages.post("/piket/absen/{absence_id}/akhiri")
    def end_absence(request: Request, absence_id: Id, data: Posted) -> Response:
        def done(viewer: Viewer, agency: str, form: FormData) -> None:
            shift_week.end_absence(
                site.database, site.clock(), viewer, agency, absence_id
            )

        return act(request, data, "absen", done)

    @pages.post("/piket/absen")
    def add_absence(request: Request, data: Posted) -> Response:
        return act(request, data, "absen", lambda *asked: _add_absence(site, *asked))

    @pages.post("/piket/serah-terima")
    def hand_over(request: Request, data: Posted) -> Response:
        return act(request, data, "serah", lambda *asked: _hand_over(site, *asked))

    return pages


def _add_shift(site: Site, viewer: Viewer, agency: str, data: FormData) -> None:
    shift_week.put_on_duty(
        site.database,
        viewer,
        agency,
        str(data.get("orang", "")),
        _day(data, "tanggal"),
        _hour(data, "dari"),
        _hour(data, "sampai"),
    )


def _add_absence(site: Site, viewer: Viewer, agency: str, data: FormData) -> None:
    shift_week.write_absence(
        site.database,
        site.clock(),
        viewer,
        agency,
        str(data.get("orang", "")),
        _day(data, "mulai"),
        _day(data, "hingga"),
        str(data.get("pengganti", "")),
    )


def _hand_over(site: Site, viewer: Viewer, agency: str, data: FormData) -> None:
    handovers.write(
        site.database, site.clock(), viewer, str(data.get("catatan", "")), agency
    )
    site.wake()


def _page(
    site: Site,
    request: Request,
    viewer: Viewer,
    agency: str,
    wanted: str,
    error: tuple[str, str] | None = None,
    typed: FormData | None = None,
) -> HTMLResponse:
    """`error`: the form it belongs to and its code; `typed`: what was filled in
    there."""
    first = _monday(site, wanted)
    language = site.language(request, viewer)
    notes = handovers.latest(site.database, agency, _KEPT_NOTES)
    return site.page(
        request,
        "people/shifts.html",
        viewer=viewer,
        status=422 if error else 200,
        office=agency,
        perhaps=queue.perhaps_emergencies(site.database, site.clock(), viewer),
        week=shift_week.look(site.database, site.clock(), agency, first),
        first=first,
        before=first - timedelta(days=7),
        after=first + timedelta(days=7),
        today=city.here().today(site.clock()),
        notes=notes,
        names=_writers(site, notes),
        may=shift_week.may_plan(viewer, agency),
        colleagues=shift_week.colleagues(site.database, agency),
        offices=site.offices() if viewer.sees_all else [],
        lists=LISTS,
        longest=handovers.LONGEST_NOTE,
        error=error,
        typed=typed or {},
        day=lambda day: format_date(day, "EEEE, d MMM", locale=language),
        short_day=lambda day: format_date(day, "d MMM", locale=language),
    )


def _writers(site: Site, notes: list[Handover]) -> dict[int, str]:
    return staff.names(site.database, {note.person_id for note in notes})


def _monday(site: Site, text: str) -> date:
    """The Monday of the week a day is in; of this week where there is none."""
    try:
        return shift_week.monday(date.fromisoformat(text))
    except (ValueError, OverflowError):
        return shift_week.monday(city.here().today(site.clock()))


def _day(data: FormData, name: str) -> date:
    try:
        return date.fromisoformat(str(data.get(name, "")))
    except ValueError:
        raise PeopleError(f"{name} is no day", "no_day") from None


def _hour(data: FormData, name: str) -> time:
    try:
        return time.fromisoformat(str(data.get(name, ""))).replace(tzinfo=None)
    except ValueError:
        raise PeopleError(f"{name} is no time of the day", "no_hour") from None
