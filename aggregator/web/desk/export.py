"""A list of cases as a spreadsheet: one row a case. A file goes anywhere: residents'
words are masked in it, also for who reads them in full here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from aggregator.cases import privacy
from aggregator.desk import filters, queue
from aggregator.desk.filters import Filter
from aggregator.desk.rows import QueueRow
from aggregator.people.viewers import Viewer
from aggregator.rules.time.calendar import WIB
from aggregator.store.audit import record
from aggregator.web import words
from aggregator.web.site import Site
from aggregator.web.site.next_case import chosen
from aggregator.web.words import Translate, i18n
from aggregator.web.words import queue as words_queue
from aggregator.web.words.i18n import N_

MOST = 5000
_CHUNK = 500
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADS = (
    N_("Case number"),
    N_("Status"),
    N_("Class"),
    N_("Kind"),
    N_("Lead"),
    N_("Helps"),
    N_("Channel"),
    N_("Account"),
    N_("Ward"),
    N_("Reporters"),
    N_("Came (WIB)"),
    N_("First answer (WIB)"),
    N_("Closed (WIB)"),
    N_("Next deadline (WIB)"),
    N_("Late"),
    N_("Handled by"),
    N_("What was said"),
)


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/antrean/unduh")
    def download(request: Request) -> Response:
        """The filter of the address. It leaves a line in the trail, without the words
        searched."""
        viewer = site.proved(request, back=f"/?{request.url.query}")
        now = site.clock()
        wanted = chosen(viewer, dict(request.query_params))
        language = site.language(request, viewer)
        rows = list(_rows(site, now, viewer, wanted))
        narrowed = sorted(filters.PARAMETERS[name] for name in wanted.narrowed)
        with site.database.writing() as session:
            record(
                session,
                viewer.actor,
                "exported",
                "list",
                0,
                cases=len(rows),
                view=wanted.view,
                narrowed=narrowed,
            )
        name = f"sahut-{now.astimezone(WIB):%Y-%m-%d-%H%M}.xlsx"
        return Response(
            _sheet(site, rows, language),
            media_type=_TYPE,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return pages


def _rows(
    site: Site, now: datetime, viewer: Viewer, wanted: Filter
) -> Iterator[QueueRow]:
    """In the order of the list, each case once: the list may move between two
    readings."""
    seen: set[int | None] = set()
    for start in range(0, MOST, _CHUNK):
        found = queue.page(
            site.database, now, viewer, wanted, limit=_CHUNK, offset=start
        )
        for row in found:
            if row.case.id not in seen:
                seen.add(row.case.id)
                yield row
        if len(found) < _CHUNK:
            return


def _sheet(site: Site, rows: list[QueueRow], language: str) -> bytes:
    out = io.BytesIO()
    _ = i18n.translations(language).gettext
    # nothing of it lies in a temporary file meanwhile
    with Workbook(out, {"in_memory": True}) as book:
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet = book.add_worksheet("Sahut")
        sheet.freeze_panes(1, 1)
        lines = [[_(head) for head in HEADS]]
        lines += [_values(site, row, language, _) for row in rows]
        for number, values in enumerate(lines):
            for column, value in enumerate(values):
                _write(sheet, number, column, value, moment)
    return out.getvalue()


def _write(sheet: Worksheet, row: int, column: int, value: Any, moment: Format) -> None:
    """Words are words, also where a resident began them like a formula or a number."""
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value, moment)
    elif value is not None:
        sheet.write_number(row, column, value)


def _values(
    site: Site, row: QueueRow, language: str, translate: Translate
) -> list[Any]:
    """In the order of HEADS."""
    case, lead, helping = row.case, row.agencies[:1], row.agencies[1:]
    words_of_it = privacy.masked(row.text or "")
    said = translate("Its words were deleted") if row.deleted else words_of_it
    return [
        case.number,
        translate(words.STATUS[case.status]),
        translate(words_queue.KLASS.get(case.klass or "", case.klass or "–")),
        site.catalog.kind(case.kind, language) if case.kind else "",
        ", ".join(site.catalog.short_name(code) for code in lead),
        ", ".join(site.catalog.short_name(code) for code in helping),
        translate(words.CHANNEL.get(case.channel, case.channel)),
        ", ".join(f"@{handle}" for handle in row.handles),
        site.catalog.name(case.ward, language) if case.ward else "",
        case.reporters,
        *(
            moment.astimezone(WIB).replace(tzinfo=None) if moment else None
            for moment in (
                case.opened_at,
                case.first_response_at,
                case.closed_at,
                case.next_due_at,
            )
        ),
        translate("yes") if case.late else translate("no"),
        row.holder or "",
        said,
    ]
