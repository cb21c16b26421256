"""`sahut config`: the files of config/."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer
from cryptography.fernet import Fernet

from aggregator import city
from aggregator.cli._common import Json, UsageError, here, out, show
from aggregator.privacy import retention
from aggregator.store.settings import PROGRAMS_CONFIG

app = typer.Typer()


@app.command()
def check() -> None:
    """Check config/*.yaml; every problem with file, line and remedy."""
    place = here()
    folder = place.settings.folder_of_config()
    found = city.load(folder)
    retention.load(folder)
    spellings = len(found.lexicon.spellings)
    out.print(
        f"{folder}: {len(found.catalog.agencies)} agencies,"
        f" {len(found.catalog.categories)} categories, {len(found.duties.duties)}"
        f" duties, {len(found.rules.rule_sets)} procedures, {spellings} spellings,"
        " no problem"
    )


@app.command("show")
def show_(
    kind: Annotated[
        str | None, typer.Option(help="opd, bumd, kecamatan, kelurahan, puskesmas.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the agencies and their codes."""
    rows = [
        {
            "code": agency.code,
            "kind": agency.kind,
            "name": agency.name.id,
            "abbrev": agency.abbrev,
            "parent": agency.parent,
        }
        for agency in here().catalog.agencies.values()
        if kind in (None, agency.kind)
    ]
    show(rows, as_json=as_json)


@app.command()
def copy(
    folder: Annotated[
        Path, typer.Argument(help="Must not exist yet; ./config is read by itself.")
    ] = Path("config"),
) -> None:
    """Copy the files that came with the program, to edit them for your city."""
    if folder.exists():
        raise UsageError(f"{folder} is there already; nothing was copied")
    try:
        shutil.copytree(PROGRAMS_CONFIG, folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror})") from error
    out.print(f"{folder.absolute()} is yours to edit; then `sahut config check`.")


@app.command("new-key")
def new_key() -> None:
    """Print a new key for SAHUT_SECRET_KEY."""
    out.print(Fernet.generate_key().decode())
