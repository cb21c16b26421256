"""Files and folders that nobody else on the machine may read: mode 600 and 700.

Whatever the shell's umask says: the database, photos and backups hold what residents
said in confidence.
"""

from __future__ import annotations

import os
from io import BufferedWriter, TextIOWrapper
from pathlib import Path

FILE = 0o600
FOLDER = 0o700


def folder(path: Path) -> Path:
    """Make a folder, and those above it that are missing, for us alone."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=FOLDER, exist_ok=True)
    return path


def new_file(path: Path) -> BufferedWriter:
    """Open a file for writing that must not exist yet. FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE), "wb")


def new_text(path: Path) -> TextIOWrapper:
    """The same for text, in UTF-8."""
    return TextIOWrapper(new_file(path), encoding="utf-8")


def write(path: Path, content: bytes) -> None:
    """Put a file in its place whole, or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with new_file(partial) as file:
        file.write(content)
    partial.replace(path)


def tighten(path: Path) -> None:
    """Take from others what an earlier release let them read."""
    wanted = FOLDER if path.is_dir() else FILE
    if path.stat().st_mode & 0o077:
        path.chmod(wanted)
