"""`sahut doctor`, `sahut env-example`, `sahut demo`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo

import connectors
from aggregator.accounts import registry
from aggregator.cli._common import Json, here, out, show
from aggregator.lab import capture as captures
from aggregator.running import doctor as checks
from aggregator.store.settings import Settings


def doctor(as_json: Json = False) -> None:
    """Check the installation, step by step, with a remedy for whatever fails."""
    findings = checks.examine()
    show([asdict(finding) for finding in findings], as_json=as_json)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def env_example() -> None:
    """Print .env.example: every setting with its meaning and default."""
    out.print(env_text(), markup=False, highlight=False, end="")


def env_text() -> str:
    lines = [
        "# Settings of Sahut. Copy to .env; empty lines keep the default.",
        "# NAME_FILE=path reads NAME from a file. Tokens of accounts are not here:",
        "# `sahut accounts add` keeps them encrypted in the database.",
        "",
    ]
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or f"SAHUT_{name.upper()}")
        lines += _entry(variable, field, field.description or "")
    for channel in sorted(connectors.BUILTIN):
        model = connectors.load(channel).App
        for name, field in model.model_fields.items():
            about = f"{connectors.load(channel).label}: {field.title or name}"
            lines += _entry(f"SAHUT_{channel.upper()}_{name.upper()}", field, about)
    return "\n".join(lines)


def _entry(variable: str, field: FieldInfo, about: str) -> list[str]:
    default: Any = field.default
    shown = "" if default is None or isinstance(default, SecretStr) else str(default)
    return [f"# {about}", f"{variable}={shown}" if shown else f"{variable}=", ""]


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
        out.print(str(path), markup=False)


def demo(
    port: Annotated[
        int | None, typer.Option(help="Port of the queue; 8080 where free.")
    ] = None,
) -> None:
    """A city in a box: sandbox platforms, accounts, people and the queue."""
    from aggregator.running import demo as city

    city.run(lambda line: out.print(line, markup=False, highlight=False), port=port)
