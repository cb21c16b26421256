"""A signed-in person as every other room sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_rows
from sqlmodel import Session, select

from aggregator.people.refusal import PeopleError
from aggregator.store import options
from aggregator.store.audit import Actor
from aggregator.store.db import Database, table
from aggregator.store.tables.people import Person
from aggregator.store.tables.store import Setting

SEES_EVERY_AGENCY = frozenset({"admin", "verifikator", "koordinator"})


ONLY_READS = frozenset({"pimpinan"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person as use cases see them. `theme`: light, dark, or empty for
    their system's. `preferences`: see preferences.py, as they were when the page
    began.

    `owes_code`: their role must have a second step of signing in, and they have none
    yet.
    """

    id: int
    login: str
    name: str
    agency_code: str
    role: str
    language: str
    theme: str = ""
    owes_code: bool = False
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
    return _viewer(person)


def _viewer(row: Any, *, owes_code: bool = False) -> Viewer:
    """Of a person, or of a row of their columns."""
    assert row.id is not None
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
    )


_person, _setting = table(Person).c, table(Setting).c


_OF_SESSION = select_rows(
    _person.id,
    _person.login,
    _person.name,
    _person.agency_code,
    _person.role,
    _person.language,
    _person.preferences,
    _person.totp.is_(None).label("without_code"),
    select_rows(_setting.value)
    .where(_setting.name == options.CODE_ROLES.name)
    .scalar_subquery()
    .label("code_roles"),
).where(
    _person.id == bindparam("person"),
    _person.epoch == bindparam("epoch"),
    _person.status == "active",
)
"""What every page asks first, in one query."""


def of_session(database: Database, person_id: int, epoch: int) -> Viewer | None:
    """Who a session belongs to, while it has not been ended."""
    with database.reading() as session:
        row = session.execute(
            _OF_SESSION, {"person": person_id, "epoch": epoch}
        ).first()
    if row is None:
        return None
    needed = options.CODE_ROLES.default if row.code_roles is None else row.code_roles
    return _viewer(row, owes_code=bool(row.without_code) and row.role in needed)


def named(session: Session, login: str) -> Person:
    """The person with this login. PeopleError."""
    person = session.exec(select(Person).where(Person.login == login)).first()
    if person is None:
        raise PeopleError(
            f"nobody has the login {login!r}; see `people list`", "no_such_person"
        )
    return person
