"""A file that cannot be read says where, and every mistake of its form at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator.store import yamlfile


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of PyYAML's two parsers: not every machine has the quick one."""
    kind: Any = type("Loader", (getattr(yaml, request.param),), {})
    for tag, make in (("map", yamlfile._mapping), ("seq", yamlfile._sequence)):
        kind.add_constructor(f"tag:yaml.org,2002:{tag}", make)
    monkeypatch.setattr(yamlfile, "_Loader", kind)


def read(folder: Path, text: str) -> tuple[yamlfile.Lines, list[str]]:
    file = folder / "kota.yaml"
    file.write_text(text, encoding="utf-8")
    content, problems = yamlfile.read(file)
    return content, [str(problem) for problem in problems]


def test_keys_and_items_know_their_lines(parser: None, tmp_path: Path) -> None:
    content, problems = read(
        tmp_path, "# offices\nagencies:\n  - code: dishub\n    name: Dinas\n  - 2\n"
    )
    assert problems == []
    assert content == {"agencies": [{"code": "dishub", "name": "Dinas"}, 2]}
    assert content.line_of == {"agencies": 2}
    assert content["agencies"].line_of == {0: 3, 1: 5}
    assert content["agencies"][0].line_of == {"code": 3, "name": 4}


def test_every_key_that_is_given_twice_is_told(parser: None, tmp_path: Path) -> None:
    _, problems = read(tmp_path, "a: 1\nb: 1\na: 2\nb: 2\n")
    assert [said.partition(";")[0] for said in problems] == [
        "kota.yaml:3: 'a' is given twice",
        "kota.yaml:4: 'b' is given twice",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n  - b: [1\n", "kota.yaml:3: is not YAML"),
        ("a: 1\nb:\n\tc: 1\n", "kota.yaml:3: is not YAML"),
        ("a: &x\n  - *x\n", "kota.yaml:1: is not YAML"),
        ("a: !!python/name:os.system\n", "kota.yaml:1: is not YAML"),
        ("- a\n", "kota.yaml:1: has no keys at its top level"),
        ("a: é\nb: \x01\n", "kota.yaml:2: holds a character"),
    ],
)
def test_what_is_no_yaml_of_ours_is_one_problem_with_its_line(
    parser: None, tmp_path: Path, text: str, said: str
) -> None:
    content, (problem,) = read(tmp_path, text)
    assert content == {}
    assert problem.startswith(said)
