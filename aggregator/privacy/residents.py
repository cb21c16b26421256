"""What is kept of one resident: found, given out, erased, with a proof.

Sought by handle, phone number or mail address, in everything that hangs on their
messages and in whatever else names them. Secret cases are left out, and nothing says
whether there are any, unless the asker is a person who may open them (cases/sight.py).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, SQLModel, col, func, or_, select

from aggregator import PlainError, city
from aggregator.accounts import filestore
from aggregator.cases import groups, sight
from aggregator.people.viewers import Viewer
from aggregator.privacy import erasure, payloads
from aggregator.privacy.columns import (
    RULES,
    asked,
    drafted,
    elsewhere,
    out_of_address,
    placed,
    through,
    told,
    written,
)
from aggregator.rules.reports import duplicates
from aggregator.rules.text.quotes import Said
from aggregator.store import audit, memory
from aggregator.store.audit import Actor, record
from aggregator.store.db import Database, Reads, lock_processing
from aggregator.store.tables.accounts import Attachment
from aggregator.store.tables.answers import Reply
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message, MessageVersion, RawEvent
from aggregator.store.tables.privacy import Erasure
from aggregator.store.tables.store import AuditEntry
from aggregator.twins import search

_PHONE = re.compile(r"\+?[\d\s().\-/]{7,25}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_AT_ONCE = 200
_NAMES = (written, drafted, elsewhere, asked, told, placed)
"""Columns in which somebody may be named, by their rule."""


class PrivacyError(PlainError):
    """It cannot be done as asked; says what to do."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is sought. `sort`: handle, phone, mail. `channel`: of a handle, where the
    same may be two people."""

    sort: str
    value: str
    channel: str | None = None


def sought(typed: str, channel: str | None = None) -> Sought:
    """What somebody typed. PrivacyError."""
    value = typed.strip()
    if _MAIL.fullmatch(value):
        return Sought("mail", value.casefold(), channel)
    if _PHONE.fullmatch(value):
        return Sought("phone", _number(value), channel)
    value = value.lstrip("@")
    if len(value) < 3:
        raise PrivacyError(
            "give a handle of at least three letters, a phone number or a mail address"
        )
    return Sought("handle", value.casefold(), channel)


def _number(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return re.sub(r"^(?:0062|62|0)(?=\d{7,})", "", digits)


@dataclass(frozen=True)
class Found:
    """`messages`: theirs, by id; `named`: rows that name them, ids by table; `events`:
    raw events that name them and belong to no message of theirs. `names`: what they
    are found by. `channels`: how many of their messages came by which."""

    messages: tuple[int, ...] = ()
    named: dict[str, list[int]] = field(default_factory=dict)
    events: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    channels: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of which table."""
        found = {"message": len(self.messages), "raw_event": len(self.events)}
        for table, ids in self.named.items():
            found[table] = found.get(table, 0) + len(ids)
        return {table: count for table, count in found.items() if count}


def find(source: Reads, who: Sought, viewer: Viewer | None = None) -> Found:
    """Everything that is kept of somebody."""
    with source.reading() as session:
        open_to = _Open(session, viewer)
        rows = [row for row in _messages(session, who) if open_to.case(row.case_id)]
        names = _names_of(who, rows)
        said = Said(names=names)
        own = {row.id for row in rows}
        named = {
            table: ids
            for table, columns in _columns()
            if (ids := list(_naming(session, table, columns, said, own, open_to)))
        }
        events = tuple(_events_naming(session, said, own, open_to))
    channels = Counter(row.channel for row in rows)
    return Found(
        tuple(row.id for row in rows), named, events, tuple(names), dict(channels)
    )


class _Open:
    """Which cases this look may touch."""

    def __init__(self, session: Session, viewer: Viewer | None) -> None:
        self._session, self._viewer = session, viewer
        self._known: dict[int, bool] = {}

    def case(self, case_id: int | None) -> bool:
        if case_id is None:
            return True
        if case_id not in self._known:
            case = self._session.get_one(Case, case_id)
            whole = groups.whole(self._session, case)
            secret = case.confidential or whole.confidential
            self._known[case_id] = not secret or (
                self._viewer is not None
                and sight.sees(self._session, self._viewer, case)
                and sight.sees(self._session, self._viewer, whole)
            )
        return self._known[case_id]


def _messages(session: Session, who: Sought) -> list[Message]:
    """Messages of residents who are called so, and all others of the same senders."""
    query = select(Message).where(
        Message.direction == "in", col(Message.erased_at).is_(None)
    )
    if who.channel:
        query = query.where(Message.channel == who.channel)
    first = [row for row in session.exec(_narrowed(query, who)) if _is_theirs(row, who)]
    found = {row.id: row for row in first}
    for channel, author in {(row.channel, row.author_id) for row in first}:
        if author:
            more = query.where(Message.channel == channel, Message.author_id == author)
            found |= {row.id: row for row in session.exec(more)}
    return sorted(found.values(), key=lambda row: row.id)


