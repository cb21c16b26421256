"""A link with which somebody chooses a password: for the first time, or anew."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, select

from aggregator.people import passwords, trust
from aggregator.people.refusal import PeopleError
from aggregator.people.sessions import (
    forget_devices_in,
    forget_passkeys_in,
    forget_push_in,
)
from aggregator.people.tokens import digest
from aggregator.people.viewers import named
from aggregator.store import options
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.people import Person

_BAD_INVITE = ("this link was used or is too old; ask for a new one", "bad_invite")


def invite(session: Session, person: Person, now: datetime) -> str:
    token = secrets.token_urlsafe(24)
    person.invite_hash = digest(token)
    lasts = timedelta(days=options.number(session, options.INVITE_DAYS))
    person.invite_expires_at = now + lasts
    return token


def reset(database: Database, now: datetime, actor: Actor, login: str) -> str:
    """A new one-time link; the old password, the second step and every session end at
    once.

    The token.
    """
    with database.writing() as session:
        person = named(session, login)
        person.status, person.password_hash = "invited", None
        person.totp, person.totp_step, person.recovery_codes = None, None, []
        person.epoch += 1
        forget_devices_in(session, person.id)
        forget_passkeys_in(session, person.id)
        forget_push_in(session, person.id)
        trust.end(session, now, actor, person)
        token = invite(session, person, now)
        record(session, actor, "reset", "person", person.id)
        return token


def invited(database: Database, now: datetime, token: str) -> Person | None:
    """Whom an invitation is for, while it is valid."""
    with database.reading() as session:
        person = session.exec(
            select(Person).where(Person.invite_hash == digest(token))
        ).first()
    if (
        person is None
        or person.invite_expires_at is None
        or person.invite_expires_at < now
    ):
        return None
    return person


def accept(database: Database, now: datetime, token: str, password: str) -> Person:
    """Use an invitation up and set the password. PeopleError."""
    known = invited(database, now, token)
    if known is None:
        raise PeopleError(*_BAD_INVITE)
    passwords.check_password(known.login, password)
    hashed = passwords.hashed(password)
    with database.writing() as session:
        person = session.exec(
            select(Person).where(Person.invite_hash == digest(token)).with_for_update()
        ).first()
        if person is None:  # somebody used the same link meanwhile
            raise PeopleError(*_BAD_INVITE)
        person.password_hash, person.status = hashed, "active"
        person.invite_hash = person.invite_expires_at = None
        record(session, Actor(person.login, person.id), "joined", "person", person.id)
        return person
