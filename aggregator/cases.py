"""What people do with a case: claim, release, note, reply, assign, close, reopen (T3).

Each act is one transaction: a conditional UPDATE or a version check, and a line in the audit trail.
A person sees a case when their agency is assigned to it, or their role sees every agency.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

import connectors
from aggregator import city, deadlines, people, reminders
from aggregator.audit import record
from aggregator.db import Database
from aggregator.deadlines import OPEN as OPEN
from aggregator.models import (
    Account,
    Agency,
    Assignment,
    Bounce,
    Case,
    Message,
    MessageAccount,
    Note,
    Person,
    Reply,
)
from aggregator.notifications import notify
from aggregator.people import Viewer
from aggregator.rules import casenumbers
from connectors import base

LONGEST_NOTE = 5000
_LONGEST_REASON = 300
_ASIDE = "-open"
"""Ends the key of the public sentence beside a private answer."""
UNDO_WITHIN = timedelta(seconds=10)
"""So long an answer of the pages waits, to be taken back."""
FALLBACK_AGENCY = "diskominfo"
"""Verifies and passes on what nobody else owns (Perwal Bogor 11/2019)."""
OUTCOMES = ("selesai", "bukan_kewenangan", "arsip")
PAUSES = ("menunggu_pelapor", "menunggu_anggaran")


class CaseError(Exception):
    """An act was refused; nothing was changed. `code` for screens, `detail` for their sentences."""

    def __init__(self, message: str, code: str, **detail: Any) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail


def find_in(session: Session, viewer: Viewer, typed: str) -> Case:
    """The case with this number, if the viewer may see it. CaseError."""
    number = casenumbers.tidy(typed)
    if not casenumbers.is_valid(number):
        raise CaseError(f"{typed!r} is not a case number: a digit is wrong", "bad_number")
    case = session.exec(select(Case).where(Case.number == number)).first()
    if case is None:
        raise CaseError(f"there is no case {number}", "no_such_case")
    if not sees(session, viewer, case):
        raise CaseError(f"case {number} belongs to another agency", "not_yours")
    return case


def sees(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether a person may open a case: one of their office's, or of any for some roles."""
    if viewer.sees_all:
        return True
    assigned = select(Assignment.id).where(
        Assignment.case_id == case.id, Assignment.agency_code == viewer.agency_code
    )
    return session.exec(assigned).first() is not None


def acting(session: Session, viewer: Viewer, number: str, version: int | None = None) -> Case:
    """The case for an act inside a transaction of the caller's. CaseError."""
    if not viewer.may_act:
        raise CaseError(f"{viewer.login} may read, not act", "read_only")
    case = find_in(session, viewer, number)
    session.refresh(case, with_for_update=True)
    if case.joined_into is not None:
        whole = session.get_one(Case, case.joined_into).number
        raise CaseError(f"case {case.number} is part of case {whole}", "joined", into=whole)
    if version is not None and case.version != version:
        raise CaseError(
            f"case {case.number} has changed since you opened it; look at it again", "changed"
        )
    return case


def _id(case: Case) -> int:
    assert case.id is not None
    return case.id


