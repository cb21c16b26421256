"""A case as one person has it open: who may see it and act on it is asked here, once.

    reading(database, ...)   to look at it, in a transaction of its own
    acting(database, ...)    to act on it: the rights, the version and the lock as well
    read_in, act_in          the same in a transaction of the caller's

Whatever shows a case or changes it begins with one of these and passes the `CaseFile`
on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from aggregator.cases import deadlines, groups, privacy, sight
from aggregator.cases.privacy import Reader
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store.audit import record
from aggregator.store.db import Database, Reads, table
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Assignment, Case
from aggregator.store.tables.intake import Message, MessageAccount
from aggregator.store.tables.people import Person
from aggregator.store.tables.store import AuditEntry
from aggregator.store.versions import changed

_PROLONGED_EVERY = timedelta(minutes=1)
"""A draft is kept every few seconds; the row of its case is not written as often."""
_NO_NEWS = ("reply_sent", "revealed")
"""Lines of the history that make no page out of date."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a case and the accounts it was addressed to."""

    message: Message
    accounts: list[Account]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer of ours, whatever became of it. `by`: the agencies of who wrote it and
    of the account it went by."""

    reply: Reply
    writer: str
    by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person had before them when they acted: the version of the case, and the
    last line of its history."""

    version: int
    line: int | None = None


@dataclass(eq=False)
class CaseFile:
    """What belongs to the case is read when somebody first asks for it, and once."""

    session: Session
    now: datetime
    viewer: Viewer
    case: Case
    names: dict[int, str] = field(default_factory=dict)
    """Of who holds the case and who closed it, where it was opened to be read."""

    @property
    def id(self) -> int:
        return self.case.id

    @property
    def number(self) -> str:
        return self.case.number

    @property
    def is_mine(self) -> bool:
        """The viewer has the case in hand."""
        return self.case.claimed_by == self.viewer.id

    @property
    def lead(self) -> str | None:
        """The agency that leads the case."""
        return next((one.agency_code for one in self.tasks if one.role == "lead"), None)

    @cached_property
    def tasks(self) -> list[Assignment]:
        """Of every agency in the case, the oldest first."""
        return deadlines.tasks_of(self.session, self.id)

    @cached_property
    def reader(self) -> Reader:
        """What of the residents' words the viewer may read."""
        return privacy.reader(
            self.session, self.now, self.viewer, self.case, self.tasks
        )

    @cached_property
    def said(self) -> list[Said]:
        """By residents and by offices, the oldest first."""
        return said_in(self.session, self.id)

    @property
    def messages(self) -> list[Message]:
        return [one.message for one in self.said]

    @cached_property
    def given(self) -> list[Given]:
        """Our answers, the oldest first."""
        rows = self.session.exec(_GIVEN, params={"case": self.id})
        return [
            Given(reply, name, frozenset(agencies)) for reply, name, *agencies in rows
        ]

    @property
    def arrived(self) -> list[deadlines.Answer]:
        """Answers that arrived, as the clocks hear of them: sent from here, and written
        on the platform itself."""
        if self.case.first_response_at is None:
            return []
        sent = [
            deadlines.Answer(one.by, one.reply.sent_at)
            for one in self.given
            if one.reply.state == "sent" and one.reply.sent_at is not None
        ]
        elsewhere = [
            deadlines.Answer(frozenset((account.agency_code,)), one.message.created_at)
            for one in self.said
            if one.message.direction == "out"
            for account in one.accounts
            if account.id == one.message.account_id
        ]
        return sent + elsewhere

    @cached_property
    def parts(self) -> list[Case]:
        """Every case that was joined into this one."""
        return groups.parts(self.session, self.id)

    @property
    def ids(self) -> list[int]:
        """Of the case and of its parts."""
        return [self.id, *(part.id for part in self.parts)]

    def changed(self, action: str, **detail: Any) -> None:
        """The case is another now: its version grows, and its history says why."""
        changed(self.session, self.viewer.actor, action, self.case, **detail)

    def record(self, action: str, **detail: Any) -> None:
        """A line in the history of the case that leaves it as it is."""
        record(self.session, self.viewer.actor, action, "case", self.id, **detail)


@contextmanager
def reading(
    source: Reads, now: datetime, viewer: Viewer, number: str
) -> Iterator[CaseFile]:
    """The case with this number, to look at. Refusal."""
    with source.reading() as session:
        yield read_in(session, now, viewer, number)


@contextmanager
def acting(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    seen: Seen | None = None,
) -> Iterator[CaseFile]:
    """The case with this number, for an act: committed at the end. Refusal."""
    with database.writing() as session:
        yield act_in(session, now, viewer, number, seen)


_NUMBERED = select(Case).where(col(Case.number) == bindparam("number"))
_TOLD = _NUMBERED.where(sight.NO_SECRET)
"""Of which somebody may be told that there is one."""
_TO_ACT_ON = _NUMBERED.with_for_update().execution_options(populate_existing=True)
"""Read as it is now, whatever the transaction has read before, and kept from others.
Without its tasks: PostgreSQL would give them as they were before it waited."""
_HOLDER, _CLOSER = aliased(Person), aliased(Person)
_TO_READ: Any = (
    select(Case, Assignment, col(_HOLDER.name), col(_CLOSER.name))
    .join(Assignment, col(Assignment.case_id) == col(Case.id), isouter=True)
    .join(_HOLDER, col(_HOLDER.id) == col(Case.claimed_by), isouter=True)
    .join(_CLOSER, col(_CLOSER.id) == col(Case.closed_by), isouter=True)
    .where(col(Case.number) == bindparam("number"))
    .order_by(col(Assignment.id))
)


