"""The week of an agency: who is on duty (piket) on which day, who is away, and planning
both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, select

from aggregator import city
from aggregator.people import shifts
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.people import Absence, Person, Shift

DAYS = 7


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift of somebody; times in UTC. `away`: absent on its first day, `deputy`
    stands in."""

    id: int
    name: str
    starts: datetime
    ends: datetime
    away: bool = False
    deputy: str | None = None


@dataclass(frozen=True, slots=True)
class Away:
    """Days somebody is absent, first and last included. `deputy` None: the
    coordinators."""

    id: int
    name: str
    first: date
    last: date
    deputy: str | None


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    turns: list[Turn]
    away: list[Away]


@dataclass(frozen=True, slots=True)
class Week:
    """`now`: who is on duty at the moment, deputies in place of the absent. `absences`:
    those that are not over, the next first."""

    now: list[str]
    days: list[Day]
    absences: list[Away]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def may_plan(viewer: Viewer, agency: str) -> bool:
    return viewer.may_act and (viewer.sees_all or agency == viewer.agency_code)


def look(database: Database, now: datetime, agency: str, first: date) -> Week:
    """Seven days from a first one on; a shift stands on the day it begins."""
    today = city.here().today(now)
    with database.reading() as session:
        there = [person.name for person in shifts.on_duty(session, agency, now)]
        planned = _shifts(session, agency, first)
        absences = _absences(session, agency, min(first, today))
        names = {person.id: person.name for person in session.exec(select(Person))}
    by_day: dict[date, list[Turn]] = {}
    for shift in planned:
        day = max(first, city.here().today(shift.starts_at))
        by_day.setdefault(day, []).append(_turn(shift, day, absences, names))
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return Week(
        now=there,
        days=[
            Day(day, by_day.get(day, []), _named(absences, names, day, day))
            for day in days
        ],
        absences=_named(absences, names, today, date.max),
    )


def _shifts(session: Session, agency: str, first: date) -> list[Shift]:
    """Those that touch the week."""
    query = select(Shift).where(
        Shift.agency_code == agency,
        Shift.ends_at > _moment(first, time()),
        Shift.starts_at < _moment(first + timedelta(days=DAYS), time()),
    )
    return list(session.exec(query.order_by(col(Shift.starts_at), col(Shift.id))))


def _absences(session: Session, agency: str, since: date) -> list[Absence]:
    """Of the agency's people and of those who have a shift there."""
    on_shift = select(Shift.person_id).where(
        Shift.agency_code == agency, Shift.ends_at > _moment(since, time())
    )
    query = (
        select(Absence)
        .join(Person, col(Person.id) == col(Absence.person_id))
        .where(
            (col(Person.agency_code) == agency) | col(Person.id).in_(on_shift),
            Absence.last_day >= since,
            Person.status == "active",
        )
    )
    return list(session.exec(query.order_by(col(Absence.first_day), col(Absence.id))))


def _turn(
    shift: Shift, day: date, absences: Sequence[Absence], names: dict[int, str]
) -> Turn:
    turn = Turn(shift.id, names[shift.person_id], shift.starts_at, shift.ends_at)
    for one in absences:
        if one.person_id == shift.person_id and one.first_day <= day <= one.last_day:
            return replace(turn, away=True, deputy=names.get(one.deputy_id or 0))
    return turn


def _named(
    absences: Sequence[Absence], names: dict[int, str], first: date, last: date
) -> list[Away]:
    return [
        Away(
            one.id,
            names[one.person_id],
            one.first_day,
            one.last_day,
            names.get(one.deputy_id or 0),
        )
        for one in absences
        if one.first_day <= last and one.last_day >= first
    ]


def _moment(day: date, hour: time) -> datetime:
    zone = city.here().rules.calendar.zone
    return datetime.combine(day, hour, zone).astimezone(UTC)


def colleagues(database: Database, agency: str) -> list[Person]:
    """Active people of an agency, by name."""
    with database.reading() as session:
        query = select(Person).where(
            Person.agency_code == agency, Person.status == "active"
        )
        return list(session.exec(query.order_by(Person.name, Person.login)))


def put_on_duty(
    database: Database,
    viewer: Viewer,
    agency: str,
    login: str,
    day: date,
    begins: time,
    ends: time,
) -> None:
    """A shift in local time; one that ends no later than it begins ends the next day.
    PeopleError: not_yours, read_only, no_such_person."""
    person = _colleague(database, viewer, agency, login)
    until = day if ends > begins else day + timedelta(days=1)
    shifts.add_shift(
        database,
        viewer.actor,
        person,
        _moment(day, begins),
        _moment(until, ends),
        agency,
    )


def write_absence(
    database: Database,
    now: datetime,
    viewer: Viewer,
    agency: str,
    login: str,
    first: date,
    last: date,
    deputy: str,
) -> None:
    """Days of absence; `deputy` is a login or empty. PeopleError: not_yours, read_only,
    no_such_person, bad_days, own_deputy."""
    person = _colleague(database, viewer, agency, login)
    stands_in = _colleague(database, viewer, agency, deputy) if deputy else None
    shifts.be_absent(database, now, viewer.actor, person, first, last, stands_in)


def take_off_duty(
    database: Database, viewer: Viewer, agency: str, shift_id: int
) -> None:
    """PeopleError: not_yours, read_only, no_such_shift."""
    check(viewer, agency)
    shifts.remove_shift(database, viewer.actor, shift_id, agency)


def end_absence(
    database: Database, now: datetime, viewer: Viewer, agency: str, absence_id: int
) -> None:
    """From today on somebody is back. PeopleError: not_yours, read_only,
    no_such_absence."""
    check(viewer, agency)
    shifts.end_absence(database, now, viewer.actor, absence_id, agency)


def _colleague(database: Database, viewer: Viewer, agency: str, login: str) -> Person:
    check(viewer, agency)
    for person in colleagues(database, agency):
        if person.login == login:
            return person
    raise PeopleError(f"nobody at {agency} has the login {login!r}", "no_such_person")


def check(viewer: Viewer, agency: str) -> None:
    """PeopleError (read_only, not_yours) for who does not plan the duty of an
    agency."""
    if not viewer.may_act:
        raise PeopleError(f"{viewer.login} reads and does not plan", "read_only")
    if not may_plan(viewer, agency):
        raise PeopleError(f"{viewer.login} does not plan for {agency}", "not_yours")