def claim(
    database: Database, now: datetime, viewer: Viewer, number: str, minutes: int = 120
) -> Case:
    """Take the case, or prolong one's own hold. CaseError `claimed` names the holder."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status == "closed":
            raise CaseError(f"case {case.number} is closed; reopen it first", "closed")
        won = session.execute(
            update(Case)
            .where(
                col(Case.id) == case.id,
                or_(
                    col(Case.claimed_by).is_(None),
                    col(Case.claimed_by) == viewer.id,
                    col(Case.claim_expires_at) < now,
                ),
            )
            .values(
                claimed_by=viewer.id,
                claimed_at=now,
                claim_expires_at=now + timedelta(minutes=minutes),
                version=Case.version + 1,
            )
            .execution_options(synchronize_session=False)
        )
        session.refresh(case)
        if won.rowcount != 1:  # type: ignore[attr-defined]
            holder = session.get_one(Person, case.claimed_by)
            raise CaseError(
                f"{holder.name} took case {case.number} first", "claimed", holder=holder.name
            )
        _acknowledge(session, now, viewer, case)
        record(session, viewer.actor, "claimed", "case", _id(case))
        return case


def _acknowledge(session: Session, now: datetime, viewer: Viewer, case: Case) -> None:
    """Somebody of an agency took the case in hand: nobody above needs to be told any more."""
    query = select(Assignment).where(
        Assignment.case_id == case.id, Assignment.agency_code == viewer.agency_code
    )
    for row in session.exec(query):
        row.acknowledged_at = row.acknowledged_at or now


def release(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    """Give the case back to the queue. Only its holder, or a role that sees every agency."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.claimed_by is None:
            raise CaseError(f"nobody holds case {case.number}", "not_claimed")
        if case.claimed_by != viewer.id and not viewer.sees_all:
            holder = session.get_one(Person, case.claimed_by)
            raise CaseError(f"{holder.name} holds the case", "claimed", holder=holder.name)
        _release(case)
        record(session, viewer.actor, "released", "case", _id(case))
        return case


def _release(case: Case) -> None:
    case.claimed_by = case.claimed_at = case.claim_expires_at = None
    case.version += 1


def take_over(
    database: Database, now: datetime, viewer: Viewer, number: str, reason: str, minutes: int = 120
) -> Case:
    """Take a case out of a colleague's hands; they are told why. CaseError without a reason."""
    if not reason.strip():
        raise CaseError("say why you take it over", "reason_needed")
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status == "closed":
            raise CaseError(f"case {case.number} is closed; reopen it first", "closed")
        former = session.get(Person, case.claimed_by) if case.claimed_by else None
        case.claimed_by, case.claimed_at = viewer.id, now
        case.claim_expires_at = now + timedelta(minutes=minutes)
        case.version += 1
        _acknowledge(session, now, viewer, case)
        if former is not None and former.id != viewer.id:
            said = reason.strip()[:_LONGEST_REASON]
            notify(session, now, former, "claim", case=case, who=viewer.name, reason=said)
        record(
            session, viewer.actor, "taken_over", "case", _id(case),
            former=former.login if former else None,
        )  # fmt: skip
        return case


def add_note(database: Database, now: datetime, viewer: Viewer, number: str, text: str) -> Note:
    with database.writing() as session:
        return add_note_in(session, now, viewer, number, text)


def add_note_in(session: Session, now: datetime, viewer: Viewer, number: str, text: str) -> Note:
    """A note inside a transaction of the caller's. CaseError."""
    if not text.strip():
        raise CaseError("the note is empty", "empty")
    if len(text) > LONGEST_NOTE:
        raise CaseError(f"a note has at most {LONGEST_NOTE} characters", "too_long")
    case = acting(session, viewer, number)
    note = Note(case_id=_id(case), person_id=viewer.id, text=text.strip(), created_at=now)
    session.add(note)
    session.flush()
    record(session, viewer.actor, "noted", "case", _id(case))
    return note


def assign(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    agency: str,
    *,
    lead: bool = True,
    version: int | None = None,
) -> Case:
    """Bring an agency in. A new lead makes the former one a helper; nobody loses sight of it."""
    with database.writing() as session:
        case = acting(session, viewer, number, version)
        found = session.get(Agency, agency)
        if found is None or not found.active:
            raise CaseError(f"there is no agency {agency!r}", "no_such_agency", agency=agency)
        rows = {
            row.agency_code: row
            for row in session.exec(select(Assignment).where(Assignment.case_id == case.id))
        }
        if lead:
            for row in rows.values():
                row.role = "help"
        wanted = "lead" if lead else "help"
        if agency in rows:
            rows[agency].role = wanted
            if rows[agency].status != "open":
                _open_again(rows[agency])
        else:
            session.add(
                Assignment(
                    case_id=_id(case),
                    agency_code=agency,
                    role=wanted,
                    reason=f"person:{viewer.login}",
                    assigned_at=now,
                )
            )
        case.version += 1
        session.flush()
        deadlines.refresh(session, now, case)
        record(session, viewer.actor, "assigned", "case", _id(case), agency=agency, role=wanted)
        return case