def read_in(session: Session, now: datetime, viewer: Viewer, number: str) -> CaseFile:
    """The case with this number, if the viewer may see it. Refusal."""
    rows = _asked(session, viewer, number, _TO_READ)
    case, _, holder, closer = rows[0]
    people = ((case.claimed_by, holder), (case.closed_by, closer))
    names = {person: name for person, name in people if person is not None}
    file = CaseFile(session, now, viewer, case, names)
    file.tasks = [row[1] for row in rows if row[1] is not None]
    return file


def act_in(
    session: Session,
    now: datetime,
    viewer: Viewer,
    number: str,
    seen: Seen | None = None,
) -> CaseFile:
    """The case for an act of the viewer's. Refusal, also `changed` where others have
    changed the case since it was `seen`."""
    if not viewer.may_act:
        raise Refusal(f"{viewer.login} may read, not act", "read_only")
    (case,) = _asked(session, viewer, number, _TO_ACT_ON)
    file = CaseFile(session, now, viewer, case)
    if case.joined_into is not None:
        whole = session.get_one(Case, case.joined_into).number
        raise Refusal(
            f"case {file.number} is part of case {whole}", "joined", into=whole
        )
    if seen is not None and _is_out_of_date(file, seen):
        raise Refusal(
            f"case {file.number} has changed since you opened it; look at it again",
            "changed",
        )
    _prolong(file)
    return file


def _asked(session: Session, viewer: Viewer, typed: str, query: Any) -> Sequence[Any]:
    """The rows of a query for one case, where the viewer may see it. Refusal."""
    number = casenumbers.tidy(typed)
    if not casenumbers.is_valid(number):
        raise Refusal(f"{typed!r} is not a case number: a digit is wrong", "bad_number")
    here = {"number": number}
    rows: Sequence[Any] = session.exec(
        sight.among(query, viewer), params={**here, **sight.by(viewer)}
    ).all()
    if rows:
        return rows
    if session.exec(_TOLD, params=here).first() is None:
        raise Refusal(f"there is no case {number}", "no_such_case")
    raise Refusal(f"case {number} belongs to another agency", "not_yours")


_SINCE = (
    select(AuditEntry)
    .where(
        col(AuditEntry.case_id) == bindparam("case"),
        col(AuditEntry.id) > bindparam("line"),
    )
    .order_by(col(AuditEntry.id))
)


def _is_out_of_date(file: CaseFile, seen: Seen) -> bool:
    """Where nothing has happened but the person's own acts and the sending of answers,
    what they saw still holds."""
    if file.case.version == seen.version:
        return False
    if seen.line is None:
        return True
    lines = file.session.exec(_SINCE, params={"case": file.id, "line": seen.line})
    return any(is_news(line, file.viewer) for line in lines)


def is_news(line: AuditEntry, viewer: Viewer) -> bool:
    """Whether a line of the history tells a viewer what they did not do themselves."""
    return line.person_id != viewer.id and line.action not in _NO_NEWS


def _prolong(file: CaseFile) -> None:
    """An act of the holder's is use of the case: their hold lasts as long again."""
    case = file.case
    if not file.is_mine or case.claimed_at is None or case.claim_expires_at is None:
        return
    if file.now - case.claimed_at >= _PROLONGED_EVERY:
        lasts = case.claim_expires_at - case.claimed_at
        case.claimed_at, case.claim_expires_at = file.now, file.now + lasts


_SAID: Any = (
    select(Message, Account)
    .join(
        MessageAccount, col(MessageAccount.message_id) == col(Message.id), isouter=True
    )
    .join(Account, col(Account.id) == col(MessageAccount.account_id), isouter=True)
    .where(col(Message.case_id) == bindparam("case"))
    .order_by(col(Message.created_at), col(Message.id), col(Account.id))
)


_GIVEN: Any = (
    select(Reply, Person.name, Person.agency_code, Account.agency_code)
    .join(Person, col(Person.id) == col(Reply.person_id))
    .join(Account, col(Account.id) == col(Reply.account_id))
    .where(col(Reply.case_id) == bindparam("case"))
    .order_by(col(Reply.id))
)


def said_in(session: Session, case_id: int) -> list[Said]:
    """What was said in a case, by residents and by offices, the oldest first."""
    found: dict[int | None, Said] = {}
    for message, account in session.exec(_SAID, params={"case": case_id}):
        said = found.setdefault(message.id, Said(message, []))
        if account is not None:
            said.accounts.append(account)
    return list(found.values())


_case = table(Case).c


def unheld(now: Any) -> Any:
    """The condition that nobody has a case in hand."""
    return or_(_case.claimed_by.is_(None), _case.claim_expires_at < now)


def lead(session: Session, case: Case) -> str | None:
    """The agency that leads a case."""
    query = select(Assignment.agency_code).where(
        Assignment.case_id == case.id, Assignment.role == "lead"
    )
    return session.exec(query).first()
