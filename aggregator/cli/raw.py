"""`sahut raw`: what arrived, and what was set aside."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

import connectors
from aggregator.accounts import registry
from aggregator.cli._common import Json, UsageError, here, now, out, progress, show
from aggregator.intake import ingest
from aggregator.store import discretion
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from connectors.base import ReadsFiles
from connectors.errors import BadItem

app = typer.Typer()


@app.command("list")
def list_(
    status: Annotated[
        str | None, typer.Option(help="new, done, ignored or failed.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List raw events, the newest first."""
    place = here()
    account_id = registry.find(place.database, account).id if account else None
    rows = [
        {
            "id": event.id,
            "channel": event.channel,
            "key": event.key,
            "kind": event.kind,
            "received": event.received_at,
            "status": event.status,
            "attempts": event.attempts,
            "reason": event.reason,
        }
        for event in ingest.events(
            place.database, status=status, account_id=account_id, limit=limit
        )
    ]
    show(rows, as_json=as_json, empty="no raw event")


@app.command("show")
def show_(
    event_id: Annotated[int, typer.Argument(help="Number of the raw event.")],
) -> None:
    """Print one raw event as it arrived. It can hold personal data."""
    event = ingest.event(here().database, event_id)
    if event is None:
        raise UsageError(f"there is no raw event {event_id}")
    body: dict[str, Any] = {
        "id": event.id,
        "key": event.key,
        "kind": event.kind,
        "status": event.status,
        "reason": event.reason,
        "payload": event.payload,
    }
    out.print(json.dumps(body, ensure_ascii=False, indent=1), highlight=False)


@app.command("import")
def import_(
    account: Annotated[
        str, typer.Argument(help="The account that receives what is in it.")
    ],
    files: Annotated[
        list[Path], typer.Argument(help="Exports, mails or drops of the channel.")
    ],
) -> None:
    """Read files as if they had arrived; what is known already is not doubled."""
    place = here()
    found = registry.find(place.database, account)
    with progress("reading") as update:
        rows = []
        for done, file in enumerate(files):
            update(done, len(files))
            rows.append(import_file(place.database, now(), found, file))
    show(rows, as_json=False)
    if any(row["error"] for row in rows):
        raise typer.Exit(1)


def import_file(
    database: Database, moment: datetime, account: Account, file: Path
) -> dict[str, Any]:
    """One file received and processed: how many items it has, how many were new."""
    row: dict[str, Any] = {"file": str(file), "items": 0, "new": 0, "error": None}
    connector = connectors.load(account.channel)
    if not isinstance(connector, ReadsFiles):
        return {**row, "error": f"{account.channel} has no files to import"}
    try:
        items = list(connector.read_bytes(file.read_bytes(), file.name))
    except OSError as error:
        return {**row, "error": f"cannot be read ({error.strerror})"}
    except BadItem as error:
        return {**row, "error": discretion.told(error)}
    received = ingest.receive(database, moment, account.id, items, stream="file")
    for start in range(0, len(received.new_ids), ingest.BATCH):
        ingest.process(database, moment, received.new_ids[start : start + ingest.BATCH])
    return {**row, "items": received.seen, "new": len(received.new_ids)}


@app.command()
def replay(
    ids: Annotated[
        list[int] | None, typer.Argument(help="Numbers of raw events.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Everything set aside.")
    ] = False,
    as_message: Annotated[
        bool,
        typer.Option(
            "--as-message",
            help="A resident wrote it, though it looks like automatic mail.",
        ),
    ] = False,
) -> None:
    """Process again what was set aside, after the cause is repaired."""
    place = here()
    if not ids and not failed:
        raise UsageError("name raw events, or use --failed")
    chosen = list(ids or [])
    if failed:
        chosen += [
            e.id for e in ingest.events(place.database, status="failed", limit=10**6)
        ]
    with progress("processing again") as update:
        outcome = ingest.replay(
            place.database,
            now(),
            sorted(set(chosen)),
            lambda done: update(done, len(chosen)),
            admit=as_message,
        )
    out.print(
        ", ".join(f"{count} {status}" for status, count in outcome.items())
        or "nothing to do"
    )
    if outcome.get("failed"):
        raise typer.Exit(1)
