"""The command line: one file a noun, each command parses, calls a use case and prints.

Exit codes: 0 done, 1 failed, 2 called wrongly.
"""

from __future__ import annotations

import os
import sys

import typer

from aggregator.accounts import registering, registry
from aggregator.city import catalog
from aggregator.cli import (
    accounts,
    audit,
    calendar,
    case_acts,
    cases,
    clocks,
    config,
    corrections,
    db,
    duties,
    escalations,
    evals,
    hooks,
    incidents,
    notifications,
    ops,
    people,
    raw,
    reminders,
    shifts,
    sop,
    worker,
)
from aggregator.cli._common import UsageError, err
from aggregator.lab.evaluate import EvaluationError
from aggregator.people.refusal import PeopleError, Refusal
from aggregator.running import service, upkeep
from aggregator.store import configfile, settings, vault
from connectors import ChannelUnavailable, UnknownChannel
from connectors.errors import ConnectorError

FAILED = (
    registry.AccountError,
    Refusal,
    catalog.CatalogError,
    configfile.ConfigError,
    registering.ImportRefused,
    PeopleError,
    service.ServiceError,
    settings.SettingsError,
    upkeep.UpkeepError,
    vault.VaultError,
    EvaluationError,
    ConnectorError,
    ChannelUnavailable,
    UnknownChannel,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Sahut: one queue for everything residents say to a city.",
)
cases.app.add_typer(case_acts.app)
for name, group, text in (
    (
        "accounts",
        accounts.app,
        "Accounts on the channels: add, check, pause, rotate, remove.",
    ),
    (
        "people",
        people.app,
        "The people who answer: invite, list, disable, absences, successors.",
    ),
    (
        "cases",
        cases.app,
        "Cases: list, show, claim, assign, reply, wait, bounce, close.",
    ),
    (
        "incidents",
        incidents.app,
        "Many cases of one event: list, confirm, update, end.",
    ),
    ("clocks", clocks.app, "The deadlines of a case."),
    ("audit", audit.app, "Whether the trail of acts is whole: verify, anchor."),
    ("reminders", reminders.app, "Promises made in answers: list, done, move."),
    ("shifts", shifts.app, "Who is on duty (piket), and handovers."),
    ("escalations", escalations.app, "Who was told that a step is late."),
    ("notifications", notifications.app, "What a person was told."),
    ("duties", duties.app, "Who acts on what: what bounces teach."),
    (
        "corrections",
        corrections.app,
        "How often people correct the rules; texts to learn from.",
    ),
    ("sop", sop.app, "The procedures that set the clocks."),
    ("calendar", calendar.app, "Holidays and collective leave."),
    ("raw", raw.app, "What arrived, unchanged: list, show, replay."),
    ("hooks", hooks.app, "Deliveries of the platforms: list their addresses, try one."),
    ("worker", worker.app, "Background work: polling, processing, sending."),
    ("config", config.app, "The files of config/: check, show."),
    ("db", db.app, "The database: upgrade, backup, restore."),
    ("eval", evals.app, "Measure on recorded data; nothing is stored."),
):
    app.add_typer(group, name=name, help=text, no_args_is_help=True)
for command in (
    worker.run,
    worker.web,
    ops.doctor,
    ops.env_example,
    ops.demo,
    ops.capture,
):
    app.command()(command)


def main() -> None:
    """Run one command. Typer itself answers wrong words (2) and an interruption (1)."""
    try:
        app()
    except UsageError as error:
        err.print(f"[bold red]Usage:[/] {error}", highlight=False)
        sys.exit(2)
    except FAILED as error:
        if os.environ.get("SAHUT_DEBUG"):
            raise
        err.print("[bold red]Error:[/]", end=" ")
        err.print(str(error), markup=False, highlight=False)
        sys.exit(1)
    except Exception as error:
        if os.environ.get("SAHUT_DEBUG"):
            raise
        err.print(
            f"The program failed ({type(error).__name__}); set SAHUT_DEBUG=1 to see"
            " where.",
            markup=False,
        )
        sys.exit(1)
