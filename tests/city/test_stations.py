"""Whom to telephone in an emergency: the narrowest number of each service."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aggregator.city import catalog, stations
from aggregator.city.catalog import Name
from aggregator.city.stations import Station
from aggregator.store.configfile import ConfigError
from aggregator.store.settings import PROGRAMS_CONFIG


def station(code: str, *, verified: bool = True, **where: tuple[str, ...]) -> Station:
    return Station(
        code=code,
        service="fire",
        name=Name(id=code, en=code),
        phone="113",
        source="a test",
        verified=verified,
        **where,
    )


def found(*known: Station, ward: str | None, district: str | None) -> list[str]:
    return [one.code for one in stations.nearest(known, ward, district)]


def test_the_ward_goes_before_its_district_and_that_before_the_city() -> None:
    city, ward = station("city"), station("ward", wards=("kel-a",))
    district = station("district", districts=("kec-a",))
    every = (ward, city, district)
    assert found(*every, ward="kel-a", district="kec-a") == ["ward"]
    assert found(*every, ward="kel-b", district="kec-a") == ["district"]
    assert found(*every, ward="kel-c", district="kec-c") == ["city"]
    assert found(*every, ward=None, district=None) == ["city"]
    assert found(district, ward=None, district=None) == []


def test_a_number_that_is_to_be_confirmed_hides_none_that_is() -> None:
    heard = station("heard", verified=False, districts=("kec-a",))
    known = (station("city"), heard)
    assert found(*known, ward="kel-a", district="kec-a") == ["heard", "city"]


def test_the_numbers_that_come_along_are_of_every_service_and_name_their_source(
    catalog: catalog.Catalog,
) -> None:
    known = stations.load(PROGRAMS_CONFIG, catalog)
    shown = stations.nearest(known, None, None)
    assert list(dict.fromkeys(one.service for one in shown)) == [*stations.SERVICES]
    assert all(one.source for one in known)


def test_a_number_for_a_place_that_does_not_exist_is_refused_with_its_line(
    catalog: catalog.Catalog, tmp_path: Path
) -> None:
    assert stations.load(tmp_path, catalog) == ()
    shutil.copy(PROGRAMS_CONFIG / "stations.yaml", tmp_path)
    file = tmp_path / "stations.yaml"
    text = file.read_text(encoding="utf-8").replace("kec-bogor-barat", "kec-barat")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="district 'kec-barat' does not exist"):
        stations.load(tmp_path, catalog)
