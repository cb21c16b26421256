"""`sahut hooks`: deliveries as a platform would send them, and what an account
receives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import requests
import typer

import connectors
from aggregator.accounts import connections, registry
from aggregator.cli._common import Json, UsageError, here, now, out, show
from aggregator.store import settings
from connectors.base import Signs, abilities

app = typer.Typer()


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List where the platforms deliver, one address an account."""
    place = here()
    rows = [
        {
            "account": f"{row.channel}:{row.handle}",
            "address": connections.callback_url(place.settings.public_url, row),
        }
        for row in registry.list_all(place.database)
        if "webhook" in abilities(connectors.load(row.channel))
    ]
    show(rows, as_json=as_json, empty="no account of a channel that delivers")


@app.command()
def send(
    account: Annotated[str, typer.Argument(help="The account the delivery is for.")],
    file: Annotated[
        Path, typer.Argument(help="The body, as the platform would send it.")
    ],
    to: Annotated[
        str | None, typer.Option(help="Another address than the account's.")
    ] = None,
) -> None:
    """Sign a recorded delivery with the account's own secret and post it to a running
    Sahut."""
    place = here()
    found = registry.find(place.database, account)
    connector = connectors.load(found.channel)
    signer: Any = connector
    if not isinstance(connector, Signs):
        raise UsageError(f"{found.channel} receives no signed deliveries")
    try:
        body = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})") from error
    chosen = place.vault.open(found.sealed, signer.Account)
    headers = connector.sign(settings.app_settings(found.channel), chosen, body, now())
    address = to or connections.callback_url(place.settings.public_url, found)
    try:
        answer = requests.post(address, data=body, headers=headers, timeout=30)
    except requests.RequestException as error:
        raise UsageError(f"{address} does not answer; is Sahut running?") from error
    out.print(f"{address} answers {answer.status_code}")
    if answer.status_code != 200:
        raise typer.Exit(1)
