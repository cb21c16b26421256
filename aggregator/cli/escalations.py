"""`sahut escalations`: who was told that a step is late."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cases import escalations
from aggregator.cli._common import Json, here, show
from aggregator.people import staff

app = typer.Typer()


@app.command("list")
def list_(
    agency: Annotated[str | None, typer.Option(help="Only of this agency.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List what was told, the newest first."""
    place = here()
    found = escalations.told(place.database, agency, limit)
    names = staff.names(place.database, {i for one, _ in found for i in one.recipients})
    rows = [
        {
            "told": one.told_at,
            "case": number,
            "agency": one.agency_code,
            "step": one.step,
            "role": one.role,
            "late_since": one.late_since,
            "to": ", ".join(names.get(i, "") for i in one.recipients),
        }
        for one, number in found
    ]
    show(rows, as_json=as_json, empty="nobody had to be told")
