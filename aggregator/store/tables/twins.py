"""Tables of the room `twins`: what makes messages alike, and which were joined."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from aggregator.store.db import Utc
from aggregator.store.tables._columns import (
    COUNTED,
    counted,
    json_column,
    moment,
    moment_of_writing,
)


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
    """A text taken apart for comparing (rules/reports/traits.py), so that it is
    done once."""

    __tablename__ = "message_traits"

    message_id: int = Field(primary_key=True, foreign_key="message.id")
    traits: dict[str, Any] = json_column()


class Suggestion(SQLModel, table=True):
    """Two cases that may be one. `state`: open, joined, refused (never suggested
    again).

    `case_id` is the later case, `other_id` the earlier. `reasons`: [{"code", "value",
    "against"}].
    """

    __table_args__ = (UniqueConstraint("case_id", "other_id"),)

    id: int = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id", index=True)
    other_id: int = Field(foreign_key="case.id", index=True)
    score: float
    reasons: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    state: str = Field(default="open", index=True)
    created_at: datetime = moment_of_writing()
    decided_at: datetime | None = moment()
    decided_by: int | None = Field(default=None, foreign_key="person.id")


class CaseLink(SQLModel, table=True):
    """A join, split or move with all that is needed to undo it. `kind`: join, split.

    `moved`: ids by table of what went from `source_id` to `target_id`; `before`: what
    the two cases were like.
    """

    __tablename__ = "case_link"

    id: int = Field(default=None, primary_key=True)
    kind: str
    source_id: int = Field(foreign_key="case.id", index=True)
    target_id: int = Field(foreign_key="case.id", index=True)
    moved: dict[str, Any] = json_column()
    before: dict[str, Any] = json_column()
    at: datetime = moment_of_writing()
    person_id: int | None = Field(default=None, foreign_key="person.id")
    undone_at: datetime | None = moment()
    undone_by: int | None = Field(default=None, foreign_key="person.id")


class Incident(SQLModel, table=True):
    """Many cases of one event with one owner. `state`: proposed, open, ended,
    dismissed.

    `spot`: key of the place all have in common, `place` its name. `first_at`: the first
    of its reports. `next_update_at`: when the owner said that there will be news.
    """

    __mapper_args__ = COUNTED

    id: int = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    spot: str
    place: str
    state: str = Field(default="proposed", index=True)
    first_at: datetime = Field(sa_type=Utc, nullable=False)
    proposed_at: datetime = Field(sa_type=Utc, nullable=False)
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    statement: str | None = None
    next_update_at: datetime | None = moment(index=True)
    confirmed_at: datetime | None = moment()
    ended_at: datetime | None = moment()
    version: int = counted()


class IncidentCase(SQLModel, table=True):
    """A case that belongs to an incident; it keeps its number and its clocks."""

    __tablename__ = "incident_case"

    incident_id: int = Field(primary_key=True, foreign_key="incident.id")
    case_id: int = Field(primary_key=True, foreign_key="case.id", index=True)
    added_at: datetime = moment_of_writing()
    added_by: int | None = Field(default=None, foreign_key="person.id")


class PhotoHash(SQLModel, table=True):
    """What a stored picture looks like (twins/photos.py): 64 bits, signed. `said_at`:
    its message's."""

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
