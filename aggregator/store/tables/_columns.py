"""Columns that many tables have, written once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field

from aggregator.store.db import Utc, utcnow


def moment(*, index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_type=Utc, index=index, nullable=nullable)


def moment_of_writing(*, index: bool = False) -> Any:
    return Field(default_factory=utcnow, sa_type=Utc, nullable=False, index=index)


def json_column() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def index_of_open(name: str, *columns: str) -> Index:
    """Of open cases alone; a query has to write the condition out to be read by it."""
    where = text("status IN ('new', 'answered')")
    return Index(name, *columns, "id", sqlite_where=where, postgresql_where=where)
