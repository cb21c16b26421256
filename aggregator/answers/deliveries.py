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
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import insert_new
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.answers import Delivery, Reply
from aggregator.store.tables.cases import Case
from connectors import base

ORDER = ("sent", "delivered", "read", "failed")
"""A later one stands for those before it; `failed` is the last word."""


def note(session: Session, now: datetime, channel: str, said: base.Message) -> bool:
    """Keep a notice and lay it on the answer it is about. False: it is about nothing of
    ours."""
    state = str(said.extra.get("state") or "")
    if state not in ORDER or not said.target_id:
        return False
    insert_new(
        session,
        Delivery.__table__,  # type: ignore[attr-defined]
        [
            {
                "channel": channel,
                "external_id": said.target_id,
                "state": state,
                "detail": said.extra.get("detail"),
                "at": said.created_at or now,
            }
        ],
    )
    reply = session.exec(
        select(Reply)
        .join(Account, col(Account.id) == col(Reply.account_id))
        .where(Account.channel == channel, Reply.external_id == said.target_id)
    ).first()
    if reply is not None:
        settle(session, now, channel, reply)
    return True


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
        assert reply.id is not None
        closing.open_after_failure(session, now, reply)
        notifications.answer_failed(session, now, reply)
        record(
            session, SYSTEM, "reply_refused", "reply", reply.id, case_id=reply.case_id
        )
    session.get_one(Case, reply.case_id).version += 1
