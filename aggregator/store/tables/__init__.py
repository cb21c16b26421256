"""The tables, one file a room. Words are the glossary's; every time is UTC.

A room writes its own tables; rooms above it may read them. Importing any of these files
brings all tables, so that foreign keys find each other.

The types are those of a row that is stored, as SQLAlchemy's own `Mapped[int]` are: it
has an id, and a case has its number. A new row has them once it has been flushed.
"""

from __future__ import annotations

from aggregator.store.tables import (  # noqa: F401 (so that all tables are known)
    accounts,
    answers,
    cases,
    city,
    desk,
    intake,
    people,
    privacy,
    store,
    twins,
)
