"""Tables of the room `accounts`: the city's identities on the channels."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from aggregator.store.db import Utc
from aggregator.store.tables._columns import (
    json_column,
    moment,
    moment_of_writing,
    told,
)


class Account(SQLModel, table=True):
    """One identity on a channel. The row is its polling schedule.

    `status`: active, paused, needs_login, removed; by_mail (known by its notification
    mails alone, without settings). `leased_until` is the poller's hold;
    `sealed` are the connector's settings, encrypted; `facts` what of them a preview
    needs. `renew_at`: when they are renewed without anybody; `login_ends_at`: when a
    person must sign in again; `warned_days`: the last warning of that; `renewing_until`
    is the hold of the one who renews. `history_before`: what was written earlier is
    history (None: nothing is). `read_back_at`: when the last days are read once more.
    """

    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: int = Field(default=None, primary_key=True)
    channel: str = Field(index=True)
    external_id: str
    handle: str
    display_name: str
    agency_code: str = Field(foreign_key="agency.code", index=True)
    sealed: str
    cursor: dict[str, Any] = json_column()
    status: str = Field(default="active", index=True)
    interval: int = 60
    next_poll_at: datetime | None = moment(index=True)
    leased_until: datetime | None = moment()
    lease_owner: str | None = None
    failures: int = 0
    last_error: str | None = told()
    last_error_code: str | None = None
    last_poll_at: datetime | None = moment()
    last_good_poll_at: datetime | None = moment()
    last_duration_ms: int = 0
    read_back_at: datetime | None = moment()
    renew_at: datetime | None = moment(index=True)
    renewing_until: datetime | None = moment()
    login_ends_at: datetime | None = moment()
    warned_days: int | None = None
    facts: dict[str, Any] = json_column()
    history_before: datetime | None = moment()
    created_at: datetime = moment_of_writing()


class Usage(SQLModel, table=True):
    """Billed reads of an account on one UTC day, and what they cost in US dollars."""

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    day: date = Field(primary_key=True)
    reads: int = 0
    money: float = 0.0


class Stream(SQLModel, table=True):
    """The ledger of one list of an account: what was read, and what is known to be
    missing.

    `name` is `Page.stream`, or "webhook". `remote_count` is what the platform said it
    has since `counted_since`; `stored_count` is what we had of that then.
    """

    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: int = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str
    last_good_at: datetime | None = moment()
    last_new_at: datetime | None = moment()
    pages: int = 0
    seen: int = 0
    new: int = 0
    remote_count: int | None = None
    stored_count: int | None = None
    counted_since: datetime | None = moment()
    counted_at: datetime | None = moment()


class Gap(SQLModel, table=True):
    """A time an account was not read, and why: what is missing there is known to be
    missing.

    `reason`: budget_used, outage, needs_login, paused, retention or a code of the
    connector.
    """

    id: int = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    stream: str
    reason: str
    began_at: datetime = Field(sa_type=Utc, nullable=False)
    ended_at: datetime | None = moment()


class Attachment(SQLModel, table=True):
    """A file of a message. Kept under its sha256.

    `status`: waiting, unchecked (in quarantine until it was searched for viruses),
    stored, infected (in quarantine for good), refused, erased. `code`: a stable word
    for why it waits or is not kept, `reason` the detail in English. `kind` is what its
    content is (`filekinds`), `name` what its sender called it. `previews`: sha256 of
    pictures of its first pages, of all its `pages`. `looked_at`: when it was compared
    with the pictures of other messages (twins/photos.py).
    """

    id: int = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    position: int
    type: str
    native_id: str | None = None
    part_id: str | None = Field(default=None, index=True)
    ref: dict[str, Any] = json_column()
    mime: str | None = None
    name: str | None = None
    description: str | None = None
    kind: str | None = None
    sha256: str | None = Field(default=None, index=True)
    size: int | None = None
    previews: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False, server_default="[]"),
    )
    pages: int | None = None
    status: str = Field(default="waiting", index=True)
    code: str | None = None
    reason: str | None = told()
    attempts: int = 0
    next_try_at: datetime | None = moment()
    looked_at: datetime | None = moment(index=True)
