"""The plan of the house is what import-linter checks: nothing may stand outside it."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "tool"
]["importlinter"]["contracts"]
ROOMS = sorted(
    package
    for top in ("aggregator", "connectors")
    for package in (ROOT / top).rglob("__init__.py")
    if "migrations" not in package.parts
)


def test_every_private_module_is_kept_from_other_rooms_by_a_contract() -> None:
    kept = {
        name
        for contract in CONTRACTS
        if contract["type"] == "protected"
        for name in contract["protected_modules"]
    }
    private = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in (ROOT / "aggregator").rglob("_*.py")
        if not file.name.startswith("__")
    }
    assert private == kept


@pytest.mark.parametrize("page", ROOMS, ids=lambda page: str(page.parent.name))
def test_every_room_has_a_page_that_says_what_it_is_for(page: Path) -> None:
    said = ast.get_docstring(ast.parse(page.read_text(encoding="utf-8"))) or ""
    assert len(said.split()) >= 5, f"{page.relative_to(ROOT)} says nothing of its room"


@pytest.mark.parametrize("page", ROOMS, ids=lambda page: str(page.parent.name))
def test_a_room_gives_nothing_the_name_of_one_of_its_modules(page: Path) -> None:
    """Python would put the module in its place as soon as somebody imports it."""
    inside = {file.stem for file in page.parent.iterdir() if file.suffix in ("", ".py")}
    package = ".".join(page.parent.relative_to(ROOT).parts)
    taken = {
        name.asname or name.name
        for node in ast.parse(page.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if (name.asname or name.name) in inside
        and (node.module, name.asname or name.name) != (package, name.name)
    }
    assert taken == set()


def test_no_module_of_a_room_has_the_name_of_the_room() -> None:
    left = [
        file.relative_to(ROOT)
        for file in (ROOT / "aggregator").rglob("*/*.py")
        if file.stem == file.parent.name
    ]
    assert left == []
