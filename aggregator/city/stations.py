"""config/stations.yaml: whom to telephone in an emergency, and which of them is
nearest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field

from aggregator.city.catalog import Catalog, Name
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.yamlfile import Problem

Service = Literal["fire", "medical", "police", "rescue"]
SERVICES: tuple[Service, ...] = ("fire", "medical", "police", "rescue")


class Station(Model):
    """`phone`: digits as they are dialled in the city. `wards`, `districts`: whom it is
    for; without both the whole city. `verified`: not only read somewhere."""

    code: str
    service: Service
    name: Name
    phone: str = Field(pattern=r"^\d{3,13}$")
    wards: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    source: str = Field(min_length=1)
    verified: bool


def load(folder: Path, catalog: Catalog) -> tuple[Station, ...]:
    """Those of a configuration folder; none where it has no such file. ConfigError."""
    path = folder / "stations.yaml"
    if not path.exists():
        return ()
    problems: list[Problem] = []
    file = File(path, ["stations"], problems)
    found = file.entries("stations", Station)
    for station, line in found:
        for field, kind, codes in (
            ("ward", "kelurahan", station.wards),
            ("district", "kecamatan", station.districts),
        ):
            known = [one.code for one in catalog.agencies.values() if one.kind == kind]
            for code in codes:
                if code not in known:
                    file.unknown(line, station.code, field, code, known)
    if problems:
        raise ConfigError(problems)
    return tuple(station for station, _ in found)


def nearest(
    stations: Iterable[Station], ward: str | None, district: str | None
) -> list[Station]:
    """Those of each service in the order of `SERVICES`, the narrowest first: of the
    ward, else of its district, else of the city. A number that is to be confirmed
    hides none that is `verified`. Codes; without a ward the city's."""
    found: list[Station] = []
    known = list(stations)
    for service in SERVICES:
        near = sorted(
            (far, at, one)
            for at, one in enumerate(known)
            if one.service == service
            and (far := _distance(one, ward, district)) is not None
        )
        for _, _, one in near:
            found.append(one)
            if one.verified:
                break
    return found


def _distance(station: Station, ward: str | None, district: str | None) -> int | None:
    """0 of the ward, 1 of the district, 2 of the city; None of another place."""
    if not station.wards and not station.districts:
        return 2
    if ward in station.wards:
        return 0
    return 1 if district in station.districts else None
