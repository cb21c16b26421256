"""The tables. Words are the glossary's (docs/glossary.md); every time is UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from aggregator.store.db import Utc


def utcnow() -> datetime:
    return datetime.now(UTC)


def _when(*, index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_type=Utc, index=index, nullable=nullable)


def _now(*, index: bool = False) -> Any:
    return Field(default_factory=utcnow, sa_type=Utc, nullable=False, index=index)


def _json() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def _open_index(name: str, *columns: str) -> Index:
    """Of open cases alone; a query has to write the condition out to be read by it."""
    where = text("status IN ('new', 'answered')")
    return Index(name, *columns, "id", sqlite_where=where, postgresql_where=where)


class Agency(SQLModel, table=True):
    """A mirror of config/agencies.yaml, for references; the file is the source."""

    code: str = Field(primary_key=True)
    name: str
    kind: str
    parent_code: str | None = Field(default=None, foreign_key="agency.code")
    active: bool = True


class Person(SQLModel, table=True):
    """`status`: invited, active, disabled. `epoch` grows to end every session of a
    person.

    `speaks`: languages they can answer residents in. `position`: kepala_opd, wali_kota,
    sekda: who is told when a step is late. `telegram`: their private chat with the
    city's bot.
    """

    id: int | None = Field(default=None, primary_key=True)
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
    telegram: str | None = None
    totp: str | None = None
    totp_step: int | None = Field(default=None, sa_column=Column(BigInteger))
    recovery_codes: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    preferences: dict[str, Any] = _json()
    status: str = "invited"
    password_hash: str | None = None
    invite_hash: str | None = Field(default=None, unique=True)
    invite_expires_at: datetime | None = _when()
    epoch: int = 1
    created_at: datetime = _now()
    last_seen_at: datetime | None = _when()


class Account(SQLModel, table=True):
    """One identity on a channel. The row is its polling schedule.

    `status`: active, paused, needs_login, removed. `leased_until` is the poller's hold;
    `sealed` are the connector's settings, encrypted; `facts` what of them a preview
    needs. `renew_at`: when they are renewed without anybody; `login_ends_at`: when a
    person must sign in again; `warned_days`: the last warning of that; `renewing_until`
    is the hold of the one who renews.
    """

    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(index=True)
    external_id: str
    handle: str
    display_name: str
    agency_code: str = Field(foreign_key="agency.code", index=True)
    sealed: str
    cursor: dict[str, Any] = _json()
    status: str = Field(default="active", index=True)
    interval: int = 60
    next_poll_at: datetime | None = _when(index=True)
    leased_until: datetime | None = _when()
    lease_owner: str | None = None
    failures: int = 0
    last_error: str | None = None
    last_error_code: str | None = None
    last_poll_at: datetime | None = _when()
    last_good_poll_at: datetime | None = _when()
    last_duration_ms: int = 0
    renew_at: datetime | None = _when(index=True)
    renewing_until: datetime | None = _when()
    login_ends_at: datetime | None = _when()
    warned_days: int | None = None
    facts: dict[str, Any] = _json()
    created_at: datetime = _now()


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

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str
    last_good_at: datetime | None = _when()
    last_new_at: datetime | None = _when()
    pages: int = 0
    seen: int = 0
    new: int = 0
    remote_count: int | None = None
    stored_count: int | None = None
    counted_since: datetime | None = _when()
    counted_at: datetime | None = _when()


class Gap(SQLModel, table=True):
    """A time an account was not read, and why: what is missing there is known to be
    missing.

    `reason`: budget_used, outage, needs_login, paused, retention or a code of the
    connector.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    stream: str
    reason: str
    began_at: datetime = Field(sa_type=Utc, nullable=False)
    ended_at: datetime | None = _when()


