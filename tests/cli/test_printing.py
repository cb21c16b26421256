"""What the terminal shows is what was said, and an error is one sentence."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from aggregator.cli import said_of
from aggregator.cli._common import show, warn
from aggregator.store.vault import VaultError
from connectors.errors import NeedsLogin

BRACKETS = "[b]Lampu[/b] [/] mati [red]"


def test_brackets_of_a_text_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"text": BRACKETS}], as_json=False)
    warn(BRACKETS)
    shown = capsys.readouterr()
    assert BRACKETS in shown.out
    assert shown.err == f"Warning: {BRACKETS}\n"


def test_an_error_for_people_is_told_as_it_is() -> None:
    assert said_of(VaultError("no key opens this")) == "no key opens this"
    assert said_of(NeedsLogin("the token has ended")) == "the token has ended"


def test_of_an_error_nobody_foresaw_nothing_is_quoted() -> None:
    assert "rahasia" not in said_of(RuntimeError("rahasia"))
    statement = OperationalError("SELECT 'rahasia'", {}, Exception("rahasia"))
    assert said_of(statement) == (
        "the database failed (OperationalError); `sahut doctor` says more"
    )


def test_a_package_that_is_missing_is_named() -> None:
    missing = ModuleNotFoundError("No module named 'tweepy'", name="tweepy")
    assert "Python package 'tweepy' is missing" in said_of(missing)
