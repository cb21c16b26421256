"""Tables of the room `cases`: one problem, its offices, clocks and pauses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Dialect, Index, UniqueConstraint, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from aggregator.rules.reports import findings
from aggregator.rules.reports.findings import Findings
from aggregator.store.db import Utc
from aggregator.store.tables._columns import (
    COUNTED,
    counted,
    index_of_open,
    json_column,
    moment,
    moment_of_writing,
)


class KeptFindings(TypeDecorator[Findings]):
    """Findings as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: Findings | None, dialect: Dialect
    ) -> dict[str, Any] | None:
        return None if value is None else value.as_json()

    def process_result_value(
        self, value: dict[str, Any] | None, dialect: Dialect
    ) -> Findings | None:
        return None if value is None else findings.from_json(value)


class Case(SQLModel, table=True):
    """One problem. `status`: new, answered, closed, joined. `version` grows with every
    change.

    `joined_into`: the case that holds everything of a joined one. `reporters`: distinct
    people who reported it. `recurrence_of`: the earlier case at this place, closed
    before; `recurrence`: 0 for the first time, then 1, 2, ...

    `klass`, `kind`, `kinds`, `language`, `authority`, `ward` come from the rules
    until a person confirms them (`confirmed`); `understood` holds their confidence
    and reasons. `maybe_urgent`: the rules do not ring and do not rule an emergency
    out; a person decides. `told_112_at`: when somebody made sure that 112 knows.
    `waiting`: menunggu_pelapor or menunggu_anggaran. `next_due_at`: the nearest
    deadline of all clocks; `late`: a deadline has passed. `outcome` of a closed
    case: selesai, bukan_kewenangan, arsip. `history`: it was said before the city
    read the account; closed from the beginning, bound by no clock, never opened
    again.
    """

    __tablename__ = "case"
    __table_args__ = (
        index_of_open("ix_case_open_due", "next_due_at"),
        index_of_open("ix_case_open_opened", "opened_at"),
        index_of_open(
            "ix_case_open_list",
            "urgent",
            "maybe_urgent",
            "late",
            "next_due_at",
            "reporters",
            "opened_at",
            "waiting",
            "claimed_by",
            "claim_expires_at",
            "status",
            "confidential",
        ),
        Index("ix_case_spot", "ward", "kind", "opened_at"),
        Index("ix_case_place", "place", "opened_at"),
    )
    __mapper_args__ = COUNTED

    id: int = Field(default=None, primary_key=True)
    number: str = Field(default=None, unique=True, nullable=True)
    status: str = "new"
    channel: str
    first_message_id: int | None = None
    message_count: int = 0
    place: str | None = None
    confidential: bool = False
    opened_at: datetime = Field(sa_type=Utc, index=True, nullable=False)
    last_message_at: datetime = moment_of_writing()
    claimed_by: int | None = Field(default=None, foreign_key="person.id", index=True)
    claimed_at: datetime | None = moment()
    claim_expires_at: datetime | None = moment()
    closed_at: datetime | None = moment()
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
    maybe_urgent: bool = Field(default=False, index=True)
    told_112_at: datetime | None = moment()
    authority: str | None = None
    ward: str | None = None
    sop_type: str | None = None
    understood: Findings = Field(
        default_factory=Findings, sa_column=Column(KeptFindings(), nullable=False)
    )
    confirmed: bool = False
    waiting: str | None = None
    outcome: str | None = None
    history: bool = False
    first_response_at: datetime | None = moment()
    last_answer_at: datetime | None = moment()
    next_due_at: datetime | None = moment(index=True)
    late: bool = Field(default=False, index=True)
    version: int = counted()


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

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    agency_code: str = Field(foreign_key="agency.code", index=True)
    role: str = "lead"
    reason: str = ""
    assigned_at: datetime = moment_of_writing()
    status: str = "open"
    acknowledged_at: datetime | None = moment()
    done_at: datetime | None = moment()
    done_by: int | None = Field(default=None, foreign_key="person.id")
    waived_reason: str | None = None


_STILL = text("ended_at IS NULL")


class CaseReader(SQLModel, table=True):
    """Somebody who reads a secret case, and why. `given_by`: who said so, None for the
    program. `glass`: they opened it themselves, in an emergency. `ended_at`: since then
    no more."""

    __tablename__ = "case_reader"
    __table_args__ = (
        Index(
            "ix_case_reader_now",
            "person_id",
            "case_id",
            unique=True,
            sqlite_where=_STILL,
            postgresql_where=_STILL,
        ),
    )

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    reason: str
    given_by: int | None = Field(default=None, foreign_key="person.id")
    glass: bool = False
    since: datetime = moment_of_writing()
    ended_at: datetime | None = moment()
    ended_by: int | None = Field(default=None, foreign_key="person.id")


class CaseConcern(SQLModel, table=True):
    """An office that a secret case may be about, whose people never read it.
    `named_by`: text, kind, owner or account."""

    __tablename__ = "case_concern"

    case_id: int = Field(foreign_key="case.id", primary_key=True)
    agency_code: str = Field(foreign_key="agency.code", primary_key=True)
    named_by: str
    since: datetime = moment_of_writing()


class Note(SQLModel, table=True):
    """An internal remark; residents never see it."""

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    text: str
    created_at: datetime = moment_of_writing()


class CasePause(SQLModel, table=True):
    """A time the clocks of a case stood still. `recheck`: the day a budget is asked for
    again."""

    __tablename__ = "case_pause"

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    reason: str
    started_at: datetime = Field(sa_type=Utc, nullable=False)
    ended_at: datetime | None = moment()
    recheck: date | None = None
    person_id: int | None = Field(default=None, foreign_key="person.id")


class Escalation(SQLModel, table=True):
    """One late step told to one role, once: `key` is case, agency, procedure, step,
    role."""

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    agency_code: str
    role: str
    step: str
    late_since: datetime = Field(sa_type=Utc, nullable=False)
    told_at: datetime = moment_of_writing()
    recipients: list[int] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )


class Correction(SQLModel, table=True):
    """What a person changed of what the rules said: kept to measure and retrain
    them."""

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    field: str
    before: str | None = None
    after: str | None = None
    person_id: int = Field(foreign_key="person.id")
    at: datetime = moment_of_writing()


class Reminder(SQLModel, table=True):
    """A promise in an answer of ours, due on a day. `state`: open, done, dropped."""

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    reply_id: int | None = Field(default=None, foreign_key="reply.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    due_on: date
    words: str
    state: str = Field(default="open", index=True)
    told_at: datetime | None = moment()
    created_at: datetime = moment_of_writing()


class Bounce(SQLModel, table=True):
    """An agency said a case is not its own: counted, so that the table of duties can be
    mended."""

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    kind: str | None = None
    agency_code: str = Field(foreign_key="agency.code", index=True)
    to_agency: str | None = None
    reason: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime = moment_of_writing()


class Handover(SQLModel, table=True):
    """What one shift leaves to the next. `state`: open, promised and near-breach cases
    then."""

    id: int = Field(default=None, primary_key=True)
    agency_code: str = Field(foreign_key="agency.code", index=True)
    person_id: int = Field(foreign_key="person.id")
    text: str
    state: dict[str, Any] = json_column()
    created_at: datetime = moment_of_writing()


class BulkAct(SQLModel, table=True):
    """One act over many cases, with what undoes it. `before`: by case number."""

    __tablename__ = "bulk_act"

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    act: str
    query: str
    before: dict[str, Any] = json_column()
    at: datetime = moment_of_writing()
    undone_at: datetime | None = moment()
