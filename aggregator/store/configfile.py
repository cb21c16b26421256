"""Entries of reviewed YAML files as checked objects; every problem with line and
remedy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from rapidfuzz import process

from aggregator import PlainError
from aggregator.store.yamlfile import Lines, Problem, Rows, read


class ConfigError(PlainError):
    """The configuration is wrong; `problems` says where and what to do."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(
            set(problems), key=lambda problem: (problem.file, problem.line)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Model(BaseModel):
    """What an entry is read into: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


M = TypeVar("M", bound=BaseModel)


class File:
    """One YAML file and the lists at its top level. Problems are collected in
    `problems`."""

    def __init__(
        self, path: Path, lists: Iterable[str], problems: list[Problem]
    ) -> None:
        self.name = path.name
        self.problems = problems
        self.content, found = read(path)
        self.readable = not found
        known = list(lists)
        problems += found
        for name in self.content:
            if name not in known:
                self.wrong(
                    self.content.line_of[name],
                    f"unknown key {name!r}",
                    _did_you_mean(name, known) or "remove it",
                )

    def wrong(self, line: int, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.name, line, message, remedy))

    def entries(
        self, key: str, model: type[M], label: str = "code"
    ) -> list[tuple[M, int]]:
        """The valid entries of a list with their lines. `label`: the field that names
        an entry."""
        rows = self.content.get(key)
        if not isinstance(rows, list):
            if self.readable:
                self.wrong(1, f"has no list {key!r}", f"add `{key}:`")
            return []
        found = ((self._entry(row, model, label), row) for row in rows)
        return [(entry, row.line) for entry, row in found if entry is not None]

    def top(self, model: type[M]) -> M | None:
        """The whole file as one entry."""
        return self._entry(self.content, model, "name") if self.readable else None

    def _entry(self, row: Any, model: type[M], label: str) -> M | None:
        if not isinstance(row, Lines):
            self.wrong(0, f"{row!r} is not an entry", f"write `- {label}: ...`")
            return None
        try:
            return model.model_validate(dict(row))
        except ValidationError as error:
            for item in error.errors(include_url=False):
                self._wrong_field(row, model, label, item)
            return None

    def _wrong_field(self, row: Lines, model: type[M], label: str, item: Any) -> None:
        where = [str(part) for part in item["loc"]]
        line = _line_of(row, item["loc"])
        said = f"{row.get(label, 'an entry')}: {'.'.join(where)}"
        match item["type"]:
            case "extra_forbidden":
                remedy = _did_you_mean(where[-1], model.model_fields) or "remove it"
                self.wrong(line, f"{said} is not known", remedy)
            case "missing":
                self.wrong(line, f"{said} is missing", f"add `{where[-1]}:`")
            case _:
                self.wrong(
                    line, f"{said} is wrong ({item['msg']})", "correct the value"
                )

    def unknown(
        self, line: int, label: str, field: str, value: str, known: Iterable[str]
    ) -> None:
        """A reference to a code that does not exist."""
        remedy = _did_you_mean(value, known) or "add it or correct the code"
        self.wrong(line, f"{label}: {field} {value!r} does not exist", remedy)


def _line_of(row: Lines, path: Iterable[Any]) -> int:
    """The line of the innermost key that is known, following a path into lists and
    mappings."""
    line, here = row.line, cast(Any, row)
    for part in path:
        if isinstance(here, Lines | Rows) and part in here.line_of:
            line = here.line_of[part]
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(here, Lines):
            line = here.line
    return line


def _did_you_mean(text: str, known: Iterable[str]) -> str | None:
    found = process.extractOne(text, list(known), score_cutoff=60)
    return f"did you mean {found[0]!r}?" if found else None
