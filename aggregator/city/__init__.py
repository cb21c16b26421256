"""Everything the files of config/ say of a city, read once: offices, places, duties,
procedures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from aggregator.city import catalog, duties, geography, procedures
from aggregator.rules.places.gazetteer import Gazetteer
from aggregator.rules.reports.authority import Table
from aggregator.store import settings


@dataclass(frozen=True, slots=True)
class City:
    catalog: catalog.Catalog
    places: Gazetteer
    duties: Table
    rules: procedures.Procedures

    def today(self, moment: datetime) -> date:
        """The day of a moment in the city's zone."""
        return self.rules.calendar.local(moment).date()


@cache
def load(folder: Path) -> City:
    """Read and check a configuration folder. CatalogError, ConfigError."""
    offices = catalog.load(folder)
    return City(
        offices,
        geography.load(folder, offices),
        duties.load(folder, offices),
        procedures.load(folder),
    )


def here() -> City:
    """The city of this installation. SettingsError, CatalogError, ConfigError."""
    return load(settings.load().folder_of_config())
