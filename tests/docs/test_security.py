"""The threats of docs/security.md and the tests that guard them name each other."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

import pytest
from pages import ROOT, cells, code_in, text_of

COLUMNS = ["id", "threat", "what stops it", "test"]
Guards = set[tuple[str, str]]
"""Id of a threat, name of a test."""


@cache
def threats() -> tuple[list[str], ...]:
    """The rows of every table of threats."""
    found, inside = [], False
    for line in text_of(ROOT / "docs/security.md").splitlines():
        if not line.startswith("|"):
            inside = False
        elif cells(line) == COLUMNS:
            inside = True
        elif inside and not re.fullmatch(r"[|\s:-]+", line):
            found.append(cells(line))
    return tuple(found)


@cache
def marked() -> frozenset[tuple[str, str]]:
    """What the marks of the tests say."""
    return frozenset(
        (str(value), test.name)
        for file in (ROOT / "tests").rglob("test_*.py")
        if "threat(" in (text := text_of(file))
        for test in ast.walk(ast.parse(text))
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef)
        for value in marks(test)
    )


def marks(test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[object]:
    return [
        ast.literal_eval(value)
        for mark in test.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.threat"
        for value in mark.args
    ]


def told() -> Guards:
    return {(row[0], name) for row in threats() for name in code_in(row[3])}


@pytest.mark.parametrize("row", threats(), ids=lambda row: row[0])
def test_a_threat_says_what_stops_it_and_which_test_shows_that(row: list[str]) -> None:
    assert len(row) == len(COLUMNS), "a | inside of a cell?"
    assert re.fullmatch(r"[A-Z]{3}-\d+", row[0])
    assert row[1] and row[2] and code_in(row[3])


def test_no_two_threats_have_the_same_id() -> None:
    assert [
        id for id, many in Counter(row[0] for row in threats()).items() if many > 1
    ] == []


def test_every_guard_of_a_threat_is_a_test_that_says_so() -> None:
    missing = told() - marked()
    assert not missing, f'write @pytest.mark.threat("id") above each: {missing}'


def test_every_test_that_says_so_stands_in_its_row() -> None:
    missing = marked() - told()
    assert not missing, f"write each into the row of its id: {missing}"
