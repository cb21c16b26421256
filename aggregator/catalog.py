"""config/*.yaml as checked, frozen objects: agencies and complaint categories.

Everything that is wrong is reported at once, each with file, line and remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import process

from aggregator.yamlfile import Lines, Problem, read

Kind = Literal["opd", "bumd", "kecamatan", "kelurahan", "puskesmas"]
_CODE = r"^[a-z0-9][a-z0-9_-]*$"


class CatalogError(Exception):
    """The configuration is wrong; `problems` says where and what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(_Model):
    id: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Alias(_Model):
    """Another name of an agency; `since` and `until` are the first and last day of its use."""

    name: str = Field(min_length=1)
    since: date | None = None
    until: date | None = None

    def valid(self, on: date) -> bool:
        return (self.since or date.min) <= on <= (self.until or date.max)


class Agency(_Model):
    code: str = Field(pattern=_CODE)
    kind: Kind
    name: Name
    abbrev: str | None = None
    parent: str | None = None
    ward: str | None = None
    aliases: tuple[Alias, ...] = ()


class Group(_Model):
    code: str = Field(pattern=_CODE)
    name: Name


class Category(_Model):
    code: str = Field(pattern=_CODE)
    group: str
    name: Name


class Catalog(_Model):
    agencies: dict[str, Agency]
    groups: dict[str, Group]
    categories: dict[str, Category]

    def agency(self, code: str) -> Agency:
        return self.agencies[code]

    def name(self, code: str, language: str = "id", on: date | None = None) -> str:
        """An agency's name, on a day: the alias that was its name then, else today's name.

        Codes that are no longer in the file give the code itself, for old cases.
        """
        agency = self.agencies.get(code)
        if agency is None:
            return code
        if on is not None:
            for alias in agency.aliases:
                if alias.until is not None and alias.valid(on):
                    return alias.name
        return agency.name.en if language == "en" else agency.name.id

    def short_name(self, code: str) -> str:
        agency = self.agencies.get(code)
        return (agency.abbrev or agency.name.id) if agency else code

    def find(self, text: str, on: date | None = None) -> Agency | None:
        """The agency somebody means by a code, name, abbreviation or alias."""
        wanted = text.strip().casefold()
        for agency in self.agencies.values():
            names = [agency.code, agency.name.id, agency.name.en, agency.abbrev or ""]
            names += [alias.name for alias in agency.aliases if on is None or alias.valid(on)]
            if wanted in (name.casefold() for name in names if name):
                return agency
        return None

    def children(self, code: str) -> list[Agency]:
        return [agency for agency in self.agencies.values() if agency.parent == code]

    def kecamatan_of(self, code: str) -> str | None:
        """The district a ward, health centre or district lies in."""
        agency = self.agencies.get(code)
        if agency is None or agency.kind == "kecamatan":
            return code if agency else None
        if agency.kind == "puskesmas" and agency.ward:
            return self.kecamatan_of(agency.ward)
        return agency.parent if agency.kind == "kelurahan" else None

    def nearest(self, code: str) -> str | None:
        """The agency code that looks most like a mistyped one."""
        return _nearest(code, self.agencies)


def load(folder: Path) -> Catalog:
    """Read and check a configuration folder. CatalogError."""
    problems: list[Problem] = []
    agencies = _entries(folder / "agencies.yaml", "agencies", Agency, problems)
    categories_file = folder / "categories.yaml"
    groups = _entries(categories_file, "groups", Group, problems, ("groups", "categories"))
    categories = _entries(
        categories_file, "categories", Category, problems, ("groups", "categories"), repeat=False
    )
    _check_agencies(agencies, problems)
    for code, (category, line) in categories.items():
        if category.group not in groups:
            _unknown(problems, categories_file.name, line, code, "group", category.group, groups)
    if problems:
        raise CatalogError(sorted(set(problems), key=lambda problem: (problem.file, problem.line)))
    return Catalog(
        agencies={code: entry for code, (entry, _) in agencies.items()},
        groups={code: entry for code, (entry, _) in groups.items()},
        categories={code: entry for code, (entry, _) in categories.items()},
    )


M = TypeVar("M", Agency, Group, Category)


