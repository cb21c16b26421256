"""Looking for words that must not be there, in every column of every table."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlmodel import SQLModel

from aggregator.store.db import Database
from aggregator.store.tables import cases

assert cases.Case is not None  # all tables are known


def found_in(database: Database, needle: str) -> list[str]:
    """Where in the database a word stands, asked of the columns as they are."""
    found = []
    with database.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for name, value in row.items():
                    text = (
                        value.decode("latin-1")
                        if isinstance(value, bytes)
                        else json.dumps(value, ensure_ascii=False, default=str)
                    )
                    if needle in text.lower():
                        found.append(f"{table.name}.{name}: {text[:80]}")
    return found
