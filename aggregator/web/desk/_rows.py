"""The lines of the queue: what is seen of a case in a list.

A line holds everything that its template shows and nothing else, so that lines which
look alike are written once (web/site/fragments.py). Most of a list looks as it did when
somebody last looked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from aggregator.desk.rows import QueueRow
from aggregator.people.viewers import Viewer
from aggregator.web import words
from aggregator.web.site.fragments import Fragments
from aggregator.web.words import queue as words_queue
from aggregator.web.words.i18n import translations


class Line(NamedTuple):
    """`deleted`: its sender took the text back. `picture`: the id of the first one, and
    what it shows. `missed`: as in a row. `tick`: whether the viewer may choose it for
    many at once."""

    number: str
    status: str
    urgent: bool
    maybe_urgent: bool
    waiting: str | None
    due_at: datetime | None
    due: str
    due_tone: str
    opened_at: datetime
    age: str
    deleted: bool
    text: str | None
    picture: int
    picture_shows: str | None
    mine: bool
    holder: str | None
    reporters: int
    recurrence: int
    twins: bool
    missed: str
    place: str | None
    channel: str
    accounts: str
    offices: str
    messages: int
    tick: bool


def written(
    pieces: Fragments,
    language: str,
    viewer: Viewer,
    now: datetime,
    rows: Iterable[QueueRow],
) -> Markup:
    """The rows as the list shows them."""
    names, translate = pieces.names(language), translations(language).gettext
    short, agency, me = names["short"], names["agency"], viewer.id

    def line(row: QueueRow) -> Line:
        case = row.case
        due = None if case.waiting else case.next_due_at
        picture = None if row.deleted else row.picture
        return Line(
            number=case.number,
            status=case.status,
            urgent=case.urgent,
            maybe_urgent=case.maybe_urgent,
            waiting=case.waiting,
            due_at=due,
            due=words_queue.clock(translate, due, now) if due else "",
            due_tone=(
                "bad" if case.late else "near" if due and due - now < words.SOON else ""
            ),
            opened_at=case.opened_at,
            age=words.ago(translate, case.opened_at, now),
            deleted=row.deleted,
            text=row.text,
            picture=picture[0] if picture else 0,
            picture_shows=picture[1] if picture else None,
            mine=bool(row.holder) and case.claimed_by == me,
            holder=row.holder,
            reporters=case.reporters,
            recurrence=case.recurrence,
            twins=row.twins > 0,
            missed=row.missed,
            channel=case.channel,
            place=row.place or (agency(case.ward) if case.ward else None),
            accounts=", ".join([f"@{handle}" for handle in row.handles]),
            offices=", ".join([short(code) for code in row.agencies]),
            messages=case.message_count,
            tick=viewer.may_act,
        )

    return pieces.lines("desk/_line.html", language, map(line, rows))
