"""`sahut cases`, continued: one problem in several cases, one answer to everybody."""

from __future__ import annotations

import sys
import uuid
from typing import Annotated, Any

import typer

from aggregator.answers import notices
from aggregator.cases import casefile, claims
from aggregator.cli._acting import acting
from aggregator.cli._common import (
    Although,
    As,
    Json,
    Number,
    Yes,
    confirm,
    now,
    out,
    read_value,
    show,
)
from aggregator.cli._warnings import contradicted
from aggregator.rules.reports import casenumbers
from aggregator.twins import chronic, joining, suggestions

app = typer.Typer()


@app.command()
def join(
    number: Number,
    into: Annotated[str, typer.Argument(help="The case that takes it in.")],
    login: As,
    reason: Annotated[
        str, typer.Option(help="Needed where a colleague holds it.")
    ] = "",
) -> None:
    """Join a case into another: one problem, one case."""
    place, viewer = acting(login)
    link = joining.join(place.database, now(), viewer, number, into, reason=reason)
    out.print(
        f"{number} is part of {into} now; `sahut cases undo {link.id}` takes it back."
    )


@app.command()
def split(
    number: Number,
    messages: Annotated[
        list[int], typer.Argument(help="Ids of messages, see `cases show`.")
    ],
    login: As,
) -> None:
    """Make a case of its own of some messages."""
    place, viewer = acting(login)
    link = joining.split(place.database, now(), viewer, number, messages)
    fresh = casenumbers.number_of(link.target_id)
    out.print(f"Case {fresh}; `sahut cases undo {link.id}` takes it back.")


@app.command("not-same")
def not_same(
    number: Number,
    other: Annotated[str, typer.Argument(help="The other case.")],
    login: As,
    take_back: Annotated[
        bool, typer.Option("--undo", help="They may be the same after all.")
    ] = False,
) -> None:
    """Remember that two cases are two problems; they are never suggested again."""
    place, viewer = acting(login)
    if take_back:
        suggestions.perhaps_the_same(place.database, now(), viewer, number, other)
        out.print(f"{number} and {other} may be one problem.")
        return
    suggestions.not_the_same(place.database, now(), viewer, number, other)
    out.print(f"{number} and {other} are two problems.")


@app.command()
def move(
    message: Annotated[
        int, typer.Argument(help="Id of the message, see `cases show`.")
    ],
    into: Annotated[str, typer.Argument(help="The case it belongs to.")],
    login: As,
) -> None:
    """Bring one message to another case."""
    place, viewer = acting(login)
    link = joining.move(place.database, now(), viewer, [message], into)
    out.print(f"Moved to {into}; `sahut cases undo {link.id}` takes it back.")


@app.command()
def undo(
    link: Annotated[int, typer.Argument(help="Number of the act, as it was told.")],
    login: As,
    message: Annotated[
        list[int] | None, typer.Option(help="Of a join: only these messages go back.")
    ] = None,
) -> None:
    """Take a join, split or move back."""
    place, viewer = acting(login)
    joining.undo(place.database, now(), viewer, link, messages=message or None)
    out.print("Taken back.")


@app.command("suggestions")
def list_suggestions(
    login: As,
    case: Annotated[str | None, typer.Option(help="Only those of this case.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List cases that may be one problem, with the reasons."""
    place, viewer = acting(login)
    rows = [
        {
            "case": entry.case.number,
            "other": entry.other.number,
            "score": round(entry.suggestion.score, 2),
            "reasons": ", ".join(
                _reason(reason) for reason in entry.suggestion.reasons
            ),
        }
        for entry in suggestions.open_pairs(place.database, now(), viewer, case, limit)
    ]
    show(rows, as_json=as_json, empty="no suggestion")


@app.command()
def recurring(
    login: As,
    kind: Annotated[str, typer.Option(help="Only this kind.")] = "",
    as_json: Json = False,
) -> None:
    """List spots where the same problem came back within a year."""
    place, viewer = acting(login)
    rows = [
        {
            "kind": spot.kind,
            "place": spot.place or spot.ward,
            "times": spot.times,
            "open": spot.is_open,
            "cases": ", ".join(case.number for case in spot.cases),
        }
        for spot in chronic.spots(place.database, now(), viewer, kind)
    ]
    show(rows, as_json=as_json, empty="nothing has come back")


def _reason(reason: dict[str, Any]) -> str:
    against = "but " if reason["against"] else ""
    return f"{against}{reason['code']} {reason['value']}".strip()


@app.command()
def notify(
    number: Number,
    text: Annotated[
        str, typer.Option(help="The answer, @file, or - for standard input.")
    ],
    login: As,
    key: Annotated[
        str | None, typer.Option(help="Repeating a key does not send again.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the drafts, send none.")
    ] = False,
    although: Although = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Tell everybody who reported a case the same, each on their own channel."""
    place, viewer = acting(login)
    answer = sys.stdin.read().strip() if text == "-" else read_value("text", text)
    with casefile.reading(place.database, now(), viewer, number) as file:
        case = file.case
        planned = notices.plan(file.session, file.now, viewer, case, answer)
    if dry_run or not as_json:
        show([_planned(one) for one in planned], as_json=as_json)
    if dry_run:
        return
    contradicted(place, viewer, number, answer)
    confirm("Send these?", yes)
    if case.status != "closed":
        claims.claim(place.database, now(), viewer, number, place.claim_minutes)
    notice = notices.queue(
        place.database,
        now(),
        viewer,
        number,
        answer,
        key=key or uuid.uuid4().hex,
        although=although,
    )
    with place.database.reading() as session:
        told = notices.told(session, notice.id)
    if as_json:
        show([_told(one) for one in told], as_json=True)
    else:
        out.print(
            f"{sum(one.reply is not None for one in told)} queued; the worker sends"
            " them."
        )


def _planned(one: notices.Planned) -> dict[str, Any]:
    return {
        "message": one.message.id,
        "channel": one.message.channel,
        "account": one.account.handle if one.account else None,
        "to": one.message.author_name,
        "left_out": one.left_out,
        "text": one.text if one.left_out is None else None,
    }


def _told(one: notices.Told) -> dict[str, Any]:
    return {
        "message": one.message.id,
        "channel": one.message.channel,
        "state": one.state,
        "reason": one.reason,
    }
