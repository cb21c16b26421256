"""The readers of a secret case: who they are and why, named and taken off by one
another; the emergency in which somebody names themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from aggregator import city
from aggregator.cases import casefile, groups, privacy, secrecy
from aggregator.cases.casefile import CaseFile
from aggregator.people import readers, viewers
from aggregator.people.notifications import notify
from aggregator.people.refusal import PeopleError, Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case, CaseConcern, CaseReader
from aggregator.store.tables.people import Person

SHORTEST_REASON = 5
LONGEST_REASON = 300
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader. `reason`: as it was given, or a code of `secrecy` where the program
    named them (`given_by` None). `concerned`: of an office the case may be about, so
    that they read it no more."""

    person_id: int
    login: str
    name: str
    agency: str
    reason: str
    since: datetime
    given_by: str | None
    glass: bool
    concerned: bool


_Giver = aliased(Person)


def of_case(file: CaseFile) -> list[Reading]:
    """Who reads the case, by who came first."""
    query = (
        select(CaseReader, Person, col(_Giver.name))
        .join(Person, col(Person.id) == col(CaseReader.person_id))
        .join(_Giver, col(_Giver.id) == col(CaseReader.given_by), isouter=True)
        .where(CaseReader.case_id == file.id, col(CaseReader.ended_at).is_(None))
        .order_by(col(CaseReader.id))
    )
    about = secrecy.concerned_offices(file.session, file.case)
    return [
        Reading(
            row.person_id,
            person.login,
            person.name,
            person.agency_code,
            row.reason,
            row.since,
            giver,
            row.glass,
            person.agency_code in about,
        )
        for row, person, giver in file.session.exec(query)
    ]


def concerns_of(file: CaseFile) -> list[CaseConcern]:
    """The offices the case may be about."""
    query = select(CaseConcern).where(CaseConcern.case_id == file.id)
    return list(file.session.exec(query.order_by(CaseConcern.agency_code)))


def add(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    login: str,
    reason: str,
) -> None:
    """Let somebody read a secret case. Refusal: reason_needed, not_secret,
    no_such_person, concerned, reads_already."""
    said = _reason(reason)
    with database.writing() as session:
        file = _secret(session, now, viewer, number)
        person = _person(session, login)
        _may_read(session, file.case, person)
        others = readers.of_case(session, file.id)
        secrecy.give(session, now, viewer.actor, file.case, person, said)
        _tell(session, now, viewer, file.case, others, "reader_added", person.name)


def remove(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    login: str,
    reason: str,
) -> None:
    """Somebody reads a secret case no more; the last reader stays. Refusal:
    reason_needed, not_secret, no_such_reader, last_reader."""
    said = _reason(reason)
    with database.writing() as session:
        file = _secret(session, now, viewer, number)
        reading = readers.of_case(session, file.id)
        listed = {one.login: one for one in of_case(file)}
        if login not in listed:
            raise Refusal(
                f"{login} is no reader of case {file.number}", "no_such_reader"
            )
        if [person.login for person in reading] == [login]:
            raise Refusal("name another reader first", "last_reader")
        _end(session, now, viewer.actor, file.case, listed[login].person_id, said)
        left = [person for person in reading if person.login != login]
        name = listed[login].name
        _tell(session, now, viewer, file.case, left, "reader_removed", name)


def break_glass(
    database: Database, now: datetime, viewer: Viewer, number: str, reason: str
) -> None:
    """Open a secret case in an emergency: the holder of one position alone, with a
    reason that its readers are told. Refusal: not_glass, reason_needed, no_such_case,
    concerned, reads_already."""
    with database.writing() as session:
        person = session.get_one(Person, viewer.id)
        if person.position != secrecy.GLASS:
            raise Refusal("who may open a secret case is another", "not_glass")
        said = _reason(reason)
        case = session.exec(
            select(Case).where(Case.number == casenumbers.tidy(number))
        ).first()
        if case is None or not case.confidential:
            raise Refusal(f"there is no secret case {number}", "no_such_case")
        _may_read(session, case, person)
        others = readers.of_case(session, case.id)
        secrecy.give(session, now, viewer.actor, case, person, said, glass=True)
        _tell(session, now, viewer, case, others, "glass_broken", person.name, said)


