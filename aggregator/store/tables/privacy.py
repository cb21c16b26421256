"""Tables of the room `privacy`: what was erased on request, and breaches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from aggregator.store.db import Utc
from aggregator.store.tables._columns import json_column, moment, moment_of_writing


class Erasure(SQLModel, table=True):
    """The proof that what a resident asked to have erased is gone. Who they are is a
    salted digest: whoever knows the name can check it (privacy/residents.py).

    `rows`: how many of which table were emptied; `left`: the same of what a second
    look found afterwards.
    """

    id: int = Field(default=None, primary_key=True)
    at: datetime = moment_of_writing()
    actor: str
    subject: str
    salt: str
    messages: int = 0
    files: int = 0
    rows: dict[str, Any] = json_column()
    left: dict[str, Any] = json_column()


class Breach(SQLModel, table=True):
    """A failure to protect personal data (UU 27/2022, article 46). `told_at`: when the
    people concerned and the supervising body were told."""

    id: int = Field(default=None, primary_key=True)
    known_at: datetime = Field(sa_type=Utc, nullable=False)
    what: str
    data: str
    people: int | None = None
    measures: str | None = None
    told_at: datetime | None = moment()
    closed_at: datetime | None = moment()
    actor: str
    created_at: datetime = moment_of_writing()
