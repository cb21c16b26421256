"""`sahut sop`: the procedures that set the clocks."""

from __future__ import annotations

import typer

from aggregator.city import procedures
from aggregator.cli._common import Json, err, show
from aggregator.store import settings

app = typer.Typer()


@app.command()
def check(as_json: Json = False) -> None:
    """Read config/sop and config/calendar and list every step; exit 1 where a file is
    wrong."""
    rules = procedures.load(settings.load().folder_of_config())
    rows = [
        {
            "procedure": procedure.name,
            "since": procedure.effective_from,
            "step": step.name,
            "from": step.start,
            "to": step.end,
            "owner": step.owner,
            "told": step.escalate,
            "pausable": ", ".join(sorted(step.pausable)),
            "verified": procedure.verified,
        }
        for procedure in rules.rule_sets
        for step in procedure.steps
    ]
    show(rows, as_json=as_json)
    for procedure in rules.rule_sets:
        if not procedure.verified:
            err.print(f"{procedure.name}: not verified; {procedure.source}")
