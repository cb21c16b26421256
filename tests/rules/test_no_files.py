"""The rules read nothing: words, tables and the moment are given to them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "aggregator" / "rules").rglob("*.py"))
READING = {
    "csv",
    "fileinput",
    "glob",
    "importlib",
    "io",
    "json",
    "os",
    "pathlib",
    "pkgutil",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "tomllib",
    "urllib",
    "yaml",
}
_IMPORT_ALL = """
import importlib, pkgutil, sys
opened = []
code = (".py", ".pyc", ".so")
def hear(event, said):
    if event == "open" and not str(said[0]).endswith(code):
        opened.append(said[0])
import aggregator
sys.addaudithook(hear)
import aggregator.rules
found = ["aggregator.rules"]
for module in pkgutil.walk_packages(aggregator.rules.__path__, "aggregator.rules."):
    importlib.import_module(module.name)
    found.append(module.name)
print(len(found), opened)
"""


def test_importing_every_rule_opens_no_file() -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _IMPORT_ALL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"{len(RULES)} []"


@pytest.mark.parametrize("module", RULES, ids=lambda path: path.stem)
def test_no_rule_imports_what_reads(module: Path) -> None:
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    imported = {
        name.name.partition(".")[0]
        for node in nodes
        if isinstance(node, ast.Import)
        for name in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in nodes
        if isinstance(node, ast.ImportFrom)
    }
    called = {
        node.func.id
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert imported.isdisjoint(READING)
    assert "open" not in called
