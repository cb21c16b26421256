"""Tables of the room `intake`: what arrived, and what was said in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from aggregator.store.db import Utc
from aggregator.store.tables._columns import (
    json_column,
    moment,
    moment_of_writing,
    told,
)


class RawEvent(SQLModel, table=True):
    """What arrived, unchanged. `status`: new, fetch, done, ignored, failed, erased.

    `fetch`: it names ids only, and what they speak of is asked for at `next_try_at`.
    `admitted`: a person holds it for something that was said, though a program seems to
    have written it.
    """

    __tablename__ = "raw_event"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index("ix_raw_event_status_id", "status", "id"),
    )

    id: int = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    channel: str
    key: str
    kind: str
    payload: Any = Field(default=None, sa_column=Column(JSON))
    received_at: datetime = moment_of_writing()
    status: str = "new"
    reason: str | None = told()
    attempts: int = 0
    next_try_at: datetime | None = moment()
    processed_at: datetime | None = moment()
    admitted: bool = False


class Message(SQLModel, table=True):
    """One thing somebody said. `direction`: in, out. Unique within `scope` on its
    channel.

    `reply_until`: after this the platform takes no answer to it. `deleted_at`: hidden
    since; `erased_at`: nothing of what was said is kept since (privacy/erasure.py), and
    ids are marks.
    """

    __table_args__ = (
        UniqueConstraint("channel", "scope", "native_id"),
        Index("ix_message_native", "channel", "native_id"),
        Index("ix_message_group", "channel", "scope", "group_id"),
        Index("ix_message_conversation", "channel", "conversation_id"),
        Index("ix_message_author", "channel", "author_id"),
        Index(
            "ix_message_to_erase",
            "id",
            sqlite_where=text("deleted_at IS NOT NULL AND erased_at IS NULL"),
            postgresql_where=text("deleted_at IS NOT NULL AND erased_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    case_id: int | None = Field(default=None, foreign_key="case.id", index=True)
    account_id: int = Field(foreign_key="account.id")
    raw_event_id: int | None = Field(default=None, foreign_key="raw_event.id")
    channel: str
    scope: str = ""
    native_id: str
    kind: str
    direction: str = "in"
    parent_id: str | None = None
    conversation_id: str | None = None
    group_id: str | None = None
    target_id: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    author_handle: str | None = None
    text: str | None = None
    words_key: str | None = Field(default=None, index=True)
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    public: bool = True
    anonymous: bool = False
    contact: str | None = None
    permalink: str | None = None
    reply_to: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    reply_until: datetime | None = moment()
    extra: dict[str, Any] = json_column()
    created_at: datetime = Field(sa_type=Utc, nullable=False, index=True)
    received_at: datetime = moment_of_writing()
    edited_at: datetime | None = moment()
    deleted_at: datetime | None = moment()
    erased_at: datetime | None = moment()


class MessageEvent(SQLModel, table=True):
    """A further raw event that says something of a message: an edit, a deletion, the
    same by another route, a part of its album."""

    __tablename__ = "message_event"

    message_id: int = Field(primary_key=True, foreign_key="message.id")
    raw_event_id: int = Field(primary_key=True, foreign_key="raw_event.id", index=True)


class MessageAccount(SQLModel, table=True):
    """The accounts a message is addressed to; `received_at` is empty until that account
    saw it."""

    __tablename__ = "message_account"

    message_id: int = Field(primary_key=True, foreign_key="message.id")
    account_id: int = Field(primary_key=True, foreign_key="account.id", index=True)
    received_at: datetime | None = moment()


class AuthorAlias(SQLModel, table=True):
    """A further id of a person on a channel, and the `author_id` their messages stand
    under. Gone with the last of their messages (privacy/erasure.py)."""

    __tablename__ = "author_alias"
    __table_args__ = (Index("ix_author_alias_author", "channel", "author_id"),)

    channel: str = Field(primary_key=True)
    alias: str = Field(primary_key=True)
    author_id: str
    noted_at: datetime = moment_of_writing()


class MessageVersion(SQLModel, table=True):
    """What a message said before an edit; `n` counts from 1, the oldest."""

    __tablename__ = "message_version"
    __table_args__ = (UniqueConstraint("message_id", "n"),)

    id: int = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    n: int
    native_id: str
    text: str | None = None
    replaced_at: datetime = moment_of_writing()
