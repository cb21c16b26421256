"""Showing again who one is, in a session that has gone on for a while.

A session that is stolen, or left open, is as good as its owner for many things. For
those that reach furthest, administration above all, its owner gives again what the
thief has not: the password, a code of the authenticator, the city's own account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.people import oidc, passwords, second_factor
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.people import Person
from aggregator.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Ways:
    """What somebody can show. `provider`: what the city's own accounts are called, for
    who has no password; empty where there are none."""

    password: bool
    code: bool
    provider: str


def ways(database: Database, settings: Settings, viewer: Viewer) -> Ways:
    with database.reading() as session:
        person = session.get_one(Person, viewer.id)
    password = person.password_hash is not None
    provider = "" if password else oidc.name(settings)
    return Ways(password, person.totp is not None, provider)


def way(
    database: Database,
    vault: Vault,
    now: datetime,
    viewer: Viewer,
    *,
    password: str,
    code: str,
) -> str | None:
    """Which of the two shows that it is the viewer: password, code; None for neither.
    A code is used up by it."""
    with database.reading() as session:
        person = session.get_one(Person, viewer.id)
    if password and passwords.is_password_of(person, password):
        return "password"
    if code and second_factor.passes(database, vault, now, viewer.id, code):
        return "code"
    return None
