"""Who is there: shifts (piket), absences, deputies, and who is told when a step is
late."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from aggregator import city
from aggregator.people import holds
from aggregator.people.refusal import PeopleError
from aggregator.people.viewers import ONLY_READS, SEES_EVERY_AGENCY, named
from aggregator.rules.time.ladder import CITY_ROLES
from aggregator.store.audit import SYSTEM, Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.people import Absence, Person, Shift

POSITIONS = ("kepala_opd", "wali_kota", "sekda")
_LANGUAGES_OF_THE_CITY = frozenset({"id", "su", "jv", "en"})
_LANGUAGE = re.compile(r"[a-z]{2}")
_CHAT = re.compile(r"[1-9]\d{3,15}")
_LONGEST_CHAIN = 5
_FALLBACK = ("koordinator", "admin")


def on_duty(session: Session, agency: str, now: datetime) -> list[Person]:
    """People on shift for an agency at a moment, by who came first; deputies for the
    absent."""
    query = (
        select(Person)
        .join(Shift, col(Shift.person_id) == col(Person.id))
        .where(
            Shift.agency_code == agency,
            Shift.starts_at <= now,
            Shift.ends_at > now,
            Person.status == "active",
        )
        .order_by(col(Shift.starts_at))
    )
    return _there(session, list(session.exec(query)), city.here().today(now))


def absence_of(session: Session, person_id: int, day: date) -> Absence | None:
    return session.exec(
        select(Absence).where(
            Absence.person_id == person_id,
            Absence.first_day <= day,
            Absence.last_day >= day,
        )
    ).first()


def present(session: Session, person: Person, day: date) -> Person | None:
    """The person, or on days of absence the deputy (and the deputy's deputy); None:
    nobody."""
    current: Person | None = person
    for _ in range(_LONGEST_CHAIN):
        if current is None or current.status != "active":
            return None
        away = absence_of(session, current.id, day)
        if away is None:
            return current
        current = session.get(Person, away.deputy_id) if away.deputy_id else None
    return None


def recipients(session: Session, agency: str, role: str, day: date) -> list[Person]:
    """Who is told for a role of an agency on a day: holders of the position or their
    deputies; the agency's coordinators and then the city's where nobody holds it."""
    query = select(Person).where(Person.position == role, Person.status == "active")
    if role not in CITY_ROLES:
        query = query.where(Person.agency_code == agency)
    if role == "verifikator":
        query = select(Person).where(
            Person.role == "verifikator", Person.status == "active"
        )
    there = _there(session, list(session.exec(query)), day)
    if there:
        return there
    fallback = select(Person).where(
        col(Person.role).in_(_FALLBACK), Person.status == "active"
    )
    own = _there(
        session, list(session.exec(fallback.where(Person.agency_code == agency))), day
    )
    return own or _there(session, list(session.exec(fallback)), day)


def _there(session: Session, people: Sequence[Person], day: date) -> list[Person]:
    found = (present(session, person, day) for person in people)
    return list({person.id: person for person in found if person is not None}.values())


def add_shift(
    database: Database,
    actor: Actor,
    person: Person,
    starts: datetime,
    ends: datetime,
    agency: str | None = None,
) -> Shift:
    """PeopleError where it ends before it starts."""
    if ends <= starts:
        raise PeopleError("a shift ends after it starts")
    with database.writing() as session:
        shift = Shift(
            agency_code=agency or person.agency_code,
            person_id=person.id,
            starts_at=starts,
            ends_at=ends,
        )
        session.add(shift)
        session.flush()
        record(session, actor, "shift_added", "person", person.id, shift=shift.id)
        return shift


def remove_shift(database: Database, actor: Actor, shift_id: int, agency: str) -> None:
    """PeopleError where the agency has no such shift."""
    with database.writing() as session:
        shift = session.get(Shift, shift_id)
        if shift is None or shift.agency_code != agency:
            raise PeopleError(f"{agency} has no shift {shift_id}", "no_such_shift")
        session.delete(shift)
        record(
            session, actor, "shift_removed", "person", shift.person_id, shift=shift_id
        )


def shifts(database: Database, now: datetime, agency: str | None = None) -> list[Shift]:
    """Shifts that are not over, the next first."""
    with database.reading() as session:
        query = select(Shift).where(Shift.ends_at > now)
        if agency is not None:
            query = query.where(Shift.agency_code == agency)
        return list(session.exec(query.order_by(col(Shift.starts_at))))


def be_absent(
    database: Database,
    now: datetime,
    actor: Actor,
    person: Person,
    first: date,
    last: date,
    deputy: Person | None,
) -> Absence:
    """Write an absence down. Claims go back to the queue on its first day.
    PeopleError."""
    if last < first:
        raise PeopleError("an absence ends after it begins", "bad_days")
    if deputy is not None and deputy.id == person.id:
        raise PeopleError("nobody is their own deputy", "own_deputy")
    with database.writing() as session:
        absence = Absence(
            person_id=person.id,
            first_day=first,
            last_day=last,
            deputy_id=deputy.id if deputy else None,
        )
        session.add(absence)
        session.flush()
        record(session, actor, "absence_added", "person", person.id, absence=absence.id)
    release_claims_of_absent(database, now)
    return absence


def be_back(database: Database, now: datetime, actor: Actor, person: Person) -> int:
    """End the absence of today; coming ones stay. How many ended."""
    today = city.here().today(now)
    ended = 0
    with database.writing() as session:
        while (absence := absence_of(session, person.id, today)) is not None:
            _end_absence(session, actor, absence, today)
            ended += 1
    return ended


def end_absence(
    database: Database, now: datetime, actor: Actor, absence_id: int, agency: str
) -> None:
    """Somebody of an agency is back: days that are over stay, coming ones go.
    PeopleError."""
    today = city.here().today(now)
    with database.writing() as session:
        absence = session.get(Absence, absence_id)
        person = session.get(Person, absence.person_id) if absence else None
        if absence is None or person is None or person.agency_code != agency:
            raise PeopleError(
                f"nobody of {agency} has the absence {absence_id}", "no_such_absence"
            )
        _end_absence(session, actor, absence, today)


def _end_absence(session: Session, actor: Actor, absence: Absence, today: date) -> None:
    if absence.first_day < today:
        absence.last_day = min(absence.last_day, today - timedelta(days=1))
    else:
        session.delete(absence)
    session.flush()
    record(
        session, actor, "absence_ended", "person", absence.person_id, absence=absence.id
    )


def set_languages(
    database: Database, actor: Actor, login: str, languages: Sequence[str]
) -> Person:
    """Which languages a person answers residents in: two letters each (ISO 639-1).
    PeopleError."""
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise PeopleError(
                f"language {language!r}: write two letters, like id, su, en, ja",
                "bad_language",
            )
    with database.writing() as session:
        person = named(session, login)
        person.speaks = list(dict.fromkeys(languages))
        record(
            session, actor, "languages_set", "person", person.id, speaks=person.speaks
        )
        return person


def set_position(
    database: Database, actor: Actor, login: str, position: str | None
) -> Person:
    """Whom the ladder tells when a step is late; None: no such position.
    PeopleError."""
    if position is not None and position not in POSITIONS:
        raise PeopleError(
            f"position {position!r} does not exist; one of {', '.join(POSITIONS)}"
        )
    with database.writing() as session:
        person = named(session, login)
        person.position = position
        record(session, actor, "position_set", "person", person.id, position=position)
        return person


def set_reach(
    database: Database,
    actor: Actor,
    login: str,
    *,
    telegram: str | None = None,
    email: str | None = None,
) -> Person:
    """Where notices reach a person: the number of their private chat with the city's
    bot, an address; "" for none, None leaves it. PeopleError."""
    if telegram and not _CHAT.fullmatch(telegram):
        raise PeopleError(
            f"{telegram!r} is no private chat of Telegram: write its number",
            "bad_telegram",
        )
    if email and "@" not in email:
        raise PeopleError(f"{email!r} is no e-mail address", "bad_email")
    with database.writing() as session:
        person = named(session, login)
        if telegram is not None:
            person.telegram = telegram or None
        if email is not None:
            person.email = email or None
        record(session, actor, "reach_set", "person", person.id)
        return person


def release_claims_of_absent(database: Database, now: datetime) -> int:
    """Give the claims of people who are away today back to the queue; how many."""
    day = city.here().today(now)
    with database.writing() as session:
        query = (
            select(Case)
            .join(Absence, col(Absence.person_id) == col(Case.claimed_by))
            .where(Absence.first_day <= day, Absence.last_day >= day)
            .with_for_update(of=Case)
        )
        held = list({case.id: case for case in session.exec(query)}.values())
        for case in held:
            holds.give_back(session, SYSTEM, case, because="absent")
        return len(held)


def speakers(
    session: Session, language: str, agencies: Sequence[str], day: date
) -> list[Person]:
    """People there on a day who can answer in a language: first those of the agencies,
    then who sees every agency. "other": who speaks anything beyond the languages of the
    city."""
    query = select(Person).where(
        Person.status == "active", col(Person.role).not_in(ONLY_READS)
    )
    able = [
        person
        for person in session.exec(query)
        if language in person.speaks
        or (language == "other" and set(person.speaks) - _LANGUAGES_OF_THE_CITY)
    ]
    return sorted(
        (person for person in able if absence_of(session, person.id, day) is None),
        key=lambda person: (
            person.agency_code not in agencies,
            person.role not in SEES_EVERY_AGENCY,
            person.id,
        ),
    )
