"""Where a text says something is: phrases of any city, and the names of this one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from aggregator.city import catalog as catalogs
from aggregator.city import geography
from aggregator.lab.evaluate_places import rows_of, score, score_wards
from aggregator.rules.places.finder import places_in
from aggregator.rules.places.gazetteer import Entry, Gazetteer, Place
from aggregator.store.configfile import ConfigError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return geography.load(ROOT / "config", catalogs.load(ROOT / "config"))


def only(text: str, city: Gazetteer) -> Place:
    (place,) = places_in(text, city)
    return place


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("lampu PJU jl Melati Putih mati", ["Jalan Melati Putih"]),
        ("dijln kenanga dpn polsek lama gelap", ["Jalan Kenanga", "depan polsek"]),
        ("jl. R.E. Martadinata macet", ["Jalan R E Martadinata"]),
        ("jln Flamboyan 2 rusak parah", ["Jalan Flamboyan 2"]),
        ("jl Flamboyan 2 hari gelap", ["Jalan Flamboyan"]),
        ("jl. Flamboyan No. 12A gelap", ["Jalan Flamboyan No. 12A"]),
        ("Jalan KH R Abdullah rusak", ["Jalan KH R Abdullah"]),
        ("Jalan KH itu rusak", []),
        ("Jalan Kenanga Putih antre panjang tiap pagi", ["Jalan Kenanga Putih"]),
        ("sampah di RW 09 Tegal Rejo belum diangkut", ["RW 9", "Tegal Rejo"]),
        ("jl trs Kenanga banjir", ["Jalan Terusan Kenanga"]),
        (
            "komp. Melati Indah blok C-2 no 7 air mati",
            ["kompleks Melati Indah Blok C2 No. 7"],
        ),
        ("jalan rusak parah tolong pak", []),
        ("udah ga bisa jalan kaki di trotoar", []),
        ("per4an Kenanga-Melati macet", ["perempatan Kenanga-Melati"]),
        ("lampu merah Dahlia-Kenanga padam", ["lampu merah Dahlia-Kenanga"]),
        ("sampah di gg. H. Sueb rt02/rw 06", ["Gang H Sueb", "RT 2/RW 6"]),
        ("RT 03/12 kebanjiran, RW.07 juga", ["RT 3/RW 12", "RW 7"]),
        (
            "angkot 03 ngetem, angkot cilember-ciroyom juga",
            ["angkot 3", "angkot Cilember-Ciroyom"],
        ),
        ("banjir di sekitar pasar Cihaur", ["sekitar pasar Cihaur"]),
        ("macet di cigombol, cinta kami ke kota", ["Cigombol"]),
        ("depan saya antri panjang", []),
        ("angkot ugal-ugalan di jl hati-hati", []),
        ("parkir liar di alun2", ["Alun-alun"]),
        ("pkl depan rumah sakit", ["depan Rumah Sakit"]),
    ],
)
def test_phrases_that_name_a_place_in_any_city(text: str, names: list[str]) -> None:
    assert [place.name for place in places_in(text)] == names


def test_a_span_is_the_place_as_it_was_written() -> None:
    text = "Min, lubang di Jl. Melati depan SDN 3 bahaya!"
    said = [text[slice(*place.span)] for place in places_in(text)]
    assert said == ["Jl. Melati", "depan SDN 3"]


@pytest.mark.parametrize(
    ("text", "kelurahan", "kecamatan"),
    [
        ("air mati di Mulyaharja", "Mulya Harja", "Bogor Selatan"),
        ("Kel. Tegalgundil gelap", "Tegal Gundil", "Bogor Utara"),
        ("kel bondogan banjir", "Bondongan", "Bogor Selatan"),
        ("antri di pkm semplak", "Curug Mekar", "Bogor Barat"),
        ("pohon miring deket tugu kujang", "Baranangsiang", "Bogor Timur"),
        ("jalan cimahpar bolong", "Cimahpar", "Bogor Utara"),
        (
            "longsor belakang mesjid Rancamaya 2 rumah kena",
            "Rancamaya",
            "Bogor Selatan",
        ),
        ("kec tansar kotor", None, "Tanah Sareal"),
    ],
)
def test_a_place_of_the_city_lies_in_its_ward_and_district(
    city: Gazetteer, text: str, kelurahan: str | None, kecamatan: str
) -> None:
    place = only(text, city)
    assert (place.kelurahan, place.kecamatan, place.city) == (
        kelurahan,
        kecamatan,
        True,
    )


@pytest.mark.parametrize(
    "text",
    [
        "pkl suken balik lagi",
        "surken macet",
        "Surya Kencana street",
        "jl suryakancana bolong",
    ],
)
def test_one_street_by_all_its_names(city: Gazetteer, text: str) -> None:
    assert only(text, city).name == "Jalan Suryakencana"


@pytest.mark.parametrize(
    ("text", "name", "road_class"),
    [
        ("jalan padjadjaran rusak", "Jalan Raya Pajajaran", "nasional"),
        ("jl pajajarn rusak", "Jalan Raya Pajajaran", "nasional"),
        ("sholis macet", "Jalan KH. Soleh Iskandar", "nasional"),
        ("jl ahmad yani gelap", "Jalan Jenderal Ahmad Yani", None),
    ],
)
def test_a_road_knows_who_keeps_it_up(
    city: Gazetteer, text: str, name: str, road_class: str | None
) -> None:
    place = only(text, city)
    assert (place.name, place.type, place.road_class) == (name, "road", road_class)


@pytest.mark.parametrize(
    "text",
    [
        "Jalan raya Dramaga rusak",
        "min di ciomas banjir",
        "macet di Ciawi",
        "ktp di cibinong lama",
        "sampah tajur halang",
        "jl raya parung gelap",
    ],
)
def test_the_regency_is_not_the_city(city: Gazetteer, text: str) -> None:
    place = only(text, city)
    assert (place.city, place.government) == (False, "kabupaten-bogor")
    assert place.kelurahan is None


def test_what_stands_at_a_place_of_the_regency_is_not_the_citys_either(
    city: Gazetteer,
) -> None:
    found = places_in("Jalan raya Dramaga depan kampus rusak parah", city)
    assert [place.city for place in found] == [False, False]


def test_a_road_through_several_wards_stays_ambiguous(city: Gazetteer) -> None:
    place = only("jl pajajaran macet", city)
    assert place.ambiguous and place.kelurahan is None and len(place.wards) > 2


def test_a_ward_behind_a_road_is_no_part_of_its_name(city: Gazetteer) -> None:
    road, ward = places_in("Jalan Veteran Panaragan Antre panjang tiap pagi", city)
    assert (road.name, ward.name) == ("Jalan Veteran", "Panaragan")
    assert road.kelurahan == "Panaragan" and not road.ambiguous


def test_another_place_of_the_text_settles_it(city: Gazetteer) -> None:
    road, ward = places_in("jl pajajaran, bantarjati: lampu mati", city)
    assert (road.kelurahan, road.ambiguous) == ("Bantarjati", False)
    assert ward.type == "kelurahan"


def test_units_lie_in_the_ward_that_is_named(city: Gazetteer) -> None:
    alley, unit, ward = places_in("Gg. Masjid RT 2/RW 6 Bondongan", city)
    assert {place.kelurahan for place in (alley, unit, ward)} == {"Bondongan"}


def test_a_name_of_ward_and_district_is_ambiguous_until_said(city: Gazetteer) -> None:
    bare, said = only("tanah sareal gelap", city), only("kel. tanah sareal gelap", city)
    assert (bare.kelurahan, bare.kecamatan, bare.ambiguous) == (
        None,
        "Tanah Sareal",
        True,
    )
    assert (said.kelurahan, said.ambiguous) == ("Tanah Sareal", False)


def test_a_name_on_both_sides_of_the_border_is_ambiguous_until_said(
    city: Gazetteer,
) -> None:
    assert only("Babakan banjir", city).city is None
    assert places_in("Babakan, kec bogor tengah", city)[0].city is True
    assert places_in("di Babakan Dramaga", city)[0].city is False


@pytest.mark.parametrize(
    "text",
    [
        "beras di gudang habis",
        "merdeka!",
        "genteng rumah bocor",
        "uang saku pelajar",
        "bnr bgt min",
        "Balai Kota Jakarta dijaga",
        "saya dari Jakarta",
        "naik sampai puncak",
        "jangan di undang",
        "BELI HP BARU",
        "Pak Sudirman yang terhormat",
    ],
)
def test_everyday_words_are_no_places(city: Gazetteer, text: str) -> None:
    assert places_in(text, city) == []


@pytest.mark.parametrize(
    "text",
    [
        "lokasi -6.6212, 106.8083",
        "https://maps.google.com/?q=-6.6212,106.8083",
        "lat: -6.6212 long: 106.8083",
        "-6,6212 106,8083",
        "6°37'16.3\"S 106°48'29.9\"E",
    ],
)
def test_coordinates_and_map_links_give_the_nearest_ward(
    city: Gazetteer, text: str
) -> None:
    place = only(text, city)
    assert (place.type, place.kelurahan, place.city) == (
        "coordinates",
        "Batu Tulis",
        True,
    )


def test_a_point_far_away_is_not_in_the_city(city: Gazetteer) -> None:
    place = only("-6.9147, 107.6098", city)
    assert (place.city, place.kelurahan) == (False, None)


def test_a_ward_with_one_letter_wrong_is_found_without_a_word_before_it(
    city: Gazetteer,
) -> None:
    assert only("banjir di mulia harja", city).kelurahan == "Mulya Harja"


def test_broken_coordinates_of_a_link_are_no_place(city: Gazetteer) -> None:
    assert places_in("https://maps.example/!3d-6.6.1!4d106..8", city) == []


def test_a_place_counts_while_it_is_there() -> None:
    market = Entry(("Pasar Contoh",), "market", until=date(2024, 5, 31))
    assert market.valid(date(2024, 5, 31)) and not market.valid(date(2024, 6, 1))


def test_every_ward_is_found_by_its_name(city: Gazetteer) -> None:
    found = {only(f"kel. {ward}", city).kelurahan for ward in city.districts}
    assert found == set(city.districts) and len(found) == 68


def test_a_wrong_file_is_explained_line_by_line(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    for name in ("agencies.yaml", "categories.yaml"):
        (folder / name).write_bytes((ROOT / "config" / name).read_bytes())
    places = folder / "places"
    places.mkdir()
    for source in (ROOT / "config" / "places").glob("*.yaml"):
        (places / source.name).write_bytes(source.read_bytes())
    (places / "roads.yaml").write_text(
        'roads:\n  - {name: "Jalan Contoh", wards: [kel-bondogan]}\n'
        '  - {name: "Jalan Dua", klass: nasional}\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        geography.load(folder, catalogs.load(folder))
    first, second = (str(problem) for problem in caught.value.problems)
    assert first.startswith(
        "roads.yaml:2: Jalan Contoh: ward 'kel-bondogan' does not exist"
    )
    assert "did you mean 'kel-bondongan'?" in first
    assert second.startswith("roads.yaml:3: Jalan Dua: klass is not known")


def test_wards_of_texts_as_residents_write_them(city: Gazetteer) -> None:
    rows = list(rows_of(ROOT / "tests" / "data" / "wards.jsonl"))
    result = score_wards(rows, city)
    assert result.wrong == []


def test_the_measurement_counts_whole_and_half_places_and_words_too_much() -> None:
    result = score(
        [
            {"text": "lampu di jl Melati mati", "location": "Jalan Melati"},
            {"text": "jl Dahlia macet", "location": "Jalan Dahlia Kenanga"},
            {"text": "terima kasih pak", "location": None},
        ]
    )
    assert (result.marked, result.found, result.partly, result.words_extra) == (
        2,
        1,
        2,
        0,
    )
    assert (result.unmarked, result.unmarked_with_place) == (1, 0)


@pytest.mark.parametrize(
    ("text", "name"),
    [("jl. ABCDE gelap", "Jalan ABCDE"), ("jl. ABCDEF gelap", "Jalan Abcdef")],
)
def test_a_short_name_in_capitals_stays_so(
    city: Gazetteer, text: str, name: str
) -> None:
    """An abbreviation is no shout."""
    assert only(text, city).name == name
