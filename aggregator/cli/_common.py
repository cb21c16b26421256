"""What commands share: the installation they act on, printing, and errors as one
line.

What opens a database is imported where it is opened: half of the commands need none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
)
from rich.table import Table

if TYPE_CHECKING:
    from aggregator.city.catalog import Catalog
    from aggregator.store.db import Database
    from aggregator.store.settings import Settings
    from aggregator.store.vault import Vault

out = Console(soft_wrap=True, markup=False)
err = Console(stderr=True, soft_wrap=True, markup=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
As = Annotated[
    str, typer.Option("--as", envvar="SAHUT_LOGIN", help="Login of who acts.")
]
Number = Annotated[str, typer.Argument(help="Case number.")]
Although = Annotated[
    str | None,
    typer.Option(help="Why personal data in it must go out (kept in the history)."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class UsageError(Exception):
    """The command was called wrongly: exit code 2."""


@dataclass(frozen=True)
class Installation:
    """Settings, database, keys and catalogue of this machine, opened when first
    used."""

    settings: Settings

    @cached_property
    def database(self) -> Database:
        from aggregator.running import upkeep
        from aggregator.store import audit_chain
        from aggregator.store.db import Database

        database = Database(self.settings.database_url)
        upkeep.require_current(database)
        return audit_chain.proving(database, self.vault)

    @property
    def claim_minutes(self) -> int:
        """How long a claim lasts while nothing happens."""
        from aggregator.store import options

        with self.database.reading() as session:
            return options.number(
                session, options.CLAIM_MINUTES, self.settings.claim_minutes
            )

    @cached_property
    def vault(self) -> Vault:
        from aggregator.store import vault

        return vault.load(self.settings.secret_key, self.settings.data_dir)

    @cached_property
    def catalog(self) -> Catalog:
        from aggregator.city import catalog

        return catalog.load(self.settings.folder_of_config())


def here() -> Installation:
    from aggregator.store import discretion, settings

    discretion.guard_logs()
    return Installation(settings.load())


def day_of(text: str) -> date:
    """A day of the command line, like 2026-11-25. UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day; write it like 2026-11-25") from None


def now() -> datetime:
    return datetime.now(UTC)


def show(
    rows: Sequence[dict[str, Any]], *, as_json: bool, empty: str = "nothing to show"
) -> None:
    """Print rows of equal keys as a table, or as one JSON array."""
    if as_json:
        print(json.dumps(rows, default=_plain, ensure_ascii=False, indent=1))  # noqa: T201
        return
    if not rows:
        err.print(empty)
        return
    table = Table(*rows[0], box=None, header_style="bold")
    for row in rows:
        table.add_row(
            *("" if value is None else str(_plain(value)) for value in row.values())
        )
    out.print(table)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date | Path):
        return str(value)
    return value


def warn(text: str) -> None:
    complain("Warning:", "yellow", text)


def complain(word: str, style: str, text: str) -> None:
    """One line on standard error that begins with a coloured word."""
    err.print(word, style=style, end=" ")
    err.print(text, highlight=False)


def confirm(question: str, yes: bool) -> None:
    """Go on, or stop with exit code 1. Without a terminal nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is here to answer; add --yes")
    typer.confirm(question, abort=True)


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """A progress bar on standard error; yields update(done, total)."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def update(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total)

        yield update


def read_value(name: str, given: str) -> str:
    """The value of `--set name=...`: @file, env:VAR or the text itself. UsageError."""
    if given.startswith("@"):
        try:
            return Path(given[1:]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise UsageError(
                f"{name}: cannot read {given[1:]} ({error.strerror})"
            ) from error
    if given.startswith("env:"):
        value = os.environ.get(given[4:])
        if value is None:
            raise UsageError(f"{name}: the environment variable {given[4:]} is not set")
        return value
    return given
