"""The command line: one file a noun, each command parses, calls a use case and prints.

Exit codes: 0 done, 1 failed, 2 called wrongly.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from aggregator import PlainError
from aggregator.cli._common import UsageError, complain, out
from aggregator.cli._later import Later

COMMANDS = (
    ("run", "worker:run", "The pages and the background work in one process."),
    ("web", "worker:web", "The pages alone; the worker runs elsewhere."),
    (
        "doctor",
        "ops:doctor",
        "Check the installation, step by step, with a remedy for whatever fails.",
    ),
    (
        "health",
        "ops:health",
        "Why the installation is ill, as /healthz says it; exit code 1 where it is.",
    ),
    (
        "env-example",
        "env_example:env_example",
        "Print .env.example: every setting with its meaning and default.",
    ),
    (
        "demo",
        "ops:demo",
        "A city in a box: sandbox platforms, accounts, people and the queue.",
    ),
    (
        "capture",
        "ops:capture",
        "Write a fixture from a live account, with made-up texts, names and numbers.",
    ),
    (
        "accounts",
        "accounts:app",
        "Accounts on the channels: add, check, pause, rotate, remove.",
    ),
    (
        "people",
        "people:app",
        "The people who answer: invite, list, disable, absences, successors.",
    ),
    (
        "cases",
        "cases:app",
        "Cases: list, show, claim, assign, reply, wait, bounce, close.",
    ),
    (
        "incidents",
        "incidents:app",
        "Many cases of one event: list, confirm, update, end.",
    ),
    ("clocks", "clocks:app", "The deadlines of a case."),
    ("audit", "audit:app", "Whether the trail of acts is whole: verify, anchor."),
    (
        "privacy",
        "privacy:app",
        "What is kept of a resident: find, export, erase, retention, breaches.",
    ),
    ("reminders", "reminders:app", "Promises made in answers: list, done, move."),
    ("shifts", "shifts:app", "Who is on duty (piket), and handovers."),
    ("escalations", "escalations:app", "Who was told that a step is late."),
    ("notifications", "notifications:app", "What a person was told."),
    ("duties", "duties:app", "Who acts on what: what bounces teach."),
    (
        "corrections",
        "corrections:app",
        "How often people correct the rules; texts to learn from.",
    ),
    ("sop", "sop:app", "The procedures that set the clocks."),
    ("calendar", "calendar:app", "Holidays and collective leave."),
    ("raw", "raw:app", "What arrived, unchanged: list, show, replay."),
    (
        "hooks",
        "hooks:app",
        "Deliveries of the platforms: list their addresses, try one.",
    ),
    ("worker", "worker:app", "Background work: polling, processing, sending."),
    ("config", "config:app", "The files of config/: check, show, copy."),
    ("db", "db:app", "The database: upgrade, backup, restore."),
    ("eval", "evals:app", "Measure on recorded data; nothing is stored."),
)
"""What it is called, where in this room it stands, and what it is for."""


class _Commands(TyperGroup):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, place, text in COMMANDS:
            self.add_command(Later(name, f"{__name__}.{place}", text))


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        out.print(f"sahut {version('sahut')}", highlight=False)
        raise typer.Exit


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def sahut(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Sahut: one queue for everything residents say to a city."""


def main() -> None:
    """Run one command. Typer itself answers wrong words (2) and an interruption (1)."""
    try:
        app()
    except UsageError as error:
        complain("Usage:", "bold red", str(error))
        sys.exit(2)
    except Exception as error:
        if os.environ.get("SAHUT_DEBUG"):
            raise
        complain("Error:", "bold red", said_of(error))
        sys.exit(1)


def said_of(error: Exception) -> str:
    """What who called the program is told of an error; where it was not foreseen, its
    text may hold what is nobody's business."""
    from aggregator.store import discretion
    from connectors import ChannelUnavailable, UnknownChannel
    from connectors.errors import ConnectorError

    if isinstance(error, ConnectorError):
        return discretion.told(error)
    if isinstance(error, PlainError | ChannelUnavailable | UnknownChannel):
        return discretion.without(str(error))
    name = type(error).__name__
    if type(error).__module__.startswith("sqlalchemy."):
        return f"the database failed ({name}); `sahut doctor` says more"
    if isinstance(error, ImportError) and error.name:
        return (
            f"the Python package {error.name!r} is missing or broken; install Sahut"
            " again, with all it needs"
        )
    return f"the program failed ({name}); set SAHUT_DEBUG=1 to see where"
