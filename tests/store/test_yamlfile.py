"""A file that cannot be read says where, and every mistake of its form at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from odd import few
from odd_settings import yaml_files

from aggregator.store import configfile, yamlfile


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of PyYAML's two parsers: not every machine has the quick one."""
    kind = yamlfile.loader(getattr(yaml, request.param))
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
        ("a: 1\nb: 2026-13-45\n", "kota.yaml:2: is not YAML: month must be"),
        (f"a: {'9' * 5_000}\n", "kota.yaml:1: is not YAML: Exceeds the limit"),
        (f"a: {'[' * 400}\n", "kota.yaml:"),
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


class Office(configfile.Model):
    code: str
    name: str = ""
    phone: int | None = None
    since: date | None = None


@pytest.mark.threat("FIL-3")
@few(80)
@given(written=yaml_files(["agencies", "code", "name", "phone", "since"]))
def test_whatever_stands_in_a_file_is_read_or_told_with_its_line(
    parser: None, tmp_path: Path, written: bytes
) -> None:
    path = tmp_path / "kota.yaml"
    path.write_bytes(written)
    problems: list[yamlfile.Problem] = []
    file = configfile.File(path, ["agencies"], problems)
    found = file.entries("agencies", Office)
    assert found or problems or file.content.get("agencies") == []
    assert all(str(one).startswith("kota.yaml:") for one in problems)
