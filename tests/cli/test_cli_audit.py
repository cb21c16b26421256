"""The trail is checked from the terminal; what was done to it by hand is told."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from terminal import Run, terminal


@pytest.fixture
def sahut(sqlite_url: str, tmp_path: Path) -> Run:
    return terminal(tmp_path, sqlite_url)


def test_a_touched_trail_is_told_line_by_line(sahut: Run, sqlite_url: str) -> None:
    for login in ("budi", "sari"):
        add = ("people", "add", login, "--name", login, "--agency", "dishub")
        assert sahut(*add).returncode == 0
    anchor = sahut("audit", "anchor").stdout.strip()
    assert sahut("audit", "verify", "--anchor", anchor).returncode == 0
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute(
            "REPLACE INTO audit_entry SELECT id, at, 'orang lain', person_id, action,"
            " subject, subject_id, case_id, detail, proof, salts FROM audit_entry"
            " LIMIT 1"
        )
    connection.close()
    done = sahut("audit", "verify", "--json")
    assert done.returncode == 1
    (first, *_) = json.loads(done.stdout)
    assert first["what"].startswith("line 1 was")
    assert sahut("audit", "verify", "--anchor", "7").returncode == 2
