"""`sahut calendar`: the days the city does not work."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator import city
from aggregator.cli._common import Json, err, show

app = typer.Typer()


@app.command("show")
def show_(
    year: Annotated[int, typer.Argument(help="Like 2026.")], as_json: Json = False
) -> None:
    """List the days off of a year: national holidays and collective leave."""
    calendar = city.here().rules.calendar
    days = {day: name for day, name in calendar.days_off.items() if day.year == year}
    rows = [
        {"day": day, "weekday": f"{day:%A}", "name": days[day]} for day in sorted(days)
    ]
    show(rows, as_json=as_json, empty=f"no file config/calendar/{year}.yaml")
    if days and year not in calendar.reviewed:
        err.print(
            f"Nobody has reviewed the collective leave of {year}; read deadlines with"
            " care."
        )
