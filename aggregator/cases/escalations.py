"""The ladder: who is told that a step is late, each step once, also after a restart.

What was told stands under a unique key, written in the transaction that writes the
notifications: of two workers with the same late case one inserts, the other finds it
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from aggregator import city
from aggregator.cases import deadlines, sight
from aggregator.people import readers, shifts
from aggregator.people.notifications import notify
from aggregator.rules.time import ladder
from aggregator.rules.time.ladder import Rung, Watched
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import Database, insert_new
from aggregator.store.tables.cases import Assignment, Case, Escalation
from aggregator.store.tables.people import Person

_BATCH = 500
_LOOK_AGAIN = timedelta(hours=1)
_NAMED = 3

Looked = dict[int, tuple[int, datetime]]
"""Cases with nothing to tell: the version that was looked at, and when to look
again."""


def run(database: Database, now: datetime, looked: Looked | None = None) -> int:
    """Tell what is due now; how many rungs were told for the first time.

    Looks first, and takes the write lock only where somebody must be told. `looked`,
    kept by who calls again and again, spares reading the clocks of a whole backlog each
    time.
    """
    looked = {} if looked is None else looked
    late = _late(database)
    for gone in looked.keys() - late.keys():
        del looked[gone]
    wanted = sorted(
        number
        for number, version in late.items()
        if not _is_settled(looked, number, version, now)
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
    untouched = select(Assignment.id).where(
        Assignment.case_id == Case.id,
        Assignment.status == "open",
        col(Assignment.acknowledged_at).is_(None),
    )
    query = select(Case.id, Case.version).where(
        col(Case.status).in_(deadlines.OPEN),
        col(Case.late).is_(True),
        untouched.exists(),
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
    planned = ladder.ready(watched, known, rules.ladder, rules.calendar, now)
    told = _tell_all(database, now, planned, late) if planned else 0
    busy = {rung.case_number for rung in planned}
    of_case: dict[str, list[Watched]] = {}
    for one in watched:
        of_case.setdefault(one.case_number, []).append(one)
    for case in late:
        if case.number in busy:
            continue
        mine = of_case.get(case.number, [])
        moment = ladder.next_look(mine, known, rules.ladder, rules.calendar, now)
        latest = now + _LOOK_AGAIN
        looked[case.id] = (case.version, min(moment or latest, latest))
    return told


def _watched(session: Session, now: datetime, late: Sequence[Case]) -> list[Watched]:
    """Open tasks that nobody has taken in hand: whoever has, even at night, stops the
    ladder."""
    clocks = deadlines.of_cases(session, now, late)
    cases = {case.id: case for case in late}
    tasks = session.exec(select(Assignment).where(col(Assignment.case_id).in_(cases)))
    return [
        Watched(
            case_number=cases[row.case_id].number,
            agency=row.agency_code,
            clocks=[
                one.clock
                for one in clocks[row.case_id]
                if one.agency == row.agency_code
            ],
            urgent=cases[row.case_id].urgent,
        )
        for row in tasks
        if row.status == "open" and row.acknowledged_at is None
    ]


def _tell_all(
    database: Database, now: datetime, planned: Sequence[Rung], late: Sequence[Case]
) -> int:
    """Write down what is told for the first time, then tell every person once."""
    day, cases = city.here().today(now), {case.number: case for case in late}
    people: dict[tuple[str, str], list[Person]] = {}
    inboxes: dict[int, tuple[Person, list[Rung]]] = {}
    fresh = 0
    with database.writing() as session:
        for rung in planned:
            where = (rung.agency, rung.role)
            if where not in people:
                people[where] = shifts.recipients(session, *where, day)
            case = cases[rung.case_number]
            # of a secret case its readers are told, whatever their position
            told = (
                readers.of_case(session, case.id)
                if case.confidential
                else people[where]
            )
            if not _first(session, now, rung, cases, told):
                continue
            fresh += 1
            for person in told:
                inboxes.setdefault(person.id, (person, []))[1].append(rung)
        for person, rungs in inboxes.values():
            for one in ladder.messages(rungs, city.here().rules.ladder):
                _notify(session, now, person, one, cases)
    return fresh


def _notify(
    session: Session,
    now: datetime,
    person: Person,
    rungs: Sequence[Rung],
    cases: dict[str, Case],
) -> None:
    names = list(
        dict.fromkeys(city.here().catalog.short_name(rung.agency) for rung in rungs)
    )
    if len(rungs) == 1:
        notify(
            session,
            now,
            person,
            "escalation",
            case=cases[rungs[0].case_number],
            urgent=rungs[0].urgent,
            agency=names[0],
            step=rungs[0].step,
        )
        return
    more = [f"+{len(names) - _NAMED}"] if len(names) > _NAMED else []
    numbers = list(dict.fromkeys(rung.case_number for rung in rungs))
    notify(
        session,
        now,
        person,
        "digest",
        agency=", ".join([*names[:_NAMED], *more]),
        numbers=numbers,
    )


def _first(
    session: Session,
    now: datetime,
    rung: Rung,
    cases: dict[str, Case],
    people: Sequence[Person],
) -> bool:
    case = cases[rung.case_number]
    row = {
        "key": rung.key,
        "case_id": case.id,
        "agency_code": rung.agency,
        "role": rung.role,
        "step": rung.step,
        "late_since": rung.late_since,
        "told_at": now,
        "recipients": [person.id for person in people],
    }
    if not insert_new(session, Escalation.__table__, [row]):  # type: ignore[attr-defined]
        return False
    record(
        session,
        SYSTEM,
        "escalated",
        "case",
        case.id,
        agency=rung.agency,
        role=rung.role,
        step=rung.step,
        told=len(people),
    )
    return True


def told(
    database: Database, agency: str | None = None, limit: int = 50
) -> list[tuple[Escalation, str]]:
    """What was told, with case numbers, the newest first; of no secret case."""
    with database.reading() as session:
        query = (
            select(Escalation, Case.number)
            .join(Case, col(Case.id) == Escalation.case_id)
            .where(sight.NO_SECRET)
        )
        if agency is not None:
            query = query.where(Escalation.agency_code == agency)
        newest = query.order_by(col(Escalation.id).desc()).limit(limit)
        return [(row, number or "") for row, number in session.exec(newest)]