def accept(
    database: Database, now: datetime, viewer: Viewer, number: str, agency: str | None = None
) -> Case:
    """An agency takes its task in hand, whoever holds the case: nobody above is told any more."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        row = _task_of(session, viewer, case, agency)
        if row.acknowledged_at is None:
            row.acknowledged_at = now
            case.version += 1
            session.flush()
            deadlines.refresh(session, now, case)
            record(session, viewer.actor, "accepted", "case", _id(case), agency=row.agency_code)
        return case


def finish(
    database: Database, now: datetime, viewer: Viewer, number: str, *, agency: str | None = None,
    waived: str | None = None,
) -> Case:  # fmt: skip
    """An agency's own task is done, or waived with a reason; the case stays open.

    Of another agency than the viewer's only by a role that sees every agency.
    """
    with database.writing() as session:
        case = acting(session, viewer, number)
        row = _task_of(session, viewer, case, agency)
        _finish(row, now, viewer, waived)
        case.version += 1
        session.flush()
        deadlines.refresh(session, now, case)
        record(
            session, viewer.actor, "task_waived" if waived else "task_done", "case", _id(case),
            agency=row.agency_code,
        )  # fmt: skip
        return case


def _finish(row: Assignment, now: datetime, viewer: Viewer, waived: str | None) -> None:
    row.status = "waived" if waived else "done"
    row.done_at, row.done_by, row.waived_reason = now, viewer.id, waived


def _task_of(
    session: Session, viewer: Viewer, case: Case, agency: str | None, *, open_only: bool = True
) -> Assignment:
    code = agency or viewer.agency_code
    if code != viewer.agency_code and not viewer.sees_all:
        raise CaseError("this is the task of another agency", "not_yours")
    row = session.exec(
        select(Assignment).where(Assignment.case_id == case.id, Assignment.agency_code == code)
    ).first()
    if row is None or (open_only and row.status != "open"):
        raise CaseError(f"case {case.number} is no open task of {code}", "no_task", agency=code)
    return row


def bounce(
    database: Database, now: datetime, viewer: Viewer, number: str, reason: str, *,
    to: str | None = None, agency: str | None = None,
) -> Case:  # fmt: skip
    """ "Not ours": the agency's task ends, another takes it where one is named; counted to teach
    the table of duties. Without another the case goes to whoever verifies."""
    if not reason.strip():
        raise CaseError("say why it is not yours", "empty")
    with database.writing() as session:
        case = acting(session, viewer, number)
        row = _task_of(session, viewer, case, agency)
        role, row.role = row.role, "help"
        row.status, row.done_at, row.done_by = "bounced", now, viewer.id
        row.waived_reason = reason.strip()
        target = to or FALLBACK_AGENCY
        if session.get(Agency, target) is None:
            raise CaseError(f"there is no agency {target!r}", "no_such_agency", agency=target)
        session.add(
            Bounce(
                case_id=_id(case), kind=case.kind, agency_code=row.agency_code, to_agency=to,
                reason=reason.strip(), person_id=viewer.id, at=now,
            )
        )  # fmt: skip
        _bring_in(session, now, viewer, case, target, role)
        if case.claimed_by == viewer.id:
            _release(case)
        case.version += 1
        session.flush()
        deadlines.refresh(session, now, case)
        record(
            session, viewer.actor, "bounced", "case", _id(case), agency=row.agency_code, to=target
        )
        return case


def _bring_in(
    session: Session, now: datetime, viewer: Viewer, case: Case, agency: str, role: str
) -> None:
    row = session.exec(
        select(Assignment).where(Assignment.case_id == case.id, Assignment.agency_code == agency)
    ).first()
    if row is None:
        row = Assignment(
            case_id=_id(case), agency_code=agency, reason=f"person:{viewer.login}", assigned_at=now
        )
        session.add(row)
    row.role = role
    _open_again(row)


def _open_again(row: Assignment) -> None:
    """A task given once more; when it was first given still counts."""
    row.status, row.done_at, row.done_by, row.waived_reason = "open", None, None, None


def wait(
    database: Database, now: datetime, viewer: Viewer, number: str, reason: str, *,
    recheck: date | None = None,
) -> Case:  # fmt: skip
    """Stop the clocks that may stop: for the reporter (capped), for a budget (with `recheck`)."""
    if reason not in PAUSES:
        raise CaseError(f"a case waits for one of {', '.join(PAUSES)}", "bad_pause")
    if reason == "menunggu_anggaran" and (recheck is None or recheck <= city.here().today(now)):
        raise CaseError("say on which day the budget is asked for again", "recheck_needed")
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status == "closed":
            raise CaseError(f"case {case.number} is closed", "closed")
        if case.waiting:
            raise CaseError(f"case {case.number} waits already", "waiting")
        deadlines.begin_pause(session, now, case, reason, recheck, viewer.id)
        case.version += 1
        record(session, viewer.actor, "waits", "case", _id(case), reason=reason)
        return case


def go_on(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    """End the waiting of a case."""
    with database.writing() as session:
        case = acting(session, viewer, number)
        if not deadlines.end_pause(session, now, case):
            raise CaseError(f"case {case.number} does not wait", "not_waiting")
        case.version += 1
        record(session, viewer.actor, "pause_ended", "case", _id(case))
        return case


def _open_tasks(session: Session, viewer: Viewer, case: Case) -> list[Assignment]:
    """Tasks of other agencies that are not done: they keep a case open."""
    query = select(Assignment).where(
        Assignment.case_id == case.id,
        Assignment.status == "open",
        Assignment.agency_code != viewer.agency_code,
    )
    return list(session.exec(query.order_by(col(Assignment.id))))


def close(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    version: int | None = None,
    *,
    outcome: str = "selesai",
    waive: str | None = None,
) -> Case:
    """Close a case. Where other agencies have open tasks, `waive` must say why these are not needed
    any more (CaseError `others_open` names them); the reason is kept with each."""
    if outcome not in OUTCOMES:
        raise CaseError(f"a case closes as one of {', '.join(OUTCOMES)}", "bad_outcome")
    with database.writing() as session:
        case = acting(session, viewer, number, version)
        _close(session, now, viewer, case, outcome, waive)
        return case


def _close(
    session: Session, now: datetime, viewer: Viewer, case: Case, outcome: str, waive: str | None
) -> None:
    _closable(session, viewer, case, waive)
    waiting = session.exec(
        select(Reply.id).where(
            Reply.case_id == case.id,
            col(Reply.state).in_(("queued", "sending", "try_later", "unknown")),
        )
    ).first()
    if waiting is not None:
        raise CaseError("an answer has not arrived yet; wait or settle it", "reply_waiting")
    case.status, case.closed_at, case.closed_by = "closed", now, viewer.id
    case.outcome = outcome
    query = select(Assignment).where(Assignment.case_id == case.id, Assignment.status == "open")
    for row in session.exec(query):
        mine = row.agency_code == viewer.agency_code
        _finish(row, now, viewer, None if mine else waive)
    deadlines.end_pause(session, now, case)
    _release(case)
    record(session, viewer.actor, "closed", "case", _id(case), outcome=outcome)


def _closable(session: Session, viewer: Viewer, case: Case, waive: str | None = None) -> None:
    if case.status == "closed":
        raise CaseError(f"case {case.number} is closed already", "closed")
    others = _open_tasks(session, viewer, case)
    if others and not waive:
        codes = ", ".join(row.agency_code for row in others)
        raise CaseError(f"{codes} have open tasks in it", "others_open", agencies=codes)


def close_after(session: Session, now: datetime, answer: Reply) -> None:
    """Close the case of an answer that has arrived and was meant to end it.

    Where that is not possible any more (another office has a task by now, another answer is on its
    way) the case stays open, in the hands of whoever holds it.
    """
    if answer.closes and answer.state == "sent":
        case = session.get_one(Case, answer.case_id)
        person = session.get_one(Person, answer.person_id)
        session.flush()
        with suppress(CaseError):
            _close(session, now, people.viewer(person), case, "selesai", None)


def reopen(database: Database, now: datetime, viewer: Viewer, number: str) -> Case:
    with database.writing() as session:
        case = acting(session, viewer, number)
        if case.status != "closed":
            raise CaseError(f"case {case.number} is not closed", "not_closed")
        reopen_in(session, now, case)
        record(session, viewer.actor, "reopened", "case", _id(case))
        return case


def reopen_in(session: Session, now: datetime, case: Case) -> None:
    """Open a closed case again inside a transaction of the caller's; its old deadlines go on."""
    case.status, case.closed_at, case.closed_by, case.outcome = "new", None, None, None
    case.version += 1
    query = select(Assignment).where(Assignment.case_id == case.id, Assignment.status != "bounced")
    for row in session.exec(query):
        _open_again(row)
    session.flush()
    deadlines.refresh(session, now, case)


