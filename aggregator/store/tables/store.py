"""Tables of the room `store`: the trail of acts, and what is set while running."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from aggregator.store.db import Utc
from aggregator.store.tables._columns import json_column, moment, moment_of_writing


class AuditEntry(SQLModel, table=True):
    """Who did what to which thing; only ever added to. `actor`: a login, or "sahut"
    itself. `proof`: that the program wrote the line (store/audit_chain.py); None for
    lines from before there were proofs. `salts`: of the texts in `detail` by their
    names, with which they are sealed; {"digest"} of one that was erased
    (store/audit.py)."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "subject_id"),)

    id: int = Field(default=None, primary_key=True)
    at: datetime = moment_of_writing()
    actor: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    action: str
    subject: str
    subject_id: int
    case_id: int | None = Field(default=None, index=True)
    detail: dict[str, Any] = json_column()
    proof: str | None = Field(default=None, unique=True, index=True)
    salts: dict[str, Any] = json_column()


class AuditLink(SQLModel, table=True):
    """The link of a line of the trail in its chain (store/audit_chain.py); only ever
    added to. `key`: name of the key the digest was made with."""

    __tablename__ = "audit_link"

    seq: int = Field(primary_key=True)
    entry_id: int = Field(unique=True)
    key: str
    digest: str
    linked_at: datetime = Field(sa_type=Utc, nullable=False)


class Setting(SQLModel, table=True):
    """A setting changed on the pages; it wins over the environment."""

    name: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_column=Column(JSON, nullable=False))
    person_id: int | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime = moment_of_writing()


class BrakeRow(SQLModel, table=True):
    """What a brake has counted for a key (store/brakes.py). `spoken_for`: microseconds
    since 1970."""

    __tablename__ = "brake"

    key: str = Field(primary_key=True)
    spoken_for: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))


class Salt(SQLModel, table=True):
    """A random value (hex) that marks are made with, by what they are for
    (store/marks.py)."""

    purpose: str = Field(primary_key=True)
    value: str


class WorkerBeat(SQLModel, table=True):
    """A worker says that it is there (store/beats.py). `name` is host:process.
    `stepped_at`: when the clock of its machine last jumped, by `stepped_seconds`."""

    __tablename__ = "worker_beat"

    name: str = Field(primary_key=True)
    beaten_at: datetime = moment_of_writing()
    stepped_at: datetime | None = moment()
    stepped_seconds: float = 0.0
