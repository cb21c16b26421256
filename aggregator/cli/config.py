"""`sahut config`: the files of config/."""

from __future__ import annotations

from typing import Annotated

import typer
from cryptography.fernet import Fernet

from aggregator import city
from aggregator.cli._common import Json, here, out, show

app = typer.Typer()


@app.command()
def check() -> None:
    """Check config/*.yaml; every problem with file, line and remedy."""
    place = here()
    folder = place.settings.folder_of_config()
    found = city.load(folder)
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


@app.command("new-key")
def new_key() -> None:
    """Print a new key for SAHUT_SECRET_KEY."""
    out.print(Fernet.generate_key().decode())
