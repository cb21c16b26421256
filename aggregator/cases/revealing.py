"""Reading a case in full for a while, with a reason that stands in the audit trail."""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import col, select

from aggregator.cases import casefile, privacy
from aggregator.cases.casefile import CaseFile
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.intake import Message, MessageAccount
from aggregator.store.tables.store import AuditEntry

SHORTEST_REASON = 5
LONGEST_REASON = 300
_DESK = "diskominfo"
_SPACES = re.compile(r"\s+")


def reveal(
    database: Database, now: datetime, viewer: Viewer, number: str, reason: str
) -> None:
    """Read a case in full from now on, for a shift. Refusal without a reason, and
    where the case is secret and was sent to the viewer's office: it may be the one
    complained about."""
    said = privacy.masked(_SPACES.sub(" ", reason).strip())[:LONGEST_REASON]
    if len(said) < SHORTEST_REASON:
        raise Refusal("say why you need to read it", "reason_needed")
    with database.writing() as session:
        file = casefile.read_in(session, now, viewer, number)
        if file.reader.full:
            return
        if file.case.confidential and _is_concerned(file):
            raise Refusal(f"case {file.number} may be about your office", "concerned")
        file.record("revealed", reason=said)


def _is_concerned(file: CaseFile) -> bool:
    """Whether a case came through an account of the viewer's office, or was taken from
    it. The city's desk is spared: everybody writes to its accounts, whomever they
    complain about."""
    if file.viewer.agency_code == _DESK:
        return False
    addressed = (
        select(MessageAccount.message_id)
        .join(Message, col(Message.id) == col(MessageAccount.message_id))
        .join(Account, col(Account.id) == col(MessageAccount.account_id))
        .where(
            Message.case_id == file.id, Account.agency_code == file.viewer.agency_code
        )
    )
    if file.session.exec(addressed.limit(1)).first() is not None:
        return True
    taken = select(AuditEntry.detail).where(
        AuditEntry.subject == "case",
        AuditEntry.subject_id == file.id,
        AuditEntry.action == "withdrawn",
    )
    return any(
        detail.get("agency") == file.viewer.agency_code
        for detail in file.session.exec(taken)
    )
