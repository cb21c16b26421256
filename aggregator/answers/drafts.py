"""Answers somebody is writing: kept on the server while they write, shared, approved if
wanted.

One draft a person and case. Saving never changes the case, so a colleague's page stays
current.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from aggregator.cases import casefile
from aggregator.cases.casefile import CaseFile
from aggregator.people.notifications import notify
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store import versions
from aggregator.store.db import Database
from aggregator.store.tables.answers import Draft
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, MessageAccount
from aggregator.store.tables.people import Person

LONGEST = 20_000
MOST_FILES = 4
STILL_WRITING = timedelta(seconds=60)
APPROVES = frozenset({"admin", "verifikator", "koordinator"})
_LONGEST_REMARK = 500


@dataclass(frozen=True, slots=True)
class Shared:
    """A colleague's draft, with the names to show."""

    draft: Draft
    writer: str
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class Drafts:
    """Of one case: the viewer's own, and what colleagues share, the latest first."""

    own: Draft | None = None
    shared: list[Shared] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Writing:
    """What somebody has typed so far, and for whom. `seen`: the version of their draft
    that is gone on with."""

    text: str
    message_id: int | None = None
    account_id: int | None = None
    private: bool = False
    shared: bool = False
    seen: int | None = None


def save(
    database: Database, now: datetime, viewer: Viewer, number: str, written: Writing
) -> Drafts:
    """Keep what is written; the drafts of the case as they are then, without one's own
    where nothing is left of it. Refusal.

    A changed text needs approval anew. Where another version than the one gone on with
    stands here by now, with words that would be lost, the Refusal is
    `written_elsewhere`.
    """
    text = written.text
    if len(text) > LONGEST:
        raise Refusal(f"a draft has at most {LONGEST} characters", "too_long")
    with casefile.acting(database, now, viewer, number) as file:
        known = of_case(file)
        row = known.own
        if (
            row is not None
            and written.seen not in (None, row.version)
            and row.text.strip() not in text
        ):
            raise Refusal(
                "another text of yours is kept meanwhile", "written_elsewhere"
            )
        if not text.strip() and (row is None or not row.files):
            if row is not None:
                file.session.delete(row)
            return replace(known, own=None)
        target = _target(file, written)
        if row is None:
            row = _new(file)
        if row.text != text or row.private != written.private:
            _begin_anew(row)
        row.text, row.private, row.updated_at = text, written.private, now
        row.message_id, row.account_id = target
        row.shared = written.shared
        file.session.flush()
        return replace(known, own=row)


def _target(file: CaseFile, written: Writing) -> tuple[int | None, int | None]:
    """What the draft answers, and through which account, where that is of the case;
    else the words are kept without."""
    if written.message_id is None and written.account_id is None:
        return None, None
    of_case = (
        select(MessageAccount.message_id)
        .join(Message, col(Message.id) == col(MessageAccount.message_id))
        .where(
            Message.case_id == file.id,
            MessageAccount.message_id == written.message_id,
            MessageAccount.account_id == written.account_id,
        )
    )
    known = file.session.exec(of_case).first() is not None
    return (written.message_id, written.account_id) if known else (None, None)


def _new(file: CaseFile) -> Draft:
    row = Draft(case_id=file.id, person_id=file.viewer.id, text="")
    file.session.add(row)
    return row


def _begin_anew(row: Draft) -> None:
    """Another text than the one somebody may have approved."""
    row.state, row.remark, row.decided_by = "writing", None, None
    versions.grow(row)


def attach(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    files: list[dict[str, Any]],
) -> None:
    """Add kept pictures ({"sha256", "name", "mime"}) to one's own draft. Refusal."""
    with casefile.acting(database, now, viewer, number) as file:
        row = _own(file) or _new(file)
        known = {file["sha256"] for file in row.files}
        row.files = [
            *row.files,
            *(file for file in files if file["sha256"] not in known),
        ]
        if len(row.files) > MOST_FILES:
            raise Refusal(f"at most {MOST_FILES} pictures", "too_many_pictures")
        row.updated_at = now


def detach(
    database: Database, now: datetime, viewer: Viewer, number: str, sha256: str
) -> None:
    with casefile.acting(database, now, viewer, number) as file:
        row = _own(file)
        if row is not None:
            row.files = [file for file in row.files if file["sha256"] != sha256]


def is_writing(file: CaseFile) -> bool:
    """Whether the viewer typed just now."""
    row = _own(file)
    return row is not None and row.updated_at > file.now - STILL_WRITING


