"""`sahut db`: schema, backup, restore."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from aggregator.answers import library
from aggregator.cli._common import here, out, progress
from aggregator.running import upkeep
from aggregator.store import audit_chain
from aggregator.store.db import Database

app = typer.Typer()


@app.command()
def upgrade() -> None:
    """Bring the database to the newest schema, and the agencies of config/ into it."""
    place = here()
    database = audit_chain.proving(Database(place.settings.database_url), place.vault)
    before, after = upkeep.upgrade(database)
    changed = upkeep.sync_agencies(database, place.catalog)
    texts = library.load(place.settings.folder_of_config())
    library.seed(database, datetime.now(UTC), texts)
    state = (
        "is up to date"
        if before == after
        else f"went from {before or 'empty'} to {after}"
    )
    out.print(f"The database {state}; {changed} agencies changed.")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Must not exist yet.")]) -> None:
    """Write everything into one file while Sahut runs. Keep the secret key apart from
    it."""
    place = here()
    with progress("writing the backup") as update:
        rows = upkeep.backup(place.database, place.settings.data_dir, file, update)
    out.print(f"{rows} rows and the pictures are in {file}.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file of `db backup`.")],
) -> None:
    """Fill a new, empty database (SQLite or PostgreSQL) from a backup."""
    place = here()
    with progress("restoring") as update:
        rows = upkeep.restore(
            audit_chain.proving(Database(place.settings.database_url), place.vault),
            place.settings.data_dir,
            file,
            update,
        )
    out.print(f"{rows} rows restored.")
