"""What platforms say of our answers after they took them: sent, delivered, read,
failed.

Such a notice can come before `send` has returned, so it is kept until the answer has
its id there.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from aggregator.cases import closing
from aggregator.people import notifications
from aggregator.rules.reports import casenumbers
from aggregator.store import versions
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import insert_new
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Delivery, Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from connectors import base

ORDER = ("sent", "delivered", "read", "failed")
"""A later one stands for those before it; `failed` is the last word."""


def note(session: Session, now: datetime, channel: str, said: base.Message) -> bool:
    """Keep a notice and lay it on the answer it is about. False: it is about nothing of
    ours."""
    state = str(said.extra.get("state") or "")
    if state not in ORDER:
        return False
    reply = _answer_meant(session, channel, said)
    external_id = said.target_id or (reply.external_id if reply else None)
    if external_id is None:
        return False
    insert_new(
        session,
        Delivery.__table__,  # type: ignore[attr-defined]
        [
            {
                "channel": channel,
                "external_id": external_id,
                "state": state,
                "detail": said.extra.get("detail"),
                "at": said.created_at or now,
            }
        ],
    )
    if reply is not None and reply.external_id == external_id:
        settle(session, now, channel, reply)
    return True


def _answer_meant(session: Session, channel: str, said: base.Message) -> Reply | None:
    """The answer a notice is about: by its id there, or, where a mail server tells no
    id, the last one of the case it names to one of the recipients it names."""
    answers = (
        select(Reply)
        .join(Account, col(Account.id) == col(Reply.account_id))
        .where(Account.channel == channel)
        .order_by(col(Reply.id).desc())
    )
    if said.target_id is not None:
        return session.exec(answers.where(Reply.external_id == said.target_id)).first()
    recipients = set(said.extra.get("recipients") or ())
    number = casenumbers.tidy(said.case_number or "")
    if not recipients or not casenumbers.is_valid(number):
        return None
    sent = session.exec(
        answers.join(Case, col(Case.id) == col(Reply.case_id)).where(
            Case.number == number, Reply.state == "sent"
        )
    )
    for reply in sent:
        to = session.get_one(Message, reply.message_id).reply_to or {}
        if str(to.get("address") or "").lower() in recipients:
            return reply
    return None


def settle(session: Session, now: datetime, channel: str, reply: Reply) -> None:
    """Lay every notice that is there on an answer that has its id on the platform."""
    query = select(Delivery).where(
        Delivery.channel == channel, Delivery.external_id == reply.external_id
    )
    notices = {row.state: row for row in session.exec(query)}
    latest = max(notices, key=ORDER.index, default=None)
    if latest is None or latest == reply.delivery:
        return
    reply.delivery = latest
    if latest == "failed" and reply.state == "sent":
        reply.state, reply.error_code = "refused", "not_delivered"
        reply.error = notices["failed"].detail or "the platform could not deliver it"
        closing.open_after_failure(session, now, reply)
        notifications.answer_failed(session, now, reply)
        record(
            session, SYSTEM, "reply_refused", "reply", reply.id, case_id=reply.case_id
        )
    versions.grow(session.get_one(Case, reply.case_id))
