"""One person takes over another's place: the work goes on, the old access ends, in one
step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from aggregator.people import staff, viewers
from aggregator.people.notifications import notify
from aggregator.people.refusal import PeopleError
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Draft
from aggregator.store.tables.cases import Case, Reminder
from aggregator.store.tables.people import (
    Absence,
    Device,
    Person,
    PushSubscription,
    Shift,
)
from aggregator.store.tables.twins import Incident

_WITHOUT_PASSWORD = ("manual", "webform")
_UNFINISHED = ("writing", "asked", "approved", "returned")


@dataclass(frozen=True, slots=True)
class Succession:
    """`token`: of the invitation, where the successor is new. `cases`: numbers of what
    the old person held, now in the queue, or had a draft or a promise in. `accounts`:
    of the agency, whose passwords on the platforms the old person may still know."""

    old: Person
    new: Person
    token: str | None
    cases: list[str]
    drafts: int
    reminders: int
    shifts: int
    accounts: list[str]


def replace(
    database: Database,
    now: datetime,
    actor: Actor,
    old: str,
    new: str,
    *,
    name: str | None = None,
    email: str | None = None,
) -> Succession:
    """Give what `old` has to do to `new` and end the access of `old`. PeopleError.

    Drafts, open promises, incidents, coming shifts, deputyships and the position go
    over; claims go back to the queue, and `new` is told of which cases; what was said
    and done stays under the name of whoever did it. `new` is invited with the agency
    and role of `old` where `name` is given.
    """
    with database.writing() as session:
        former = viewers.named(session, old)
        successor, token = _successor(session, now, actor, former, new, name, email)
        position, numbers = former.position, _unfinished(session, former)
        staff.disable_in(session, now, actor, former)
        former.telegram = former.position = None
        successor.position = successor.position or position
        found = Succession(
            former,
            successor,
            token,
            numbers,
            drafts=_hand_over_drafts(session, former, successor),
            reminders=_hand_over_promises(session, former, successor),
            shifts=_hand_over_shifts(session, now, former, successor),
            accounts=_accounts(session, former),
        )
        session.execute(
            update(Absence)
            .where(
                col(Absence.deputy_id) == former.id,
                col(Absence.person_id) != successor.id,
            )
            .values(deputy_id=successor.id)
        )
        session.execute(
            update(Incident)
            .where(
                col(Incident.owner_id) == former.id,
                col(Incident.state).in_(("proposed", "open")),
            )
            .values(owner_id=successor.id)
        )
        session.execute(delete(Device).where(col(Device.person_id) == former.id))
        session.execute(
            delete(PushSubscription).where(col(PushSubscription.person_id) == former.id)
        )
        if numbers:
            told: dict[str, Any] = {"who": former.name, "numbers": numbers}
            notify(session, now, successor, "succession", **told)
        record(session, actor, "replaced", "person", former.id, by=successor.login)
        return found


def _successor(
    session: Session,
    now: datetime,
    actor: Actor,
    former: Person,
    login: str,
    name: str | None,
    email: str | None,
) -> tuple[Person, str | None]:
    if login == former.login:
        raise PeopleError(f"{login} cannot take over from themselves")
    if name is not None:
        return staff.add_in(
            session,
            now,
            actor,
            login=login,
            name=name,
            agency=former.agency_code,
            role=former.role,
            email=email,
            language=former.language,
        )
    found = session.exec(select(Person).where(Person.login == login)).first()
    if found is None:
        raise PeopleError(
            f"nobody has the login {login!r}; give --name to invite them",
            "no_such_person",
        )
    if found.status == "disabled":
        raise PeopleError(
            f"{login} is disabled; `people reset {login}` lets them in again"
        )
    if found.agency_code != former.agency_code:
        raise PeopleError(
            f"{login} is of {found.agency_code}, {former.login} of"
            f" {former.agency_code}; a successor is of the same agency"
        )
    return found, None


def _unfinished(session: Session, former: Person) -> list[str]:
    drafts = select(Draft.case_id).where(
        Draft.person_id == former.id, col(Draft.state).in_(_UNFINISHED)
    )
    promised = select(Reminder.case_id).where(
        Reminder.person_id == former.id, Reminder.state == "open"
    )
    query = select(Case).where(
        Case.status != "closed",
        col(Case.confidential).is_(False),  # its readers name who goes on with it
        or_(
            col(Case.claimed_by) == former.id,
            col(Case.id).in_(drafts),
            col(Case.id).in_(promised),
        ),
    )
    return [case.number for case in session.exec(query.order_by(col(Case.id)))]


def _hand_over_drafts(session: Session, former: Person, successor: Person) -> int:
    """Where the successor writes an answer to the same case already, the old draft is
    shared."""
    written = set(
        session.exec(select(Draft.case_id).where(Draft.person_id == successor.id))
    )
    query = select(Draft).where(
        Draft.person_id == former.id, col(Draft.state).in_(_UNFINISHED)
    )
    drafts = session.exec(query).all()
    for draft in drafts:
        if draft.case_id in written:
            draft.shared = True
        else:
            draft.person_id = successor.id
    return len(drafts)


def _hand_over_promises(session: Session, former: Person, successor: Person) -> int:
    done = session.execute(
        update(Reminder)
        .where(col(Reminder.person_id) == former.id, col(Reminder.state) == "open")
        .values(person_id=successor.id)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def _hand_over_shifts(
    session: Session, now: datetime, former: Person, successor: Person
) -> int:
    done = session.execute(
        update(Shift)
        .where(col(Shift.person_id) == former.id, col(Shift.ends_at) > now)
        .values(person_id=successor.id)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def _accounts(session: Session, former: Person) -> list[str]:
    query = select(Account).where(
        Account.agency_code == former.agency_code,
        Account.status != "removed",
        col(Account.channel).not_in(_WITHOUT_PASSWORD),
    )
    return [
        f"{row.channel}:{row.handle}"
        for row in session.exec(query.order_by(col(Account.id)))
    ]
