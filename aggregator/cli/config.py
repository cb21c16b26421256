"""`sahut config`: the files of config/."""

from __future__ import annotations

from typing import Annotated

import typer
from cryptography.fernet import Fernet

from aggregator.cli._common import Json, here, out, show

app = typer.Typer()


@app.command()
def check() -> None:
    """Check config/*.yaml; every problem with file, line and remedy."""
    place = here()
    catalog = place.catalog
    out.print(
        f"{place.settings.folder_of_config()}: {len(catalog.agencies)} agencies, "
        f"{len(catalog.categories)} categories, no problem"
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
            "code": agency.code, "kind": agency.kind, "name": agency.name.id,
            "abbrev": agency.abbrev, "parent": agency.parent,
        }
        for agency in here().catalog.agencies.values()
        if kind in (None, agency.kind)
    ]  # fmt: skip
    show(rows, as_json=as_json)


@app.command("new-key")
def new_key() -> None:
    """Print a new key for SAHUT_SECRET_KEY."""
    out.print(Fernet.generate_key().decode())
