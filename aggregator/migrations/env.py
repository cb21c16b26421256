"""Alembic's entry: migrate the database handed over by `aggregator.running.upkeep`."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from aggregator.store.db import Database
from aggregator.store.tables import cases

assert cases.Case.__table__ is not None  # type: ignore[attr-defined]  # the tables are loaded

database: Database = context.config.attributes["database"]

with database.rebuilding() as session:
    context.configure(
        connection=session.connection(),
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    context.run_migrations()
