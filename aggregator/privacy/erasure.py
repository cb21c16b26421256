"""Erasing what a resident said, wherever it went: rows, raw events, files, memory.

    deleted_at is set (the sender took it back, or asked) -> hidden at once
    sweep()  the worker, a few messages a transaction      -> erased_at; ids are marks

What is left is the official skeleton: a case with its number, kind, ward, offices and
times. Answers to the message and, where nobody else speaks in the case, all that was
written there go with it; elsewhere what repeats it is taken out of the texts. What
comes again from the platform afterwards is known by its mark and erased again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import and_, delete, inspect, or_, update
from sqlmodel import Session, SQLModel, col, select

from aggregator import city
from aggregator.accounts import attachments
from aggregator.cases import groups
from aggregator.privacy import payloads
from aggregator.privacy.columns import RULES, Erased, fades, ours, stays, trail
from aggregator.rules.text.lexicon import Lexicon
from aggregator.rules.text.quotes import Said
from aggregator.store import audit, marks, memory
from aggregator.store.db import Database, lock_processing
from aggregator.store.tables.accounts import Attachment
from aggregator.store.tables.answers import (
    Delivery,
    Draft,
    HelpRequest,
    LibraryEntry,
    Notice,
    NoticeRecipient,
    Reply,
)
from aggregator.store.tables.cases import (
    Assignment,
    Bounce,
    BulkAct,
    Case,
    CaseReader,
    Handover,
    Note,
    Reminder,
)
from aggregator.store.tables.desk import SavedView
from aggregator.store.tables.intake import (
    AuthorAlias,
    Message,
    MessageEvent,
    MessageVersion,
    RawEvent,
)
from aggregator.store.tables.people import Notification
from aggregator.store.tables.store import AuditEntry
from aggregator.store.tables.twins import (
    CaseLink,
    Incident,
    IncidentCase,
    PhotoBand,
    PhotoHash,
    Suggestion,
)
from aggregator.twins import search

log = logging.getLogger(__name__)

AT_ONCE = 10
"""So many messages are erased in one transaction: nobody waits long to write."""
_READ_AT_ONCE = 500
_SET_ASIDE = ("failed", "ignored", "fetch")
"""Raw events that became no message: they are looked into."""
_IN_CASE: tuple[Any, ...] = (
    Assignment,
    Bounce,
    CaseReader,
    HelpRequest,
    CaseReader,
    Note,
    Notification,
)
_IN_CASE += (Notice, Reminder, Reply, Draft)
_ANYWHERE: tuple[Any, ...] = (Handover, BulkAct)
_ALWAYS: tuple[Any, ...] = (SavedView, LibraryEntry)


@dataclass
class Done:
    """How many rows of which table were emptied, and which files may go (sha256)."""

    rows: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)
    messages: int = 0


def due(database: Database, limit: int = AT_ONCE) -> list[int]:
    """Messages of residents that are hidden and not erased yet, oldest first."""
    query = (
        select(Message.id)
        .where(
            col(Message.deleted_at).is_not(None),
            col(Message.erased_at).is_(None),
            Message.direction == "in",
        )
        .order_by(col(Message.id))
        .limit(limit)
    )
    with database.reading() as session:
        return [int(one or 0) for one in session.exec(query)]


def sweep(
    database: Database,
    data_dir: Path,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
) -> Done:
    """Erase all that is due, a few messages a transaction."""
    done = Done()
    while not stopping() and (ids := due(database)):
        erase(database, data_dir, now, ids, done)
    return done


def erase(
    database: Database,
    data_dir: Path,
    now: datetime,
    message_ids: Collection[int],
    done: Done | None = None,
) -> Done:
    """Erase these messages, whether they were taken back or not."""
    done = done or Done()
    aside = _set_aside_of(database, message_ids)
    with database.writing() as session:
        lock_processing(session)
        rows = session.exec(
            select(Message)
            .where(col(Message.id).in_(message_ids), Message.direction == "in")
            .order_by(col(Message.id))
        ).all()
        said = [_message(session, now, row, set(message_ids), done) for row in rows]
        _raw_events(session, [row.id for row in rows], aside, done)
        if said:
            together = _together(said)
            since = min(row.received_at for row in rows)
            for table in _ANYWHERE:
                when = table.created_at if table is Handover else table.at
                _apply(session, table, when >= since, together, done)
            for table in _ALWAYS:
                _apply(session, table, True, together, done)
        done.messages += len(rows)
    if rows:
        marked = [row.native_id for row in rows]
        marks.note(data_dir, said[0].marks, marked)
    for sha256 in done.files:
        attachments.drop_unused(database, data_dir, sha256)
    if rows:
        memory.forget()
        log.info("erased what was said in %s messages", len(rows))
    return done


def _together(each: Sequence[Erased]) -> Erased:
    """Several as one, for texts that hang on none of them."""
    said = Said(
        texts=[text for one in each for text in one.said.texts],
        names=[name for one in each for name in one.said.names],
    )
    return replace(each[0], said=said, alone=False)


def _message(
    session: Session, now: datetime, row: Message, ids: set[int], done: Done
) -> Erased:
    assert row.id is not None
    search.forget(session, row.id)
    files = session.exec(
        select(Attachment).where(Attachment.message_id == row.id)
    ).all()
    cases = groups.ids(session, row.case_id) if row.case_id else []
    erased = _erased(session, row, files, cases, ids)
    whole = replace(erased, alone=True)
    answers = _answers(session, row, whole, done)
    _echoes(session, row, cases, answers, whole, done)
    for table in _IN_CASE:
        _apply(session, table, table.case_id.in_(cases), erased, done)
    _apply(session, Case, col(Case.id).in_(cases), erased, done)
    pairs = or_(col(Suggestion.case_id).in_(cases), col(Suggestion.other_id).in_(cases))
    _apply(session, Suggestion, pairs, erased, done)
    links = or_(col(CaseLink.source_id).in_(cases), col(CaseLink.target_id).in_(cases))
    _apply(session, CaseLink, links, erased, done)
    events = select(IncidentCase.incident_id).where(
        col(IncidentCase.case_id).in_(cases)
    )
    _apply(session, Incident, col(Incident.id).in_(events), erased, done)
    _trail(session, cases, erased, done)
    _lead_nowhere(session, row, cases, erased)
    _aliases(session, row, done)
    done.files |= {
        sha256 for file in files for sha256 in (file.sha256, *file.previews) if sha256
    }
    _pictures(session, [file.id for file in files])
    _apply(session, Attachment, Attachment.message_id == row.id, whole, done)
    _apply(session, MessageVersion, MessageVersion.message_id == row.id, whole, done)
    _apply(session, Message, Message.id == row.id, whole, done)
    row.latitude = row.longitude = None
    row.deleted_at, row.erased_at = row.deleted_at or now, now
    session.flush()
    return erased


def _aliases(session: Session, row: Message, done: Done) -> None:
    """Further ids of the sender, with the last of their messages."""
    more = session.exec(
        select(Message.id).where(
            Message.channel == row.channel,
            Message.author_id == row.author_id,
            Message.id != row.id,
        )
    ).first()
    if row.author_id is None or more is not None:
        return
    gone = session.exec(
        delete(AuthorAlias).where(
            col(AuthorAlias.channel) == row.channel,
            col(AuthorAlias.author_id) == row.author_id,
        )
    )
    if gone.rowcount:
        done.rows["author_alias"] += gone.rowcount


def _names(files: Sequence[Attachment]) -> list[str | None]:
    return [said for file in files for said in (file.description, file.name)]


def _erased(
    session: Session,
    row: Message,
    files: Sequence[Attachment],
    cases: Sequence[int],
    ids: set[int],
) -> Erased:
    """What this message says and what its sender is found by."""
    versions = session.exec(
        select(MessageVersion.text).where(MessageVersion.message_id == row.id)
    ).all()
    others = session.exec(
        select(Message.text).where(
            col(Message.case_id).in_(cases),
            Message.direction == "in",
            col(Message.deleted_at).is_(None),
            col(Message.id).not_in(ids),
        )
    ).all()
    texts = (row.text, row.place, *versions, *_names(files))
    ids_of = (row.author_id, row.conversation_id, row.native_id, row.contact)
    names = (row.author_name, row.author_handle, row.permalink, *ids_of)
    return Erased(
        Said(
            texts=[text for text in texts if text],
            names=[name for name in names if name],
            others=[text for text in others if text],
            common=_common(city.here().lexicon),
        ),
        marks.made(session),
        row.channel,
        alone=not others,
    )


@cache
def _common(lexicon: Lexicon) -> frozenset[str]:
    """Words that are said every day: they point to nobody."""
    known = {*lexicon.spellings.values(), *lexicon.everyday, *lexicon.same}
    words = {word.casefold() for value in known for word in str(value).split()}
    return frozenset(words | lexicon.glue | lexicon.asking)


def _answers(session: Session, row: Message, whole: Erased, done: Done) -> list[Reply]:
    """Our answers to a message, with what platforms said of them."""
    answers = list(session.exec(select(Reply).where(Reply.message_id == row.id)))
    sent = [one.external_id for one in answers if one.external_id]
    here = and_(
        col(Delivery.channel) == row.channel, col(Delivery.external_id).in_(sent)
    )
    _apply(session, Delivery, here, whole, done)
    for one in answers:
        done.files |= {file["sha256"] for file in one.files}
        if one.state in ("queued", "try_later"):
            one.state = "cancelled"
    drafts = list(session.exec(select(Draft).where(Draft.message_id == row.id)))
    for draft in drafts:
        done.files |= {file["sha256"] for file in draft.files}
    ids = [one.id for one in answers]
    _apply(session, Reminder, col(Reminder.reply_id).in_(ids), whole, done)
    told = select(NoticeRecipient.notice_id).where(NoticeRecipient.message_id == row.id)
    if whole.alone:
        _apply(session, Notice, col(Notice.id).in_(told), whole, done)
    for table in (Reply, Draft):
        _apply(session, table, table.message_id == row.id, whole, done)
    return answers


def _echoes(
    session: Session,
    row: Message,
    cases: Sequence[int],
    answers: Sequence[Reply],
    whole: Erased,
    done: Done,
) -> None:
    """Our answers as they came back from the platform."""
    ids = {one.id for one in answers}
    ours = session.exec(
        select(Message).where(
            col(Message.case_id).in_(cases), Message.direction == "out"
        )
    ).all()
    for one in ours:
        if one.extra.get("reply_id") in ids or one.parent_id == row.native_id:
            author = one.author_id, one.author_name, one.author_handle
            _apply(session, Message, Message.id == one.id, whole, done)
            one.author_id, one.author_name, one.author_handle = author
            one.erased_at = row.erased_at
            _raw_events(session, [one.id], (), done)


def _trail(session: Session, cases: Sequence[int], erased: Erased, done: Done) -> None:
    """What people gave as reasons in the case, and what was said of its incidents."""
    events = select(IncidentCase.incident_id).where(
        col(IncidentCase.case_id).in_(cases)
    )
    lines = select(AuditEntry).where(
        or_(
            col(AuditEntry.case_id).in_(cases),
            and_(
                col(AuditEntry.subject) == "incident",
                col(AuditEntry.subject_id).in_(events),
            ),
        )
    )

    def is_gone(text: str, near: bool) -> bool:
        alone = erased.alone and near
        return alone or erased.said.out_of(text, near=near) != text

    for entry in session.exec(lines):
        near = entry.subject != "incident"
        if entry.salts and audit.blank(entry, partial(is_gone, near=near)):
            done.rows["audit_entry"] += 1


def _lead_nowhere(
    session: Session, row: Message, cases: Sequence[int], erased: Erased
) -> None:
    """What others said in the case names the message by its mark."""
    mark = erased.marks.of(row.channel, row.native_id)
    for name in ("parent_id", "conversation_id", "target_id"):
        column = getattr(Message, name)
        session.execute(
            update(Message)
            .where(col(Message.case_id).in_(cases), column == row.native_id)
            .values({name: mark})
        )


def _pictures(session: Session, file_ids: Sequence[int]) -> None:
    for table in (PhotoBand, PhotoHash):
        session.execute(
            delete(table).where(table.attachment_id.in_(file_ids))  # type: ignore[attr-defined]
        )


def _raw_events(
    session: Session, message_ids: Sequence[int], aside: Iterable[int], done: Done
) -> None:
    """Where the messages arrived, first and again. A payload that holds others' words
    too goes whole: those are messages of their own."""
    first = select(Message.raw_event_id).where(col(Message.id).in_(message_ids))
    again = select(MessageEvent.raw_event_id).where(
        col(MessageEvent.message_id).in_(message_ids)
    )
    ids = {*session.exec(first), *session.exec(again), *aside} - {None}
    for event in session.exec(select(RawEvent).where(col(RawEvent.id).in_(ids))):
        erased = Erased(Said(), marks.made(session), event.channel, alone=True)
        _change(event, erased, done)


def _set_aside_of(database: Database, message_ids: Collection[int]) -> list[int]:
    """Raw events without a message that speak of one of these."""
    with database.reading() as session:
        rows = session.exec(
            select(Message).where(col(Message.id).in_(message_ids))
        ).all()
        found: list[int] = []
        last = 0
        accounts = {row.account_id for row in rows}
        while True:
            events = session.exec(
                select(RawEvent)
                .where(
                    col(RawEvent.status).in_(_SET_ASIDE),
                    col(RawEvent.account_id).in_(accounts),
                    col(RawEvent.id) > last,
                )
                .order_by(col(RawEvent.id))
                .limit(_READ_AT_ONCE)
            ).all()
            found += [
                event.id
                for event in events
                if any(
                    row.account_id == event.account_id and _is_of(event, row)
                    for row in rows
                )
            ]
            if len(events) < _READ_AT_ONCE:
                return found
            last = events[-1].id or 0


def _is_of(event: RawEvent, row: Message) -> bool:
    named = {one for one in (row.author_id, row.conversation_id, row.scope) if one}
    return payloads.is_of(event.payload, row.native_id, frozenset(named))


def _apply(
    session: Session, table: Any, condition: Any, erased: Erased, done: Done
) -> None:
    for row in session.exec(select(table).where(condition)):
        _change(row, erased, done)


def _change(row: SQLModel, erased: Erased, done: Done) -> None:
    """Every column as its rule says."""
    name = str(row.__tablename__)
    changed = False
    for column, rule in _ruled(name):
        before = getattr(row, column)
        after = rule(before, erased)
        if after is None and not inspect(type(row)).columns[column].nullable:
            after = ""
        if after != before:
            setattr(row, column, after)
            changed = True
    if changed:
        done.rows[name] += 1


@cache
def _ruled(table: str) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (column, rule)
        for column, rule in RULES[table].items()
        if rule not in (stays, ours, trail, fades)
    )
