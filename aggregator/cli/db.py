"""`sahut db`: schema, backup, restore."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from aggregator.answers import library
from aggregator.cli._common import err, here, out, progress, read_value
from aggregator.running import backups, upkeep
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
def backup(
    file: Annotated[Path, typer.Argument(help="Must not exist yet.")],
    plain: Annotated[
        bool, typer.Option("--plain", help="Leave it open to whoever has the file.")
    ] = False,
) -> None:
    """Write everything into one encrypted file while Sahut runs.

    Keep the keys apart from it: backup.key opens the backup, secret.key the accounts.
    """
    place = here()
    folder = place.settings.data_dir
    recipient = None
    if not plain:
        recipient = place.settings.backup_recipient or backups.recipient_of(
            backups.identity(folder)
        )
    with progress("writing the backup") as update:
        rows = backups.backup(place.database, folder, file, update, recipient=recipient)
    out.print(f"{rows} rows and the pictures are in {file}.")
    if recipient and not place.settings.backup_recipient:
        err.print(
            f"Only {folder / backups.KEY_FILE} opens it: keep a copy of that key, and "
            "of secret.key, in another place."
        )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file of `db backup`.")],
    key: Annotated[
        Path | None,
        typer.Option(help="The backup.key of the installation that made it."),
    ] = None,
) -> None:
    """Fill a new, empty database (SQLite or PostgreSQL) from a backup.

    Answers that waited to be sent come back as unknown: look before sending them again.
    """
    place = here()
    with progress("restoring") as update:
        rows = backups.restore(
            audit_chain.proving(Database(place.settings.database_url), place.vault),
            place.settings.data_dir,
            file,
            update,
            secret=read_value("key", f"@{key}") if key else None,
        )
    out.print(f"{rows} rows restored.")
