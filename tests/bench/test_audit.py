"""What `make audit` says of the weaknesses it could, and could not, look up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench import audit

VERSIONS = {"jinja2": "3.1.6", "anyio": "4.16.0"}


def report(*parts: dict[str, Any]) -> str:
    return json.dumps({"dependencies": parts, "fixes": []})


def tool(folder: Path, script: str) -> Path:
    """A folder of tools whose pip-audit does this."""
    made = folder / "pip-audit"
    made.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    made.chmod(0o700)
    return folder


def test_a_version_that_no_database_knows_is_not_held_for_sound(tmp_path: Path) -> None:
    """A mirror of the index answers 404 for every part, and pip-audit calls that no
    known weakness."""
    skipped = report(*({"name": name, "skip_reason": "not found"} for name in VERSIONS))
    tools = tool(tmp_path, f"cat <<'END'\n{skipped}\nEND")
    assert audit.weaknesses(tools, audit.ROOT, 60) is None
    to = tmp_path / "audit" / "versions.txt"
    assert "NOT looked up" in audit.told_of(None, VERSIONS, to)
    assert to.read_text(encoding="utf-8") == "anyio==4.16.0\njinja2==3.1.6\n"


def test_what_is_known_is_told_and_what_was_left_out_named(tmp_path: Path) -> None:
    found = {"name": "jinja2", "version": "2.10", "vulns": [{"id": "PYSEC-2019-217"}]}
    sound = {"name": "anyio", "version": "4.16.0", "vulns": []}
    left = {"name": "ours", "skip_reason": "not found"}
    told = audit.read_report(report(found, sound, left))
    assert told == audit.LookedUp(2, ["ours"], ["jinja2 2.10: PYSEC-2019-217"])
    line = audit.told_of(told, VERSIONS, tmp_path / "versions.txt")
    assert line == "weaknesses: 1 known of 2 versions; not looked up: ours"


def test_a_database_that_never_answers_holds_nobody_up(tmp_path: Path) -> None:
    assert audit.weaknesses(tool(tmp_path, "exec sleep 600"), audit.ROOT, 0.0) is None


def test_what_is_no_report_is_none() -> None:
    for text in ("", "[]", '{"fixes": []}', "Traceback"):
        assert audit.read_report(text) is None
