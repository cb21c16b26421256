"""What happens to a case when it becomes secret, and what the public may know of
one.

    begin(case)   others lose it: tasks, holds, notifications, whatever leads to it; the
                  offices it may be about are written down, its first readers named
    heard(case)   a further message of a secret case: it may name more offices
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, col, or_, select

from aggregator import city
from aggregator.cases import deadlines, groups
from aggregator.people import holds, notifications, readers
from aggregator.people.notifications import notify
from aggregator.rules.places.finder import places_in
from aggregator.rules.reports import concerned
from aggregator.store.audit import SYSTEM, Actor, record
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import HelpRequest, Presence
from aggregator.store.tables.cases import Case, CaseConcern, CaseReader
from aggregator.store.tables.intake import Message, MessageAccount
from aggregator.store.tables.people import Notification, Person
from aggregator.store.tables.twins import IncidentCase, Suggestion

GLASS = "sekda"
"""The position whose holder may open a secret case in an emergency."""
FIRST, HELD = "first_reader", "held"
"""Why the program named a reader."""
_DESK = "diskominfo"
_MISCONDUCT = "pungli"
"""The kind whose office looks into secret reports that no other office is named for."""
_READ = 20_000
"""So many characters of what was said are looked through for names of offices."""


def begin(
    session: Session,
    now: datetime,
    case: Case,
    owners: Collection[str],
    *,
    quietly: bool = False,
) -> None:
    """The case is secret from now on, with every case joined into it. It is taken from
    all offices but its owners: the one a resident complains about may be among them.
    `quietly`: nobody is told, for what came long ago."""
    group = groups.ids(session, case.id)
    flagged = update(Case).where(col(Case.id).in_(group))
    session.execute(flagged.values(confidential=True))
    case.confidential = True
    session.flush()
    taken = _withdraw(session, case, owners)
    _set_apart(session, case)
    _name_concerned(session, now, case, taken)
    session.flush()
    known = readers.of_case(session, case.id)
    if not (known or name_first(session, now, case, quietly=quietly) or quietly):
        _tell_of_none(session, now, case)
    _untell(session, case, group)


def heard(session: Session, now: datetime, case: Case) -> None:
    """What was said since may name offices that nobody thought of."""
    _name_concerned(session, now, case, ())
    session.flush()


def _withdraw(session: Session, case: Case, owners: Collection[str]) -> list[str]:
    """Take the case from everybody but its owners; codes of who had it."""
    taken = []
    for row in deadlines.tasks_of(session, case.id):
        if row.agency_code not in owners:
            taken.append(row.agency_code)
            session.delete(row)
            record(
                session, SYSTEM, "withdrawn", "case", case.id, agency=row.agency_code
            )
    session.flush()
    holds.let_go(case)
    return taken


def _set_apart(session: Session, case: Case) -> None:
    """Nothing that others read leads to it: no incident it is part of, and no case like
    it, whose words would tell what is said in this one."""
    pairs = select(Suggestion).where(
        Suggestion.state == "open",
        or_(col(Suggestion.case_id) == case.id, col(Suggestion.other_id) == case.id),
    )
    for pair in session.exec(pairs).all():
        session.delete(pair)
    for member in session.exec(
        select(IncidentCase).where(IncidentCase.case_id == case.id)
    ).all():
        session.delete(member)
        record(
            session,
            SYSTEM,
            "out_of_incident",
            "case",
            case.id,
            incident=member.incident_id,
        )
    session.flush()


def _untell(session: Session, case: Case, group: Collection[int]) -> None:
    """What others were told of it, and asked about it, is taken back."""
    reading = [person.id for person in readers.of_case(session, case.id)]
    session.execute(
        delete(Notification).where(
            col(Notification.case_id).in_(group),
            col(Notification.person_id).not_in(reading),
        )
    )
    lists = select(Notification).where(
        col(Notification.kind).in_(("digest", "succession"))
    )
    for told in session.exec(lists):
        kept = [one for one in told.data.get("numbers", []) if one != case.number]
        if kept != told.data.get("numbers", []):
            told.data = {**told.data, "numbers": kept}
    session.execute(delete(Presence).where(col(Presence.case_id).in_(group)))
    session.execute(
        update(HelpRequest)
        .where(col(HelpRequest.case_id).in_(group), col(HelpRequest.ended_at).is_(None))
        .values(ended_at=case.last_message_at)
    )


def _name_concerned(
    session: Session, now: datetime, case: Case, taken: Iterable[str]
) -> None:
    """Offices that a text, a kind, an owner or an account names. Who leads by duty
    looks into it, unless a text complains of them; everybody writes to the accounts of
    the city's desk, whomever they complain about."""
    here, asked = city.here(), _looking_into(session, case)
    said = _said(session, case)
    places = places_in(said, here.places)
    day = here.today(now)
    found = dict.fromkeys(_addressed(session, case), "account")
    found |= dict.fromkeys(taken, "owner")
    found |= dict.fromkeys(
        concerned.by_duty(case.kinds, places, here.duties, day), "kind"
    )
    for code in {*asked, _DESK}:
        found.pop(code, None)
    found |= dict.fromkeys(concerned.in_text(said, here.office_names, asked), "text")
    known = set(
        session.exec(
            select(CaseConcern.agency_code).where(CaseConcern.case_id == case.id)
        )
    )
    for code in found.keys() - known:
        for number in groups.ids(session, case.id):
            session.add(
                CaseConcern(
                    case_id=number, agency_code=code, named_by=found[code], since=now
                )
            )


