"""config/incidents.yaml: how many people in how many minutes propose an incident."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from aggregator.city.catalog import Catalog
from aggregator.rules.reports.incidents import Setting, Settings
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.yamlfile import Problem


class _Limit(Model):
    reports: int = Field(ge=2)
    minutes: int = Field(ge=5, le=1440)
    times_usual: float = Field(ge=1)

    def setting(self) -> Setting:
        return Setting(self.reports, self.minutes, self.times_usual)


class _KindLimit(_Limit):
    code: str


class _Top(Model):
    otherwise: _Limit
    kinds: list[dict[str, object]]


def load(folder: Path, catalog: Catalog) -> Settings:
    """Those of a configuration folder, checked against the kinds of the catalogue.
    ConfigError."""
    known = catalog.categories
    problems: list[Problem] = []
    file = File(folder / "incidents.yaml", ("otherwise", "kinds"), problems)
    top = file.top(_Top)
    kinds: dict[str, Setting] = {}
    for entry, line in file.entries("kinds", _KindLimit):
        if entry.code not in known:
            file.unknown(line, "kinds", "code", entry.code, known)
        kinds[entry.code] = entry.setting()
    if problems or top is None:
        raise ConfigError(problems)
    return Settings(top.otherwise.setting(), kinds)
