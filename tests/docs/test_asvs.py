"""The reading against ASVS 5.0.0, level 2, leaves no requirement out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pages import ROOT, cells, text_of

STATES = {"met", "in part", "not met", "does not apply", "left to who runs it"}
LEVEL_2 = """
1.1 1-2; 1.2 1-9; 1.3 1-11; 1.4 1-3; 1.5 1-2; 2.1 1-3; 2.2 1-3; 2.3 1-4; 2.4 1; 3.2
1-2; 3.3 1-4; 3.4 1-6; 3.5 1-5; 3.7 1-2; 4.1 1-3; 4.2 1; 4.3 1-2; 4.4 1-4; 5.1 1; 5.2
1-3; 5.3 1-2; 5.4 1-3; 6.1 1-3; 6.2 1-12; 6.3 1-4; 6.4 1-4; 6.5 1-5; 6.6 1-3; 6.8 1-4;
7.1 1-3; 7.2 1-4; 7.3 1-2; 7.4 1-5; 7.5 1-2; 7.6 1-2; 8.1 1-2; 8.2 1-3; 8.3 1; 8.4 1;
9.1 1-3; 9.2 1-4; 10.1 1-2; 10.2 1-2; 10.3 1-4; 10.4 1-11; 10.5 1-5; 10.6 1-2; 10.7
1-3; 11.1 1-2; 11.2 1-3; 11.3 1-3; 11.4 1-4; 11.5 1; 11.6 1; 12.1 1-3; 12.2 1-2; 12.3
1-4; 13.1 1; 13.2 1-5; 13.3 1-2; 13.4 1-5; 14.1 1-2; 14.2 1-4; 14.3 1-3; 15.1 1-3;
15.2 1-3; 15.3 1-7; 16.1 1; 16.2 1-5; 16.3 1-4; 16.4 1-3; 16.5 1-3; 17.1 1; 17.2 1-4;
17.3 1-2
"""
"""Of each section the numbers of its requirements of levels 1 and 2."""


def asked() -> Iterator[str]:
    for section, numbers in re.findall(r"(\d+\.\d+)\s([\d,-]+)", LEVEL_2):
        for part in numbers.split(","):
            first, _, last = part.partition("-")
            for number in range(int(first), int(last or first) + 1):
                yield f"V{section}.{number}"


def test_every_requirement_has_a_state_and_a_reason() -> None:
    lines = text_of(ROOT / "docs/asvs.md").splitlines()
    rows = [cells(line) for line in lines if line.startswith("| V")]
    assert {row[1] for row in rows} == STATES
    assert all(len(row) == 3 and row[2] for row in rows)
    told = [one for row in rows for one in row[0].split(", ")]
    assert len(told) == len(set(told))
    assert set(told) == set(asked())
