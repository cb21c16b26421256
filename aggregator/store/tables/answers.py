"""Tables of the room `answers`: what is said to residents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from aggregator.store.db import Utc
from aggregator.store.tables._columns import (
    COUNTED,
    counted,
    json_column,
    moment,
    moment_of_writing,
    told,
)


class Reply(SQLModel, table=True):
    """Something we send. `state`: queued, sending, sent, refused, try_later, unknown,
    cancelled.

    `private`: a private answer to something public. `beside_id`: of a sentence said in
    public beside a private answer, that answer; it leaves once that has arrived.
    `delivery`: what the platform said
    of it later: sent, delivered, read, failed. `files`: [{"sha256", "name", "mime"}].
    `closes`: once it has arrived the case is closed, as `outcome`; `waives` says why
    other offices need not act. Not closing, with the outcome menunggu_pelapor: the case
    waits for the resident who is asked. Without it, where others still act, the part of
    the writer's office ends instead.
    """

    __table_args__ = (Index("ix_reply_of_case", "case_id", "state"),)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    case_id: int = Field(foreign_key="case.id")
    message_id: int = Field(foreign_key="message.id")
    account_id: int = Field(foreign_key="account.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    text: str
    state: str = Field(default="queued", index=True)
    external_id: str | None = Field(default=None, index=True)
    permalink: str | None = None
    private: bool = False
    beside_id: int | None = Field(default=None, foreign_key="reply.id")
    files: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    delivery: str | None = None
    closes: bool = False
    outcome: str | None = None
    waives: str | None = None
    error: str | None = told()
    error_code: str | None = None
    attempts: int = 0
    created_at: datetime = moment_of_writing(index=True)
    not_before: datetime | None = moment()
    sending_at: datetime | None = moment()
    sent_at: datetime | None = moment()


class Delivery(SQLModel, table=True):
    """What a platform said became of something we sent; it may say so before `send`
    returns."""

    __table_args__ = (UniqueConstraint("channel", "external_id", "state"),)

    id: int = Field(default=None, primary_key=True)
    channel: str
    external_id: str
    state: str
    detail: str | None = told()
    at: datetime = Field(sa_type=Utc, nullable=False)


class Draft(SQLModel, table=True):
    """An answer somebody writes, kept while they write. `state`: writing, asked (for
    approval), approved, returned; proposed, used (of another office:
    answers/help_requests.py). `shared`: colleagues who see the case may read
    and go on with it."""

    __table_args__ = (UniqueConstraint("case_id", "person_id"),)
    __mapper_args__ = COUNTED

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    message_id: int | None = Field(default=None, foreign_key="message.id")
    account_id: int | None = Field(default=None, foreign_key="account.id")
    text: str
    private: bool = False
    files: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    shared: bool = False
    state: str = Field(default="writing", index=True)
    remark: str | None = None
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    version: int = counted()
    updated_at: datetime = moment_of_writing()


class HelpRequest(SQLModel, table=True):
    """Another office (`agency_code`; None: any) is asked to propose an answer ("bantu
    jawab").

    It is no task: no clock runs and the case may close without it. `asked`: what the
    office that has the case wants to know. `used_by`: whose proposal was taken.
    """

    __tablename__ = "help_request"

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    agency_code: str | None = Field(default=None, foreign_key="agency.code")
    asked: str
    person_id: int = Field(foreign_key="person.id")
    asked_at: datetime = moment_of_writing()
    ended_at: datetime | None = moment()
    used_by: int | None = Field(default=None, foreign_key="person.id")


class LibraryEntry(SQLModel, table=True):
    """A text to answer with. `sort`: naskah (a form with variables) or jawaban (a
    fact).

    `texts`: by language id, su, en. Without `agency_code` it is the whole city's. After
    `valid_until` it may not be put into an answer unseen. `source`: where the fact
    comes from.
    """

    __tablename__ = "library_entry"
    __mapper_args__ = COUNTED

    id: int = Field(default=None, primary_key=True)
    sort: str = Field(index=True)
    agency_code: str | None = Field(default=None, foreign_key="agency.code", index=True)
    title: str
    texts: dict[str, Any] = json_column()
    kind: str | None = Field(default=None, index=True)
    klass: str | None = None
    source: str | None = None
    valid_until: date | None = None
    archived: bool = False
    uses: int = 0
    version: int = counted()
    person_id: int | None = Field(default=None, foreign_key="person.id")
    updated_at: datetime = moment_of_writing()


class Presence(SQLModel, table=True):
    """Who has a case open just now, and whether they write."""

    case_id: int = Field(primary_key=True, foreign_key="case.id")
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    writing: bool = False
    seen_at: datetime = Field(sa_type=Utc, nullable=False)


class Notice(SQLModel, table=True):
    """One answer to everybody who reported a case. `key`: the same key again is the
    same notice."""

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    text: str
    created_at: datetime = moment_of_writing()


class NoticeRecipient(SQLModel, table=True):
    """One reporter of a notice: the reply that tells them, or why they were left
    out."""

    __tablename__ = "notice_recipient"
    __table_args__ = (UniqueConstraint("notice_id", "message_id"),)

    id: int = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", index=True)
    message_id: int = Field(foreign_key="message.id")
    reply_id: int | None = Field(default=None, foreign_key="reply.id", index=True)
    left_out: str | None = None
