"""docs/channel-surprises.md names tests; each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TABLE = (TESTS.parent / "docs" / "channel-surprises.md").read_text(encoding="utf-8")


def test_every_test_named_for_a_surprise_exists() -> None:
    rows = [
        line
        for line in TABLE.splitlines()
        if line.startswith("| ") and "`test_" in line
    ]
    written = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
    }
    assert len(rows) == 24
    assert set(re.findall(r"`(test_\w+)`", TABLE)) - written == set()
