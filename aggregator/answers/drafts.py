"""Answers somebody is writing: kept on the server while they write, shared, approved if
wanted.

One draft a person and case. Saving never changes the case, so a colleague's page stays
current.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from aggregator.cases import casefile
from aggregator.people.notifications import notify
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.audit import record
from aggregator.store.db import Database
from aggregator.store.tables.answers import Draft
from aggregator.store.tables.cases import Case
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


def save(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    text: str,
    *,
    message_id: int | None = None,
    account_id: int | None = None,
    private: bool = False,
    shared: bool = False,
    seen: int | None = None,
) -> Draft | None:
    """Keep what is written; None where nothing is left of it. Refusal.

    A changed text needs approval anew. `seen`: the version that is gone on with; where
    another one stands here by now, with words that would be lost, the Refusal is
    `written_elsewhere`.
    """
    if len(text) > LONGEST:
        raise Refusal(f"a draft has at most {LONGEST} characters", "too_long")
    with database.writing() as session:
        case = casefile.acting(session, viewer, number)
        row = _of(session, case, viewer.id)
        if (
            row is not None
            and seen not in (None, row.version)
            and row.text.strip() not in text
        ):
            raise Refusal(
                "another text of yours is kept meanwhile", "written_elsewhere"
            )
        if not text.strip() and (row is None or not row.files):
            if row is not None:
                session.delete(row)
            return None
        if row is None:
            row = Draft(case_id=case.id or 0, person_id=viewer.id, text="")
            session.add(row)
        if row.text != text or row.private != private:
            row.state, row.remark, row.decided_by = "writing", None, None
            row.version += 1
        row.text, row.private, row.updated_at = text, private, now
        row.message_id, row.account_id, row.shared = message_id, account_id, shared
        session.flush()
        return row


def attach(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    files: list[dict[str, Any]],
) -> None:
    """Add kept pictures ({"sha256", "name", "mime"}) to one's own draft. Refusal."""
    with database.writing() as session:
        case = casefile.acting(session, viewer, number)
        row = _of(session, case, viewer.id)
        if row is None:
            row = Draft(case_id=case.id or 0, person_id=viewer.id, text="")
            session.add(row)
        known = {file["sha256"] for file in row.files}
        row.files = [
            *row.files,
            *(file for file in files if file["sha256"] not in known),
        ]
        if len(row.files) > MOST_FILES:
            raise Refusal(f"at most {MOST_FILES} pictures", "too_many_pictures")
        row.updated_at = now


def detach(database: Database, viewer: Viewer, number: str, sha256: str) -> None:
    with database.writing() as session:
        row = _of(session, casefile.acting(session, viewer, number), viewer.id)
        if row is not None:
            row.files = [file for file in row.files if file["sha256"] != sha256]


def is_writing(session: Session, now: datetime, viewer: Viewer, case: Case) -> bool:
    """Whether the viewer typed just now."""
    row = _of(session, case, viewer.id)
    return row is not None and row.updated_at > now - STILL_WRITING


_OWN = select(Draft).where(
    col(Draft.case_id) == bindparam("case"), col(Draft.person_id) == bindparam("person")
)
_SHARED = (
    select(Draft, Person.name)
    .join(Person, col(Person.id) == col(Draft.person_id))
    .where(
        col(Draft.case_id) == bindparam("case"),
        col(Draft.person_id) != bindparam("person"),
        col(Draft.shared),
    )
    .order_by(col(Draft.updated_at).desc())
)


def own(session: Session, viewer: Viewer, case: Case) -> Draft | None:
    return _of(session, case, viewer.id)


def of_others(session: Session, viewer: Viewer, case: Case) -> list[Shared]:
    """What colleagues share, the latest first."""
    found = session.exec(_SHARED, params={"case": case.id, "person": viewer.id})
    return [Shared(row, name, _name(session, row.decided_by)) for row, name in found]


def _of(session: Session, case: Case, person_id: int) -> Draft | None:
    return session.exec(_OWN, params={"case": case.id, "person": person_id}).first()


def _name(session: Session, person_id: int | None) -> str | None:
    person = session.get(Person, person_id) if person_id else None
    return person.name if person else None


def end(database: Database, viewer: Viewer, number: str, sent: str) -> None:
    """One's own draft ends because it was sent. Words in it that were not sent stay."""
    with database.writing() as session:
        row = _of(session, casefile.find_in(session, viewer, number), viewer.id)
        if row is not None and row.text.strip() in sent:
            session.delete(row)


def ask(database: Database, now: datetime, viewer: Viewer, number: str) -> Draft:
    """Show one's own draft to those who approve, before it is sent. Refusal."""
    with database.writing() as session:
        case = casefile.acting(session, viewer, number)
        row = _of(session, case, viewer.id)
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
            notify(session, now, person, "approval_asked", case=case, who=viewer.name)
        record(session, viewer.actor, "approval_asked", "case", case.id or 0)
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
    with database.writing() as session:
        case = casefile.acting(session, viewer, number)
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
        record(session, viewer.actor, act, "case", case.id or 0, writer=writer.login)
        return row


def take(
    database: Database, now: datetime, viewer: Viewer, number: str, draft_id: int
) -> Draft:
    """Go on with a colleague's shared draft as one's own; theirs stays. Refusal."""
    with database.writing() as session:
        return take_in(
            session, now, viewer, casefile.acting(session, viewer, number), draft_id
        )


def take_in(
    session: Session, now: datetime, viewer: Viewer, case: Case, draft_id: int
) -> Draft:
    """The same inside a transaction of the caller's. What one had written oneself
    stays, above."""
    other = session.get(Draft, draft_id)
    if other is None or other.case_id != case.id or not other.shared:
        raise Refusal("there is no such draft", "no_such_draft")
    row = _of(session, case, viewer.id)
    if row is None:
        row = Draft(case_id=case.id or 0, person_id=viewer.id, text="")
        session.add(row)
    own = row.text.strip()
    row.text = other.text if not own or own in other.text else f"{own}\n\n{other.text}"
    row.private, row.files = other.private, list(other.files)
    row.message_id, row.account_id = other.message_id, other.account_id
    row.state, row.remark, row.decided_by = "writing", None, None
    row.version += 1
    row.updated_at = now
    session.flush()
    return row
