"""`sahut cases readers` and `sahut cases break-glass`: who reads a secret case."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cases import casefile, readership
from aggregator.cli._acting import acting
from aggregator.cli._common import As, Json, Number, now, out, show

app = typer.Typer()
_readers = typer.Typer(help="Who reads a secret case: list, add, remove.")
app.add_typer(_readers, name="readers")
Login = Annotated[str, typer.Argument(help="Login of the person.")]
Reason = Annotated[str, typer.Option(help="Why; it stays in the history.")]


@_readers.command("list")
def list_(number: Number, login: As, as_json: Json = False) -> None:
    """List who reads a secret case and why."""
    place, viewer = acting(login)
    with casefile.reading(place.database, now(), viewer, number) as file:
        found = readership.of_case(file)
    rows = [
        {
            "login": one.login,
            "name": one.name,
            "agency": one.agency,
            "why": one.reason,
            "since": one.since,
            "by": one.given_by,
            "emergency": one.glass,
            "concerned": one.concerned,
        }
        for one in found
    ]
    show(rows, as_json=as_json, empty="nobody; the case is no secret")


@_readers.command()
def add(number: Number, reader: Login, reason: Reason, login: As) -> None:
    """Let somebody read a secret case; the other readers are told."""
    place, viewer = acting(login)
    readership.add(place.database, now(), viewer, number, reader, reason)
    out.print(f"{reader} reads {number}.")


@_readers.command()
def remove(number: Number, reader: Login, reason: Reason, login: As) -> None:
    """Take a reader off a secret case; the other readers are told."""
    place, viewer = acting(login)
    readership.remove(place.database, now(), viewer, number, reader, reason)
    out.print(f"{reader} reads {number} no more.")


@app.command("break-glass")
def break_glass(number: Number, reason: Reason, login: As) -> None:
    """Open a secret case in an emergency, as the city secretary; its readers are
    told."""
    place, viewer = acting(login)
    readership.break_glass(place.database, now(), viewer, number, reason)
    out.print(f"You read {number} now; its readers are told.")
