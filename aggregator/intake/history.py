"""What was said before the city read an account: part of T2.

The first reading of an account finds whatever its platform still lists. What is older
than the account's `history_before` is kept as it arrived, without a case; a person may
take it in. Then it is filed in closed cases: found and looked up like others, bound by
no clock, told to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from aggregator.cases import secrecy, triage
from aggregator.rules.reports.authority import Addressed
from aggregator.store import versions
from aggregator.store.audit import SYSTEM, record
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.twins import search
from connectors import base


def is_of_before(account: Account, said: base.Message) -> bool:
    """A later edit says it anew. What tells no time is of now."""
    last = _last_said(said)
    before = account.history_before
    return before is not None and last is not None and last < before


def heard_at(account: Account, said: base.Message, written: datetime) -> datetime:
    """From when on a case counts: from when its first message was written, and where
    that is of before, from when it was said anew."""
    before, last = account.history_before, _last_said(said)
    return last if before and last and written < before else written


def _last_said(said: base.Message) -> datetime | None:
    told = (said.created_at, said.edited_at, said.arrived_at)
    return max((moment for moment in told if moment is not None), default=None)


def conversation(session: Session, message: Message) -> Case | None:
    """The case of before that the same person's private talk is filed in."""
    if message.kind != "dm" or not message.conversation_id or not message.author_id:
        return None
    return session.exec(
        select(Case)
        .join(Message, col(Message.case_id) == col(Case.id))
        .where(
            col(Case.history),
            Message.channel == message.channel,
            Message.scope == message.scope,
            Message.conversation_id == message.conversation_id,
            Message.author_id == message.author_id,
        )
    ).first()


def open_case(
    session: Session, case: Case, message: Message, addressed: Sequence[Addressed]
) -> None:
    """Make a case that was just opened one of before, with what it was answered."""
    case.history, case.status, case.outcome = True, "closed", "arsip"
    case.closed_at = message.created_at
    tasks = triage.file(case, message, addressed)
    session.add_all(tasks)
    if case.confidential:
        owners = [row.agency_code for row in tasks]
        secrecy.begin(session, message.received_at, case, owners, quietly=True)
    session.execute(
        update(Message)
        .where(
            col(Message.channel) == message.channel,
            col(Message.scope) == message.scope,
            col(Message.parent_id) == message.native_id,
            col(Message.direction) == "out",
            col(Message.case_id).is_(None),
        )
        .values(case_id=case.id)
    )
    extend(session, case, message)


def extend(session: Session, case: Case, message: Message) -> None:
    """Put a message into a case whose state stays as it is."""
    message.case_id = case.id
    case.message_count += 1
    case.last_message_at = max(case.last_message_at, message.created_at)
    versions.grow(case)
    record(session, SYSTEM, "history_filed", "case", case.id, message=message.id)
    search.remember(session, message, search.traits_of(message))