def _narrowed(query: Any, who: Sought) -> Any:
    fields = (Message.author_id, Message.author_handle, Message.contact)
    if who.sort == "phone":
        return query.where(
            or_(*(col(one).is_not(None) for one in (*fields, Message.conversation_id)))
        )
    return query.where(or_(*(func.lower(one) == who.value for one in fields)))


def _is_theirs(row: Message, who: Sought) -> bool:
    if who.sort != "phone":
        return True
    fields = (row.author_id, row.author_handle, row.contact, row.conversation_id)
    return any(
        one and _PHONE.fullmatch(one) and _number(one) == who.value for one in fields
    )


def _names_of(who: Sought, rows: Sequence[Message]) -> list[str]:
    """What points to them wherever it stands. A name alone may be another's."""
    typed = f"0{who.value}" if who.sort == "phone" else who.value
    ids = [one for row in rows for one in (row.author_id, row.contact)]
    handles = [row.author_handle for row in rows]
    return list(dict.fromkeys(one for one in (typed, *ids, *handles) if one))


def _columns() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Tables and their columns where somebody may be named."""
    yield "message", ("text", "place")
    yield "message_version", ("text",)
    for table, rules in RULES.items():
        names = tuple(name for name, rule in rules.items() if rule in _NAMES)
        if names and table not in ("message", "message_version"):
            yield table, names
    yield "audit_entry", ("detail",)


def _model(table: str) -> Any:
    return next(
        mapper.class_
        for mapper in SQLModel._sa_registry.mappers
        if mapper.local_table.name == table  # type: ignore[attr-defined]
    )


def _naming(
    session: Session,
    table: str,
    columns: Sequence[str],
    said: Said,
    own: set[int],
    open_to: _Open,
) -> Iterator[int]:
    """Rows that name them, but for their own messages."""
    for row in _each(session, _model(table)):
        if table == "message" and row.id in own:
            continue
        if table == "message_version" and row.message_id in own:
            continue
        if table == "audit_entry" and not row.salts:
            continue
        values = [getattr(row, name) for name in columns]
        if payloads.mentions(values, lambda text: _names(said, text)) and open_to.case(
            _case_of(session, row)
        ):
            yield row.id


def _case_of(session: Session, row: Any) -> int | None:
    if isinstance(row, Case):
        return row.id
    if isinstance(row, MessageVersion):
        return session.get_one(Message, row.message_id).case_id
    found: int | None = getattr(row, "case_id", None) or getattr(row, "source_id", None)
    return found


def _names(said: Said, text: str) -> bool:
    return said.out_of(text, near=False) != text


def _each(session: Session, model: Any, *conditions: Any) -> Iterator[Any]:
    """Every row, a few at a time."""
    last = 0
    while True:
        query = select(model).where(model.id > last, *conditions).order_by(model.id)
        rows = session.exec(query.limit(_AT_ONCE)).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id


def _events_naming(
    session: Session, said: Said, own: set[int], open_to: _Open
) -> Iterator[int]:
    for event in _each(session, RawEvent, col(RawEvent.status) != "erased"):
        if not payloads.mentions(event.payload, lambda text: _names(said, text)):
            continue
        query = select(Message.id, Message.case_id).where(
            Message.raw_event_id == event.id
        )
        messages = session.exec(query).all()
        theirs = any(message_id in own for message_id, _ in messages)
        if not theirs and all(open_to.case(case_id) for _, case_id in messages):
            yield event.id


def export(
    database: Database, data_dir: Path, who: Sought, viewer: Viewer | None = None
) -> tuple[dict[str, Any], dict[str, Path]]:
    """What is kept of somebody, for themselves: what they said, with its versions, and
    what they were answered; and the files, by the names they have in it."""
    found = find(database, who, viewer)
    files: dict[str, Path] = {}
    with database.reading() as session:
        said = [
            _given(session, session.get_one(Message, one), data_dir, files)
            for one in found.messages
        ]
    return {"sought": who.sort, "channels": found.channels, "messages": said}, files


def _given(
    session: Session, row: Message, data_dir: Path, files: dict[str, Path]
) -> dict[str, Any]:
    versions = session.exec(
        select(MessageVersion)
        .where(MessageVersion.message_id == row.id)
        .order_by(col(MessageVersion.n))
    )
    answers = session.exec(
        select(Reply).where(Reply.message_id == row.id, Reply.state == "sent")
    )
    kept = session.exec(
        select(Attachment).where(
            Attachment.message_id == row.id, Attachment.status == "stored"
        )
    )
    names = []
    for file in kept:
        suffix = (file.mime or "").rpartition("/")[2] or "bin"
        name = f"files/{file.sha256}.{suffix}"
        files[name] = filestore.path_of(data_dir, file.sha256 or "")
        names.append(name)
    number = session.get_one(Case, row.case_id).number if row.case_id else None
    return {
        "channel": row.channel,
        "kind": row.kind,
        "case": number,
        "said_at": row.created_at.isoformat(),
        "author_name": row.author_name,
        "author_handle": row.author_handle,
        "contact": row.contact,
        "text": row.text,
        "place": row.place,
        "position": [row.latitude, row.longitude] if row.latitude else None,
        "versions": [one.text for one in versions],
        "files": names,
        "answers": [
            {"at": one.sent_at.isoformat() if one.sent_at else None, "text": one.text}
            for one in answers
        ],
    }


def erase(
    database: Database,
    data_dir: Path,
    now: datetime,
    actor: Actor,
    who: Sought,
    viewer: Viewer | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Erasure:
    """Erase all that `find` finds, in small transactions, look again, and write the
    proof down. PrivacyError where a handle may be two people."""
    found = find(database, who, viewer)
    if who.sort == "handle" and len(found.channels) > 1 and who.channel is None:
        raise PrivacyError(
            f"this handle is used on {', '.join(sorted(found.channels))}: it may be"
            " several people; name one with --channel"
        )
    done = erasure.Done()
    total = sum(found.counts.values())
    _hide(database, now, found.messages)
    for start in range(0, len(found.messages), erasure.AT_ONCE):
        batch = found.messages[start : start + erasure.AT_ONCE]
        erasure.erase(database, data_dir, now, batch, done)
        on_progress(start + len(batch), total)
    said = Said(names=found.names)
    for table, ids in found.named.items():
        _unname(database, table, ids, said, done)
    _unname_events(database, found.events, who, found, said, done)
    on_progress(total, total)
    memory.forget()
    database.leave_no_trace()
    left = find(database, who, viewer).counts
    salt = secrets.token_hex(16)
    with database.writing() as session:
        proof = Erasure(
            at=now,
            actor=actor.login,
            subject=digest(salt, who),
            salt=salt,
            messages=done.messages,
            files=len(done.files),
            rows=dict(done.rows),
            left=left,
        )
        session.add(proof)
        session.flush()
        record(session, actor, "resident_erased", "erasure", proof.id)
    return proof


def digest(salt: str, who: Sought) -> str:
    """Of who was erased: the same for the same person, and it names nobody."""
    said = f"{salt}:{who.sort}:{who.value}"
    return hashlib.sha256(said.encode()).hexdigest()


def proofs(database: Database) -> list[Erasure]:
    """Every erasure that was asked for, the newest first."""
    with database.reading() as session:
        return list(session.exec(select(Erasure).order_by(col(Erasure.id).desc())))


def _hide(database: Database, now: datetime, ids: Sequence[int]) -> None:
    """At once and together: nobody reads the rest while some are erased."""
    for start in range(0, len(ids), _AT_ONCE):
        with database.writing() as session:
            session.execute(
                update(Message)
                .where(
                    col(Message.id).in_(ids[start : start + _AT_ONCE]),
                    col(Message.deleted_at).is_(None),
                )
                .values(deleted_at=now)
            )


def _unname(
    database: Database, table: str, ids: Sequence[int], said: Said, done: erasure.Done
) -> None:
    """Take what points to them out of what others wrote."""
    model, columns = _model(table), dict(_columns())[table]
    for start in range(0, len(ids), _AT_ONCE):
        with database.writing() as session:
            lock_processing(session)
            batch = list(ids[start : start + _AT_ONCE])
            for row in session.exec(select(model).where(model.id.in_(batch))):
                if isinstance(row, AuditEntry):
                    audit.blank(row, lambda text: _names(said, text))
                    done.rows[table] += 1
                    continue
                for name in columns:
                    rule = RULES[table].get(name)
                    _clean(row, name, said, in_address=rule is asked)
                if isinstance(row, Message):
                    _compare_anew(session, row)
                done.rows[table] += 1


def _compare_anew(session: Session, row: Message) -> None:
    """What a text is found and compared by follows from the text that is left."""
    row.words_key = duplicates.words_key(row.text, city.here().lexicon)
    session.flush()
    search.forget(session, row.id)
    search.remember(session, row, search.traits_of(row))


def _clean(row: Any, name: str, said: Said, *, in_address: bool) -> None:
    value = getattr(row, name)
    if in_address:
        left = out_of_address(value, said)
    else:
        left = through(value, lambda text: said.out_of(text, near=False))
    if left != value:
        setattr(row, name, left)


def _unname_events(
    database: Database,
    ids: Sequence[int],
    who: Sought,
    found: Found,
    said: Said,
    done: erasure.Done,
) -> None:
    """Raw events that name them: whole where they are theirs and were set aside, else
    what points to them."""
    names = frozenset(one.casefold() for one in found.names)
    for start in range(0, len(ids), _AT_ONCE):
        with database.writing() as session:
            batch = list(ids[start : start + _AT_ONCE])
            query = select(RawEvent).where(col(RawEvent.id).in_(batch))
            for event in session.exec(query):
                aside = event.status not in ("done", "new")
                theirs = aside and any(
                    text.casefold() in names for text in payloads.texts(event.payload)
                )
                if theirs or not payloads.can_be_changed(event.payload):
                    event.payload, event.status, event.reason = {}, "erased", None
                else:
                    event.payload = through(
                        event.payload, lambda text: said.out_of(text, near=False)
                    )
                done.rows["raw_event"] += 1
