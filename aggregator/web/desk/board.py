"""The board of offices, and charts of the last days."""

from __future__ import annotations

from datetime import date, timedelta

from babel.dates import format_date
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from aggregator.desk import figures
from aggregator.rules.time.calendar import WIB, midnight
from aggregator.web import words
from aggregator.web.desk._charts import Chart, Series, grouped
from aggregator.web.site import Site
from aggregator.web.words import Translate, i18n

DAYS = (7, 30, 90)
WITHIN = (1, 4, 24, 72)


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/papan")
    def board(request: Request, hari: int = DAYS[0], kantor: str = "") -> HTMLResponse:
        viewer = site.viewer(request)
        now = site.clock()
        days = hari if hari in DAYS else DAYS[0]
        office = kantor if viewer.sees_all and kantor in site.catalog.agencies else None
        since = midnight(now.astimezone(WIB).date()) - timedelta(days=days - 1)
        found = figures.period(site.database, viewer, since, now, office)
        language = site.language(request, viewer)
        _ = i18n.translations(language).gettext
        return site.page(
            request,
            "desk/board.html",
            viewer=viewer,
            rows=figures.offices(site.database, viewer, now),
            period=found,
            days=days,
            office=office,
            choices=DAYS,
            late=_late(found, _, language),
            waits=_waits(found, _),
            inflow=_inflow(found, _, language),
            offices=site.offices() if viewer.sees_all else [],
        )

    return pages


def _late(found: figures.Period, _: Translate, language: str) -> Chart | None:
    if not found.late_by_day:
        return None
    shares = [round(100 * late / due) for late, due in found.late_by_day.values()]
    title = _("Percent of a day's cases without an answer after 24 hours")
    labels = [_day(iso, language) for iso in found.late_by_day]
    return Chart(title, labels, [Series(_("Percent"), shares)])


def _waits(found: figures.Period, _: Translate) -> Chart | None:
    if not found.due:
        return None
    spans = [words.hours(_, hours) for hours in WITHIN]
    labels = [*spans, f"> {spans[-1]}", _("not yet")]
    counts = found.answered_within(WITHIN)
    return Chart(
        _("How long until the first answer"), labels, [Series(_("Cases"), counts)]
    )


def _inflow(found: figures.Period, _: Translate, language: str) -> list[Chart]:
    names, rest = found.channels, _("Other channels")
    days = [_day(iso, language) for iso in found.by_day]
    hours = [f"{hour:02d}" for hour in found.by_hour]
    return [
        Chart(_("By day and channel"), days, grouped(found.by_day, names, rest)),
        Chart(_("By hour of the day"), hours, grouped(found.by_hour, names, rest)),
    ]


def _day(iso: str, language: str) -> str:
    return str(format_date(date.fromisoformat(iso), "d MMM", locale=language))
