"""A signed-in person as every other room sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, select

from aggregator.people.refusal import PeopleError
from aggregator.store.audit import Actor
from aggregator.store.tables.people import Person

SEES_EVERY_AGENCY = frozenset({"admin", "verifikator", "koordinator"})


ONLY_READS = frozenset({"pimpinan"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person as use cases see them. `theme`: light, dark, or empty for
    their system's. `preferences`: see preferences.py, as they were when the page
    began.

    `owes_code`: their role must have a second step of signing in, and they have none
    yet. `unread`: how many notifications they had not read then. `reads_secret`: they
    may be a reader of secret cases; False where it is known that they are of none.
    """

    id: int
    login: str
    name: str
    agency_code: str
    role: str
    language: str
    theme: str = ""
    owes_code: bool = False
    unread: int = field(default=0, compare=False)
    reads_secret: bool = field(default=True, compare=False)
    preferences: Mapping[str, Any] = field(
        default_factory=dict, hash=False, compare=False
    )

    @property
    def sees_all(self) -> bool:
        return self.role in SEES_EVERY_AGENCY

    @property
    def may_act(self) -> bool:
        return self.role not in ONLY_READS

    @property
    def actor(self) -> Actor:
        return Actor(self.login, self.id)


def viewer(person: Person) -> Viewer:
    return of_row(person)


def of_row(
    row: Any, *, owes_code: bool = False, unread: int = 0, reads_secret: bool = True
) -> Viewer:
    """Of a person, or of a row of their columns."""
    return Viewer(
        row.id,
        row.login,
        row.name,
        row.agency_code,
        row.role,
        row.language,
        theme=str(row.preferences.get("theme", "")),
        preferences=row.preferences,
        owes_code=owes_code,
        unread=unread,
        reads_secret=reads_secret,
    )


def named(session: Session, login: str) -> Person:
    """The person with this login. PeopleError."""
    person = session.exec(select(Person).where(Person.login == login)).first()
    if person is None:
        raise PeopleError(
            f"nobody has the login {login!r}; see `people list`", "no_such_person"
        )
    return person