def _looking_into(session: Session, case: Case) -> set[str]:
    """Offices that have the case by their duty, or because a reader brought them in."""
    rows = deadlines.tasks_of(session, case.id)
    return {row.agency_code for row in rows if not row.reason.startswith("account:")}


def _said(session: Session, case: Case) -> str:
    query = select(Message.text, Message.place).where(
        Message.case_id == case.id, Message.direction == "in"
    )
    rows = session.exec(query.order_by(col(Message.id)))
    return "\n".join(part for row in rows for part in row if part)[:_READ]


def _addressed(session: Session, case: Case) -> set[str]:
    query = (
        select(Account.agency_code)
        .join(MessageAccount, col(MessageAccount.account_id) == col(Account.id))
        .join(Message, col(Message.id) == col(MessageAccount.message_id))
        .where(Message.case_id == case.id)
    )
    return set(session.exec(query.distinct()))


def name_first(
    session: Session, now: datetime, case: Case, *, quietly: bool = False
) -> bool:
    """Let those read it who are named for such reports: of the offices that look into
    it, else of the office for misconduct. Whether there are any."""
    here, asked = city.here(), _looking_into(session, case)
    duty = here.duties.duty(_MISCONDUCT, here.today(now))
    for offices in (asked, {duty.lead} if duty else set()):
        people = _named_of(session, case, offices)
        for person in people:
            give(session, now, SYSTEM, case, person, FIRST, quietly=quietly)
        if people:
            return True
    return False


def concerned_offices(session: Session, case: Case) -> set[str]:
    query = select(CaseConcern.agency_code).where(CaseConcern.case_id == case.id)
    return set(session.exec(query))


def _named_of(session: Session, case: Case, offices: Iterable[str]) -> list[Person]:
    able = set(offices) - concerned_offices(session, case)
    query = select(Person).where(
        col(Person.first_reader),
        Person.status == "active",
        col(Person.agency_code).in_(able),
    )
    return list(session.exec(query.order_by(col(Person.id))))


def _tell_of_none(session: Session, now: datetime, case: Case) -> None:
    """That it waits unread, and nothing else: who may open it in an emergency, else who
    watches over the city; nobody of an office it may be about."""
    holders = select(Person).where(Person.position == GLASS, Person.status == "active")
    people = list(session.exec(holders)) or notifications.watchers(session)
    able = concerned_offices(session, case)
    for person in people:
        if person.agency_code not in able:
            notify(session, now, person, "no_reader", urgent=case.urgent)


def give(
    session: Session,
    now: datetime,
    actor: Actor,
    case: Case,
    person: Person,
    reason: str,
    *,
    glass: bool = False,
    quietly: bool = False,
) -> None:
    """Make somebody a reader of a secret case and of what was joined into it, and tell
    them."""
    for number in groups.ids(session, case.id):
        session.add(
            CaseReader(
                case_id=number,
                person_id=person.id,
                reason=reason,
                given_by=actor.person_id,
                glass=glass,
                since=now,
            )
        )
    session.flush()
    act = "glass_broken" if glass else "reader_added"
    record(session, actor, act, "case", case.id, who=person.login, reason=reason)
    if person.id != actor.person_id and not quietly:
        notify(session, now, person, "reader", case=case, urgent=case.urgent)


def follow(session: Session, now: datetime, case: Case, fresh: Case) -> None:
    """A case that was split off a secret one has its readers, and may be about the same
    offices."""
    for reader in session.exec(now_reading(case)):
        session.add(
            CaseReader(
                case_id=fresh.id,
                person_id=reader.person_id,
                reason=reader.reason,
                given_by=reader.given_by,
                since=now,
            )
        )
    concerns = select(CaseConcern).where(CaseConcern.case_id == case.id)
    for one in session.exec(concerns):
        session.add(
            CaseConcern(
                case_id=fresh.id,
                agency_code=one.agency_code,
                named_by=one.named_by,
                since=now,
            )
        )
    session.flush()


def now_reading(case: Case) -> Any:
    """The query of who reads a case now."""
    return select(CaseReader).where(
        CaseReader.case_id == case.id, col(CaseReader.ended_at).is_(None)
    )


def unread(session: Session) -> list[Case]:
    """Open secret cases that nobody reads."""
    query = select(Case).where(
        col(Case.confidential).is_(True), col(Case.status).in_(deadlines.OPEN)
    )
    return [
        case
        for case in session.exec(query.order_by(col(Case.id)))
        if not readers.of_case(session, case.id)
    ]


def is_secret(database: Database, number: str) -> bool:
    """Whether the case of a number, or the whole it is part of, is secret: then nobody
    is told by its number alone that it is there."""
    with database.reading() as session:
        case = session.exec(select(Case).where(Case.number == number)).first()
        return case is not None and groups.whole(session, case).confidential
