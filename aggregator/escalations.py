"""The ladder: who is told that a step is late, each step once, also after a restart.

What was told stands under a unique key, written in the transaction that writes the notifications:
of two workers with the same late case one inserts, the other finds it there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from aggregator import city, deadlines, duty
from aggregator.audit import SYSTEM, record
from aggregator.db import Database, insert_new
from aggregator.models import Assignment, Case, Escalation, Person
from aggregator.notifications import notify
from aggregator.rules import ladder
from aggregator.rules.ladder import Delivery, Rung, Watched

_BATCH = 500
_LOOK_AGAIN = timedelta(hours=1)

Looked = dict[int, tuple[int, datetime]]
"""Cases with nothing to tell: the version that was looked at, and when to look again."""


def run(database: Database, now: datetime, looked: Looked | None = None) -> int:
    """Tell what is due now; how many rungs were told for the first time.

    Looks first, and takes the write lock only where somebody must be told. `looked`, kept by who
    calls again and again, spares reading the clocks of a whole backlog each time.
    """
    looked = {} if looked is None else looked
    late = _late(database)
    for gone in looked.keys() - late.keys():
        del looked[gone]
    wanted = sorted(
        number for number, version in late.items() if not _is_settled(looked, number, version, now)
    )
    return sum(
        _look(database, now, wanted[start : start + _BATCH], looked)
        for start in range(0, len(wanted), _BATCH)
    )


def _is_settled(looked: Looked, number: int, version: int, now: datetime) -> bool:
    seen = looked.get(number)
    return seen is not None and seen[0] == version and now < seen[1]


def _late(database: Database) -> dict[int, int]:
    """Late cases that some office has not taken in hand yet: id to version."""
    untouched = select(Assignment.case_id).where(
        Assignment.status == "open", col(Assignment.acknowledged_at).is_(None)
    )
    query = select(Case.id, Case.version).where(
        col(Case.status).in_(deadlines.OPEN),
        col(Case.late).is_(True),
        col(Case.id).in_(untouched),
    )
    with database.reading() as session:
        return {number or 0: version for number, version in session.exec(query)}


def _look(database: Database, now: datetime, ids: Sequence[int], looked: Looked) -> int:
    rules = city.here().rules
    with database.reading() as session:
        late = list(session.exec(select(Case).where(col(Case.id).in_(ids))))
        watched = _watched(session, now, late)
        query = select(Escalation.key).where(col(Escalation.case_id).in_(ids))
        known = set(session.exec(query))
    planned = ladder.deliveries(watched, known, rules.ladder, rules.calendar, now)
    told = _tell_all(database, now, planned, late) if planned else 0
    busy = {rung.case_number for delivery in planned for rung in delivery.rungs}
    of_case: dict[str, list[Watched]] = {}
    for one in watched:
        of_case.setdefault(one.case_number, []).append(one)
    for case in late:
        if case.number in busy:
            continue
        mine = of_case.get(case.number or "", [])
        moment = ladder.next_look(mine, known, rules.ladder, rules.calendar, now)
        latest = now + _LOOK_AGAIN
        looked[case.id or 0] = (case.version, min(moment or latest, latest))
    return told


def _watched(session: Session, now: datetime, late: Sequence[Case]) -> list[Watched]:
    """Open tasks that nobody has taken in hand: whoever has, even at night, stops the ladder."""
    clocks = deadlines.of_cases(session, now, late)
    cases = {case.id: case for case in late}
    rows = session.exec(
        select(Assignment).where(
            col(Assignment.case_id).in_(cases),
            Assignment.status == "open",
            col(Assignment.acknowledged_at).is_(None),
        )
    )
    return [
        Watched(
            case_number=cases[row.case_id].number or "",
            agency=row.agency_code,
            clocks=[one.clock for one in clocks[row.case_id] if one.agency == row.agency_code],
            urgent=cases[row.case_id].urgent,
        )
        for row in rows
    ]


def _tell_all(
    database: Database, now: datetime, planned: Sequence[Delivery], late: Sequence[Case]
) -> int:
    with database.writing() as session:
        cases = {case.number: case for case in late}
        return sum(_tell(session, now, delivery, cases) for delivery in planned)


def _tell(
    session: Session, now: datetime, delivery: Delivery, cases: dict[str | None, Case]
) -> int:
    day = city.here().today(now)
    people = duty.recipients(session, delivery.agency, delivery.role, day)
    fresh = [rung for rung in delivery.rungs if _first(session, now, rung, cases, people)]
    if not fresh:
        return 0
    name = city.here().catalog.short_name(fresh[0].agency)
    for person in people:
        if len(fresh) == 1:
            notify(
                session, now, person, "escalation", case=cases[fresh[0].case_number],
                urgent=delivery.urgent, agency=name, step=fresh[0].step,
            )  # fmt: skip
        else:
            numbers = sorted({rung.case_number for rung in fresh})
            notify(session, now, person, "digest", agency=name, numbers=numbers)
    return len(fresh)


def _first(
    session: Session, now: datetime, rung: Rung, cases: dict[str | None, Case],
    people: Sequence[Person],
) -> bool:  # fmt: skip
    case = cases[rung.case_number]
    row = {
        "key": rung.key, "case_id": case.id, "agency_code": rung.agency, "role": rung.role,
        "step": rung.step, "late_since": rung.late_since, "told_at": now,
        "recipients": [person.id for person in people],
    }  # fmt: skip
    if not insert_new(session, Escalation.__table__, [row]):  # type: ignore[attr-defined]
        return False
    record(
        session, SYSTEM, "escalated", "case", case.id or 0, agency=rung.agency, role=rung.role,
        step=rung.step, told=len(people),
    )  # fmt: skip
    return True


def told(
    database: Database, agency: str | None = None, limit: int = 50
) -> list[tuple[Escalation, str]]:
    """What was told, with case numbers, the newest first."""
    with database.reading() as session:
        query = select(Escalation, Case.number).join(Case, col(Case.id) == Escalation.case_id)
        if agency is not None:
            query = query.where(Escalation.agency_code == agency)
        newest = query.order_by(col(Escalation.id).desc()).limit(limit)
        return [(row, number or "") for row, number in session.exec(newest)]
