"""`sahut privacy breach`: the register of breaches and its clock of 3 x 24 hours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from aggregator.cli._acting import OPERATOR
from aggregator.cli._common import Json, UsageError, here, now, out, show
from aggregator.privacy import breaches
from aggregator.rules.time.calendar import WIB

app = typer.Typer(no_args_is_help=True)
Id = Annotated[int, typer.Argument(help="Number of the breach, as listed.")]


def _moment(typed: str | None) -> datetime | None:
    """A moment in Western Indonesia. UsageError."""
    if typed is None:
        return None
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        raise UsageError(f"{typed!r} is no moment; write 2026-11-25T08:30") from None
    return found if found.tzinfo else found.replace(tzinfo=WIB)


@app.command()
def add(
    what: Annotated[str, typer.Argument(help="What happened, in a sentence.")],
    data: Annotated[str, typer.Option(help="Which sorts of personal data.")],
    known_at: Annotated[
        str | None, typer.Option(help="Since when it is known: 2026-11-25T08:30.")
    ] = None,
    people: Annotated[
        int | None, typer.Option(min=0, help="How many people, where it is known.")
    ] = None,
) -> None:
    """Write a breach down; its clock of 3 x 24 hours runs."""
    breach = breaches.add(
        here().database,
        now(),
        OPERATOR,
        what=what,
        data=data,
        known_at=_moment(known_at),
        people=people,
    )
    due = breaches.entry_of(breach, now()).due_at.astimezone(WIB)
    out.print(
        f"Breach {breach.id}: tell the people concerned and the supervising body by"
        f" {due:%d-%m-%Y %H:%M} WIB; docs/privacy/breaches.md says what."
    )


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: Json = False,
) -> None:
    """List breaches and how long is left to tell of them."""
    rows = [
        {
            "breach": one.breach.id,
            "known_at": one.breach.known_at,
            "due_at": one.due_at,
            "state": one.state,
            "hours_left": round(one.left.total_seconds() / 3600, 1),
            "people": one.breach.people,
            "what": one.breach.what,
            "data": one.breach.data,
            "closed_at": one.breach.closed_at,
        }
        for one in breaches.entries(here().database, now(), every=every)
    ]
    show(rows, as_json=as_json, empty="no open breach")


@app.command()
def told(
    id: Id,
    at: Annotated[
        str | None, typer.Option(help="When they were told: 2026-11-25T08:30.")
    ] = None,
) -> None:
    """Those concerned and the supervising body were told: the clock stops."""
    breaches.tell(here().database, now(), OPERATOR, id, _moment(at))
    out.print("The clock has stopped.")


@app.command()
def close(
    id: Id, measures: Annotated[str, typer.Option(help="What was done about it.")]
) -> None:
    """Nothing is left to do."""
    breaches.close(here().database, now(), OPERATOR, id, measures)
    out.print("Closed.")
