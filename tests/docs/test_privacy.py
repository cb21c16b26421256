"""The record of processing, the assessment and the file of retention say the same as
the program."""

from __future__ import annotations

import re

import pytest
from pages import ROOT, cells, code_in, text_of
from sqlmodel import SQLModel

from aggregator.privacy import columns, retention
from aggregator.privacy.columns import RULES

RECORD = text_of(ROOT / "docs/privacy/processing.md")
KEPT = {columns.stays, columns.ours, columns.trail, columns.fades}
PERSONAL = {
    table: sorted(name for name, rule in rules.items() if rule not in KEPT)
    for table, rules in RULES.items()
    if not KEPT.issuperset(rules.values())
}


def rows_under(page: str, heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    lines = page.split(f"\n## {heading}\n")[1].split("\n## ")[0].splitlines()
    return [cells(line) for line in lines if line.startswith("|")][2:]


SAID = {code_in(row[0])[0]: row for row in rows_under(RECORD, "What residents said")}
HANGS = rows_under(RECORD, "People who work here, and what hangs on messages")
BARE = code_in(RECORD.split("\n## Nothing personal\n")[1].split("\n## ")[0])


def test_every_table_stands_in_the_record_once() -> None:
    told = [*SAID, *(code_in(row[0])[0] for row in HANGS), *BARE]
    assert sorted(told) == sorted(SQLModel.metadata.tables)


@pytest.mark.parametrize("table", sorted(PERSONAL))
def test_the_record_names_the_columns_that_are_erased(table: str) -> None:
    assert sorted(code_in(SAID[table][1])) == PERSONAL[table]


def test_the_record_calls_classes_of_retention_by_their_names() -> None:
    named = {name for row in SAID.values() for name in code_in(row[3])}
    assert named == set(retention.HELD)


def test_the_page_of_retention_is_the_file() -> None:
    page = text_of(ROOT / "docs/privacy/index.md")
    told = rows_under(page, "How long it is kept otherwise")
    assert told == [
        [one.name, str(one.days), str(one.warn_days), one.basis]
        for one in retention.load(ROOT / "config")
    ]


def test_the_assessment_names_threats_that_there_are() -> None:
    lines = text_of(ROOT / "docs/security.md").splitlines()
    known = {cells(line)[0] for line in lines if line.startswith("|")}
    page = text_of(ROOT / "docs/privacy/impact.md")
    named = {one for one in code_in(page) if re.fullmatch(r"[A-Z]{3}-\d+", one)}
    assert named and named <= known