def may_break(database: Database, viewer: Viewer) -> bool:
    """Whether the viewer holds the position for which the glass is there."""
    with database.reading() as session:
        return session.get_one(Person, viewer.id).position == secrecy.GLASS


def name_first(
    database: Database, now: datetime, actor: Actor, login: str, *, named: bool = True
) -> int:
    """Name somebody to read the secret cases of their office from the beginning, or no
    more; how many waiting ones that nobody read have readers now. PeopleError."""
    with database.writing() as session:
        person = viewers.named(session, login)
        if named and person.status == "disabled":
            raise PeopleError(f"{login} is disabled")
        if person.first_reader != named:
            person.first_reader = named
            act = "first_reader" if named else "no_first_reader"
            record(session, actor, act, "person", person.id)
        session.flush()
        return _adopt(session, now) if named else 0


def _adopt(session: Session, now: datetime) -> int:
    """Give open secret cases that nobody reads to the first readers there are by now,
    and write down whom they may be about; how many were given."""
    given = 0
    for case in secrecy.unread(session):
        if case.joined_into is None:
            secrecy.heard(session, now, case)
            given += secrecy.name_first(session, now, case)
    return given


def standing(database: Database, now: datetime) -> tuple[int, int, list[str]]:
    """How many first readers there are, how many open secret cases nobody reads, and
    the offices that look into secret reports and have no first reader."""
    with database.reading() as session:
        query = select(Person.agency_code).where(
            col(Person.first_reader), Person.status == "active"
        )
        named = list(session.exec(query))
        unread = len(secrecy.unread(session))
    here = city.here()
    leads = {
        duty.lead
        for duty in here.duties.duties
        if duty.visibility == "rahasia" and duty.valid(here.today(now))
    }
    return len(named), unread, sorted(leads - set(named))


def _reason(typed: str) -> str:
    said = privacy.masked(_SPACES.sub(" ", typed).strip())[:LONGEST_REASON]
    if len(said) < SHORTEST_REASON:
        raise Refusal("say why", "reason_needed")
    return said


def _secret(session: Session, now: datetime, viewer: Viewer, number: str) -> CaseFile:
    file = casefile.read_in(session, now, viewer, number)
    if not file.case.confidential:
        raise Refusal(f"case {file.number} is no secret", "not_secret")
    return file


def _person(session: Session, login: str) -> Person:
    wanted = login.strip().lower()
    person = session.exec(select(Person).where(Person.login == wanted)).first()
    if person is None or person.status != "active":
        raise Refusal(f"nobody signs in as {wanted!r}", "no_such_person")
    return person


def _may_read(session: Session, case: Case, person: Person) -> None:
    if person.agency_code in secrecy.concerned_offices(session, case):
        raise Refusal(
            f"case {case.number} may be about the office of {person.login}", "concerned"
        )
    if any(one.id == person.id for one in readers.of_case(session, case.id)):
        raise Refusal(f"{person.login} reads it already", "reads_already")


def _end(
    session: Session,
    now: datetime,
    actor: Actor,
    case: Case,
    person_id: int,
    reason: str,
) -> None:
    ended = update(CaseReader).where(
        col(CaseReader.case_id).in_(groups.ids(session, case.id)),
        col(CaseReader.person_id) == person_id,
        col(CaseReader.ended_at).is_(None),
    )
    session.execute(ended.values(ended_at=now, ended_by=actor.person_id))
    who = session.get_one(Person, person_id).login
    record(session, actor, "reader_removed", "case", case.id, who=who, reason=reason)


def _tell(
    session: Session,
    now: datetime,
    viewer: Viewer,
    case: Case,
    people: list[Person],
    kind: str,
    name: str,
    reason: str = "",
) -> None:
    said: dict[str, Any] = {"reason": reason} if reason else {}
    for person in people:
        if person.id != viewer.id:
            notify(session, now, person, kind, case=case, who=name, **said)