class RawEvent(SQLModel, table=True):
    """What arrived, unchanged. `status`: new, fetch, done, ignored, failed.

    `fetch`: it names ids only, and what they speak of is asked for at `next_try_at`.
    """

    __tablename__ = "raw_event"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index("ix_raw_event_status_id", "status", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    channel: str
    key: str
    kind: str
    payload: Any = Field(default=None, sa_column=Column(JSON))
    received_at: datetime = _now()
    status: str = "new"
    reason: str | None = None
    attempts: int = 0
    next_try_at: datetime | None = _when()
    processed_at: datetime | None = _when()


class Case(SQLModel, table=True):
    """One problem. `status`: new, answered, closed, joined. `version` grows with every
    change.

    `joined_into`: the case that holds everything of a joined one. `reporters`: distinct
    people who reported it. `recurrence_of`: the earlier case at this place, closed
    before; `recurrence`: 0 for the first time, then 1, 2, ...

    `klass`, `kind`, `kinds`, `language`, `authority`, `ward` come from the rules until
    a person confirms them (`confirmed`); `understood` holds their confidence and
    reasons. `waiting`: menunggu_pelapor or menunggu_anggaran. `next_due_at`: the
    nearest deadline of all clocks; `late`: a deadline has passed. `outcome` of a closed
    case: selesai, bukan_kewenangan, arsip.
    """

    __tablename__ = "case"
    __table_args__ = (
        _open_index("ix_case_open_due", "next_due_at"),
        _open_index("ix_case_open_opened", "opened_at"),
        _open_index(
            "ix_case_open_list",
            "urgent",
            "late",
            "next_due_at",
            "reporters",
            "opened_at",
            "waiting",
            "claimed_by",
            "claim_expires_at",
            "status",
        ),
        Index("ix_case_spot", "ward", "kind", "opened_at"),
        Index("ix_case_place", "place", "opened_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, unique=True)
    status: str = "new"
    channel: str
    first_message_id: int | None = None
    message_count: int = 0
    place: str | None = None
    confidential: bool = False
    opened_at: datetime = Field(sa_type=Utc, index=True, nullable=False)
    last_message_at: datetime = _now()
    claimed_by: int | None = Field(default=None, foreign_key="person.id", index=True)
    claimed_at: datetime | None = _when()
    claim_expires_at: datetime | None = _when()
    closed_at: datetime | None = _when()
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    reporters: int = Field(default=1, index=True)
    joined_into: int | None = Field(default=None, foreign_key="case.id", index=True)
    recurrence_of: int | None = Field(default=None, foreign_key="case.id", index=True)
    recurrence: int = 0
    klass: str | None = Field(default=None, index=True)
    kind: str | None = Field(default=None, index=True)
    kinds: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    language: str | None = None
    urgent: bool = Field(default=False, index=True)
    authority: str | None = None
    ward: str | None = None
    sop_type: str | None = None
    understood: dict[str, Any] = _json()
    confirmed: bool = False
    waiting: str | None = None
    outcome: str | None = None
    first_response_at: datetime | None = _when()
    last_answer_at: datetime | None = _when()
    next_due_at: datetime | None = _when(index=True)
    late: bool = Field(default=False, index=True)
    version: int = 1


class Assignment(SQLModel, table=True):
    """A case in the queue of an agency. `role`: lead, help.

    `status`: open, done, waived (with `waived_reason`), bounced ("not ours").
    `acknowledged_at`: somebody of the agency took it in hand, which ends the ladder of
    escalation.
    """

    __table_args__ = (
        UniqueConstraint("case_id", "agency_code"),
        Index("ix_assignment_queue", "agency_code", "status", "role", "case_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    agency_code: str = Field(foreign_key="agency.code", index=True)
    role: str = "lead"
    reason: str = ""
    assigned_at: datetime = _now()
    status: str = "open"
    acknowledged_at: datetime | None = _when()
    done_at: datetime | None = _when()
    done_by: int | None = Field(default=None, foreign_key="person.id")
    waived_reason: str | None = None


class Message(SQLModel, table=True):
    """One thing somebody said. `direction`: in, out. Unique within `scope` on its
    channel.

    `reply_until`: after this the platform takes no answer to it.
    """

    __table_args__ = (
        UniqueConstraint("channel", "scope", "native_id"),
        Index("ix_message_group", "channel", "scope", "group_id"),
        Index("ix_message_conversation", "channel", "conversation_id"),
        Index("ix_message_author", "channel", "author_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
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
    reply_until: datetime | None = _when()
    extra: dict[str, Any] = _json()
    created_at: datetime = Field(sa_type=Utc, nullable=False, index=True)
    received_at: datetime = _now()
    edited_at: datetime | None = _when()
    deleted_at: datetime | None = _when()


class MessageAccount(SQLModel, table=True):
    """The accounts a message is addressed to; `received_at` is empty until that account
    saw it."""

    __tablename__ = "message_account"

    message_id: int = Field(primary_key=True, foreign_key="message.id")
    account_id: int = Field(primary_key=True, foreign_key="account.id", index=True)
    received_at: datetime | None = _when()


class MessageVersion(SQLModel, table=True):
    """What a message said before an edit; `n` counts from 1, the oldest."""

    __tablename__ = "message_version"
    __table_args__ = (UniqueConstraint("message_id", "n"),)

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    n: int
    native_id: str
    text: str | None = None
    replaced_at: datetime = _now()


class Attachment(SQLModel, table=True):
    """A picture or file of a message. `status`: waiting, stored, refused. Kept under
    its sha256.

    `looked_at`: when it was compared with the pictures of other messages (photos.py).
    """

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    position: int
    type: str
    native_id: str | None = None
    part_id: str | None = Field(default=None, index=True)
    ref: dict[str, Any] = _json()
    mime: str | None = None
    description: str | None = None
    sha256: str | None = Field(default=None, index=True)
    size: int | None = None
    status: str = Field(default="waiting", index=True)
    reason: str | None = None
    attempts: int = 0
    next_try_at: datetime | None = _when()
    looked_at: datetime | None = _when(index=True)


class Note(SQLModel, table=True):
    """An internal remark; residents never see it."""

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    text: str
    created_at: datetime = _now()


class Reply(SQLModel, table=True):
    """Something we send. `state`: queued, sending, sent, refused, try_later, unknown,
    cancelled.

    `private`: a private answer to something public. `delivery`: what the platform said
    of it later: sent, delivered, read, failed. `files`: [{"sha256", "name", "mime"}].
    `closes`: once it has arrived the case is closed, as `outcome`; `waives` says why
    other offices need not act. Not closing, with the outcome menunggu_pelapor: the case
    waits for the resident who is asked. Without it, where others still act, the part of
    the writer's office ends instead.
    """

    __table_args__ = (Index("ix_reply_of_case", "case_id", "state"),)

    id: int | None = Field(default=None, primary_key=True)
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
    files: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    delivery: str | None = None
    closes: bool = False
    outcome: str | None = None
    waives: str | None = None
    error: str | None = None
    error_code: str | None = None
    attempts: int = 0
    created_at: datetime = _now(index=True)
    not_before: datetime | None = _when()
    sending_at: datetime | None = _when()
    sent_at: datetime | None = _when()


class Delivery(SQLModel, table=True):
    """What a platform said became of something we sent; it may say so before `send`
    returns."""

    __table_args__ = (UniqueConstraint("channel", "external_id", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    external_id: str
    state: str
    detail: str | None = None
    at: datetime = Field(sa_type=Utc, nullable=False)


class AuditEntry(SQLModel, table=True):
    """Who did what to which thing; only ever added to. `actor`: a login, or "sahut"
    itself."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "subject_id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _now()
    actor: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    action: str
    subject: str
    subject_id: int
    case_id: int | None = Field(default=None, index=True)
    detail: dict[str, Any] = _json()


class WordCount(SQLModel, table=True):
    """A word, or a kind with a place: in how many remembered texts it occurs (which of
    a text's keys are rare), and its newest messages, where twins are looked for.

    `recent`: their ids, packed by `keytable`.
    """

    __tablename__ = "word_count"

    key: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False)
    )
    n: int = 0
    recent: bytes | None = None


class MessageTraits(SQLModel, table=True):
    """A text taken apart for comparing (rules/traits.py), so that it is done once."""

    __tablename__ = "message_traits"

    message_id: int = Field(primary_key=True, foreign_key="message.id")
    traits: dict[str, Any] = _json()


class Suggestion(SQLModel, table=True):
    """Two cases that may be one. `state`: open, joined, refused (never suggested
    again).

    `case_id` is the later case, `other_id` the earlier. `reasons`: [{"code", "value",
    "against"}].
    """

    __table_args__ = (UniqueConstraint("case_id", "other_id"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    other_id: int = Field(foreign_key="case.id", index=True)
    score: float
    reasons: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    state: str = Field(default="open", index=True)
    created_at: datetime = _now()
    decided_at: datetime | None = _when()
    decided_by: int | None = Field(default=None, foreign_key="person.id")


class CaseLink(SQLModel, table=True):
    """A join, split or move with all that is needed to undo it. `kind`: join, split.

    `moved`: ids by table of what went from `source_id` to `target_id`; `before`: what
    the two cases were like.
    """

    __tablename__ = "case_link"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    source_id: int = Field(foreign_key="case.id", index=True)
    target_id: int = Field(foreign_key="case.id", index=True)
    moved: dict[str, Any] = _json()
    before: dict[str, Any] = _json()
    at: datetime = _now()
    person_id: int | None = Field(default=None, foreign_key="person.id")
    undone_at: datetime | None = _when()
    undone_by: int | None = Field(default=None, foreign_key="person.id")


class CasePause(SQLModel, table=True):
    """A time the clocks of a case stood still. `recheck`: the day a budget is asked for
    again."""

    __tablename__ = "case_pause"

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    reason: str
    started_at: datetime = Field(sa_type=Utc, nullable=False)
    ended_at: datetime | None = _when()
    recheck: date | None = None
    person_id: int | None = Field(default=None, foreign_key="person.id")


class Escalation(SQLModel, table=True):
    """One late step told to one role, once: `key` is case, agency, procedure, step,
    role."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    agency_code: str
    role: str
    step: str
    late_since: datetime = Field(sa_type=Utc, nullable=False)
    told_at: datetime = _now()
    recipients: list[int] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )


class Notification(SQLModel, table=True):
    """Something a person is told; `kind`: its words are in web/words_queue.py.
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

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: str
    case_id: int | None = Field(default=None, foreign_key="case.id")
    data: dict[str, Any] = _json()
    urgent: bool = False
    created_at: datetime = _now()
    read_at: datetime | None = _when()
    via: str = "in_app"
    sent_at: datetime | None = _when()
    attempts: int = 0
    next_try_at: datetime | None = _when()
    error: str | None = None


class Correction(SQLModel, table=True):
    """What a person changed of what the rules said: kept to measure and retrain
    them."""

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    field: str
    before: str | None = None
    after: str | None = None
    person_id: int = Field(foreign_key="person.id")
    at: datetime = _now()


class Reminder(SQLModel, table=True):
    """A promise in an answer of ours, due on a day. `state`: open, done, dropped."""

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    reply_id: int | None = Field(default=None, foreign_key="reply.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    due_on: date
    words: str
    state: str = Field(default="open", index=True)
    told_at: datetime | None = _when()
    created_at: datetime = _now()


class Shift(SQLModel, table=True):
    """Who is on duty (piket) for an agency, from when to when."""

    id: int | None = Field(default=None, primary_key=True)
    agency_code: str = Field(foreign_key="agency.code", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    starts_at: datetime = Field(sa_type=Utc, nullable=False)
    ends_at: datetime = Field(sa_type=Utc, nullable=False)


class Absence(SQLModel, table=True):
    """Days somebody is away, first and last included, and who stands in for them."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    first_day: date
    last_day: date
    deputy_id: int | None = Field(default=None, foreign_key="person.id")


class Bounce(SQLModel, table=True):
    """An agency said a case is not its own: counted, so that the table of duties can be
    mended."""

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    kind: str | None = None
    agency_code: str = Field(foreign_key="agency.code", index=True)
    to_agency: str | None = None
    reason: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime = _now()


class Handover(SQLModel, table=True):
    """What one shift leaves to the next. `state`: open, promised and near-breach cases
    then."""

    id: int | None = Field(default=None, primary_key=True)
    agency_code: str = Field(foreign_key="agency.code", index=True)
    person_id: int = Field(foreign_key="person.id")
    text: str
    state: dict[str, Any] = _json()
    created_at: datetime = _now()


class Draft(SQLModel, table=True):
    """An answer somebody writes, kept while they write. `state`: writing, asked (for
    approval), approved, returned; proposed, used (of another office: helping.py).
    `shared`: colleagues who see the case may read and go on with it."""

    __table_args__ = (UniqueConstraint("case_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
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
    version: int = 1
    updated_at: datetime = _now()


class HelpRequest(SQLModel, table=True):
    """Another office (`agency_code`; None: any) is asked to propose an answer ("bantu
    jawab").

    It is no task: no clock runs and the case may close without it. `asked`: what the
    office that has the case wants to know. `used_by`: whose proposal was taken.
    """

    __tablename__ = "help_request"

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    agency_code: str | None = Field(default=None, foreign_key="agency.code")
    asked: str
    person_id: int = Field(foreign_key="person.id")
    asked_at: datetime = _now()
    ended_at: datetime | None = _when()
    used_by: int | None = Field(default=None, foreign_key="person.id")


class LibraryEntry(SQLModel, table=True):
    """A text to answer with. `sort`: naskah (a form with variables) or jawaban (a
    fact).

    `texts`: by language id, su, en. Without `agency_code` it is the whole city's. After
    `valid_until` it may not be put into an answer unseen. `source`: where the fact
    comes from.
    """

    __tablename__ = "library_entry"

    id: int | None = Field(default=None, primary_key=True)
    sort: str = Field(index=True)
    agency_code: str | None = Field(default=None, foreign_key="agency.code", index=True)
    title: str
    texts: dict[str, Any] = _json()
    kind: str | None = Field(default=None, index=True)
    klass: str | None = None
    source: str | None = None
    valid_until: date | None = None
    archived: bool = False
    uses: int = 0
    version: int = 1
    person_id: int | None = Field(default=None, foreign_key="person.id")
    updated_at: datetime = _now()


class SavedView(SQLModel, table=True):
    """A filter of the queue under a name: one person's, or an agency's. `query`: of the
    address."""

    __tablename__ = "saved_view"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    name: str
    query: str
    agency_code: str | None = Field(default=None, foreign_key="agency.code", index=True)
    created_at: datetime = _now()


class Presence(SQLModel, table=True):
    """Who has a case open just now, and whether they write."""

    case_id: int = Field(primary_key=True, foreign_key="case.id")
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    writing: bool = False
    seen_at: datetime = Field(sa_type=Utc, nullable=False)


class BulkAct(SQLModel, table=True):
    """One act over many cases, with what undoes it. `before`: by case number."""

    __tablename__ = "bulk_act"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    act: str
    query: str
    before: dict[str, Any] = _json()
    at: datetime = _now()
    undone_at: datetime | None = _when()


class Device(SQLModel, table=True):
    """A browser that needs no second factor for a while."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(unique=True)
    name: str
    created_at: datetime = _now()
    last_seen_at: datetime = _now()
    expires_at: datetime = Field(sa_type=Utc, nullable=False)


class PushSubscription(SQLModel, table=True):
    """A browser that shows notifications, by the address its maker gave it (RFC
    8030)."""

    __tablename__ = "push_subscription"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    endpoint: str = Field(unique=True)
    p256dh: str
    auth: str
    created_at: datetime = _now()
    failed_at: datetime | None = _when()


class Setting(SQLModel, table=True):
    """A setting changed on the pages; it wins over the environment."""

    name: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_column=Column(JSON, nullable=False))
    person_id: int | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime = _now()


class Notice(SQLModel, table=True):
    """One answer to everybody who reported a case. `key`: the same key again is the
    same notice."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    text: str
    created_at: datetime = _now()


class NoticeRecipient(SQLModel, table=True):
    """One reporter of a notice: the reply that tells them, or why they were left
    out."""

    __tablename__ = "notice_recipient"
    __table_args__ = (UniqueConstraint("notice_id", "message_id"),)

    id: int | None = Field(default=None, primary_key=True)
    notice_id: int = Field(foreign_key="notice.id", index=True)
    message_id: int = Field(foreign_key="message.id")
    reply_id: int | None = Field(default=None, foreign_key="reply.id", index=True)
    left_out: str | None = None


class Incident(SQLModel, table=True):
    """Many cases of one event with one owner. `state`: proposed, open, ended,
    dismissed.

    `spot`: key of the place all have in common, `place` its name. `first_at`: the first
    of its reports. `next_update_at`: when the owner said that there will be news.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    spot: str
    place: str
    state: str = Field(default="proposed", index=True)
    first_at: datetime = Field(sa_type=Utc, nullable=False)
    proposed_at: datetime = Field(sa_type=Utc, nullable=False)
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    statement: str | None = None
    next_update_at: datetime | None = _when(index=True)
    confirmed_at: datetime | None = _when()
    ended_at: datetime | None = _when()
    version: int = 1


class IncidentCase(SQLModel, table=True):
    """A case that belongs to an incident; it keeps its number and its clocks."""

    __tablename__ = "incident_case"

    incident_id: int = Field(primary_key=True, foreign_key="incident.id")
    case_id: int = Field(primary_key=True, foreign_key="case.id", index=True)
    added_at: datetime = _now()
    added_by: int | None = Field(default=None, foreign_key="person.id")


class PhotoHash(SQLModel, table=True):
    """What a stored picture looks like (photos.py): 64 bits, signed. `said_at`: its
    message's."""

    __tablename__ = "photo_hash"

    attachment_id: int = Field(primary_key=True, foreign_key="attachment.id")
    message_id: int = Field(foreign_key="message.id", index=True)
    hash: int = Field(sa_column=Column(BigInteger, nullable=False))
    said_at: datetime = Field(sa_type=Utc, nullable=False)


class PhotoBand(SQLModel, table=True):
    """A quarter of a picture's hash with its position: where alike pictures are looked
    for."""

    __tablename__ = "photo_band"
    __table_args__ = {"sqlite_with_rowid": False}

    band: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    attachment_id: int = Field(primary_key=True, foreign_key="attachment.id")
