"""Words of the glossary are names in the program, and each is explained once."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"^\| ([a-z][a-z ,-]*) \|", re.M)
EXPLAINED = [
    word
    for row in _ROW.findall((ROOT / "docs/glossary.md").read_text(encoding="utf-8"))
    if row != "word"
    for word in row.split(", ")
]


@cache
def _parts_of_names() -> frozenset[str]:
    """What names of modules, classes, functions and fields are made of."""
    names: set[str] = set()
    for top in ("aggregator", "connectors", "sandbox"):
        for file in (ROOT / top).rglob("*.py"):
            names |= {file.stem, file.parent.name}
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef | ast.FunctionDef):
                    names.add(node.name)
                elif isinstance(node, ast.AnnAssign) and isinstance(
                    node.target, ast.Name
                ):
                    names.add(node.target.id)
    apart = (re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in names)
    return frozenset(part for name in apart for part in re.findall("[a-z]+", name))


@pytest.mark.parametrize("word", EXPLAINED)
def test_a_word_of_the_glossary_is_a_name_in_the_program(word: str) -> None:
    for said in word.split():
        begins = said.removesuffix("y")  # duties, queries
        assert any(part.startswith(begins) for part in _parts_of_names()), said


def test_a_word_is_explained_once() -> None:
    assert len(EXPLAINED) == len(set(EXPLAINED))
