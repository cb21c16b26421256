"""`sahut doctor`, `sahut health`, `sahut demo`, `sahut capture`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from aggregator.accounts import illness, registry
from aggregator.cli._common import Json, here, out, show
from aggregator.lab import capture as captures
from aggregator.running import doctor as checks
from aggregator.store.db import utcnow


def doctor(as_json: Json = False) -> None:
    """Check the installation, step by step, with a remedy for whatever fails."""
    findings = checks.examine()
    show([asdict(finding) for finding in findings], as_json=as_json)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def health(as_json: Json = False) -> None:
    """Why the installation is ill, as /healthz says it; exit code 1 where it is."""
    place = here()
    found = illness.reasons(place.database, place.settings.data_dir, utcnow())
    show([asdict(reason) for reason in found], as_json=as_json, empty="all is well")
    if found:
        raise typer.Exit(1)


def capture(
    account: Annotated[str, typer.Argument(help="The account to look at.")],
    folder: Annotated[Path, typer.Option(help="Where the two files go.")] = Path(
        "captured"
    ),
) -> None:
    """Write a fixture from a live account, with made-up texts, names and numbers."""
    place = here()
    found = registry.find(place.database, account)
    for path in captures.capture(place.vault, found, folder):
        out.print(str(path))


def demo(
    port: Annotated[
        int | None, typer.Option(help="Port of the queue; 8080 where free.")
    ] = None,
) -> None:
    """A city in a box: sandbox platforms, accounts, people and the queue."""
    from aggregator.running import demo as city

    city.run(lambda line: out.print(line, highlight=False), port=port)
