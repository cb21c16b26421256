"""How often somebody may try to show who they are.

A login from one source has a few tries; beyond that, a login has a slow limit over all
sources, and a source one over all logins. Neither holds up the owner of the login: a
browser they signed in with before has tries of its own, and a network they came from
lately is held to the first limit alone. So nobody can lock somebody else out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from aggregator.people import passwords
from aggregator.store.brakes import Brake
from aggregator.store.db import Database
from aggregator.store.tables.people import Person, UserSession

_OWN = Brake("tries of a browser", 10, timedelta(minutes=15))
_PAIR = Brake("tries of a source with a login", 10, timedelta(minutes=15))
_LOGIN = Brake("tries with a login", 40, timedelta(hours=1))
_SOURCE = Brake("tries of a source", 120, timedelta(minutes=15))
_LATELY = timedelta(days=30)

_Held = tuple[tuple[Brake, tuple[str, ...]], ...]
"""Brakes that count a try, each with its key."""


class _TooMany(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Asking:
    """Who tries what. `what`: password, code. `browser`: of one that the login's owner
    signed in with before, or a session of theirs; None for any other."""

    what: str
    login: str
    source: str
    browser: str | None


@dataclass(frozen=True, slots=True)
class Try:
    """One try, counted already. `until`: when another may be made; None: this one may.
    `left`: how many more."""

    until: datetime | None
    left: int
    _held: _Held = ()

    def was_right(self, database: Database) -> None:
        """It was no guess, so it counts no more."""
        with database.writing(lasting=False) as session:
            for brake, key in self._held:
                brake.give_back_in(session, *key)

    def was_wrong(self, database: Database, login: str) -> int:
        """How many are left; the one that uses them up leaves a line in the trail."""
        if self.left == 0:
            passwords.note_locked_out(database, login)
        return self.left


def begin(database: Database, now: datetime, asking: Asking) -> Try:
    """Count a try before anything is checked."""
    with database.reading() as session:
        held = _brakes(session, now, asking)
    found = _until(database, now, held)
    if found:  # a flood does not queue up to write
        return Try(found, 0)
    try:
        with database.writing(lasting=False) as session:
            _take(session, now, held)
    except _TooMany:  # others were quicker
        return begin(database, now, asking)
    left = min(brake.left(database, now, *key) for brake, key in held)
    return Try(None, left, held)


def _take(session: Session, now: datetime, held: _Held) -> None:
    """All of them or, by leaving the transaction, none."""
    for brake, key in held:
        if not brake.take_in(session, now, *key):
            raise _TooMany


def _until(database: Database, now: datetime, held: _Held) -> datetime | None:
    found = (brake.until(database, now, *key) for brake, key in held)
    return max((moment for moment in found if moment), default=None)


def _brakes(session: Session, now: datetime, asking: Asking) -> _Held:
    """Always in this order: two that ask at one moment wait for each other in turn."""
    what, login, source = asking.what, asking.login, asking.source
    if asking.browser is not None:
        return ((_OWN, (what, asking.browser, login)),)
    pair = (_PAIR, (what, login, source))
    if _comes_from(session, now, login, source):
        return (pair,)
    return pair, (_LOGIN, (what, login)), (_SOURCE, (what, source))


def _comes_from(session: Session, now: datetime, login: str, source: str) -> bool:
    """Whether the owner of the login signed in from there lately."""
    query = (
        select(UserSession.id)
        .join(Person, col(Person.id) == col(UserSession.person_id))
        .where(
            Person.login == login,
            UserSession.source == source,
            col(UserSession.waits_for_code).is_(False),
            UserSession.created_at > now - _LATELY,
        )
        .limit(1)
    )
    return session.exec(query).first() is not None
