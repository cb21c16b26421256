"""`sahut reminders`: promises made in answers."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cases import reminders
from aggregator.cli._acting import acting
from aggregator.cli._common import As, Json, day_of, out, show

app = typer.Typer()
Id = Annotated[int, typer.Argument(help="Number of the reminder, as listed.")]


@app.command("list")
def list_(login: As, as_json: Json = False) -> None:
    """List a person's open promises, the next first."""
    place, viewer = acting(login)
    rows = [
        {
            "id": reminder.id,
            "due": reminder.due_on,
            "case": case.number,
            "words": reminder.words,
        }
        for reminder, case in reminders.of_person(place.database, viewer)
    ]
    show(rows, as_json=as_json, empty="no open promise")


@app.command()
def done(id: Id, login: As) -> None:
    """A promise is kept."""
    place, viewer = acting(login)
    reminders.change(place.database, viewer, id, state="done")
    out.print("Done.")


@app.command()
def drop(id: Id, login: As) -> None:
    """What was read as a promise is none."""
    place, viewer = acting(login)
    reminders.change(place.database, viewer, id, state="dropped")
    out.print("Dropped.")


@app.command()
def move(
    id: Id,
    to: Annotated[str, typer.Argument(help="The new day: 2026-11-25.")],
    login: As,
) -> None:
    """Give a promise another day."""
    place, viewer = acting(login)
    reminders.change(place.database, viewer, id, due_on=day_of(to))
    out.print(f"Due on {to}.")
