"""`sahut shifts`: who is on duty (piket), and what one shift leaves to the next."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator.accounts import rosters
from aggregator.cases import handovers
from aggregator.cli._acting import OPERATOR, acting
from aggregator.cli._common import (
    As,
    Json,
    UsageError,
    err,
    here,
    now,
    out,
    read_value,
    show,
)
from aggregator.people import shifts, staff
from aggregator.people.refusal import PeopleError
from aggregator.store.tables.cases import Handover

app = typer.Typer()


def _time(text: str) -> datetime:
    try:
        return rosters.local_time(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no time; write it like 2026-11-25T22:00"
        ) from None


@app.command("list")
def list_(
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None,
    as_json: Json = False,
) -> None:
    """List the shifts that are not over, the next first."""
    place = here()
    found = shifts.shifts(place.database, now(), agency)
    names = staff.names(place.database, {shift.person_id for shift in found})
    rows = [
        {
            "id": shift.id,
            "agency": shift.agency_code,
            "person": names.get(shift.person_id),
            "starts": shift.starts_at,
            "ends": shift.ends_at,
        }
        for shift in found
    ]
    show(rows, as_json=as_json, empty="no shift; `sahut shifts add` or `import`")


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="Login of the person.")],
    starts: Annotated[
        str, typer.Option("--from", help="Local time: 2026-11-25T22:00.")
    ],
    ends: Annotated[str, typer.Option("--to", help="Local time.")],
    agency: Annotated[
        str | None, typer.Option(help="Another agency than their own.")
    ] = None,
) -> None:
    """Put a person on duty."""
    place = here()
    person = staff.get(place.database, login)
    shifts.add_shift(
        place.database, OPERATOR, person, _time(starts), _time(ends), agency
    )
    out.print(f"{login} is on duty from {starts} to {ends}.")


@app.command()
def remove(
    id: Annotated[int, typer.Argument(help="Number of the shift, as listed.")],
    agency: Annotated[str, typer.Argument(help="Code of its agency.")],
) -> None:
    """Take a shift out of the table."""
    shifts.remove_shift(here().database, OPERATOR, id, agency)
    out.print(f"Shift {id} is removed.")


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV: login, starts, ends, perhaps agency.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put many people on duty from a file: all rows or none."""
    place = here()
    lines = rosters.plan(place.database, file)
    show([line.row.shown() for line in lines], as_json=as_json)
    if dry_run:
        if any(line.row.outcome == "wrong" for line in lines):
            raise typer.Exit(1)
        return
    err.print(f"{rosters.save(place.database, OPERATOR, lines)} shifts saved.")


@app.command()
def handover(
    agency: Annotated[str, typer.Argument(help="Code of the agency.")],
    login: As,
    note: Annotated[
        str | None,
        typer.Option(help="Write a note: text or @file. None: show the last ones."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Leave the state of the work and a note to the next shift, or read what was
    left."""
    place, viewer = acting(login)
    if note is not None:
        text = read_value("note", note)
        kept = [handovers.write(place.database, now(), viewer, text, agency)]
    elif agency == viewer.agency_code or viewer.sees_all:
        kept = handovers.latest(place.database, agency)
    else:
        raise PeopleError(f"{login} does not read the handovers of {agency}")
    names = staff.names(place.database, {one.person_id for one in kept})
    show([_row(one, names) for one in kept], as_json=as_json, empty="no handover yet")


def _row(one: Handover, names: dict[int, str]) -> dict[str, Any]:
    promised = [
        f"{entry['number']} ({entry['due_on']})" for entry in one.state["promised"]
    ]
    lists = {
        name: ", ".join(one.state[name])
        for name in ("urgent", "late", "near", "waiting")
    }
    return {
        "at": one.created_at,
        "who": names.get(one.person_id),
        "open": one.state["open"],
        **lists,
        "promised": ", ".join(promised),
        "note": one.text,
    }