def _entries(
    path: Path,
    key: str,
    model: type[M],
    problems: list[Problem],
    known: tuple[str, ...] = ("agencies",),
    *,
    repeat: bool = True,
) -> dict[str, tuple[M, int]]:
    content, found = read(path)
    if repeat:
        problems += found
        problems += [
            Problem(path.name, content.line_of[name], f"unknown key {name!r}", "remove it")
            for name in content
            if name not in known
        ]
    rows = content.get(key)
    if not isinstance(rows, list):
        if not found:
            problems.append(Problem(path.name, 1, f"has no list {key!r}", f"add `{key}:`"))
        return {}
    entries: dict[str, tuple[M, int]] = {}
    for row in rows:
        entry = _entry(path.name, row, model, problems)
        if entry is None:
            continue
        if entry.code in entries:
            line = entries[entry.code][1]
            problems.append(
                Problem(path.name, row.line, f"code {entry.code!r} is used already",
                        f"rename it; the other one is in line {line}")
            )  # fmt: skip
            continue
        entries[entry.code] = (entry, row.line)
    return entries


def _entry(file: str, row: Any, model: type[M], problems: list[Problem]) -> M | None:
    if not isinstance(row, Lines):
        problems.append(Problem(file, 0, f"{row!r} is not an entry", "write `- code: ...`"))
        return None
    try:
        return model.model_validate(dict(row))
    except ValidationError as error:
        for item in error.errors(include_url=False):
            problems.append(_wrong_field(file, row, model, item))
        return None


def _wrong_field(file: str, row: Lines, model: type[M], item: Any) -> Problem:
    where = [str(part) for part in item["loc"]]
    line = row.line_of.get(where[0], row.line)
    field = ".".join(where)
    label = f"{row.get('code', 'an entry')}: {field}"
    match item["type"]:
        case "extra_forbidden":
            near = _nearest(where[-1], model.model_fields)
            remedy = f"did you mean {near!r}?" if near else "remove it"
            return Problem(file, line, f"{label} is not known", remedy)
        case "missing":
            return Problem(file, line, f"{label} is missing", f"add `{where[-1]}:`")
    return Problem(file, line, f"{label} is wrong ({item['msg']})", "correct the value")


def _check_agencies(agencies: dict[str, tuple[Agency, int]], problems: list[Problem]) -> None:
    file = "agencies.yaml"
    for code, (agency, line) in agencies.items():
        for field, target in (("parent", agency.parent), ("ward", agency.ward)):
            if target is not None and target not in agencies:
                _unknown(problems, file, line, code, field, target, agencies)
        if agency.kind == "kelurahan" and _kind(agencies, agency.parent) != "kecamatan":
            problems.append(
                Problem(file, line, f"ward {code} has no district", "set parent to a kec-... code")
            )
        if agency.kind == "puskesmas" and _kind(agencies, agency.ward) != "kelurahan":
            problems.append(
                Problem(
                    file, line, f"health centre {code} has no ward", "set ward to a kel-... code"
                )
            )
        problems += [
            Problem(file, line, f"{code}: alias {alias.name!r} ends before it begins",
                    "exchange `since` and `until`")
            for alias in agency.aliases
            if alias.since and alias.until and alias.since > alias.until
        ]  # fmt: skip
        if _in_a_circle(agencies, code):
            problems.append(Problem(file, line, f"{code} is its own parent", "correct `parent`"))


def _kind(agencies: dict[str, tuple[Agency, int]], code: str | None) -> str | None:
    return agencies[code][0].kind if code in agencies else None


def _in_a_circle(agencies: dict[str, tuple[Agency, int]], code: str) -> bool:
    seen: set[str] = set()
    current: str | None = code
    while current in agencies and current not in seen:
        seen.add(current)
        current = agencies[current][0].parent
    return current == code


def _unknown(
    problems: list[Problem],
    file: str,
    line: int,
    code: str,
    field: str,
    target: str,
    known: Iterable[str],
) -> None:
    near = _nearest(target, known)
    remedy = f"did you mean {near!r}?" if near else "add it or correct the code"
    problems.append(Problem(file, line, f"{code}: {field} {target!r} does not exist", remedy))


def _nearest(text: str, known: Iterable[str]) -> str | None:
    found = process.extractOne(text, list(known), score_cutoff=60)
    return found[0] if found else None
