"""`sahut raw`: what arrived, and what was set aside."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from aggregator import accounts, ingest
from aggregator.cli._common import Json, UsageError, here, now, out, progress, show

app = typer.Typer()


@app.command("list")
def list_(
    status: Annotated[str | None, typer.Option(help="new, done, ignored or failed.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List raw events, the newest first."""
    place = here()
    account_id = accounts.find(place.database, account).id if account else None
    rows = [
        {
            "id": event.id, "channel": event.channel, "key": event.key, "kind": event.kind,
            "received": event.received_at, "status": event.status, "attempts": event.attempts,
            "reason": event.reason,
        }
        for event in ingest.events(
            place.database, status=status, account_id=account_id, limit=limit
        )
    ]  # fmt: skip
    show(rows, as_json=as_json, empty="no raw event")


@app.command("show")
def show_(event_id: Annotated[int, typer.Argument(help="Number of the raw event.")]) -> None:
    """Print one raw event as it arrived. It can hold personal data."""
    event = ingest.event(here().database, event_id)
    if event is None:
        raise UsageError(f"there is no raw event {event_id}")
    body: dict[str, Any] = {
        "id": event.id, "key": event.key, "kind": event.kind, "status": event.status,
        "reason": event.reason, "payload": event.payload,
    }  # fmt: skip
    out.print(json.dumps(body, ensure_ascii=False, indent=1), markup=False, highlight=False)


@app.command()
def replay(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers of raw events.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Everything set aside.")] = False,
) -> None:
    """Process again what was set aside, after the cause is repaired."""
    place = here()
    if not ids and not failed:
        raise UsageError("name raw events, or use --failed")
    chosen = list(ids or [])
    if failed:
        chosen += [e.id or 0 for e in ingest.events(place.database, status="failed", limit=10**6)]
    with progress("processing again") as update:
        outcome = ingest.replay(
            place.database, now(), sorted(set(chosen)), lambda done: update(done, len(chosen))
        )
    out.print(
        ", ".join(f"{count} {status}" for status, count in outcome.items()) or "nothing to do"
    )
    if outcome.get("failed"):
        raise typer.Exit(1)