@dataclass(frozen=True, slots=True)
class Target:
    """A message that can be answered through an account.

    `until`: when the platform stops taking answers (None: never). `private`: a private answer to
    this public message is possible.
    """

    message: Message
    account: Account
    until: datetime | None
    private: bool
    limit: int


def targets(session: Session, viewer: Viewer, case: Case) -> list[Target]:
    """Which messages can be answered through which account, the viewer's own accounts first."""
    rows = session.exec(
        select(Message, Account)
        .join(MessageAccount, col(MessageAccount.message_id) == col(Message.id))
        .join(Account, col(Account.id) == col(MessageAccount.account_id))
        .where(
            Message.case_id == case.id,
            Message.direction == "in",
            col(Message.deleted_at).is_(None),
            col(Account.status).in_(("active", "paused")),
        )
        .order_by(col(Message.created_at), col(Message.id))
    )
    able = [
        _as_target(session, message, account)
        for message, account in rows
        if message.reply_to is not None
        and "reply" in base.abilities(connectors.load(account.channel))
    ]
    return sorted(able, key=lambda target: target.account.agency_code != viewer.agency_code)


def _as_target(session: Session, message: Message, account: Account) -> Target:
    kind = connectors.load(account.channel)
    return Target(
        message,
        account,
        until=newest_of_conversation(session, message).reply_until,
        private=message.public and "private" in base.abilities(kind),
        limit=kind.text_limit,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer somebody is writing: to which message, through which account."""

    case: Case
    message: Message
    account: Account
    text: str
    key: str = ""
    private: bool = False
    files: tuple[base.Upload, ...] = ()

    def outgoing(self, session: Session, now: datetime) -> base.Reply:
        """As its connector wants it."""
        to = {
            **(newest_of_conversation(session, self.message).reply_to or {}),
            **self.account.facts,
            "account_handle": self.account.handle.lower(),
            "account_id": self.account.external_id,
        }
        number = self.case.number or ""
        return base.Reply(
            self.key, self.text, to, number, now=now, private=self.private, files=self.files
        )


def newest_of_conversation(session: Session, message: Message) -> Message:
    """The last thing a person wrote in a private conversation: windows count from there."""
    if message.public or message.conversation_id is None:
        return message
    query = select(Message).where(
        Message.channel == message.channel,
        Message.scope == message.scope,
        Message.conversation_id == message.conversation_id,
        Message.author_id == message.author_id,
        Message.direction == "in",
        col(Message.deleted_at).is_(None),
        col(Message.reply_to).is_not(None),
    )
    newest = query.order_by(col(Message.created_at).desc(), col(Message.id).desc())
    return session.exec(newest).first() or message


def outgoing(session: Session, now: datetime, reply: Reply) -> tuple[Account, base.Reply]:
    """A stored reply as its connector wants it."""
    case = session.get_one(Case, reply.case_id)
    message = session.get_one(Message, reply.message_id)
    account = session.get_one(Account, reply.account_id)
    draft = Draft(case, message, account, reply.text, reply.key, reply.private)
    return account, draft.outgoing(session, now)


def _target(
    session: Session, viewer: Viewer, case: Case, message_id: int | None, account_id: int | None
) -> tuple[Message, Account]:
    for target in targets(session, viewer, case):
        message, account = target.message, target.account
        if message_id in (None, message.id) and account_id in (None, account.id):
            return message, account
    raise CaseError(
        f"no message of case {case.number} can be answered through that account", "no_target"
    )


def preview_of(session: Session, now: datetime, draft: Draft) -> base.Preview:
    """What would be sent, and what stands in the way. Sends nothing."""
    connector = connectors.load(draft.account.channel)
    assert isinstance(connector, type) and hasattr(connector, "preview")
    preview: base.Preview = connector.preview(draft.outgoing(session, now))
    return preview


def preview_reply(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    text: str,
    *,
    message_id: int | None = None,
    account_id: int | None = None,
    private: bool = False,
    files: tuple[base.Upload, ...] = (),
) -> tuple[base.Preview, Message, Account]:
    """What would be sent, through which account, and what stands in the way. Sends nothing."""
    with database.reading() as session:
        case = find_in(session, viewer, number)
        message, account = _target(session, viewer, case, message_id, account_id)
        draft = Draft(case, message, account, text, private=private, files=files)
        return preview_of(session, now, draft), message, account


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of an answer: as it is kept (`Reply.files`) and as it is sent.

    `stays`: shown with the case as a proof, not sent, because the channel takes no files.
    """

    sha256: str
    upload: base.Upload
    stays: bool = False

    def stored(self) -> dict[str, Any]:
        kept = {"sha256": self.sha256, "name": self.upload.name, "mime": self.upload.mime}
        return {**kept, "stays": True} if self.stays else kept


def reply(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    text: str,
    *,
    key: str,
    message_id: int | None = None,
    account_id: int | None = None,
    private: bool = False,
    version: int | None = None,
    files: tuple[Kept, ...] = (),
    hold: timedelta = timedelta(),
    publicly: str | None = None,
    closes: bool = False,
) -> Reply:
    """Queue an answer. The same `key` again is the same answer, whatever else is said.

    `hold`: so long it waits, to be taken back. `publicly`: together with a private answer, this is
    said in public ("we go on in private"); both are queued or none. `closes`: the case is closed
    once the answer has arrived.
    """
    if not text.strip() or (publicly is not None and not publicly.strip()):
        raise CaseError("the answer is empty", "empty")
    with database.writing() as session:
        known = session.exec(select(Reply).where(Reply.key == key)).first()
        if known is not None:
            return known
        case = acting(session, viewer, number, version)
        if case.claimed_by != viewer.id:
            raise CaseError(f"claim case {case.number} before you answer", "not_claimed")
        if closes:
            _closable(session, viewer, case)
        message, account = _target(session, viewer, case, message_id, account_id)
        uploads = tuple(file.upload for file in files if not file.stays)
        draft = Draft(case, message, account, text.strip(), key, private, uploads)
        if publicly is not None:
            aside = Draft(case, message, account, publicly.strip(), f"{key}{_ASIDE}")
            _queue(session, now, viewer, aside, (), hold)
        answer = _queue(session, now, viewer, draft, files, hold)
        answer.closes = closes
        case.version += 1
        case.claimed_at = now
        return answer


def _queue(
    session: Session, now: datetime, viewer: Viewer, draft: Draft, files: tuple[Kept, ...],
    hold: timedelta,
) -> Reply:  # fmt: skip
    preview = preview_of(session, now, draft)
    if preview.problem:
        raise CaseError(f"{draft.account.channel}: {preview.problem}", preview.problem)
    assert draft.message.id is not None and draft.account.id is not None
    answer = Reply(
        key=draft.key,
        case_id=_id(draft.case),
        message_id=draft.message.id,
        account_id=draft.account.id,
        person_id=viewer.id,
        text=draft.text,
        private=draft.private,
        files=[file.stored() for file in files],
        created_at=now,
        not_before=now + hold if hold else None,
    )
    session.add(answer)
    session.flush()
    record(session, viewer.actor, "replied", "case", _id(draft.case), reply=answer.id)
    return answer


def settle(
    database: Database, now: datetime, viewer: Viewer, reply_id: int, *, arrived: bool
) -> Reply:
    """A person has looked on the platform whether an `unknown` answer arrived.

    If it did not, it is queued again; nothing is ever sent again without this.
    """
    with database.writing() as session:
        answer = session.get(Reply, reply_id)
        if answer is None:
            raise CaseError("there is no such answer", "no_such_reply")
        case = session.get_one(Case, answer.case_id)
        acting(session, viewer, case.number or "")
        if answer.state not in ("unknown", "refused"):
            raise CaseError(f"the answer is {answer.state}", "not_unknown")
        if arrived:
            answer.state, answer.sent_at = "sent", answer.sending_at or now
            answer.error = answer.error_code = None
            case.status = "answered" if case.status == "new" else case.status
            deadlines.answered(session, now, case, answer.sent_at)
            reminders.note_promises(session, answer.sent_at, answer)
            close_after(session, now, answer)
        else:
            answer.state, answer.not_before = "queued", now
            answer.error = answer.error_code = None
        case.version += 1
        record(session, viewer.actor, "settled", "case", _id(case), reply=reply_id, arrived=arrived)
        return answer


def cancel_reply(database: Database, now: datetime, viewer: Viewer, reply_id: int) -> Reply:
    """Withdraw an answer that is not on its way yet, or give up one that failed.

    Of a hand-over both halves, whichever was meant; the private one is returned.
    """
    with database.writing() as session:
        answer = session.get(Reply, reply_id)
        if answer is None:
            raise CaseError("there is no such answer", "no_such_reply")
        case = session.get_one(Case, answer.case_id)
        acting(session, viewer, case.number or "")
        changed = session.execute(
            update(Reply)
            .where(
                col(Reply.id) == reply_id,
                col(Reply.state).in_(("queued", "try_later", "refused", "unknown")),
            )
            .values(state="cancelled")
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise CaseError(f"the answer is {answer.state}", "too_late")
        case.version += 1
        record(session, viewer.actor, "cancelled_reply", "case", _id(case), reply=reply_id)
        session.refresh(answer)
        other = _other_half(session, answer)
        if other is None:
            return answer
        session.execute(
            update(Reply)
            .where(col(Reply.id) == other.id, col(Reply.state) == "queued")
            .values(state="cancelled")
        )
        session.refresh(other)
        return other if answer.key.endswith(_ASIDE) else answer


def _other_half(session: Session, answer: Reply) -> Reply | None:
    """Of a hand-over: the public sentence of a private answer, the answer of the sentence."""
    aside = answer.key.endswith(_ASIDE)
    key = answer.key.removesuffix(_ASIDE) if aside else f"{answer.key}{_ASIDE}"
    query = select(Reply).where(Reply.key == key, Reply.case_id == answer.case_id)
    return session.exec(query).first()
