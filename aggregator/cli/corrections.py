"""`sahut corrections`: how often people correct the rules, and what these can learn
from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cases import corrections
from aggregator.cli._common import Json, UsageError, err, here, show
from aggregator.store import private

app = typer.Typer()


@app.command("show")
def show_(as_json: Json = False) -> None:
    """Of the cases a person looked at, how often the rules were right, field by
    field."""
    rows = [
        {
            "field": one.field,
            "looked_at": one.looked_at,
            "wrong": one.wrong,
            "right": None if one.right is None else f"{one.right:.1%}",
            "usual": (
                f"{one.usual[0]} -> {one.usual[1]} ({one.times})" if one.usual else None
            ),
        }
        for one in corrections.measured(here().database)
    ]
    show(rows, as_json=as_json)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write; must not exist.")],
) -> None:
    """Write corrected texts, personal data masked, for `sahut eval learn
    --corrections`."""
    if file.exists():
        raise UsageError(f"{file} exists; choose another name")
    number = 0
    with private.new_text(file) as target:
        for row in corrections.examples(here().database):
            target.write(json.dumps(row, ensure_ascii=False) + "\n")
            number += 1
    err.print(f"{number} texts written.")
