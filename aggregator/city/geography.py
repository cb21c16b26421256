"""config/places/*.yaml and the wards of agencies.yaml as one gazetteer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from aggregator.city.catalog import Agency, Catalog, Name
from aggregator.rules.places.gazetteer import Entry, Gazetteer
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.yamlfile import Problem

RoadClass = Literal["nasional", "provinsi", "tol"]
PlaceType = Literal[
    "landmark",
    "market",
    "school",
    "hospital",
    "station",
    "terminal",
    "estate",
    "area",
    "alley",
    "river",
]


class Ward(Model):
    """What agencies.yaml does not say of a ward; `at`: latitude and longitude of its
    centre."""

    code: str
    region: str = Field(pattern=r"^32\.71\.\d{2}\.\d{4}$")
    postcode: str = Field(pattern=r"^\d{5}$")
    at: tuple[float, float]
    aliases: tuple[str, ...] = ()
    common: bool = False
    elsewhere: str | None = None


class Road(Model):
    name: str
    aliases: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()
    road_class: RoadClass | None = Field(default=None, alias="class")
    common: bool = False
    since: date | None = None
    until: date | None = None


class Landmark(Model):
    name: str
    type: PlaceType
    aliases: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()
    district: str | None = None
    code: str | None = None
    common: bool = False
    since: date | None = None
    until: date | None = None


class Government(Model):
    """Who else governs places nearby; `level` as in routing.yaml."""

    code: str
    name: Name
    level: Literal["kabupaten", "lainnya"]


class Outside(Model):
    name: str
    government: str
    aliases: tuple[str, ...] = ()
    common: bool = False


def load(folder: Path, catalog: Catalog, on: date | None = None) -> Gazetteer:
    """Read config/places of a configuration folder. ConfigError.

    `on`: the day of the texts; places that are not there yet, or no more, are left out.
    """
    problems: list[Problem] = []
    places = folder / "places"
    wards = File(places / "wards.yaml", ["wards"], problems)
    roads = File(places / "roads.yaml", ["roads"], problems)
    landmarks = File(places / "landmarks.yaml", ["places"], problems)
    outside = File(places / "neighbours.yaml", ["governments", "places"], problems)
    governments = {
        entry.code for entry, _ in outside.entries("governments", Government)
    }
    known_wards = [entry for entry, _ in _wards(wards, catalog, governments)]
    entries = [
        *_of_wards(known_wards, catalog),
        *_of_agencies(catalog),
        *_of_roads(roads, catalog),
        *_of_landmarks(landmarks, catalog),
        *_of_outside(outside, governments),
    ]
    if problems:
        raise ConfigError(problems)
    return Gazetteer(
        entries=tuple(entry for entry in entries if on is None or entry.valid(on)),
        districts={
            short_name(agency): short_name(catalog.agencies[agency.parent])
            for agency in catalog.agencies.values()
            if agency.kind == "kelurahan" and agency.parent
        },
        points={
            short_name(catalog.agencies[ward.code]): ward.at for ward in known_wards
        },
    )


def governments_of(folder: Path) -> dict[str, Government]:
    """The other governments of config/places/neighbours.yaml by code. ConfigError."""
    problems: list[Problem] = []
    file = File(
        folder / "places" / "neighbours.yaml", ["governments", "places"], problems
    )
    found = {entry.code: entry for entry, _ in file.entries("governments", Government)}
    if problems:
        raise ConfigError(problems)
    return found


def short_name(agency: Agency) -> str:
    """The name of a ward or district without the word for what it is."""
    return agency.name.id.removeprefix("Kelurahan ").removeprefix("Kecamatan ")


def _wards(
    file: File, catalog: Catalog, governments: Iterable[str]
) -> list[tuple[Ward, int]]:
    found = file.entries("wards", Ward)
    good = []
    for ward, line in found:
        agency = catalog.agencies.get(ward.code)
        if agency is None or agency.kind != "kelurahan":
            file.unknown(
                line, ward.code, "ward", ward.code, _codes(catalog, "kelurahan")
            )
            continue
        if ward.elsewhere and ward.elsewhere not in governments:
            file.unknown(line, ward.code, "elsewhere", ward.elsewhere, governments)
        good.append((ward, line))
    missing = set(_codes(catalog, "kelurahan")) - {ward.code for ward, _ in found}
    for code in sorted(missing) if found else []:
        file.wrong(
            0,
            f"ward {code} of agencies.yaml is missing",
            "add it with region and postcode",
        )
    return good


def _codes(catalog: Catalog, kind: str) -> list[str]:
    return [agency.code for agency in catalog.agencies.values() if agency.kind == kind]


def _of_wards(wards: Iterable[Ward], catalog: Catalog) -> list[Entry]:
    return [
        Entry(
            names=(
                short_name(catalog.agencies[ward.code]),
                *(alias.name for alias in catalog.agencies[ward.code].aliases),
                *ward.aliases,
            ),
            type="kelurahan",
            wards=(short_name(catalog.agencies[ward.code]),),
            code=ward.code,
            common=ward.common,
            elsewhere=ward.elsewhere,
        )
        for ward in wards
    ]


def _of_agencies(catalog: Catalog) -> list[Entry]:
    """Districts and health centres, which agencies.yaml says all about."""
    entries = []
    for agency in catalog.agencies.values():
        if agency.kind == "kecamatan":
            names = (
                short_name(agency),
                agency.abbrev,
                *(alias.name for alias in agency.aliases),
            )
            entries.append(
                Entry(
                    names=tuple(name for name in names if name),
                    type="kecamatan",
                    district=short_name(agency),
                    code=agency.code,
                )
            )
        elif agency.kind == "puskesmas" and agency.ward:
            short = agency.name.id.removeprefix("Puskesmas ")
            names = (agency.name.id, f"PKM {short}", f"Puskes {short}", f"Pusk {short}")
            ward = short_name(catalog.agencies[agency.ward])
            entries.append(
                Entry(names=names, type="puskesmas", wards=(ward,), code=agency.code)
            )
    return entries


def _of_roads(file: File, catalog: Catalog) -> list[Entry]:
    entries = []
    for road, line in file.entries("roads", Road, label="name"):
        bare = road.name.removeprefix("Jalan ")
        names = (road.name, *(() if road.common else (bare,)), *road.aliases)
        entries.append(
            Entry(
                names=names,
                type="road",
                wards=_ward_names(file, line, road.name, road.wards, catalog),
                common=road.common,
                road_class=road.road_class,
                since=road.since,
                until=road.until,
            )
        )
    return entries


def _of_landmarks(file: File, catalog: Catalog) -> list[Entry]:
    entries = []
    for place, line in file.entries("places", Landmark, label="name"):
        district = catalog.agencies.get(place.district or "")
        if place.district and district is None:
            file.unknown(line, place.name, "district", place.district, catalog.agencies)
        if place.code and place.code not in catalog.agencies:
            file.unknown(line, place.name, "code", place.code, catalog.agencies)
        entries.append(
            Entry(
                names=(place.name, *place.aliases),
                type=place.type,
                wards=_ward_names(file, line, place.name, place.wards, catalog),
                district=short_name(district) if district else None,
                code=place.code,
                common=place.common,
                since=place.since,
                until=place.until,
            )
        )
    return entries


def _of_outside(file: File, governments: Iterable[str]) -> list[Entry]:
    entries = []
    for place, line in file.entries("places", Outside, label="name"):
        if place.government not in governments:
            file.unknown(line, place.name, "government", place.government, governments)
        entries.append(
            Entry(
                names=(place.name, *place.aliases),
                type="outside",
                common=place.common,
                government=place.government,
            )
        )
    return entries


def _ward_names(
    file: File, line: int, name: str, codes: Iterable[str], catalog: Catalog
) -> tuple[str, ...]:
    found = []
    for code in codes:
        agency = catalog.agencies.get(code)
        if agency is None or agency.kind != "kelurahan":
            file.unknown(line, name, "ward", code, _codes(catalog, "kelurahan"))
        else:
            found.append(short_name(agency))
    return tuple(found)
