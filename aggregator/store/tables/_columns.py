"""Columns that many tables have, written once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, FetchedValue, Index, text
from sqlmodel import Field

from aggregator.store.db import Utc, utcnow
from aggregator.store.discretion import Told


def moment(*, index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_type=Utc, index=index, nullable=nullable)


def moment_of_writing(*, index: bool = False) -> Any:
    return Field(default_factory=utcnow, sa_type=Utc, nullable=False, index=index)


def told() -> Any:
    return Field(default=None, sa_type=Told)


def json_column() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


COUNTED: dict[str, Any] = {"eager_defaults": True}
"""How a table with a `counted` column is mapped: what the database has counted comes
back with the UPDATE."""


def counted() -> Any:
    """A version, which the database raises; see store/versions.py."""
    return Field(default=1, sa_column_kwargs={"server_onupdate": FetchedValue()})


def index_of_open(name: str, *columns: str) -> Index:
    """Of open cases alone; a query has to write the condition out to be read by it."""
    where = text("status IN ('new', 'answered')")
    return Index(name, *columns, "id", sqlite_where=where, postgresql_where=where)
