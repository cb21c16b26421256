"""Tables of the room `city`."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Agency(SQLModel, table=True):
    """A mirror of config/agencies.yaml, for references; the file is the source."""

    code: str = Field(primary_key=True)
    name: str
    kind: str
    parent_code: str | None = Field(default=None, foreign_key="agency.code")
    active: bool = True
