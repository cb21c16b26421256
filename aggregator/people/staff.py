"""Who works here: added one by one, with an office and a role; changed and disabled."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from aggregator.people import holds, trust
from aggregator.people.invitations import invite
from aggregator.people.refusal import PeopleError
from aggregator.people.sessions import forget_devices_in, forget_push_in
from aggregator.people.viewers import named
from aggregator.store import options
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.city import Agency
from aggregator.store.tables.people import Person

LANGUAGES = ("id", "en")


def check_fields(
    session: Session, *, login: str, agency: str, role: str, language: str
) -> None:
    """PeopleError for the first field that cannot be saved."""
    if not login or login != login.strip().lower() or any(c.isspace() for c in login):
        raise PeopleError(
            f"login {login!r}: use lower-case letters without blanks", "bad_login"
        )
    if role not in options.ROLES:
        raise PeopleError(
            f"role {role!r} does not exist; choose one of {', '.join(options.ROLES)}"
        )
    if language not in LANGUAGES:
        raise PeopleError(f"language {language!r} does not exist; choose id or en")
    found = session.get(Agency, agency)
    if found is None or not found.active:
        raise PeopleError(
            f"agency {agency!r} is not in config/agencies.yaml; see `config show`",
            "no_such_agency",
        )


def add(
    database: Database,
    now: datetime,
    actor: Actor,
    *,
    login: str,
    name: str,
    agency: str,
    role: str = "juru_bicara",
    email: str | None = None,
    language: str = "id",
) -> tuple[Person, str]:
    """A new person and the one-time token of the invitation. PeopleError."""
    with database.writing() as session:
        return add_in(
            session,
            now,
            actor,
            login=login,
            name=name,
            agency=agency,
            role=role,
            email=email,
            language=language,
        )


def add_in(
    session: Session,
    now: datetime,
    actor: Actor,
    *,
    login: str,
    name: str,
    agency: str,
    role: str,
    email: str | None,
    language: str,
) -> tuple[Person, str]:
    """`add` inside a transaction of the caller's (an import of many)."""
    check_fields(session, login=login, agency=agency, role=role, language=language)
    if session.exec(select(Person).where(Person.login == login)).first():
        raise PeopleError(
            f"{login} exists already; `people reset {login}` makes a new link",
            "person_exists",
        )
    person = Person(
        login=login,
        name=name,
        agency_code=agency,
        role=role,
        email=email,
        language=language,
    )
    token = invite(session, person, now)
    session.add(person)
    session.flush()
    record(session, actor, "invited", "person", person.id, role=role, agency=agency)
    return person, token


def list_all(database: Database) -> list[Person]:
    with database.reading() as session:
        return list(
            session.exec(select(Person).order_by(Person.agency_code, Person.login))
        )


def get(database: Database, login: str) -> Person:
    with database.reading() as session:
        return named(session, login)


def disable(database: Database, now: datetime, actor: Actor, login: str) -> None:
    """End every session, refuse sign-in, give open claims back to the queue."""
    with database.writing() as session:
        person = named(session, login)
        _not_oneself(actor, person)
        disable_in(session, now, actor, person)


def change_role(database: Database, actor: Actor, login: str, role: str) -> None:
    """From the next page on. PeopleError; `own_access` for one's own role."""
    if role not in options.ROLES:
        raise PeopleError(
            f"role {role!r} does not exist; choose one of {', '.join(options.ROLES)}"
        )
    with database.writing() as session:
        person = named(session, login)
        _not_oneself(actor, person)
        if person.role == role:
            return
        record(
            session,
            actor,
            "role_changed",
            "person",
            person.id,
            before=person.role,
            after=role,
        )
        person.role = role


def correct(
    database: Database, actor: Actor, login: str, name: str, agency: str
) -> None:
    """Another name or office, from the next page on. PeopleError."""
    if not name:
        raise PeopleError("the name is missing", "no_name")
    with database.writing() as session:
        person = named(session, login)
        check_fields(
            session,
            login=login,
            agency=agency,
            role=person.role,
            language=person.language,
        )
        if (person.name, person.agency_code) == (name, agency):
            return
        record(
            session,
            actor,
            "person_corrected",
            "person",
            person.id,
            before=person.agency_code,
            after=agency,
        )
        person.name, person.agency_code = name, agency


def _not_oneself(actor: Actor, person: Person) -> None:
    """An administrator cannot lock the last administrator out by mistake."""
    if actor.person_id == person.id:
        raise PeopleError("nobody takes away their own access", "own_access")


def disable_in(session: Session, now: datetime, actor: Actor, person: Person) -> None:
    """`disable` inside a transaction of the caller's."""
    person.status, person.invite_hash = "disabled", None
    person.epoch += 1
    forget_devices_in(session, person.id)
    forget_push_in(session, person.id)
    for case in session.exec(
        select(Case).where(Case.claimed_by == person.id, Case.status != "closed")
    ):
        holds.give_back(session, actor, case, because="person disabled")
    trust.end(session, now, actor, person)
    record(session, actor, "disabled", "person", person.id)


def set_language(database: Database, person_id: int, language: str) -> None:
    if language not in LANGUAGES:
        raise PeopleError(f"language {language!r} does not exist")
    with database.writing() as session:
        session.get_one(Person, person_id).language = language


def names(database: Database, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    with database.reading() as session:
        rows = session.exec(
            select(Person.id, Person.name).where(col(Person.id).in_(ids))
        )
        return {row[0]: row[1] for row in rows}
