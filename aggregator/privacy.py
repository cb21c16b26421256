"""What of a resident's words a viewer may read: in full, with personal data masked, or not at all.

Full for people of an agency that has the case, for whoever verifies, and for administrators. Others
who may open it read it masked; a confidential case they do not read. Whoever gives a reason reads
it in full for a while, and a line in the audit trail says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from sqlmodel import Session, col, select

from aggregator import cases, deadlines
from aggregator.audit import record
from aggregator.cases import CaseError
from aggregator.db import Database
from aggregator.models import Account, Assignment, AuditEntry, Case, Message, MessageAccount
from aggregator.people import Viewer
from aggregator.rules import pii

Sight = Literal["full", "masked", "hidden"]

REVEALED_FOR = timedelta(hours=8)
"""One shift."""
SHORTEST_REASON = 5
LONGEST_REASON = 300
_DESK = "diskominfo"
_FULL_ROLES = frozenset({"admin", "verifikator"})
_WHOLE_SENTENCES = ("child", "health")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reader:
    """How a viewer reads one case. `revealed`: only because they gave a reason."""

    sight: Sight
    revealed: bool = False

    def text(self, text: str | None) -> str | None:
        """A resident's text as this viewer may read it; None where there is none to read."""
        if text is None or self.sight == "full":
            return text
        return None if self.sight == "hidden" else masked(text)

    @property
    def full(self) -> bool:
        return self.sight == "full"


@lru_cache(maxsize=2_000)
def masked(text: str) -> str:
    """Numbers, plates, addresses, names and what tells of a child or an illness, by their type in
    brackets."""
    parts: list[str] = []
    at = 0
    for begin, end, name in _spans(text):
        if end <= at:
            continue
        if begin >= at:
            parts += [text[at:begin], f"[{name}]"]
        at = end
    return "".join([*parts, text[at:]])


def _spans(text: str) -> Iterable[tuple[int, int, str]]:
    """Whole sentences first where two begin together: they cover what is in them."""
    found = [(*one.span, one.type) for one in pii.personal_data(text)]
    return sorted(found, key=lambda one: (one[0], one[2] not in _WHOLE_SENTENCES, -one[1]))


def reader(session: Session, now: datetime, viewer: Viewer, case: Case) -> Reader:
    """How the viewer reads a case they may open."""
    if viewer.role in _FULL_ROLES or _has_it(session, viewer, case):
        return Reader("full")
    if _revealed(session, now, viewer, case):
        return Reader("full", revealed=True)
    return Reader("hidden" if case.confidential else "masked")


def full_cases(
    session: Session, now: datetime, viewer: Viewer, case_ids: Iterable[int],
    tasks: Iterable[Assignment] | None = None,
) -> set[int]:  # fmt: skip
    """Of many cases those whose words the viewer reads in full (for lists and exports).

    `tasks`: all there are in these cases, for whoever has read them.
    """
    ids = list(case_ids)
    if viewer.role in _FULL_ROLES:
        return set(ids)
    if tasks is None:
        tasks = session.exec(select(Assignment).where(col(Assignment.case_id).in_(ids)))
    # chosen here: asked for an office, SQLite goes through all cases the office ever had
    have = {
        task.case_id
        for task in tasks
        if task.agency_code == viewer.agency_code and task.status != "bounced"
    }
    shown = select(AuditEntry.subject_id).where(
        col(AuditEntry.subject_id).in_(ids), *_reveals(viewer, now)
    )
    return {*have, *session.exec(shown)}


def _has_it(session: Session, viewer: Viewer, case: Case) -> bool:
    return any(
        task.agency_code == viewer.agency_code and task.status != "bounced"
        for task in deadlines.tasks_of(session, case.id or 0)
    )


def _revealed(session: Session, now: datetime, viewer: Viewer, case: Case) -> bool:
    query = select(AuditEntry.id).where(AuditEntry.subject_id == case.id, *_reveals(viewer, now))
    return session.exec(query).first() is not None


def _reveals(viewer: Viewer, now: datetime) -> list[bool]:
    return [
        AuditEntry.subject == "case",
        AuditEntry.action == "revealed",
        AuditEntry.person_id == viewer.id,
        AuditEntry.at > now - REVEALED_FOR,
    ]


def reveal(database: Database, now: datetime, viewer: Viewer, number: str, reason: str) -> None:
    """Read a case in full from now on, for a shift. CaseError without a reason, and where the
    case is secret and was sent to the viewer's office: it may be the one complained about."""
    said = masked(_SPACES.sub(" ", reason).strip())[:LONGEST_REASON]
    if len(said) < SHORTEST_REASON:
        raise CaseError("say why you need to read it", "reason_needed")
    with database.writing() as session:
        case = cases.find_in(session, viewer, number)
        if reader(session, now, viewer, case).full:
            return
        if case.confidential and _is_concerned(session, viewer, case):
            raise CaseError(f"case {case.number} may be about your office", "concerned")
        record(session, viewer.actor, "revealed", "case", case.id or 0, reason=said)


def _is_concerned(session: Session, viewer: Viewer, case: Case) -> bool:
    """Whether a case came through an account of the viewer's office, or was taken from it. The
    city's desk is spared: everybody writes to its accounts, whomever they complain about."""
    if viewer.agency_code == _DESK:
        return False
    addressed = (
        select(MessageAccount.message_id)
        .join(Message, col(Message.id) == col(MessageAccount.message_id))
        .join(Account, col(Account.id) == col(MessageAccount.account_id))
        .where(Message.case_id == case.id, Account.agency_code == viewer.agency_code)
    )
    if session.exec(addressed.limit(1)).first() is not None:
        return True
    taken = select(AuditEntry.detail).where(
        AuditEntry.subject == "case", AuditEntry.subject_id == case.id,
        AuditEntry.action == "withdrawn",
    )  # fmt: skip
    return any(detail.get("agency") == viewer.agency_code for detail in session.exec(taken))
