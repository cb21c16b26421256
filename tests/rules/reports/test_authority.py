"""Which office acts, on what level of authority, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from aggregator.city import catalog as catalogs
from aggregator.city import duties, geography
from aggregator.rules.places.finder import places_in
from aggregator.rules.places.gazetteer import Gazetteer
from aggregator.rules.reports import authority
from aggregator.rules.reports.authority import Addressed, Bounce, Owner, Proposal, Table
from aggregator.store.configfile import ConfigError

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return geography.load(ROOT / "config", catalogs.load(ROOT / "config"))


@pytest.fixture(scope="module")
def table() -> Table:
    return duties.load(ROOT / "config", catalogs.load(ROOT / "config"))


def owners(
    table: Table, city: Gazetteer, kind: str, text: str, klass: str = "pengaduan"
) -> list[Owner]:
    return authority.owners(kind.split(), places_in(text, city), klass, table, DAY)


@pytest.mark.parametrize(
    ("kind", "text", "klass", "agencies"),
    [
        ("pju_mati", "lampu gg kenanga mati", "pengaduan", ["dishub", "disperumkim"]),
        (
            "kebersihan",
            "sampah pasar anyar",
            "pengaduan",
            ["dlh", "ppj", "kel-cibogor"],
        ),
        (
            "banjir_longsor",
            "kebanjiran di empang",
            "darurat",
            ["bpbd", "disdamkarmat", "dpupr"],
        ),
        (
            "banjir_longsor",
            "tiap hujan banjir",
            "pengaduan",
            ["dpupr", "bpbd", "dinsos"],
        ),
        (
            "banjir_longsor",
            "katulampa siaga?",
            "cek_hoaks",
            ["bpbd", "diskominfo", "dpupr"],
        ),
        ("kesehatan", "antri di pkm semplak", "pengaduan", ["pkm-semplak", "dinkes"]),
        (
            "kesehatan",
            "posyandu rw 9 tegal gundil",
            "permintaan_informasi",
            ["pkm-tegal-gundil", "dinkes"],
        ),
        ("kesehatan", "bpjs ditolak", "pengaduan", ["dinkes"]),
        ("umum", "tolong dibantu, kel. bondongan", "pengaduan", ["kel-bondongan"]),
        ("umum", "tolong dibantu", "pengaduan", []),
        ("umum", "promo pinjol", "spam", []),
    ],
)
def test_the_citys_owners_best_first(
    table: Table, city: Gazetteer, kind: str, text: str, klass: str, agencies: list[str]
) -> None:
    assert authority.ours(owners(table, city, kind, text, klass)) == agencies


def test_a_place_of_the_regency_is_the_regencys(table: Table, city: Gazetteer) -> None:
    (owner,) = owners(
        table, city, "jalan_berlubang", "jalan raya Dramaga depan kampus rusak"
    )
    assert (owner.agency, owner.level, owner.role) == (
        "kabupaten-bogor",
        "kabupaten",
        "responsible",
    )
    assert "Dramaga" in authority.explain(owner.reason)


def test_an_emergency_of_the_regency_is_passed_on(
    table: Table, city: Gazetteer
) -> None:
    found = owners(table, city, "kebakaran", "kebakaran di ciomas!", "darurat")
    assert [owner.agency for owner in found] == ["kabupaten-bogor", "bpbd"]


def test_a_national_road_is_the_ministrys_and_the_citys_office_answers(
    table: Table, city: Gazetteer
) -> None:
    found = owners(table, city, "jalan_berlubang", "jl pajajaran bolong")
    assert [(owner.agency, owner.role) for owner in found] == [
        ("bbpjn", "responsible"),
        ("dpupr", "lead"),
    ]
    assert authority.authority(found) == "nasional"
    assert "belum diverifikasi" in authority.explain(found[0].reason)


@pytest.mark.parametrize(
    ("kind", "text", "level"),
    [
        ("jalan_berlubang", "jl dadali bolong", "kota"),
        ("listrik", "listrik padam", "pln"),
        ("kriminalitas", "begal", "polisi"),
        ("air_minum", "air mati", "bumd"),
        ("sekolah", "SMAN 3 minta uang gedung", "provinsi"),
        ("sekolah", "SDN Cimahpar 1 bocor", "kota"),
    ],
)
def test_the_level_of_authority(
    table: Table, city: Gazetteer, kind: str, text: str, level: str
) -> None:
    assert authority.authority(owners(table, city, kind, text)) == level


def test_an_estate_may_still_be_its_developers(table: Table, city: Gazetteer) -> None:
    found = owners(
        table, city, "jalan_berlubang", "jalan di perumahan Budi Agung bolong"
    )
    assert ("pengembang", "possible") in [(owner.agency, owner.role) for owner in found]


def test_two_kinds_have_one_lead(table: Table, city: Gazetteer) -> None:
    found = owners(table, city, "pkl kemacetan", "pkl suken bikin macet")
    assert [(owner.agency, owner.role) for owner in found][:2] == [
        ("satpolpp", "lead"),
        ("dishub", "help"),
    ]


def test_extortion_goes_to_the_inspectorate_alone(
    table: Table, city: Gazetteer
) -> None:
    found = owners(
        table, city, "adminduk", "di loket kelurahan tajur dimintain 50rb", "wbs"
    )
    seen_by = authority.visibility(["adminduk"], "wbs", table, DAY)
    addressed = [
        Addressed(1, "kel-tajur", "keltajur"),
        Addressed(2, "diskominfo", "pemkot"),
    ]
    kept = authority.combine(addressed, found, seen_by, table)
    assert seen_by == "rahasia"
    assert authority.ours(kept) == ["inspektorat"]


def test_a_second_kind_brings_no_other_office_into_a_secret_case(
    table: Table, city: Gazetteer
) -> None:
    found = owners(
        table, city, "adminduk pungli", "ktp di kelurahan tajur dimintai uang"
    )
    assert authority.ours(found) == ["inspektorat"]


def test_addressed_offices_help_the_one_whose_duty_it_is(
    table: Table, city: Gazetteer
) -> None:
    found = owners(table, city, "air_minum", "air mati")
    kept = authority.combine(
        [Addressed(1, "diskominfo", "pemkot")], found, "publik", table
    )
    assert [(owner.agency, owner.role) for owner in kept] == [
        ("tirtapakuan", "lead"),
        ("diskominfo", "help"),
    ]


def test_without_a_duty_the_first_account_addressed_leads(table: Table) -> None:
    addressed = [
        Addressed(1, "dlh", "dlh"),
        Addressed(2, "dlh", "dlh2"),
        Addressed(3, "rsud", "r"),
    ]
    kept = authority.combine(addressed, [], "publik", table)
    assert [(owner.agency, owner.role) for owner in kept] == [
        ("dlh", "lead"),
        ("rsud", "help"),
    ]


def test_the_strictest_visibility_of_several_kinds_counts(table: Table) -> None:
    assert authority.visibility(["kebersihan"], "pengaduan", table, DAY) == "publik"
    assert (
        authority.visibility(["kebersihan", "kesehatan"], "pengaduan", table, DAY)
        == "dm"
    )


@pytest.mark.parametrize("language", ["id", "su", "en"])
def test_the_answer_names_the_body_and_how_to_reach_it(
    table: Table, city: Gazetteer, language: str
) -> None:
    (owner,) = owners(table, city, "jalan_berlubang", "jalan ciomas rusak")
    said = authority.not_ours(owner, table, language, "100018")
    assert "Bogor" in said and "lapor.go.id" in said and "100018" in said


def test_a_case_keeps_the_owner_of_its_day(table: Table) -> None:
    old = replace(table.duties[0], kind="taman", lead="dlh", until=date(2025, 12, 31))
    new = replace(old, lead="disperumkim", since=date(2026, 1, 1), until=None)
    dated = replace(table, duties=(new, old))
    for day, lead in ((date(2025, 12, 31), "dlh"), (date(2026, 1, 1), "disperumkim")):
        assert (
            authority.owners(["taman"], [], "pengaduan", dated, day)[0].agency == lead
        )


def test_bounces_propose_a_change_and_change_nothing() -> None:
    bounces = [
        Bounce("taman", "dlh", taken_by)
        for taken_by in ("disperumkim", None, "disperumkim")
    ]
    bounces.append(Bounce("pkl", "satpolpp", "dishub"))
    found = authority.proposals(bounces, {("taman", "dlh"): 4, ("pkl", "satpolpp"): 90})
    assert found == [Proposal("taman", "dlh", bounces=3, of=4, instead="disperumkim")]


def test_a_wrong_table_is_explained_line_by_line(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    (folder / "places").mkdir(parents=True)
    for name in ("agencies.yaml", "categories.yaml", "places/neighbours.yaml"):
        (folder / name).write_bytes((ROOT / "config" / name).read_bytes())
    (folder / "routing.yaml").write_text(
        "bodies: []\nduties:\n"
        "  - {kind: pkl, lead: satpolp, verified: false}\n"
        "  - {kind: taman, lead: dlh, verified: false, since: 2026-01-01}\n"
        "  - {kind: taman, lead: dlh, verified: false, until: 2026-01-01}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        duties.load(folder, catalogs.load(folder))
    said = [str(problem) for problem in caught.value.problems if problem.line]
    assert "line 5" in said[1] and "two duties on the same day" in said[1]
    assert said[0].startswith("routing.yaml:3: pkl: agency 'satpolp' does not exist")


def test_the_first_agency_named_leads_and_every_other_helps() -> None:
    addressed = [
        authority.Addressed(1, "dishub", "dishub_x"),
        authority.Addressed(2, "diskominfo", "pemkot_x"),
        authority.Addressed(3, "dishub", "dishub_ig"),
    ]
    kept = authority.combine(addressed, [], "publik", authority.Table((), {}, {}))
    assert [(owner.agency, owner.role) for owner in kept] == [
        ("dishub", "lead"),
        ("diskominfo", "help"),
    ]


def test_what_no_kind_fits_is_led_by_the_ward_it_names(
    table: Table, city: Gazetteer
) -> None:
    (ward,) = owners(table, city, "umum", "tolong pak di kelurahan empang")
    assert (ward.agency, ward.role, ward.reason) == (
        "kel-empang",
        "lead",
        "ward:Empang",
    )


def test_an_emergency_without_a_kind_is_the_disaster_offices(
    table: Table, city: Gazetteer
) -> None:
    first, *_ = owners(table, city, "umum", "tolong!! ada yang terjepit", "darurat")
    assert (first.agency, first.role, first.reason) == ("bpbd", "lead", "class:darurat")
