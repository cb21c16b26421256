"""`sahut incidents`: many cases of one event. Acts as a person: --as LOGIN or
SAHUT_LOGIN."""

from __future__ import annotations

import sys
import uuid
from datetime import datetime
from typing import Annotated

import typer

from aggregator import city
from aggregator.answers import broadcasts
from aggregator.cli._acting import acting
from aggregator.cli._common import (
    Although,
    As,
    Json,
    Number,
    UsageError,
    Yes,
    now,
    out,
    read_value,
    show,
)
from aggregator.cli._common import confirm as ask
from aggregator.twins import incidents

app = typer.Typer()
Id = Annotated[
    int, typer.Argument(help="Number of the incident, see `incidents list`.")
]
Statement = Annotated[
    str | None, typer.Option(help="What everybody is told: text or @file.")
]
NewsAt = Annotated[
    str | None,
    typer.Option(help="When there will be news, local time: 2026-11-25T09:12."),
]


@app.command("list")
def list_(
    login: As,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that are over.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List incidents, the newest first."""
    place, viewer = acting(login)
    found = incidents.listing(place.database, now(), viewer, everything=everything)
    rows = [
        {
            "id": one.incident.id,
            "state": one.incident.state,
            "kind": one.incident.kind,
            "place": one.incident.place,
            "owner": one.owner,
            "since": one.incident.first_at,
            "cases": ", ".join(case.number for case in one.cases),
            "news": one.incident.next_update_at,
            "news_due": one.news_due,
            "statement": one.incident.statement,
        }
        for one in found
    ]
    show(rows, as_json=as_json, empty="no incident")


@app.command()
def confirm(
    incident: Id, login: As, statement: Statement = None, news_at: NewsAt = None
) -> None:
    """Take a proposed incident: whoever confirms it owns it."""
    place, viewer = acting(login)
    incidents.confirm(
        place.database,
        now(),
        viewer,
        incident,
        statement=_said(statement),
        news_at=_time(news_at),
    )
    out.print(f"Incident {incident} is yours.")


@app.command()
def update(
    incident: Id, login: As, statement: Statement = None, news_at: NewsAt = None
) -> None:
    """Change what everybody is told, or when there will be news."""
    if statement is None and news_at is None:
        raise UsageError("give --statement, --news-at or both")
    place, viewer = acting(login)
    incidents.update(
        place.database,
        now(),
        viewer,
        incident,
        statement=_said(statement),
        news_at=_time(news_at),
    )
    out.print(f"Incident {incident} is updated.")


@app.command()
def dismiss(incident: Id, login: As) -> None:
    """It is no incident; the same is not proposed for a day."""
    place, viewer = acting(login)
    incidents.dismiss(place.database, now(), viewer, incident)
    out.print(f"Incident {incident} is dismissed.")


@app.command()
def end(incident: Id, login: As) -> None:
    """It is over; its cases stay as they are."""
    place, viewer = acting(login)
    incidents.end(place.database, now(), viewer, incident)
    out.print(f"Incident {incident} has ended.")


@app.command()
def take(incident: Id, login: As) -> None:
    """Own it from now on; who owned it is told."""
    place, viewer = acting(login)
    incidents.take(place.database, now(), viewer, incident)
    out.print(f"Incident {incident} is yours.")


@app.command()
def add(incident: Id, number: Number, login: As) -> None:
    """A case belongs to it too."""
    place, viewer = acting(login)
    incidents.add(place.database, now(), viewer, incident, number)
    out.print(f"Case {number} belongs to incident {incident}.")


@app.command()
def drop(incident: Id, number: Number, login: As) -> None:
    """A case does not belong to it; the program does not bring it back."""
    place, viewer = acting(login)
    incidents.drop(place.database, now(), viewer, incident, number)
    out.print(f"Case {number} does not belong to incident {incident}.")


@app.command()
def notify(
    incident: Id,
    text: Annotated[
        str, typer.Option(help="The statement, @file, or - for standard input.")
    ],
    login: As,
    key: Annotated[
        str | None, typer.Option(help="Repeating a key does not send again.")
    ] = None,
    although: Although = None,
    yes: Yes = False,
) -> None:
    """Tell everybody who reported it the same, each on their own channel."""
    place, viewer = acting(login)
    said = sys.stdin.read().strip() if text == "-" else read_value("text", text)
    with place.database.reading() as session:
        shown = incidents.find(session, now(), viewer, incident)
        planned = broadcasts.plan(session, now(), viewer, shown, said)
    rows = [
        {
            "case": one.case.number,
            "channel": entry.message.channel,
            "to": entry.message.author_name,
            "left_out": entry.left_out,
            "text": entry.text if entry.left_out is None else None,
        }
        for one in planned
        for entry in one.planned
    ]
    show(rows, as_json=False)
    ask("Send these?", yes)
    broadcasts.queue(
        place.database,
        now(),
        viewer,
        incident,
        said,
        key=(key or uuid.uuid4().hex)[:48],
        although=although,
    )
    out.print("Queued; the worker sends them.")


def _said(text: str | None) -> str | None:
    return None if text is None else read_value("statement", text)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(
            tzinfo=city.here().rules.calendar.zone
        )
    except ValueError as error:
        raise UsageError(f"--news-at {text!r}: write 2026-11-25T09:12") from error
