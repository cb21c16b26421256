"""Signing in, and what a password must be. There is no default password."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import col, func, select

from aggregator.people.refusal import PeopleError
from aggregator.people.sessions import end_others_in
from aggregator.store.audit import SYSTEM, Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.people import Person

SHORTEST_PASSWORD = 10


_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """What is kept of a password. Takes a tenth of a second, which is its purpose."""
    return _hasher.hash(password)


@cache
def _decoy() -> str:
    """What an unknown login is checked against, so that it takes as long as a known
    one."""
    return hashed(secrets.token_urlsafe(16))


def change_password(
    database: Database, person_id: int, session_id: int, old: str, new: str
) -> None:
    """Every session ends but this one.

    PeopleError `wrong_password`, `password_too_short`, `password_has_login`.
    """
    with database.reading() as session:
        known = session.get_one(Person, person_id)
    if not is_password_of(known, old):
        raise PeopleError("the old password is wrong", "wrong_password")
    check_password(known.login, new)
    kept = hashed(new)
    with database.writing() as session:
        person = session.get_one(Person, person_id)
        person.password_hash = kept
        end_others_in(session, person, session_id)
        actor = Actor(person.login, person_id)
        record(session, actor, "password_changed", "person", person_id)


def check_password(login: str, password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise PeopleError(
            f"the password needs at least {SHORTEST_PASSWORD} characters",
            "password_too_short",
        )
    if login in password.lower():
        raise PeopleError(
            "the password must not contain the login", "password_has_login"
        )


def is_password_of(person: Person | None, password: str) -> bool:
    """Takes as long for nobody, and for somebody without a password."""
    kept = (person.password_hash if person else None) or _decoy()
    try:
        _hasher.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return person is not None and person.password_hash is not None


def sign_in(
    database: Database, now: datetime, login: str, password: str
) -> Person | None:
    """The person, or None; takes as long for a login that does not exist."""
    with database.reading() as session:
        person = session.exec(
            select(Person).where(Person.login == login.strip().lower())
        ).first()
    if (
        not is_password_of(person, password)
        or person is None
        or person.status != "active"
    ):
        return None
    with database.writing() as session:
        stored = session.get_one(Person, person.id)
        stored.last_seen_at = now
        return stored


def sign_in_as(database: Database, now: datetime, address: str) -> Person:
    """The one person with this mail address, which somebody else has proved to be
    theirs; who was invited joins by it. PeopleError `no_such_address`."""
    with database.writing() as session:
        query = select(Person).where(
            func.lower(Person.email) == address.strip().lower(),
            col(Person.status).in_(("active", "invited")),
        )
        found = list(session.exec(query))
        if len(found) != 1:
            raise PeopleError(
                f"{len(found)} people have the address; an administrator can"
                " correct it",
                "no_such_address",
            )
        person = found[0]
        if person.status == "invited":
            person.status, person.invite_hash, person.invite_expires_at = (
                "active",
                None,
                None,
            )
            record(
                session, Actor(person.login, person.id), "joined", "person", person.id
            )
        person.last_seen_at = now
        return person


def note_locked_out(database: Database, login: str) -> None:
    """Somebody tried too often to sign in with this login; a login of nobody leaves no
    line."""
    with database.writing() as session:
        person = session.exec(select(Person).where(Person.login == login)).first()
        if person is not None:
            record(session, SYSTEM, "locked_out", "person", person.id, login=login)
