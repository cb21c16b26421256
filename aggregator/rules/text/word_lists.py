"""The word lists and numbers that the rules read, checked as they are read.

`config/words/` holds what a city edits; `rules/data/` what training writes. Both lie
beside the program and are read once. A wrong line is an error with file, line and
remedy, never skipped.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import yaml

from aggregator import PlainError, shipped_config

WORDS = shipped_config() / "words"
DATA = Path(__file__).resolve().parents[1] / "data"


class ListError(PlainError):
    """A word list cannot be used; the message says where and what to do."""


def rows(
    name: str, columns: tuple[str, ...], folder: Path = WORDS
) -> list[tuple[int, list[str]]]:
    """The rows of a CSV file with their line numbers, without blank ones."""
    path = folder / name
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.reader(file))
    except OSError as error:
        raise ListError(
            f"{path}: cannot be read ({error.strerror}); put it back"
        ) from error
    if not table or tuple(table[0]) != columns:
        raise ListError(f"{name}:1: the heading must be {','.join(columns)}")
    found: list[tuple[int, list[str]]] = []
    for line, row in enumerate(table[1:], start=2):
        if not row:
            continue
        if len(row) != len(columns):
            raise ListError(
                f"{name}:{line}: has {len(row)} values, not {len(columns)}; check the"
                " commas"
            )
        found.append((line, [value.strip() for value in row]))
    return found


def mapping(name: str, folder: Path = WORDS) -> dict[str, Any]:
    """The mapping at the top of a YAML file."""
    path = folder / name
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ListError(
            f"{path}: cannot be read ({error.strerror}); put it back"
        ) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ListError(
            f"{name}:{line}: is not YAML: {error.problem}; check indentation"
        ) from error
    if not isinstance(content, dict):
        raise ListError(f"{name}: has no keys at its top level")
    return content


def numbers(name: str, folder: Path = DATA) -> Any:
    """The JSON that training wrote; None where it was never trained."""
    path = folder / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
