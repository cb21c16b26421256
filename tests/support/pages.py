"""The written pages of the project, for the tests that hold them to the code."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for place in ("*.md", "docs/**/*.md", ".github/**/*.md")
    for page in ROOT.glob(place)
)


def named(page: Path) -> str:
    """A page as messages call it."""
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


class Block(NamedTuple):
    """A fenced block; `line`: where it begins."""

    kind: str
    text: str
    line: int


_FENCED = re.compile(r"(?ms)^( *)```(\w*)\n(.*?)^ *```$")


def blocks_of(text: str) -> list[Block]:
    return [
        Block(kind, textwrap.dedent(inner), text.count("\n", 0, found.start()) + 1)
        for found in _FENCED.finditer(text)
        for _, kind, inner in [found.groups()]
    ]


def without_blocks(text: str) -> str:
    """What a page says, without the blocks it shows."""
    return _FENCED.sub("", text)


def cells(line: str) -> list[str]:
    """Of a row of a table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def code_in(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`\n]+)`", without_blocks(text))
