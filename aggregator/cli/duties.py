"""`sahut duties`: what "not ours" teaches about config/routing.yaml."""

from __future__ import annotations

from dataclasses import asdict

import typer

from aggregator.cases import bounces
from aggregator.cli._common import Json, here, now, show

app = typer.Typer()


@app.command()
def bounced(as_json: Json = False) -> None:
    """Count bounces by kind and agency, and say what to change in
    config/routing.yaml."""
    rows = [asdict(one) for one in bounces.bounced(here().database, now())]
    show(rows, as_json=as_json, empty="no agency has said that a case is not its own")
