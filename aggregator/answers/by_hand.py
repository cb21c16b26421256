"""Answers that a person gave on the platform itself, where no program of ours can.

They stop the clocks as an answer does; the history says that they were given by hand.
When the platform gives such an answer back later, it is the same answer (`threads`).
"""

from __future__ import annotations

from datetime import datetime

from aggregator.answers import replies
from aggregator.cases import casefile, deadlines, reminders
from aggregator.cases.casefile import CaseFile, Seen
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.intake import Message

BY_HAND = "by-hand-"
"""Begins the key of such an answer."""


def answered_there(
    database: Database,
    now: datetime,
    viewer: Viewer,
    number: str,
    message_id: int,
    *,
    key: str,
    text: str = "",
    seen: Seen | None = None,
) -> Reply:
    """A message was answered on its platform. The same `key` again is the same answer.

    `text`: what was said there, where the person tells it. Refusal `not_there` where
    the message stands on no platform, `not_claimed` where somebody else has the case.
    """
    with database.writing() as session:
        known = replies.with_key(session, BY_HAND + key)
        if known is not None:
            return known
        file = casefile.act_in(session, now, viewer, number, seen)
        message = _there(file, message_id)
        answer = Reply(
            key=BY_HAND + key,
            case_id=file.id,
            message_id=message_id,
            account_id=message.account_id,
            person_id=viewer.id,
            text=text.strip(),
            state="sent",
            permalink=message.permalink,
            created_at=now,
            sent_at=now,
        )
        session.add(answer)
        session.flush()
        if file.case.status == "new":
            file.case.status = "answered"
        deadlines.answered(session, now, file.case, now)
        reminders.note_promises(session, now, answer)
        file.changed("answered_there", reply=answer.id, message=message_id)
        return answer


def _there(file: CaseFile, message_id: int) -> Message:
    holder, ends = file.case.claimed_by, file.case.claim_expires_at
    if holder not in (None, file.viewer.id) and (ends is None or ends >= file.now):
        raise Refusal(f"claim case {file.number} before you answer", "not_claimed")
    for message in file.messages:
        if message.id == message_id and is_there(message):
            return message
    raise Refusal(f"case {file.number} has no such message on a platform", "not_there")


def is_there(message: Message) -> bool:
    """Whether a person can answer it where it was said."""
    return (
        message.direction == "in"
        and message.permalink is not None
        and message.deleted_at is None
    )
