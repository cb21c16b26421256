"""Reading the queue and a case, in as few queries as a page needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from aggregator import cases
from aggregator.db import Database
from aggregator.models import (
    Account,
    Assignment,
    Attachment,
    AuditEntry,
    Case,
    Message,
    MessageAccount,
    MessageVersion,
    Note,
    Person,
    Reply,
)
from aggregator.people import Viewer


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case in a list. `agencies`: codes, the lead first."""

    case: Case
    message: Message | None
    accounts: list[Account]
    agencies: list[str]
    attachments: list[Attachment]
    holder: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message with all that belongs to it."""

    message: Message
    accounts: list[Account]
    versions: list[MessageVersion]
    attachments: list[Attachment]


@dataclass(frozen=True, slots=True)
class CaseDetail:
    case: Case
    messages: list[Spoken]
    replies: list[Reply]
    notes: list[Note]
    assignments: list[Assignment]
    audit: list[AuditEntry]
    targets: list[cases.Target]
    names: dict[int, str] = field(default_factory=dict)

    @property
    def holder(self) -> str | None:
        return self.names.get(self.case.claimed_by) if self.case.claimed_by else None


def listing(
    database: Database,
    viewer: Viewer,
    *,
    agency: str | None = None,
    status: str = "open",
    mine: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[QueueRow]:
    """Cases by age, oldest first. `status`: open, new, answered, closed, all."""
    with database.reading() as session:
        query = _visible(select(Case), viewer, agency)
        query = _with_status(query, status)
        if mine:
            query = query.where(Case.claimed_by == viewer.id)
        query = query.order_by(col(Case.opened_at), col(Case.id)).limit(limit).offset(offset)
        return _rows(session, list(session.exec(query)))


def count(database: Database, viewer: Viewer, agency: str | None = None) -> dict[str, int]:
    """How many cases the viewer sees, by status."""
    with database.reading() as session:
        query = _visible(select(Case.status, func.count()), viewer, agency).group_by(Case.status)
        return dict(session.exec(query).all())


def _visible(query: Any, viewer: Viewer, agency: str | None) -> Any:
    code = agency if viewer.sees_all else viewer.agency_code
    if code is None:
        return query
    return query.join(Assignment, col(Assignment.case_id) == col(Case.id)).where(
        Assignment.agency_code == code
    )


def _with_status(query: Any, status: str) -> Any:
    if status == "open":
        return query.where(col(Case.status).in_(("new", "answered")))
    return query if status == "all" else query.where(Case.status == status)


def _rows(session: Session, found: Sequence[Case]) -> list[QueueRow]:
    ids = [case.id or 0 for case in found]
    firsts = [case.first_message_id or 0 for case in found]
    messages = {
        row.id: row for row in session.exec(select(Message).where(col(Message.id).in_(firsts)))
    }
    accounts = _accounts(session, ids)
    agencies = defaultdict(list)
    query = select(Assignment).where(col(Assignment.case_id).in_(ids)).order_by(col(Assignment.id))
    for row in sorted(session.exec(query), key=lambda row: row.role != "lead"):
        agencies[row.case_id].append(row.agency_code)
    pictures = _attachments(session, firsts)
    names = _names(session, (case.claimed_by for case in found))
    return [
        QueueRow(
            case=case,
            message=messages.get(case.first_message_id),
            accounts=accounts[case.id or 0],
            agencies=agencies[case.id or 0],
            attachments=pictures[case.first_message_id or 0],
            holder=names.get(case.claimed_by) if case.claimed_by else None,
        )
        for case in found
    ]


def _accounts(session: Session, case_ids: Sequence[int]) -> dict[int, list[Account]]:
    found: dict[int, list[Account]] = defaultdict(list)
    query = (
        select(Message.case_id, Account)
        .join(MessageAccount, col(MessageAccount.message_id) == col(Message.id))
        .join(Account, col(Account.id) == col(MessageAccount.account_id))
        .where(col(Message.case_id).in_(case_ids))
        .order_by(col(Account.id))
    )
    for case_id, account in session.exec(query):
        if case_id is not None and account not in found[case_id]:
            found[case_id].append(account)
    return found


def _attachments(session: Session, message_ids: Sequence[int]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = defaultdict(list)
    query = select(Attachment).where(col(Attachment.message_id).in_(message_ids))
    for row in session.exec(query.order_by(col(Attachment.position), col(Attachment.id))):
        found[row.message_id].append(row)
    return found


def _names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {person_id for person_id in ids if person_id is not None}
    if not wanted:
        return {}
    query = select(Person.id, Person.name).where(col(Person.id).in_(wanted))
    return {int(person_id or 0): name for person_id, name in session.exec(query)}


def detail(database: Database, viewer: Viewer, number: str) -> CaseDetail:
    """Everything about one case. CaseError."""
    with database.reading() as session:
        case = cases.find_in(session, viewer, number)
        query = select(Message).where(Message.case_id == case.id)
        messages = list(session.exec(query.order_by(col(Message.created_at), col(Message.id))))
        replies = list(
            session.exec(select(Reply).where(Reply.case_id == case.id).order_by(col(Reply.id)))
        )
        notes = list(session.exec(select(Note).where(Note.case_id == case.id)))
        audit = select(AuditEntry).where(AuditEntry.case_id == case.id).order_by(col(AuditEntry.id))
        assignments = select(Assignment).where(Assignment.case_id == case.id)
        people = {row.person_id for row in replies} | {row.person_id for row in notes}
        people |= {case.claimed_by or 0, case.closed_by or 0}
        return CaseDetail(
            case=case,
            messages=_spoken(session, messages),
            replies=replies,
            notes=notes,
            assignments=sorted(
                session.exec(assignments), key=lambda row: (row.role != "lead", row.id)
            ),
            audit=list(session.exec(audit)),
            targets=cases.targets(session, viewer, case),
            names=_names(session, people),
        )


def _spoken(session: Session, messages: Sequence[Message]) -> list[Spoken]:
    ids = [message.id or 0 for message in messages]
    versions: dict[int, list[MessageVersion]] = defaultdict(list)
    query = select(MessageVersion).where(col(MessageVersion.message_id).in_(ids))
    for version in session.exec(query.order_by(col(MessageVersion.n))):
        versions[version.message_id].append(version)
    accounts: dict[int, list[Account]] = defaultdict(list)
    addressed = (
        select(MessageAccount.message_id, Account)
        .join(Account, col(Account.id) == col(MessageAccount.account_id))
        .where(col(MessageAccount.message_id).in_(ids))
    )
    for message_id, account in session.exec(addressed):
        accounts[message_id].append(account)
    pictures = _attachments(session, ids)
    return [
        Spoken(
            message,
            accounts[message.id or 0],
            versions[message.id or 0],
            pictures[message.id or 0],
        )
        for message in messages
    ]


def attachment(database: Database, viewer: Viewer, attachment_id: int) -> Attachment | None:
    """A stored picture, if the viewer may see its case."""
    with database.reading() as session:
        row = session.get(Attachment, attachment_id)
        message = session.get(Message, row.message_id) if row else None
        case = session.get(Case, message.case_id) if message and message.case_id else None
        if case is None or message is None or message.deleted_at is not None:
            return None
        try:
            cases.find_in(session, viewer, case.number or "")
        except cases.CaseError:
            return None
        return row


def last_change(database: Database) -> tuple[int, int]:
    """Grows with every act and every message: what live pages watch."""
    with database.reading() as session:
        newest_act = session.exec(select(func.max(AuditEntry.id))).one()
        newest_message = session.exec(select(func.max(Message.id))).one()
    return newest_act or 0, newest_message or 0


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """What anybody may know of a case by its number: no text, no person."""

    number: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    lead_agency: str | None
    answered_at: datetime | None


def public_status(database: Database, number: str) -> PublicStatus | None:
    with database.reading() as session:
        case = session.exec(select(Case).where(Case.number == number)).first()
        if case is None:
            return None
        lead = session.exec(
            select(Assignment.agency_code).where(
                Assignment.case_id == case.id, Assignment.role == "lead"
            )
        ).first()
        answered = session.exec(
            select(func.max(Reply.sent_at)).where(Reply.case_id == case.id, Reply.state == "sent")
        ).one()
        return PublicStatus(number, case.status, case.opened_at, case.closed_at, lead, answered)


def public_answers(database: Database, number: str, submission: str) -> list[Reply] | None:
    """The answers to one submission of the web form, for whoever holds its secret id."""
    with database.reading() as session:
        message = session.exec(
            select(Message)
            .join(Case, col(Case.id) == col(Message.case_id))
            .where(
                Case.number == number,
                Message.channel == "webform",
                Message.native_id == submission,
            )
        ).first()
        if message is None:
            return None
        return list(
            session.exec(
                select(Reply)
                .where(Reply.message_id == message.id, Reply.state == "sent")
                .order_by(col(Reply.id))
            )
        )