_OWN = select(Draft).where(
    col(Draft.case_id) == bindparam("case"), col(Draft.person_id) == bindparam("person")
)
_OF_CASE = (
    select(Draft, Person.name)
    .join(Person, col(Person.id) == col(Draft.person_id))
    .where(
        col(Draft.case_id) == bindparam("case"),
        or_(col(Draft.person_id) == bindparam("person"), col(Draft.shared)),
    )
    .order_by(col(Draft.updated_at).desc())
)


def own(session: Session, viewer: Viewer, case: Case) -> Draft | None:
    return session.exec(_OWN, params={"case": case.id, "person": viewer.id}).first()


def _own(file: CaseFile) -> Draft | None:
    return own(file.session, file.viewer, file.case)


def of_case(file: CaseFile) -> Drafts:
    """What the viewer writes, and what colleagues let them see."""
    here = {"case": file.id, "person": file.viewer.id}
    rows = list(file.session.exec(_OF_CASE, params=here))
    return Drafts(
        next((row for row, _ in rows if row.person_id == file.viewer.id), None),
        [
            Shared(row, name, _name(file.session, row.decided_by))
            for row, name in rows
            if row.person_id != file.viewer.id
        ],
    )


def _name(session: Session, person_id: int | None) -> str | None:
    person = session.get(Person, person_id) if person_id else None
    return person.name if person else None


def end(file: CaseFile, draft: Draft | None, sent: str) -> None:
    """One's own draft ends because it was sent. Words in it that were not sent stay."""
    if draft is not None and draft.text.strip() in sent:
        file.session.delete(draft)


def ask(database: Database, now: datetime, viewer: Viewer, number: str) -> Draft:
    """Show one's own draft to those who approve, before it is sent. Refusal."""
    with casefile.acting(database, now, viewer, number) as file:
        session, row = file.session, _own(file)
        if row is None or not row.text.strip():
            raise Refusal("there is no text to approve", "empty")
        row.state, row.shared, row.remark, row.decided_by = "asked", True, None, None
        row.updated_at = now
        query = select(Person).where(
            col(Person.role).in_(("verifikator", "koordinator")),
            Person.status == "active",
            Person.id != viewer.id,
        )
        for person in session.exec(query):
            notify(
                session, now, person, "approval_asked", case=file.case, who=viewer.name
            )
        file.record("approval_asked")
        return row


def decide(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    draft_id: int,
    *,
    approved: bool,
    version: int,
    remark: str = "",
) -> Draft:
    """Approve somebody's draft as it was read (`version`), or return it with a
    remark."""
    with casefile.acting(database, now, viewer, number) as file:
        session, case = file.session, file.case
        if viewer.role not in APPROVES:
            raise Refusal(f"{viewer.login} does not approve answers", "not_approver")
        if not approved and not remark.strip():
            raise Refusal("say what should be changed", "reason_needed")
        row = session.get(Draft, draft_id)
        if row is None or row.case_id != case.id or row.person_id == viewer.id:
            raise Refusal("there is no such draft", "no_such_draft")
        if row.version != version or row.state != "asked":
            raise Refusal("the draft has changed since you read it", "draft_changed")
        row.state = "approved" if approved else "returned"
        row.remark, row.decided_by = remark.strip()[:_LONGEST_REMARK] or None, viewer.id
        row.updated_at = now
        writer = session.get_one(Person, row.person_id)
        act = "draft_approved" if approved else "draft_returned"
        notify(session, now, writer, act, case=case, who=viewer.name)
        file.record(act, writer=writer.login)
        return row


def take(
    database: Database, now: datetime, viewer: Viewer, number: str, draft_id: int
) -> Draft:
    """Go on with a colleague's shared draft as one's own; theirs stays. Refusal."""
    with casefile.acting(database, now, viewer, number) as file:
        return take_in(file, draft_id)


def take_in(file: CaseFile, draft_id: int) -> Draft:
    """The same in the transaction of a case that is open. What one had written oneself
    stays, above."""
    other = file.session.get(Draft, draft_id)
    if other is None or other.case_id != file.id or not other.shared:
        raise Refusal("there is no such draft", "no_such_draft")
    row = _own(file) or _new(file)
    own = row.text.strip()
    row.text = other.text if not own or own in other.text else f"{own}\n\n{other.text}"
    row.private, row.files = other.private, list(other.files)
    row.message_id, row.account_id = other.message_id, other.account_id
    _begin_anew(row)
    row.updated_at = file.now
    file.session.flush()
    return row
