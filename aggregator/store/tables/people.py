"""Tables of the room `people`: who works here, when, and what they are told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from aggregator.store.db import Utc
from aggregator.store.tables._columns import (
    json_column,
    moment,
    moment_of_writing,
    told,
)


class Person(SQLModel, table=True):
    """`status`: invited, active, disabled. `epoch` grows to end every session of a
    person.

    `first_reader`: named to read the secret cases of their office from the beginning.
    `speaks`: languages they can answer residents in. `position`: kepala_opd, wali_kota,
    sekda: who is told when a step is late. `telegram`: their private chat with the
    city's bot.
    """

    id: int = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    name: str
    email: str | None = None
    agency_code: str = Field(foreign_key="agency.code", index=True)
    role: str = "juru_bicara"
    language: str = "id"
    speaks: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    position: str | None = Field(default=None, index=True)
    first_reader: bool = False
    telegram: str | None = None
    totp: str | None = None
    totp_step: int | None = Field(default=None, sa_column=Column(BigInteger))
    recovery_codes: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    preferences: dict[str, Any] = json_column()
    status: str = "invited"
    password_hash: str | None = None
    invite_hash: str | None = Field(default=None, unique=True)
    invite_expires_at: datetime | None = moment()
    epoch: int = 1
    created_at: datetime = moment_of_writing()
    last_seen_at: datetime | None = moment()


class Notification(SQLModel, table=True):
    """Something a person is told; `kind`: its words are in web/words/queue.py.
    `via`: in_app, telegram, email, push; `sent_at` when it left."""

    __table_args__ = (
        Index(
            "ix_notification_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index(
            "ix_notification_unsent",
            "id",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: str
    case_id: int | None = Field(default=None, foreign_key="case.id")
    data: dict[str, Any] = json_column()
    urgent: bool = False
    created_at: datetime = moment_of_writing()
    read_at: datetime | None = moment()
    via: str = "in_app"
    sent_at: datetime | None = moment()
    attempts: int = 0
    next_try_at: datetime | None = moment()
    error: str | None = told()


class Shift(SQLModel, table=True):
    """Who is on duty (piket) for an agency, from when to when."""

    id: int = Field(default=None, primary_key=True)
    agency_code: str = Field(foreign_key="agency.code", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    starts_at: datetime = Field(sa_type=Utc, nullable=False)
    ends_at: datetime = Field(sa_type=Utc, nullable=False)


class Absence(SQLModel, table=True):
    """Days somebody is away, first and last included, and who stands in for them."""

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    first_day: date
    last_day: date
    deputy_id: int | None = Field(default=None, foreign_key="person.id")


class Device(SQLModel, table=True):
    """A browser that needs no second factor for a while."""

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(unique=True)
    name: str
    created_at: datetime = moment_of_writing()
    last_seen_at: datetime = moment_of_writing()
    expires_at: datetime = Field(sa_type=Utc, nullable=False)


class UserSession(SQLModel, table=True):
    """A browser somebody signed in with; its token is kept as a digest only.

    `epoch`: the person's when it began. `waits_for_code`: the password was right, the
    second step is missing. `proved_at`: when they last showed who they are. `source`:
    the address it began from.
    """

    __tablename__ = "user_session"

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    epoch: int
    token_hash: str = Field(unique=True)
    name: str
    source: str
    waits_for_code: bool = False
    created_at: datetime = moment_of_writing()
    last_seen_at: datetime = moment_of_writing()
    proved_at: datetime = moment_of_writing()
    expires_at: datetime = Field(sa_type=Utc, nullable=False, index=True)
    ended_at: datetime | None = moment()


class Passkey(SQLModel, table=True):
    """A key that a phone, computer or security key of a person keeps (WebAuthn); the
    public half is here. `credential_id`, `public_key`: base64url. `sign_count`: as its
    holder said last; 0 where it counts nothing."""

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    credential_id: str = Field(unique=True)
    public_key: str
    sign_count: int = Field(sa_column=Column(BigInteger, nullable=False))
    name: str
    created_at: datetime = moment_of_writing()
    last_used_at: datetime | None = moment()


class PasskeyChallenge(SQLModel, table=True):
    """What a passkey is asked to sign, once. `purpose`: register, sign_in, prove.
    `holder`: the browser or session it was made for."""

    __tablename__ = "passkey_challenge"

    id: int = Field(default=None, primary_key=True)
    challenge_hash: str = Field(unique=True)
    purpose: str
    holder: str
    expires_at: datetime = Field(sa_type=Utc, nullable=False, index=True)


class PushSubscription(SQLModel, table=True):
    """A browser that shows notifications, by the address its maker gave it (RFC
    8030)."""

    __tablename__ = "push_subscription"

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    endpoint: str = Field(unique=True)
    p256dh: str
    auth: str
    created_at: datetime = moment_of_writing()
    failed_at: datetime | None = moment()
