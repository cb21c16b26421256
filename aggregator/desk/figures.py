"""Figures for people who lead: offices with what they have open, and how the last days
went."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import select as sql_select
from sqlmodel import col, func, select

from aggregator.cases import sight
from aggregator.cases.deadlines import OPEN
from aggregator.people.viewers import Viewer
from aggregator.rules.time.calendar import WIB
from aggregator.store.db import Database
from aggregator.store.tables.cases import Assignment, Case

NEAR = timedelta(hours=4)
FIRST_ANSWER = timedelta(hours=24)
"""How soon somebody should have answered: the city's procedure tells the head of an
office then."""
_NO_ANSWER = ("spam", "bukan_aduan")


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """What an agency has open now. `oldest`: when its oldest open case came."""

    agency: str
    open: int
    unclaimed: int
    near: int
    late: int
    waiting: int
    oldest: datetime | None


def offices(database: Database, viewer: Viewer, now: datetime) -> list[OfficeRow]:
    """Agencies with open cases, those with most late ones first; the viewer's own alone
    where the role does not see every agency."""
    ends = now + NEAR

    def some(condition: Any) -> Any:
        return func.sum(sql_case((condition, 1), else_=0))

    query: Any = (
        sql_select(
            col(Assignment.agency_code),
            func.count(),
            some(col(Case.claimed_by).is_(None)),
            some(col(Case.late).is_(False) & (col(Case.next_due_at) <= ends)),
            some(col(Case.late).is_(True)),
            some(col(Case.waiting).is_not(None)),
            func.min(col(Case.opened_at)),
        )
        .join(Case, col(Case.id) == col(Assignment.case_id))
        .where(
            col(Assignment.status) == "open",
            col(Case.status).in_(OPEN),
            sight.unhidden(viewer),
        )
        .group_by(Assignment.agency_code)
    )
    if not viewer.sees_all:
        query = query.where(col(Assignment.agency_code) == viewer.agency_code)
    with database.reading() as session:
        rows = [OfficeRow(*row) for row in session.execute(query)]
    return sorted(rows, key=lambda row: (-row.late, -row.near, -row.open, row.agency))


@dataclass(frozen=True, slots=True)
class Period:
    """How the cases that came between two moments went. Hours are those of Western
    Indonesia.

    `by_day`: cases a day and channel; `by_hour`: cases by hour of the day and channel;
    `by_kind`: cases of each kind. `due`: cases that want an answer and are older than
    `FIRST_ANSWER`; `first_answers`: hours until theirs, shortest first, of those that
    have one; `late_by_day`: how many of a day's due cases had none within
    `FIRST_ANSWER`, and how many there are.
    """

    since: datetime
    until: datetime
    total: int = 0
    by_day: dict[str, Counter[str]] = field(default_factory=dict)
    by_hour: dict[int, Counter[str]] = field(default_factory=dict)
    by_kind: Counter[str] = field(default_factory=Counter)
    due: int = 0
    first_answers: Sequence[float] = ()
    late_by_day: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def median(self) -> float | None:
        """Hours within which half of the due cases were answered; None where fewer
        were."""
        return quantile(self.first_answers, 0.5, self.due)

    @property
    def p90(self) -> float | None:
        return quantile(self.first_answers, 0.9, self.due)

    def answered_within(self, bounds: Sequence[float]) -> list[int]:
        """Due cases by hours until their first answer: up to each bound, longer, not at
        all."""
        upto = [sum(wait <= bound for wait in self.first_answers) for bound in bounds]
        ends = [0, *upto, len(self.first_answers), self.due]
        return [after - before for before, after in itertools.pairwise(ends)]

    @property
    def channels(self) -> list[str]:
        """Channels of the period, the busiest first."""
        total: Counter[str] = Counter()
        for counts in self.by_day.values():
            total += counts
        return [channel for channel, _ in total.most_common()]


def quantile(values: Sequence[float], share: float, of: int) -> float | None:
    """What a share of `of` things stays within, where only the sorted `values` are
    known; None where they are too few: who was never answered must not make the others
    look better."""
    at = max(1, math.ceil(of * share))
    return values[at - 1] if at <= len(values) else None


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a period. `wants_answer`: it is more than spam, or talk about
    nothing."""

    opened: datetime
    channel: str
    kind: str | None
    answered: datetime | None
    wants_answer: bool = True


def period(
    database: Database,
    viewer: Viewer,
    since: datetime,
    until: datetime,
    agency: str | None = None,
) -> Period:
    """Of one agency, or of all that the viewer sees. Cases that were joined count
    once."""
    code = agency if viewer.sees_all else viewer.agency_code
    query: Any = sql_select(
        col(Case.opened_at),
        col(Case.channel),
        col(Case.kind),
        col(Case.first_response_at),
        func.coalesce(col(Case.klass), "").not_in(_NO_ANSWER)
        & (func.coalesce(col(Case.outcome), "") != "arsip"),
    ).where(
        col(Case.opened_at) >= since,
        col(Case.opened_at) <= until,
        col(Case.joined_into).is_(None),
        sight.unhidden(viewer),
    )
    if code is not None:
        at_office = select(Assignment.case_id).where(Assignment.agency_code == code)
        query = query.where(col(Case.id).in_(at_office))
    with database.reading() as session:
        rows = [Row(*row) for row in session.execute(query)]
    return summarise(rows, since, until)


def summarise(rows: Iterable[Row], since: datetime, until: datetime) -> Period:
    """Pure: the figures of the cases."""
    by_day: dict[str, Counter[str]] = {day: Counter() for day in _days(since, until)}
    by_hour: dict[int, Counter[str]] = {hour: Counter() for hour in range(24)}
    by_kind: Counter[str] = Counter()
    waits: list[float] = []
    late: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    total = 0
    for row in rows:
        local, total = row.opened.astimezone(WIB), total + 1
        day = local.date().isoformat()
        by_day.setdefault(day, Counter())[row.channel] += 1
        by_hour[local.hour][row.channel] += 1
        by_kind[row.kind or ""] += 1
        if row.wants_answer and row.opened + FIRST_ANSWER <= until:
            late[day][1] += 1
            late[day][0] += (
                row.answered is None or row.answered - row.opened > FIRST_ANSWER
            )
            if row.answered is not None:
                waits.append((row.answered - row.opened).total_seconds() / 3600)
    by_day_late = {day: (counts[0], counts[1]) for day, counts in sorted(late.items())}
    due = sum(count for _, count in by_day_late.values())
    return Period(
        since, until, total, by_day, by_hour, by_kind, due, sorted(waits), by_day_late
    )


def _days(since: datetime, until: datetime) -> list[str]:
    first, last = (
        since.astimezone(WIB).date(),
        (until - timedelta(seconds=1)).astimezone(WIB).date(),
    )
    return [
        (first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)
    ]
