"""The register of breaches: failures to protect personal data, and their clock.

UU 27/2022, article 46: within 3 x 24 hours the people concerned and the supervising
body are told in writing which data were disclosed, when and how, and what is done about
it. The clock runs from when the breach was known until they are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from aggregator import PlainError
from aggregator.people import notifications
from aggregator.rules.time.calendar import WIB
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.people import Notification, Person
from aggregator.store.tables.privacy import Breach

CLOCK = timedelta(hours=72)
"""3 x 24 hours, nights and holidays included."""
REMINDED = timedelta(hours=24)
"""So long before its end whoever administers is reminded."""


class BreachError(PlainError):
    """The register takes no such entry; says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A breach and how its clock stands. `state`: running, late, told, told_late."""

    breach: Breach
    due_at: datetime
    state: str
    left: timedelta
    """Below nought once it is late; nought once all were told."""


def entry_of(breach: Breach, now: datetime) -> Entry:
    """How the clock of a breach stands."""
    due_at = breach.known_at + CLOCK
    if breach.told_at is not None:
        state = "told" if breach.told_at <= due_at else "told_late"
        return Entry(breach, due_at, state, timedelta())
    return Entry(breach, due_at, "late" if now > due_at else "running", due_at - now)


def add(
    database: Database,
    now: datetime,
    actor: Actor,
    *,
    what: str,
    data: str,
    known_at: datetime | None = None,
    people: int | None = None,
) -> Breach:
    """Write a breach down and tell who administers. `data`: which sorts of personal
    data; `people`: how many are concerned, where it is known. BreachError."""
    known_at = known_at or now
    if known_at > now:
        raise BreachError("it cannot be known from a later moment on than now")
    if not what.strip() or not data.strip():
        raise BreachError("say what happened and which data it was")
    with database.writing() as session:
        breach = Breach(
            known_at=known_at,
            what=what.strip(),
            data=data.strip(),
            people=people,
            actor=actor.login,
            created_at=now,
        )
        session.add(breach)
        session.flush()
        record(session, actor, "breach_added", "breach", breach.id)
        _tell(session, now, breach)
    return breach


def tell(
    database: Database,
    now: datetime,
    actor: Actor,
    breach_id: int,
    at: datetime | None = None,
) -> Breach:
    """The people concerned and the supervising body were told: the clock stops.
    BreachError."""
    with database.writing() as session:
        breach = _open(session, breach_id)
        at = at or now
        if not breach.known_at <= at <= now:
            raise BreachError("they were told after it was known and before now")
        breach.told_at = at
        record(session, actor, "breach_told", "breach", breach_id)
    return breach


def close(
    database: Database, now: datetime, actor: Actor, breach_id: int, measures: str
) -> Breach:
    """What was done is written down and nothing is left to do. BreachError while the
    people concerned were not told."""
    if not measures.strip():
        raise BreachError("say what was done about it")
    with database.writing() as session:
        breach = _open(session, breach_id)
        if breach.told_at is None:
            raise BreachError(
                f"breach {breach_id} cannot be closed before those concerned were told;"
                f" then `sahut privacy breach told {breach_id}`"
            )
        breach.measures, breach.closed_at = measures.strip(), now
        record(session, actor, "breach_closed", "breach", breach_id)
    return breach


def entries(database: Database, now: datetime, *, every: bool = False) -> list[Entry]:
    """Open breaches, or all, the first to be told first."""
    query = select(Breach).order_by(col(Breach.known_at), col(Breach.id))
    if not every:
        query = query.where(col(Breach.closed_at).is_(None))
    with database.reading() as session:
        return [entry_of(one, now) for one in session.exec(query)]


def remind(database: Database, now: datetime) -> list[int]:
    """Tell who administers of breaches whose clock soon ends; each once. For the
    worker."""
    with database.writing() as session:
        running = session.exec(
            select(Breach).where(
                col(Breach.told_at).is_(None),
                col(Breach.known_at) <= now - CLOCK + REMINDED,
            )
        ).all()
        return [
            breach.id
            for breach in running
            if not _reminded(session, breach) and _tell(session, now, breach)
        ]


def _reminded(session: Session, breach: Breach) -> bool:
    since = breach.known_at + CLOCK - REMINDED
    told = session.exec(
        select(Notification.data).where(
            Notification.kind == "breach", Notification.created_at >= since
        )
    )
    return any(data.get("breach") == breach.id for data in told)


def _tell(session: Session, now: datetime, breach: Breach) -> int:
    """How many were told."""
    due = (breach.known_at + CLOCK).astimezone(WIB)
    admins = session.exec(
        select(Person).where(Person.role == "admin", Person.status == "active")
    ).all()
    for person in admins:
        notifications.notify(
            session,
            now,
            person,
            "breach",
            urgent=True,
            breach=breach.id,
            due=f"{due:%d-%m-%Y %H:%M} WIB",
        )
    return len(admins)


def _open(session: Session, breach_id: int) -> Breach:
    breach = session.get(Breach, breach_id)
    if breach is None:
        raise BreachError(f"there is no breach {breach_id} in the register")
    if breach.closed_at is not None:
        raise BreachError(f"breach {breach_id} is closed")
    return breach
