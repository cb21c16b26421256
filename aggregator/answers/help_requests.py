""" "Bantu jawab": one office proposes an answer to a question another office has.

    ask(case, office)   the office that has the case asks another one, or any
    asked(viewer)       what the viewer may help with: asked of them, then unasked questions
    propose(case, text) a proposal; whoever holds the case uses it with one press (drafts.take)

Who helps reads the question masked and does nothing else with the case. It is no task:
no clock runs, and the case may close without it. Nothing of a confidential case is ever
asked.
"""  # noqa: E501

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, distinct, func, or_, select

from aggregator.answers import drafts, library
from aggregator.answers.drafts import LONGEST
from aggregator.cases import casefile, claims, privacy
from aggregator.cases.deadlines import IS_OPEN
from aggregator.people import notifications
from aggregator.people.notifications import notify
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store import versions
from aggregator.store.audit import record
from aggregator.store.db import Database, Reads
from aggregator.store.tables.answers import Draft, HelpRequest
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.city import Agency
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Person

QUESTION = "permintaan_informasi"
_LONGEST_ASKED = 500
_MOST_LISTED = 50
_MESSAGES = 5
_UNANSWERED_AFTER = timedelta(minutes=30)
"""So long the office that has a question answers it itself, undisturbed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question somebody may help with. `text`: masked. `is_asked`: the office asks
    for help, and what it wants to know (`asked`). `by`: the office that leads the
    case."""

    case: Case
    text: str
    is_asked: bool
    asked: str
    by: str
    since: datetime
    proposed: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question as who helps sees it. `facts`: with their texts in the resident's
    language."""

    case: Case
    texts: list[str]
    asked: list[str]
    by: str
    own: Draft | None
    facts: list[library.Offer]


def ask(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    asked: str,
    agency: str | None = None,
) -> HelpRequest:
    """Ask an office, or every office. Those on duty at the office asked are told.
    Refusal."""
    with casefile.acting(database, now, viewer, number) as file:
        session, case = file.session, file.case
        if case.confidential:
            raise Refusal("a confidential case is asked of nobody", "confidential")
        if case.status not in ("new", "answered"):
            raise Refusal(f"case {case.number} is closed", "closed")
        if agency is not None:
            found = session.get(Agency, agency)
            if found is None or not found.active or agency == viewer.agency_code:
                raise Refusal(
                    f"{agency!r} cannot be asked", "no_such_agency", agency=agency
                )
        row = HelpRequest(
            case_id=file.id,
            agency_code=agency,
            person_id=viewer.id,
            asked_at=now,
            asked=privacy.masked(asked.strip())[:_LONGEST_ASKED],
        )
        session.add(row)
        for person in notifications.reached(session, agency, now) if agency else ():
            notify(session, now, person, "help_asked", case=case, who=viewer.name)
        file.record("help_asked", agency=agency or "all")
        session.flush()
        return row


def withdraw(
    database: Database, now: datetime, viewer: Viewer, number: str, request_id: int
) -> None:
    with casefile.acting(database, now, viewer, number) as file:
        row = file.session.get(HelpRequest, request_id)
        if row is not None and row.case_id == file.id and row.ended_at is None:
            row.ended_at = now
            file.record("help_ended")


_ASKED = (
    select(HelpRequest)
    .where(
        col(HelpRequest.case_id) == bindparam("case"),
        col(HelpRequest.ended_at).is_(None),
    )
    .order_by(col(HelpRequest.id))
)


def of_case(session: Session, case: Case) -> list[HelpRequest]:
    """What is asked of others about a case now."""
    return list(session.exec(_ASKED, params={"case": case.id}))


def count_asked(source: Reads, viewer: Viewer) -> int:
    """How many open cases of other offices the viewer's office, or every office, is
    asked about."""
    with source.reading() as session:
        return int(
            session.exec(_NUMBER_ASKED, params={"agency": viewer.agency_code}).one()
        )


def _asked_of(agency: Any, *columns: Any) -> Any:
    """Requests to an office or to all, about open cases of others."""
    ours = select(Assignment.id).where(
        Assignment.case_id == HelpRequest.case_id,
        Assignment.agency_code == agency,
        Assignment.status != "bounced",
    )
    return (
        select(*columns)
        .select_from(HelpRequest)
        .join(Case, col(Case.id) == col(HelpRequest.case_id))
        .where(
            *_for(agency), IS_OPEN, col(Case.confidential).is_(False), ~ours.exists()
        )
    )


def _for(agency: Any) -> tuple[Any, ...]:
    asked = col(HelpRequest.agency_code)
    to_them = or_(asked == agency, asked.is_(None))
    return (to_them, col(HelpRequest.ended_at).is_(None))


_NUMBER_ASKED = _asked_of(
    bindparam("agency"), func.count(distinct(col(HelpRequest.case_id)))
)


def wanted(database: Database, now: datetime, viewer: Viewer) -> list[Wanted]:
    """Asked of the viewer's office or of all; then questions of other offices that
    nobody holds."""
    ours = select(Assignment.case_id).where(
        Assignment.agency_code == viewer.agency_code, Assignment.status != "bounced"
    )
    others = select(Case).where(
        IS_OPEN, col(Case.confidential).is_(False), col(Case.id).not_in(ours)
    )
    with database.reading() as session:
        asked = _asked_of(viewer.agency_code, HelpRequest).order_by(col(HelpRequest.id))
        requests = {row.case_id: row for row in session.exec(asked.limit(_MOST_LISTED))}
        unasked = (
            others.where(
                Case.klass == QUESTION,
                Case.status == "new",
                casefile.unheld(now),
                Case.opened_at < now - _UNANSWERED_AFTER,
            )
            .order_by(col(Case.opened_at))
            .limit(_MOST_LISTED)
        )
        found = [session.get_one(Case, number) for number in requests]
        found += [case for case in session.exec(unasked) if case.id not in requests]
        return [
            _as_wanted(session, viewer, case, requests.get(case.id)) for case in found
        ]


def _as_wanted(
    session: Session, viewer: Viewer, case: Case, request: HelpRequest | None
) -> Wanted:
    first = (
        session.get(Message, case.first_message_id) if case.first_message_id else None
    )
    said = first.text if first and first.deleted_at is None else None
    return Wanted(
        case=case,
        text=privacy.masked(said or ""),
        is_asked=request is not None,
        asked=request.asked if request else "",
        by=casefile.lead(session, case) or "",
        since=request.asked_at if request else case.opened_at,
        proposed=drafts.own(session, viewer, case) is not None,
    )


def _open_to(session: Session, viewer: Viewer, number: str) -> Case:
    """The case, if the viewer may help with it. Refusal `not_yours` otherwise."""
    tidy = casenumbers.tidy(number)
    case = session.exec(select(Case).where(Case.number == tidy)).first()
    if case is None or case.confidential:
        raise Refusal(f"there is no case {tidy}", "no_such_case")
    is_asked = session.exec(
        select(HelpRequest.id).where(
            HelpRequest.case_id == case.id, *_for(viewer.agency_code)
        )
    ).first()
    is_open = case.status in ("new", "answered")
    if not is_open or not (is_asked or case.klass == QUESTION):
        raise Refusal(f"case {case.number} belongs to another agency", "not_yours")
    return case


def question(
    database: Database, now: datetime, viewer: Viewer, number: str
) -> Question:
    """What is asked, without personal data, and the facts that may answer it.
    Refusal."""
    with database.reading() as session:
        case = _open_to(session, viewer, number)
        said = _said(session, case)
        of_them = _for(viewer.agency_code)
        requests = select(HelpRequest).where(HelpRequest.case_id == case.id, *of_them)
        return Question(
            case,
            [privacy.masked(text) for text in said],
            [row.asked for row in session.exec(requests) if row.asked],
            casefile.lead(session, case) or "",
            drafts.own(session, viewer, case),
            library.facts(session, now, "\n".join(said), case),
        )


def _said(session: Session, case: Case) -> list[str]:
    query = select(Message.text).where(
        Message.case_id == case.id,
        Message.direction == "in",
        col(Message.deleted_at).is_(None),
        col(Message.text).is_not(None),
    )
    newest = query.order_by(col(Message.created_at), col(Message.id)).limit(_MESSAGES)
    return [text for text in session.exec(newest) if text]


def propose(
    database: Database, now: datetime, viewer: Viewer, number: str, text: str
) -> Draft:
    """Propose an answer, or change one's proposal. Who waits for it is told.
    Refusal."""
    if not viewer.may_act:
        raise Refusal(f"{viewer.login} may read, not act", "read_only")
    if not text.strip():
        raise Refusal("the answer is empty", "empty")
    if len(text) > LONGEST:
        raise Refusal(f"an answer has at most {LONGEST} characters", "too_long")
    with database.writing() as session:
        case = _open_to(session, viewer, number)
        row = drafts.own(session, viewer, case)
        if row is None:
            row = Draft(case_id=case.id, person_id=viewer.id, text="")
            session.add(row)
        row.text, row.shared, row.state = text.strip(), True, "proposed"
        row.updated_at = now
        versions.grow(row)
        for person in _who_waits(session, now, case):
            if person.id != viewer.id:
                notify(
                    session, now, person, "help_proposed", case=case, who=viewer.name
                )
        record(session, viewer.actor, "help_proposed", "case", case.id)
        session.flush()
        return row


def _who_waits(session: Session, now: datetime, case: Case) -> list[Person]:
    """Who asked, and who holds the case; where neither is, those reached at the office
    in the lead."""
    waiting = {row.person_id for row in of_case(session, case)}
    if case.claimed_by and case.claim_expires_at and case.claim_expires_at >= now:
        waiting.add(case.claimed_by)
    if not waiting:
        return notifications.reached(session, casefile.lead(session, case) or "", now)
    return list(session.exec(select(Person).where(col(Person.id).in_(waiting))))


def use(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    draft_id: int,
    minutes: int,
) -> Draft:
    """Take a proposal as one's own draft, and the case where nobody holds it. Who
    proposed it is told; what was asked of others ends. Refusal."""
    with casefile.acting(database, now, viewer, number) as file:
        claims.claim_in(file, minutes)
        session, case = file.session, file.case
        proposal = session.get(Draft, draft_id)
        if proposal is None or proposal.state not in ("proposed", "used"):
            raise Refusal("there is no such proposal", "no_such_draft")
        row = drafts.take_in(file, draft_id)
        known = library.values(session, now, viewer, case, library.language_of(case))
        row.text = library.fill(row.text, known)
        if proposal.state == "used":
            return row
        proposal.state, proposal.decided_by = "used", viewer.id
        for request in of_case(session, case):
            request.ended_at, request.used_by = now, proposal.person_id
        helper = session.get_one(Person, proposal.person_id)
        notify(session, now, helper, "help_used", case=case, who=viewer.name)
        file.record("help_used", helper=helper.login, agency=helper.agency_code)
        return row
