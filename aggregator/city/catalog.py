"""config/*.yaml as checked, frozen objects: agencies and complaint categories.

Everything that is wrong is reported at once, each with file, line and remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field
from rapidfuzz import process

from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.yamlfile import Problem

Kind = Literal["opd", "bumd", "kecamatan", "kelurahan", "puskesmas"]
_CODE = r"^[a-z0-9][a-z0-9_-]*$"


CatalogError = ConfigError


class Name(Model):
    id: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Alias(Model):
    """Another name of an agency; `since` and `until` are the first and last day of its
    use."""

    name: str = Field(min_length=1)
    since: date | None = None
    until: date | None = None

    def valid(self, on: date) -> bool:
        return (self.since or date.min) <= on <= (self.until or date.max)


class Agency(Model):
    code: str = Field(pattern=_CODE)
    kind: Kind
    name: Name
    abbrev: str | None = None
    parent: str | None = None
    ward: str | None = None
    aliases: tuple[Alias, ...] = ()


class Group(Model):
    code: str = Field(pattern=_CODE)
    name: Name


class Category(Model):
    code: str = Field(pattern=_CODE)
    group: str
    name: Name


class Catalog(Model):
    agencies: dict[str, Agency]
    groups: dict[str, Group]
    categories: dict[str, Category]

    def agency(self, code: str) -> Agency:
        return self.agencies[code]

    def name(self, code: str, language: str = "id", on: date | None = None) -> str:
        """An agency's name, on a day: the alias that was its name then, else today's
        name.

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

    def kind(self, code: str, language: str = "id") -> str:
        """What a kind of complaint is called; the code itself where the file has it no
        more."""
        category = self.categories.get(code)
        if category is None:
            return code
        return category.name.en if language == "en" else category.name.id

    def find(self, text: str, on: date | None = None) -> Agency | None:
        """The agency somebody means by a code, name, abbreviation or alias."""
        wanted = text.strip().casefold()
        for agency in self.agencies.values():
            names = [agency.code, agency.name.id, agency.name.en, agency.abbrev or ""]
            names += [
                alias.name for alias in agency.aliases if on is None or alias.valid(on)
            ]
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
    agencies_file = File(folder / "agencies.yaml", ["agencies"], problems)
    categories_file = File(
        folder / "categories.yaml", ["groups", "categories"], problems
    )
    agencies = _entries(agencies_file, "agencies", Agency)
    groups = _entries(categories_file, "groups", Group)
    categories = _entries(categories_file, "categories", Category)
    _check_agencies(agencies, agencies_file)
    for code, (category, line) in categories.items():
        if category.group not in groups:
            categories_file.unknown(line, code, "group", category.group, groups)
    if problems:
        raise CatalogError(problems)
    return Catalog(
        agencies={code: entry for code, (entry, _) in agencies.items()},
        groups={code: entry for code, (entry, _) in groups.items()},
        categories={code: entry for code, (entry, _) in categories.items()},
    )


M = TypeVar("M", Agency, Group, Category)


def _entries(file: File, key: str, model: type[M]) -> dict[str, tuple[M, int]]:
    entries: dict[str, tuple[M, int]] = {}
    for entry, line in file.entries(key, model):
        if entry.code in entries:
            first = entries[entry.code][1]
            file.wrong(
                line,
                f"code {entry.code!r} is used already",
                f"rename it; the other one is in line {first}",
            )
            continue
        entries[entry.code] = (entry, line)
    return entries


def _check_agencies(agencies: dict[str, tuple[Agency, int]], file: File) -> None:
    for code, (agency, line) in agencies.items():
        for field, target in (("parent", agency.parent), ("ward", agency.ward)):
            if target is not None and target not in agencies:
                file.unknown(line, code, field, target, agencies)
        if agency.kind == "kelurahan" and _kind(agencies, agency.parent) != "kecamatan":
            file.wrong(
                line, f"ward {code} has no district", "set parent to a kec-... code"
            )
        if agency.kind == "puskesmas" and _kind(agencies, agency.ward) != "kelurahan":
            file.wrong(
                line, f"health centre {code} has no ward", "set ward to a kel-... code"
            )
        for alias in agency.aliases:
            if alias.since and alias.until and alias.since > alias.until:
                file.wrong(
                    line,
                    f"{code}: alias {alias.name!r} ends before it begins",
                    "exchange `since` and `until`",
                )
        if _in_a_circle(agencies, code):
            file.wrong(line, f"{code} is its own parent", "correct `parent`")


def _kind(agencies: dict[str, tuple[Agency, int]], code: str | None) -> str | None:
    return agencies[code][0].kind if code in agencies else None


def _in_a_circle(agencies: dict[str, tuple[Agency, int]], code: str) -> bool:
    seen: set[str] = set()
    current: str | None = code
    while current in agencies and current not in seen:
        seen.add(current)
        current = agencies[current][0].parent
    return current == code


def _nearest(text: str, known: Iterable[str]) -> str | None:
    found = process.extractOne(text, list(known), score_cutoff=60)
    return found[0] if found else None
