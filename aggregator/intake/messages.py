"""What a normalised message does to the cases: part of T2, inside its transaction.

store(message)
  own post      -> outgoing, matched with the reply that caused it
  edit          -> a new version           delete -> text hidden, number kept; what was
                   said is erased a little later (privacy/erasure.py)
  known         -> one more account saw it; what a notification mail told is completed
  album part    -> joins the message its album has already
  answer        -> the case of what it answers (a closed one opens again); of letters
                   see correspondence.py
  repeat        -> the case it repeats, while that is open (twins/search.py)
  recurrence    -> a new case, linked with the one that was closed
  of before     -> kept aside; once a person takes it in, a closed case (history.py)
  else          -> a new case in the queue of the agencies addressed, with suggestions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select

from aggregator import city
from aggregator.accounts import ledger
from aggregator.answers import deliveries
from aggregator.cases import closing, deadlines, reminders, triage
from aggregator.intake import authors, budget, correspondence, history, notices
from aggregator.intake.correspondence import Answered
from aggregator.rules.reports import authority, casenumbers, duplicates
from aggregator.rules.reports.traits import Traits
from aggregator.store import marks, versions
from aggregator.store.audit import SYSTEM, record
from aggregator.store.db import insert
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import (
    Message,
    MessageAccount,
    MessageEvent,
    MessageVersion,
    RawEvent,
)
from aggregator.twins import search
from connectors import base

_OPENED = ("case_opened", "recurred")
_MOST_BYTES = 2**31 - 1
"""What a column holds of the size that a platform tells."""


def store(
    session: Session,
    now: datetime,
    account: Account,
    event: RawEvent,
    said: base.Message,
) -> bool:
    """Store one message and all it causes. False: nothing a resident said or
    changed."""
    said = authors.known_as(session, now, account.channel, said)
    authors.move(session, account.channel, said)
    if said.kind == "system" and said.extra.get("tried"):
        # a call, a chat that only phones can read: somebody waits for a sign of life
        said = replace(said, kind="dm")
    if said.kind == "delete":
        return _delete(session, now, account, event, said)
    if said.kind == "status":
        return deliveries.note(session, now, account.channel, said)
    if said.kind != "edit" and said.kind not in base.SAYING:
        return False
    if said.channel is not None:
        account = notices.account_of(session, now, account, said)
    known = _known(session, account.channel, said)
    if known is None and _is_noticed(session, account.channel):
        known = notices.same(session, account.channel, said)
    if known is not None:
        _told_of(session, known, event)
    if known is not None and notices.NOTICE in known.extra:
        return _noticed(session, now, account, known, said)
    if known is not None and (said.kind == "edit" or said.edit_of):
        text = correspondence.text_of(session, said, None)
        return _edit(session, now, account, known, replace(said, text=text))
    if known is not None:
        # by another route, or through another account that it names: the post is one
        _seen_by(session, known, account.id, now)
        _add_files_left_out(session, known, said)
        return True
    # A channel's own post copied into its discussion group says nothing new; a live
    # location moves on by edits, which are no message where its beginning was missed.
    if said.extra.get("mirrored") or (
        said.kind == "edit" and said.extra.get("live_location")
    ):
        return False
    if said.is_own or _is_ours(session, account.channel, said):
        return _own(session, now, account, event, said)
    album = _album(session, account.channel, said)
    if album is not None:
        _told_of(session, album, event)
        return _join_album(session, now, account, album, said)
    if history.is_of_before(account, said):
        return _of_before(session, now, account, event, said)
    answered = correspondence.answered(session, account.channel, said)
    text = correspondence.text_of(session, said, answered)
    message = _new_message(session, now, account, event, replace(said, text=text))
    _place_in_case(session, now, account, message, said, answered)
    return True


def _of_before(
    session: Session,
    now: datetime,
    account: Account,
    event: RawEvent,
    said: base.Message,
) -> bool:
    """Nothing becomes late because an account is new; what a person takes in is filed
    in a closed case, or goes with what it answers, whose state it leaves alone."""
    if not event.admitted:
        event.reason = ledger.HISTORY
        return False
    text = correspondence.text_of(session, said, None)
    message = _new_message(session, now, account, event, replace(said, text=text))
    case, _ = _case_for(session, account.channel, message, said, None, None)
    case = case or history.conversation(session, message)
    if case is not None:
        history.extend(session, case, message)
        return True
    case = _open_case(session, message, message.created_at)
    history.open_case(session, case, message, _addressed(session, account, said))
    return True


def _is_noticed(session: Session, channel: str) -> bool:
    return channel != "imap" and notices.is_noticed(_accounts(session, "imap"), channel)


def _noticed(
    session: Session,
    now: datetime,
    account: Account,
    known: Message,
    said: base.Message,
) -> bool:
    """Of what a mail told first the platform tells now; or a mail tells it again."""
    _seen_by(session, known, account.id, now)
    if notices.NOTICE not in said.extra and known.deleted_at is None:
        notices.fill(session, known, account, said)
        _add_media(session, known, said)
        _touch_case(session, known, "message_completed")
    return True


def _known(session: Session, channel: str, said: base.Message) -> Message | None:
    """The message itself, else the album it is a part of."""
    ids = [said.native_id, *([said.edit_of] if said.edit_of else [])]
    here = (Message.channel == channel, Message.scope == said.scope)
    itself = select(Message.id).where(*here, col(Message.native_id).in_(ids)).limit(1)
    album = (
        select(Message.id)
        .join(Attachment, col(Attachment.message_id) == col(Message.id))
        .where(*here, Attachment.part_id == said.native_id)
        .limit(1)
    )
    found = func.coalesce(itself.scalar_subquery(), album.scalar_subquery())
    row = session.exec(select(Message).where(col(Message.id) == found)).first()
    return row or _erased(session, channel, said.scope, ids)


def _erased(
    session: Session, channel: str, scope: str, ids: Sequence[str]
) -> Message | None:
    """A message with one of these ids that nothing is kept of: not to be opened
    again."""
    marked = marks.known(session)
    if marked is None:
        return None
    wanted = marked.of_all(channel, ids)
    query = (
        select(Message)
        .outerjoin(Attachment, col(Attachment.message_id) == col(Message.id))
        .where(
            Message.channel == channel,
            Message.scope == marked.of(channel, scope),
            col(Message.native_id).in_(wanted) | col(Attachment.part_id).in_(wanted),
        )
    )
    return session.exec(query).first()


def _told_of(session: Session, message: Message, event: RawEvent) -> None:
    """Remember where else a message arrived: what is erased is erased there too."""
    if message.raw_event_id != event.id:
        assert message.id is not None and event.id is not None
        key = {"message_id": message.id, "raw_event_id": event.id}
        table = MessageEvent.__table__  # type: ignore[attr-defined]
        session.execute(insert(session, table).values(key).on_conflict_do_nothing())
    if message.erased_at is not None:
        message.erased_at = None  # due again: something of it has arrived meanwhile


def _accounts(session: Session, channel: str) -> list[Account]:
    """The city's accounts of a channel, removed ones too: read once in a
    transaction."""
    known: dict[str, list[Account]] = session.info.setdefault("accounts", {})
    if channel not in known:
        known[channel] = list(
            session.exec(select(Account).where(Account.channel == channel))
        )
    return known[channel]


def _is_ours(session: Session, channel: str, said: base.Message) -> bool:
    return said.author_id is not None and any(
        account.external_id == said.author_id for account in _accounts(session, channel)
    )


def _edit(
    session: Session,
    now: datetime,
    account: Account,
    message: Message,
    said: base.Message,
) -> bool:
    _seen_by(session, message, account.id, now)
    if message.deleted_at is not None:
        return True
    is_part = message.native_id not in (said.native_id, said.edit_of)
    if is_part and not said.text:
        return True
    if said.text != message.text:
        _keep_version(session, now, message, said)
        _touch_case(session, message, "message_edited")
    _add_media(session, message, said)
    return True


def _keep_version(
    session: Session, now: datetime, message: Message, said: base.Message
) -> None:
    earlier = session.exec(
        select(MessageVersion).where(MessageVersion.message_id == message.id)
    ).all()
    session.add(
        MessageVersion(
            message_id=message.id,
            n=len(earlier) + 1,
            native_id=message.extra.get("version_id", message.native_id),
            text=message.text,
            replaced_at=now,
        )
    )
    message.text = said.text
    message.words_key = duplicates.words_key(said.text, city.here().lexicon)
    search.forget(session, message.id)
    search.remember(session, message, search.traits_of(message))
    message.edited_at = said.edited_at or now
    message.extra = {**message.extra, "version_id": said.native_id}
    message.reply_to = dict(said.reply_to) if said.reply_to else message.reply_to
    message.reply_until = said.reply_until or message.reply_until


def _delete(
    session: Session,
    now: datetime,
    account: Account,
    event: RawEvent,
    said: base.Message,
) -> bool:
    """Hide the text; a deletion that comes before its message leaves a mark to hide it
    then."""
    message = _known(session, account.channel, said)
    if message is None:
        # routes overtake each other: what it deletes may still come by another one
        message = _new_message(session, now, account, event, said)
        message.deleted_at = now
        return True
    _told_of(session, message, event)
    if message.deleted_at is None:
        message.deleted_at = now
        search.forget(session, message.id)
        triage.forget(session, message)
        _touch_case(session, message, "message_deleted")
    return True


def _touch_case(session: Session, message: Message, action: str) -> None:
    if message.case_id is None:
        return
    case = session.get_one(Case, message.case_id)
    versions.changed(session, SYSTEM, action, case, message=message.id)


def _own(
    session: Session,
    now: datetime,
    account: Account,
    event: RawEvent,
    said: base.Message,
) -> bool:
    """Our own post came back: outgoing, never a complaint; it may settle an unknown
    reply."""
    message = _new_message(session, now, account, event, said)
    message.direction = "out"
    parent = _parent(session, account.channel, said)
    message.case_id = parent.case_id if parent else None
    # `sent` too: whoever settled an unknown answer by hand had no id to give it
    waiting = ("sending", "unknown", "sent")
    query = select(Reply).join(Message, col(Message.id) == col(Reply.message_id))
    reply = session.exec(query.where(Reply.external_id == said.native_id)).first()
    if reply is None and parent is not None:
        reply = session.exec(
            query.where(
                Reply.message_id == parent.id, col(Reply.state).in_(waiting)
            ).where(col(Reply.external_id).is_(None))
        ).first()
    if reply is not None:
        message.case_id = reply.case_id
        message.extra = {**message.extra, "reply_id": reply.id}
        # A poll may be quicker than the answer to our own request: the outbox finds
        # the reply `sent` then, and leaves it so.
        if reply.state in ("sending", "unknown"):
            reply.state, reply.sent_at = "sent", message.created_at
            reply.external_id, reply.error, reply.error_code = (
                said.native_id,
                None,
                None,
            )
            reminders.note_promises(session, message.created_at, reply)
    if message.case_id is not None:
        _answered(session, now, message)
    return True


def _answered(session: Session, now: datetime, message: Message) -> None:
    """An answer counts from when the platform shows it, also one written there by
    hand."""
    case = session.get_one(Case, message.case_id)
    if case.status == "new":
        case.status = "answered"
        versions.grow(case)
    deadlines.answered(session, now, case, message.created_at)


def _parent(session: Session, channel: str, said: base.Message) -> Message | None:
    if said.parent_id is None:
        return None
    row = session.exec(
        select(Message)
        .outerjoin(Attachment, col(Attachment.message_id) == col(Message.id))
        .where(
            Message.channel == channel,
            Message.scope == said.scope,
            (col(Message.native_id) == said.parent_id)
            | (col(Attachment.part_id) == said.parent_id),
        )
    ).first()
    return row or _erased(session, channel, said.scope, [said.parent_id])


def _album(session: Session, channel: str, said: base.Message) -> Message | None:
    if said.group_id is None:
        return None
    here = [(said.scope, said.group_id)]
    if (marked := marks.known(session)) is not None:
        here += [(marked.of(channel, said.scope), marked.of(channel, said.group_id))]
    return session.exec(
        select(Message).where(
            Message.channel == channel,
            or_(
                *(
                    and_(col(Message.scope) == scope, col(Message.group_id) == group)
                    for scope, group in here
                )
            ),
        )
    ).first()


def _join_album(
    session: Session,
    now: datetime,
    account: Account,
    message: Message,
    said: base.Message,
) -> bool:
    _seen_by(session, message, account.id, now)
    if message.deleted_at is not None:
        return True
    if said.text and not message.text:
        message.text = said.text
        message.words_key = duplicates.words_key(said.text, city.here().lexicon)
        search.remember(session, message, search.traits_of(message))
    _add_media(session, message, said)
    _touch_case(session, message, "message_extended")
    return True


def _new_message(
    session: Session,
    now: datetime,
    account: Account,
    event: RawEvent,
    said: base.Message,
) -> Message:
    deleted = said.kind == "delete"
    message = Message(
        account_id=account.id,
        raw_event_id=event.id,
        channel=account.channel,
        scope=said.scope,
        native_id=said.edit_of or said.native_id,
        kind=said.kind,
        parent_id=said.parent_id,
        conversation_id=said.conversation_id,
        group_id=said.group_id,
        target_id=said.target_id,
        author_id=said.author_id,
        author_name=said.author_name,
        author_handle=said.author_handle,
        text=said.text,
        words_key=None
        if deleted
        else duplicates.words_key(said.text, city.here().lexicon),
        place=said.place or (said.geo.label if said.geo else None),
        latitude=said.geo.latitude if said.geo else None,
        longitude=said.geo.longitude if said.geo else None,
        public=said.public,
        anonymous=said.anonymous,
        contact=said.contact,
        permalink=said.permalink,
        reply_to=dict(said.reply_to) if said.reply_to else None,
        reply_until=said.reply_until,
        extra={
            **said.extra,
            **({"version_id": said.native_id} if said.edit_of else {}),
        },
        created_at=said.created_at or event.received_at,
        received_at=event.received_at,
        edited_at=said.edited_at,
    )
    session.add(message)
    session.flush()
    session.add(
        MessageAccount(message_id=message.id, account_id=account.id, received_at=now)
    )
    _add_media(session, message, said, [])
    return message


def _seen_by(
    session: Session, message: Message, account_id: int, now: datetime
) -> None:
    link = session.get(MessageAccount, (message.id, account_id))
    if link is None:
        session.add(
            MessageAccount(
                message_id=message.id, account_id=account_id, received_at=now
            )
        )
    elif link.received_at is None:
        link.received_at = now


def _add_media(
    session: Session,
    message: Message,
    said: base.Message,
    rows: list[Attachment] | None = None,
) -> None:
    """`rows`: those that the message has already; looked up without."""
    if not said.media:
        return
    if rows is None:
        query = select(Attachment).where(Attachment.message_id == message.id)
        rows = list(session.exec(query))
    known = {(row.native_id, row.part_id) for row in rows}
    for media in said.media:
        part = media.part_id or said.native_id
        if (media.native_id, part) in known:
            continue
        row = _attachment(message.id, len(rows), part, media)
        session.add(row)
        rows.append(row)


def _add_files_left_out(session: Session, message: Message, said: base.Message) -> None:
    """A delivery may leave out the files that a list has."""
    if not said.media or message.deleted_at is not None:
        return
    query = select(Attachment.id).where(Attachment.message_id == message.id)
    if session.exec(query.limit(1)).first() is None:
        _add_media(session, message, said, [])


def _attachment(
    message_id: int, position: int, part: str, media: base.Media
) -> Attachment:
    stored: Any = media.ref.get("sha256")
    return Attachment(
        message_id=message_id,
        position=position,
        type=media.type,
        native_id=media.native_id,
        part_id=part,
        ref=dict(media.ref),
        mime=media.mime,
        name=media.name,
        size=None if media.size is None else min(media.size, _MOST_BYTES),
        description=media.description,
        sha256=stored,
        status="stored" if stored else "waiting",
    )


def _place_in_case(
    session: Session,
    now: datetime,
    account: Account,
    message: Message,
    said: base.Message,
    answered: Answered | None,
) -> None:
    addressed = _addressed(session, account, said)
    # read once and passed on: taking a text apart is a quarter of what a message costs
    taken_apart = search.traits_of(message)
    budget.ask(session, "comparing")
    # what a message answers says more of where it belongs than any likeness of words
    case, how = _case_for(
        session, account.channel, message, said, taken_apart, answered
    )
    found = search.NOTHING if case else search.look(session, now, message, taken_apart)
    budget.ask(session, "looking for twins")
    since = history.heard_at(account, said, message.created_at)
    if case is None:
        case, how = _from_twins(session, message, since, found)
    elif case.history:
        case, how = _recurred(session, message, since, case), "recurred"
    elif case.status == "closed":
        closing.reopen_in(session, now, case)
        how = "reopened"
    message.case_id = case.id
    if case.message_count and search.is_new_reporter(session, message):
        case.reporters += 1
    case.message_count += 1
    case.last_message_at = max(case.last_message_at, message.created_at)
    case.place = case.place or message.place
    versions.grow(case)
    for row in addressed:
        if (
            row.account_id != account.id
        ):  # the one that received it has its line already
            session.add(
                MessageAccount(message_id=message.id, account_id=row.account_id)
            )
    opened = how in _OPENED
    if opened:
        triage.open_case(session, now, case, message, addressed, just_said=True)
    else:
        triage.go_on(session, now, case, message, addressed)
    budget.ask(session, "understanding")
    search.suggest(session, now, case, found.suggested, fresh=opened)
    why = found.joins or found.recurs
    reasons = [reason.code for reason in why.decision.reasons] if why else []
    if answered is not None:
        reasons.append(f"by_{answered.why}")
    record(session, SYSTEM, how, "case", case.id, message=message.id, reasons=reasons)
    if not found.is_copy:
        search.remember(session, message, taken_apart, found.keys)


def _from_twins(
    session: Session, message: Message, since: datetime, found: search.Found
) -> tuple[Case, str]:
    """The open case that a message repeats, or a new one; that may recur."""
    if found.joins is not None:
        copied = any(
            reason.code == "same_words" for reason in found.joins.decision.reasons
        )
        joined = session.get_one(Case, found.joins.case_id)
        return joined, "repeat_joined" if copied else "message_joined"
    if found.recurs is None:
        return _open_case(session, message, since), "case_opened"
    earlier = session.get_one(Case, found.recurs.case_id)
    return _recurred(session, message, since, earlier), "recurred"


def _recurred(
    session: Session, message: Message, since: datetime, earlier: Case
) -> Case:
    case = _open_case(session, message, since)
    case.recurrence_of, case.recurrence = earlier.id, earlier.recurrence + 1
    return case


def _addressed(
    session: Session, account: Account, said: base.Message
) -> list[authority.Addressed]:
    """The city's accounts a message names, in its order; at least the one that received
    it."""
    rows = {account.id: account}
    named = [name.lower() for name in said.mentions]
    if named and said.public:
        for row in _accounts(session, account.channel):
            names = {row.handle.lower(), row.external_id.lower()}
            if row.status != "removed" and not names.isdisjoint(named):
                rows[row.id] = row

    def order(row: Account) -> tuple[int, int]:
        places = [
            named.index(n) for n in (row.handle.lower(), row.external_id) if n in named
        ]
        return (min(places, default=len(named)), row.id)

    return [
        authority.Addressed(row.id, row.agency_code, row.handle)
        for row in sorted(rows.values(), key=order)
    ]


def _case_for(
    session: Session,
    channel: str,
    message: Message,
    said: base.Message,
    taken_apart: Traits | None,
    answered: Answered | None,
) -> tuple[Case | None, str]:
    """The case a message belongs to by what it answers, repeats or goes on with."""
    parent = _parent(session, channel, said)
    if parent is not None and parent.case_id is not None:
        return session.get_one(Case, parent.case_id), "message_joined"
    if answered is not None:
        return answered.case, "message_joined"
    if said.kind == "repost" and said.target_id:
        repeated = _known(
            session, channel, base.Message("post", said.target_id, scope=said.scope)
        )
        if repeated is not None and repeated.case_id is not None:
            case = session.get_one(Case, repeated.case_id)
            return (case, "repeat_joined") if case.status != "closed" else (None, "")
    if said.kind == "dm" and said.conversation_id and said.author_id:
        found = _open_case_where(
            session,
            col(Message.channel) == channel,
            col(Message.scope) == said.scope,
            col(Message.conversation_id) == said.conversation_id,
            col(Message.author_id) == said.author_id,
        )
        if found is not None and not search.another_matter(session, found, taken_apart):
            return found, "message_joined"
    return None, ""


def _open_case_where(session: Session, *conditions: Any) -> Case | None:
    return session.exec(
        select(Case)
        .join(Message, col(Message.case_id) == col(Case.id))
        .where(
            col(Case.status).in_(deadlines.OPEN), Message.direction == "in", *conditions
        )
        .where(col(Message.deleted_at).is_(None))
        .order_by(col(Case.id))
    ).first()


def _open_case(session: Session, message: Message, since: datetime) -> Case:
    case = Case(
        channel=message.channel,
        first_message_id=message.id,
        opened_at=since,
        last_message_at=message.created_at,
    )
    session.add(case)
    session.flush()  # the number is made of the row's id
    case.number = casenumbers.number_of(case.id)
    return case
