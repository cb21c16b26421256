"""Asking what the program can do costs nothing but reading the list of commands."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from aggregator.cli import COMMANDS, app
from aggregator.cli._later import Later

HEAVY = (
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "fastapi",
    "uvicorn",
    "pydantic",
    "requests",
    "tweepy",
    "telegram",
    "connectors",
    "sandbox",
)
PROGRAM = """
import json, sys
from aggregator import cli
sys.argv = ["sahut", *sys.argv[1:]]
try:
    cli.main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def imported_by(*words: str) -> set[str]:
    """The modules in memory at the end of a call, in a process of its own."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage" in done.stdout
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_imports_no_command_and_nothing_that_a_command_needs() -> None:
    found = imported_by("--help")
    assert {name for name in found if name.partition(".")[0] in HEAVY} == set()
    places = {f"aggregator.cli.{place.partition(':')[0]}" for _, place, _ in COMMANDS}
    assert found & places == set()


def test_a_command_is_imported_without_the_pages_and_the_platforms() -> None:
    found = imported_by("cases", "list", "--help")
    assert "aggregator.cli.cases" in found
    assert {"fastapi", "tweepy", "telegram", "aggregator.cli.people"} & found == set()


@pytest.mark.parametrize(("name", "place", "text"), COMMANDS)
def test_the_list_of_commands_says_what_a_command_says_of_itself(
    name: str, place: str, text: str
) -> None:
    assert Later(name, f"aggregator.cli.{place}", text).loaded.help == text


def test_the_version_is_the_one_of_the_package() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"sahut {version('sahut')}\n")


def test_a_command_that_there_is_not_is_a_mistake_of_the_caller() -> None:
    done = CliRunner().invoke(app, ["csaes"])
    assert done.exit_code == 2
    assert "Did you mean 'cases'?" in done.stderr
