"""What a platform's notification mail told: of which account of the city's it is, and
which message it is that the platform's interface tells too, before or after.

Accounts that are known by such mails alone have the status `by_mail` and no settings;
registering one with a login takes the row over (`registry`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from aggregator import city
from aggregator.rules.reports import duplicates
from aggregator.store.audit import SYSTEM, record
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.intake import Message
from aggregator.twins import search
from connectors import base

NOTICE = "notice"
"""In `Message.extra` of what only a mail told."""
_WITHIN = timedelta(days=3)
_MOST = 50
_SHORTEST = 8
"""Of a shorter excerpt nobody can say that it begins another text."""


def account_of(
    session: Session, now: datetime, mailbox: Account, said: base.Message
) -> Account:
    """The account of the city's that a notification is of, made where it is new: it
    belongs to the office of the mailbox."""
    assert said.channel is not None and said.account is not None
    handle = said.account.removeprefix("@")
    known = session.exec(
        select(Account)
        .where(
            Account.channel == said.channel,
            Account.status != "removed",
            or_(
                func.lower(Account.handle) == handle.lower(),
                func.lower(Account.display_name) == handle.lower(),
            ),
        )
        .order_by(Account.status == "by_mail", col(Account.id))  # type: ignore[arg-type]
    ).first()
    if known is not None:
        return known
    made = Account(
        channel=said.channel,
        external_id=f"by-mail:{handle.lower()}",
        handle=handle,
        display_name=handle,
        agency_code=mailbox.agency_code,
        sealed="",
        status="by_mail",
        history_before=mailbox.history_before,
        created_at=now,
    )
    session.add(made)
    session.flush()
    session.info.pop("accounts", None)
    agency = mailbox.agency_code
    record(session, SYSTEM, "account_new", "account", made.id, agency=agency)
    return made


def is_noticed(mailboxes: list[Account], channel: str) -> bool:
    """Whether mails tell of this channel at all."""
    return any(channel in box.facts.get("notices", ()) for box in mailboxes)


def same(session: Session, channel: str, said: base.Message) -> Message | None:
    """The message that this is by the other road, where no id says so: by the same
    person, within days, one text the beginning of the other."""
    names = {one.lower() for one in (said.author_name, said.author_handle) if one}
    if not names or said.created_at is None or said.kind not in base.SAYING:
        return None
    query = (
        select(Message)
        .where(
            Message.channel == channel,
            Message.direction == "in",
            col(Message.deleted_at).is_(None),
            col(Message.created_at).between(
                said.created_at - _WITHIN, said.created_at + _WITHIN
            ),
            or_(
                func.lower(Message.author_name).in_(names),
                func.lower(Message.author_handle).in_(names),
            ),
        )
        .order_by(col(Message.id))
        .limit(_MOST)
    )
    for known in session.exec(query):
        if NOTICE in known.extra and NOTICE in said.extra:
            continue
        if NOTICE in known.extra and _begins(known.text, said.text):
            return known
        if NOTICE in said.extra and _begins(said.text, known.text):
            return known
    return None


def _begins(excerpt: str | None, whole: str | None) -> bool:
    short = " ".join((excerpt or "").rstrip(". …").split()).casefold()
    long = " ".join((whole or "").split()).casefold()
    return (len(short) >= _SHORTEST and long.startswith(short)) or short == long != ""


def fill(
    session: Session, message: Message, account: Account, said: base.Message
) -> None:
    """What only a mail told is read on the platform now: whole, and answerable."""
    assert account.id is not None and message.id is not None
    message.native_id, message.scope = said.edit_of or said.native_id, said.scope
    message.account_id = account.id
    message.parent_id, message.conversation_id = said.parent_id, said.conversation_id
    message.author_id = said.author_id
    message.author_name = said.author_name or message.author_name
    message.author_handle = said.author_handle or message.author_handle
    message.permalink = said.permalink or message.permalink
    message.reply_to = dict(said.reply_to) if said.reply_to else None
    message.reply_until = said.reply_until
    message.extra = dict(said.extra)
    if said.text and said.text != message.text:
        message.text = said.text
        message.words_key = duplicates.words_key(said.text, city.here().lexicon)
        search.forget(session, message.id)
        search.remember(session, message, search.traits_of(message))
