"""Showing again who one is, in a session that has gone on for a while.

A session that is stolen, or left open, is as good as its owner for many things. For
those that reach furthest, administration above all, its owner gives again what the
thief has not: the password, a code of the authenticator, a passkey, the city's own
account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.people import oidc, passkeys, passwords, second_factor
from aggregator.people.sessions import Signed
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
    passkey: bool
    provider: str


def ways(database: Database, settings: Settings, viewer: Viewer) -> Ways:
    with database.reading() as session:
        person = session.get_one(Person, viewer.id)
    password = person.password_hash is not None
    here = passkeys.party(settings.public_url) is not None
    return Ways(
        password,
        person.totp is not None,
        here and bool(passkeys.of_person(database, viewer)),
        "" if password else oidc.name(settings),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody has shown; empty where it is not that. `passkey`: what the browser
    said."""

    password: str = ""
    code: str = ""
    passkey: str = ""


def way(
    database: Database,
    vault: Vault,
    settings: Settings,
    now: datetime,
    signed: Signed,
    shown: Shown,
) -> str | None:
    """What of it shows that it is the viewer of the session: password, code, passkey;
    None for nothing. A code is used up by it."""
    viewer, of = signed.viewer, passkeys.party(settings.public_url)
    with database.reading() as session:
        person = session.get_one(Person, viewer.id)
    if shown.passkey and of is not None:
        holder, answer = passkeys.holder_of(signed), shown.passkey
        if passkeys.is_of(database, now, of, viewer, holder, answer):
            return "passkey"
    if shown.password and passwords.is_password_of(person, shown.password):
        return "password"
    if shown.code and second_factor.passes(database, vault, now, viewer.id, shown.code):
        return "code"
    return None
