"""`sahut notifications`: what a person was told, and how it reached them."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cli._common import Json, here, show
from aggregator.people import notifications, staff

app = typer.Typer()


@app.command("list")
def list_(
    login: Annotated[str, typer.Argument(help="Login of the person.")],
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List what a person was told, the newest first."""
    place = here()
    person = staff.get(place.database, login)
    rows = [
        {
            "at": told.created_at,
            "kind": told.kind,
            "case": told.data.get("number"),
            "urgent": told.urgent,
            "via": told.via,
            "sent": told.sent_at,
            "read": told.read_at,
            "error": told.error,
        }
        for told in notifications.of_person(place.database, person.id, limit)
    ]
    show(rows, as_json=as_json, empty="nothing yet")
