"""Reading YAML that people edit: values that know their line, and every problem at
once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.reader import ReaderError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct. `line` counts from 1; 0 where the whole file is meant."""

    file: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}; {self.remedy}"


class Lines(dict[str, Any]):
    """A mapping that knows its line and the line of each key."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.line_of: dict[str, int] = {}


class Rows(list[Any]):
    """A list that knows the line of each of its items."""

    def __init__(self, items: Iterable[Any], lines: Iterable[int]) -> None:
        super().__init__(items)
        self.line_of = dict(enumerate(lines))


def _mapping(loader: Any, node: yaml.MappingNode) -> Lines:
    found = Lines(node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in found:
            loader.problems.append(
                Problem(
                    loader.file,
                    line,
                    f"{key!r} is given twice",
                    "remove one of the two",
                )
            )
        found[key] = loader.construct_object(value_node, deep=True)
        found.line_of[key] = line
    return found


def _sequence(loader: Any, node: yaml.SequenceNode) -> Rows:
    return Rows(
        (loader.construct_object(one, deep=True) for one in node.value),
        (one.start_mark.line + 1 for one in node.value),
    )


def _construct(loader: Any, node: yaml.Node, deep: bool = False) -> Any:
    """What looks like a day or a number, or is tagged as one, and is none is no YAML,
    with its line."""
    try:
        return super(type(loader), loader).construct_object(node, deep=deep)
    except (ValueError, AttributeError, TypeError) as error:
        raise ConstructorError(None, None, str(error), node.start_mark) from error


def loader(parser: type) -> Any:
    """A loader of ours upon one of PyYAML's."""
    made: Any = type("_Loader", (parser,), {"construct_object": _construct})
    made.add_constructor("tag:yaml.org,2002:map", _mapping)
    made.add_constructor("tag:yaml.org,2002:seq", _sequence)
    return made


_Loader: Any = loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
"""LibYAML's parser where PyYAML was built with it, as in all its wheels: every command
reads the configuration, which the parser in Python takes eight times as long for."""


def text_of(path: Path, problems: list[Problem]) -> str:
    """What stands in a file; empty where it cannot be read, which is a problem."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        said, remedy = f"cannot be read ({error.strerror})", f"create {path}"
        problems.append(Problem(path.name, 0, said, remedy))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        said, remedy = "is not UTF-8 text", "save the file with encoding UTF-8"
        problems.append(Problem(path.name, line, said, remedy))
    return ""


def read(path: Path) -> tuple[Lines, list[Problem]]:
    """The mapping at the top of a file, and what is wrong with its form."""
    unreadable: list[Problem] = []
    text = text_of(path, unreadable)
    if unreadable:
        return Lines(0), unreadable
    try:
        reading = _Loader(text)
        reading.file, reading.problems = path.name, []
        content = reading.get_single_data()
        reading.dispose()
    except ReaderError as error:
        line = text.partition(chr(error.character))[0].count("\n") + 1
        said = f"holds a character that YAML does not allow (U+{error.character:04X})"
        return Lines(0), [Problem(path.name, line, said, "remove it")]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        remedy = "check indentation (blanks, no tabs), quotes and colons near this line"
        return Lines(0), [
            Problem(path.name, line, f"is not YAML: {error.problem}", remedy)
        ]
    except RecursionError:
        said = "holds lists within lists without end"
        return Lines(0), [Problem(path.name, 0, said, "see config/ for the form")]
    if not isinstance(content, Lines):
        problem = Problem(
            path.name, 1, "has no keys at its top level", "see config/ for the form"
        )
        return Lines(0), [*reading.problems, problem]
    return content, reading.problems
