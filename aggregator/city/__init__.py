"""Everything the files of config/ say of a city, read once: offices, places, duties,
procedures, words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from aggregator.city import (
    catalog,
    duties,
    geography,
    incidents,
    prices,
    procedures,
    stations,
    words,
)
from aggregator.rules.places.gazetteer import Gazetteer
from aggregator.rules.reports import concerned
from aggregator.rules.reports.authority import Table
from aggregator.rules.reports.incidents import Settings
from aggregator.rules.text.lexicon import Lexicon
from aggregator.rules.text.worked_out_once import once
from aggregator.store import settings


@dataclass(frozen=True)
class City:
    folder: Path
    catalog: catalog.Catalog
    places: Gazetteer
    duties: Table
    rules: procedures.Procedures
    stations: tuple[stations.Station, ...]
    prices: tuple[prices.Price, ...]
    incidents: Settings

    @once
    def lexicon(self) -> Lexicon:
        """What texts are read by. Read when it is first asked for: it takes as long as
        all the rest, and most commands read no text. ConfigError."""
        return words.load(self.folder, self.catalog.categories, self.duties.bodies)

    @once
    def office_names(self) -> dict[tuple[str, ...], str]:
        """Every name of every office, as `concerned.in_text` looks for them."""
        return concerned.names(
            (one.code, name)
            for one in self.catalog.agencies.values()
            for name in (
                one.code,
                one.name.id,
                one.name.en,
                one.abbrev or "",
                *(alias.name for alias in one.aliases),
            )
        )

    def today(self, moment: datetime) -> date:
        """The day of a moment in the city's zone."""
        return self.rules.calendar.local(moment).date()


@cache
def load(folder: Path) -> City:
    """Read and check a configuration folder. CatalogError, ConfigError."""
    offices = catalog.load(folder)
    return City(
        folder,
        offices,
        geography.load(folder, offices),
        duties.load(folder, offices),
        procedures.load(folder),
        stations.load(folder, offices),
        prices.load(folder),
        incidents.load(folder, offices),
    )


def here() -> City:
    """The city of this installation. SettingsError, CatalogError, ConfigError."""
    return load(settings.load().folder_of_config())
