"""Shift tables (piket) from a CSV file: look at every row first, then save all of them
at once.

Columns: login, starts, ends, and agency where somebody stands in for another one. Times
are local: 2026-11-25T22:00 or 2026-11-25 22:00.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, select

from aggregator import city
from aggregator.accounts import registering
from aggregator.accounts.registering import ImportRefused, Row
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.city import Agency
from aggregator.store.tables.people import Person, Shift

_COLUMNS = {"login", "starts", "ends"}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file and, unless it is wrong, the shift it stands for."""

    row: Row
    shift: Shift | None = None


def local_time(text: str) -> datetime:
    """A time in the city's zone, as UTC. ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=city.here().rules.calendar.zone)
    return found.astimezone(UTC)


def plan(database: Database, path: Path) -> list[Line]:
    """What an import would do, row by row. ImportRefused where the file cannot be
    read."""
    rows = registering.read(path, _COLUMNS)
    lines: list[Line] = []
    with database.reading() as session:
        for row in rows:
            line = _check(session, row)
            if any(_same(line, earlier) for earlier in lines):
                line = Line(row.wrong("stands in the file twice"))
            lines.append(line)
    return lines


def _check(session: Session, row: Row) -> Line:
    if row.outcome == "wrong":
        return Line(row)
    values = row.values
    person = session.exec(select(Person).where(Person.login == values["login"])).first()
    if person is None or person.status == "disabled":
        return Line(row.wrong(f"nobody has the login {values['login']!r}"))
    agency = values.get("agency") or person.agency_code
    if session.get(Agency, agency) is None:
        return Line(row.wrong(f"there is no agency {agency!r}; see `config show`"))
    try:
        starts, ends = local_time(values["starts"]), local_time(values["ends"])
    except ValueError:
        return Line(row.wrong("write times like 2026-11-25T22:00"))
    if ends <= starts:
        return Line(row.wrong("it ends before it starts"))
    shift = Shift(
        agency_code=agency, person_id=person.id, starts_at=starts, ends_at=ends
    )
    known = session.exec(
        select(Shift.id).where(
            Shift.agency_code == agency,
            Shift.person_id == person.id,
            Shift.starts_at == starts,
            Shift.ends_at == ends,
        )
    ).first()
    if known is not None:
        return Line(replace(row, outcome="same"))
    return Line(row, shift)


def _same(line: Line, other: Line) -> bool:
    if line.shift is None or other.shift is None:
        return False
    return line.shift.model_dump(exclude={"id"}) == other.shift.model_dump(
        exclude={"id"}
    )


def save(database: Database, actor: Actor, lines: list[Line]) -> int:
    """Save every new shift in one transaction; how many. ImportRefused if a row is
    wrong."""
    wrong = sum(line.row.outcome == "wrong" for line in lines)
    if wrong:
        raise ImportRefused(f"{wrong} rows are wrong; nothing was saved")
    fresh = [line.shift for line in lines if line.shift is not None]
    with database.writing() as session:
        session.add_all(fresh)
        session.flush()
        for shift in fresh:
            record(
                session, actor, "shift_added", "person", shift.person_id, shift=shift.id
            )
    return len(fresh)
