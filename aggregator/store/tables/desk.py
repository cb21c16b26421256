"""Tables of the room `desk`."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from aggregator.store.tables._columns import moment_of_writing


class SavedView(SQLModel, table=True):
    """A filter of the queue under a name: one person's, or an agency's. `query`: of the
    address."""

    __tablename__ = "saved_view"

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    name: str
    query: str
    agency_code: str | None = Field(default=None, foreign_key="agency.code", index=True)
    created_at: datetime = moment_of_writing()
