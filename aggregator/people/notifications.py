"""What people are told: written here, read under the bell of the pages, carried by
accounts/carriers.py.

No resident's text and no personal data is in it: a number, an office, a deadline.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from aggregator import city
from aggregator.people import preferences, readers, shifts
from aggregator.people.viewers import SEES_EVERY_AGENCY
from aggregator.rules.text import pii
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.people import Notification, Person, PushSubscription

_ALWAYS_RUNG = ("diskominfo", "bpbd")
_EVERYBODY_SPEAKS = ("id", "su", "jv", "id-su", "id-jv", "mixed")
_FEW = 3
NEWS = "/kabar"


def notify(
    session: Session,
    now: datetime,
    person: Person,
    kind: str,
    *,
    case: Case | None = None,
    urgent: bool = False,
    **data: Any,
) -> Notification | None:
    """Write a notification in the caller's transaction; how it travels follows from the
    person. None: the case is secret from them, so they are not told."""
    if case is not None and not readers.reads(session, person, case):
        return None
    quietly = not urgent and preferences.mutes(person.preferences, kind)
    via = "in_app" if quietly else _way_to(session, person)
    told = Notification(
        person_id=person.id,
        kind=kind,
        case_id=case.id if case else None,
        data={**_bare(data), **({"number": case.number} if case else {})},
        urgent=urgent,
        created_at=now,
        via=via,
        sent_at=now if via == "in_app" else None,
    )
    session.add(told)
    return told


def _bare(data: dict[str, Any]) -> dict[str, Any]:
    """The data without what is surely personal: pushes, mail and chats carry it."""
    people = city.here().lexicon.people
    return {
        key: pii.mask_sure(value, people) if isinstance(value, str) else value
        for key, value in data.items()
    }


def _way_to(session: Session, person: Person) -> str:
    """A browser they asked to be told by first: it is on the phone in their hand."""
    query = select(PushSubscription.id).where(PushSubscription.person_id == person.id)
    if session.exec(query).first() is not None:
        return "push"
    return "telegram" if person.telegram else "email" if person.email else "in_app"


def emergency(session: Session, now: datetime, case: Case) -> None:
    """Tell at once those on duty for the agencies of a case, at the city's desk and at
    its office for disasters, and who watches over the city; of a secret case its
    readers alone."""
    query = select(Assignment.agency_code).where(Assignment.case_id == case.id)
    agencies = [*session.exec(query)]
    if case.confidential:
        people = readers.of_case(session, case.id)
    else:
        people = [one for code in agencies for one in reached(session, code, now)]
        for agency in _ALWAYS_RUNG:
            people += shifts.on_duty(session, agency, now)
        people += watchers(session)
    name = city.here().catalog.short_name(agencies[0]) if agencies else ""
    for person in {one.id: one for one in people}.values():
        notify(session, now, person, "emergency", case=case, urgent=True, agency=name)


def foreign(session: Session, now: datetime, case: Case) -> str | None:
    """Put a message before those who can answer in its language; who watches over the
    city, where nobody can.

    Who has the case already, or may open every case, is told first. Where only others
    speak it, they are told, and the code of their agency is given back: it has to be
    brought in.
    """
    if not needs_speaker(case):
        return None
    query = select(Assignment.agency_code).where(
        Assignment.case_id == case.id, Assignment.status != "bounced"
    )
    agencies = list(session.exec(query))
    able = shifts.speakers(
        session, case.language or "", agencies, city.here().today(now)
    )
    near = [
        person
        for person in able
        if person.agency_code in agencies or person.role in SEES_EVERY_AGENCY
    ]
    others = [person for person in able if person.agency_code == able[0].agency_code]
    for person in (near or others or watchers(session))[:_FEW]:
        notify(session, now, person, "language", case=case, language=case.language)
    return able[0].agency_code if able and not near else None


def needs_speaker(case: Case) -> bool:
    """Whether a case is in a language that an office of the city may not speak."""
    spoken_by_all = case.language is None or case.language in _EVERYBODY_SPEAKS
    return not spoken_by_all and not case.confidential and case.klass != "spam"


def reached(session: Session, agency: str, now: datetime) -> list[Person]:
    """People on duty for an agency; everybody of it where nobody is."""
    return shifts.on_duty(session, agency, now) or _of_agency(session, agency)


def _of_agency(session: Session, agency: str) -> list[Person]:
    query = select(Person).where(
        Person.agency_code == agency, Person.status == "active"
    )
    return list(session.exec(query))


def watchers(session: Session) -> list[Person]:
    """Who watches over the whole city."""
    watching = ("verifikator", "koordinator")
    query = select(Person).where(
        col(Person.role).in_(watching), Person.status == "active"
    )
    return list(session.exec(query))


def _of(session: Session, person_id: int) -> Any:
    """The query of what a person was told, without the secret cases that they do not
    read by now."""
    person = session.get_one(Person, person_id)
    return select(Notification).where(
        Notification.person_id == person_id,
        readers.may_be_told(person_id, person.agency_code),
    )


def unread(database: Database, person_id: int, limit: int = 50) -> list[Notification]:
    """Newest first, urgent ones before."""
    with database.reading() as session:
        query = _of(session, person_id).where(col(Notification.read_at).is_(None))
        newest = query.order_by(
            col(Notification.urgent).desc(), col(Notification.id).desc()
        )
        return list(session.exec(newest.limit(limit)))


def of_person(
    database: Database, person_id: int, limit: int = 50
) -> list[Notification]:
    """Read or not, newest first."""
    with database.reading() as session:
        newest = _of(session, person_id).order_by(col(Notification.id).desc())
        return list(session.exec(newest.limit(limit)))


def mark_read(
    database: Database, now: datetime, person_id: int, upto: int | None = None
) -> None:
    """Read up to a notification, or all."""
    with database.writing() as session:
        statement = update(Notification).where(
            col(Notification.person_id) == person_id,
            col(Notification.read_at).is_(None),
        )
        if upto is not None:
            statement = statement.where(col(Notification.id) <= upto)
        session.execute(statement.values(read_at=now))


def opened(database: Database, now: datetime, person_id: int, told_id: int) -> str:
    """Whoever follows one of their notifications has read it; where it leads."""
    with database.writing() as session:
        query = _of(session, person_id).where(col(Notification.id) == told_id)
        told = session.exec(query).first()
        if told is None:
            return NEWS
        told.read_at = told.read_at or now
        return leads_to(told)


def leads_to(told: Notification) -> str:
    """The page a notification is about; that of the news where there is none."""
    number, incident = told.data.get("number"), told.data.get("incident")
    if number:
        return (
            f"/bantu-jawab/{number}"
            if told.kind.startswith("help_")
            else f"/aduan/{number}"
        )
    if incident:
        return f"/insiden#i{incident}"
    return "/kesehatan" if told.data.get("account") else NEWS


def answer_failed(session: Session, now: datetime, reply: Reply) -> None:
    """Tell the writer that an answer of theirs has not arrived, or that nobody knows:
    once for all answers of a case that fail alike while it is unread."""
    case, writer = (
        session.get_one(Case, reply.case_id),
        session.get_one(Person, reply.person_id),
    )
    kind = "reply_unknown" if reply.state == "unknown" else "reply_refused"
    query = select(Notification.id).where(
        Notification.person_id == writer.id,
        Notification.case_id == case.id,
        Notification.kind == kind,
        col(Notification.read_at).is_(None),
    )
    if session.exec(query).first() is None:
        notify(session, now, writer, kind, case=case)


def account_lost(session: Session, now: datetime, account: Account) -> None:
    """Tell who can sign an account in again, and the agency that is not heard through
    it."""
    query = select(Person).where(
        Person.status == "active",
        or_(
            col(Person.role) == "admin", col(Person.agency_code) == account.agency_code
        ),
    )
    for person in session.exec(query):
        notify(session, now, person, "account_lost", account=_named(account))


def account_ends(session: Session, now: datetime, account: Account, days: int) -> None:
    """Tell who can renew a login that it ends."""
    for person in session.exec(
        select(Person).where(Person.role == "admin", Person.status == "active")
    ):
        notify(session, now, person, "account", account=_named(account), days=days)


def _named(account: Account) -> str:
    return f"{account.channel}:{account.handle}"
