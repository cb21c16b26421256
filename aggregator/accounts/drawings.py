"""Pictures and pages of what residents sent, drawn in a process of its own
(`_drawing`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aggregator.accounts import _drawing
from aggregator.accounts.filekinds import FileKind

_SECONDS = 30
"""Of the clock; of the processor the process allows itself less."""


class NotDrawn(Exception):
    """`code`: broken, too_large (too many pixels), too_heavy (it took too long or too
    much)."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Drawn:
    """`pages`: of a document, drawn or not; `position`: latitude and longitude that a
    photo tells."""

    mime: str
    contents: tuple[bytes, ...]
    pages: int | None = None
    position: tuple[float, float] | None = None


def draw(content: bytes, kind: FileKind) -> Drawn:
    """A picture as it is kept, or the first pages of a document. NotDrawn."""
    with tempfile.TemporaryDirectory(prefix="sahut-") as name:
        folder = Path(name)
        (folder / "in").write_bytes(content)
        told = json.loads(_run(folder, kind))
        place = told.get("position")
        return Drawn(
            told["mime"],
            tuple(
                (folder / str(number + 1)).read_bytes()
                for number in range(told["count"])
            ),
            told.get("pages"),
            (place[0], place[1]) if place else None,
        )


def _run(folder: Path, kind: FileKind) -> bytes:
    command = [sys.executable, "-I", "-m", _drawing.__name__, str(folder), kind.code]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder)}
    try:
        done = subprocess.run(  # noqa: S603
            command,
            capture_output=True,
            timeout=_SECONDS,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise NotDrawn("drawing the file takes too long", "too_heavy") from None
    if done.returncode == _drawing.TOO_MANY_PIXELS:
        raise NotDrawn("the picture has too many pixels", "too_large")
    if done.returncode == _drawing.BROKEN:
        said = done.stderr.decode("utf-8", "replace")[-80:]
        if said == "MemoryError":
            raise NotDrawn("drawing the file takes too much", "too_heavy")
        raise NotDrawn(f"this {kind.code} cannot be read ({said})", "broken")
    if done.returncode != 0:
        raise NotDrawn("drawing the file takes too much", "too_heavy")
    return done.stdout
