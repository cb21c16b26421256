"""Texts to answer with: seeded, found, filled in, expired, owned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from aggregator.answers import library, outward
from aggregator.answers.library import Typed
from aggregator.people.refusal import Refusal
from aggregator.people.viewers import Viewer
from aggregator.store.configfile import ConfigError
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

CONFIG = Path(__file__).resolve().parents[2] / "config"
FACT = Typed(
    "jawaban",
    "Jam buka loket KTP",
    {"id": "Loket KTP buka Senin sampai Jumat, 08.00–15.00."},
    "dishub",
    source="Papan pengumuman loket",
    valid_until=date(2026, 12, 31),
)


@pytest.fixture
def number(register: Callable[..., Account], post: Callable[..., Case | None]) -> str:
    case = post(register("dishub_x", "dishub"), "Mau tanya, loket KTP buka jam berapa?")
    assert case is not None
    return case.number or ""


def test_the_seeds_fill_an_empty_library_once(
    database: Database, now: datetime
) -> None:
    seeds = library.load(CONFIG)
    assert library.seed(database, now, seeds) == len(seeds) > 5
    assert library.seed(database, now, seeds) == 0
    assert all(
        {"id", "su", "en"} <= entry.texts.keys() for entry in library.listing(database)
    )


def own_library(folder: Path, entry: str) -> None:
    """The city's configuration with a library of this one entry."""
    for part in CONFIG.iterdir():
        (folder / part.name).symlink_to(part)
    (folder / "library").unlink()
    (folder / "library").mkdir()
    (folder / "library" / "own.yaml").write_text(f"entries:\n  - {entry}\n", "utf-8")


def test_a_seed_with_a_variable_nobody_fills_is_an_error_with_its_line(
    tmp_path: Path,
) -> None:
    own_library(tmp_path, '{sort: naskah, title: Coba, texts: {id: "Halo {gelar}"}}')
    with pytest.raises(ConfigError) as wrong:
        library.load(tmp_path)
    assert "own.yaml:2" in str(wrong.value) and "{gelar}" in str(wrong.value)


def test_a_text_is_filled_in_with_what_the_case_says(
    database: Database, now: datetime, number: str, budi: Viewer
) -> None:
    text = "{sapaan} {nama}, {nomor} dicek {kantor} per {tanggal}."
    entry = library.write(
        database, now, budi, Typed("naskah", "Dicek", {"id": text}, "dishub")
    )
    put = library.insert(database, now, budi, number, entry.id or 0)
    assert put == f"Halo Siti, {number} dicek Dinas Perhubungan per 2-3-2026."


def test_an_account_greets_in_its_own_way(
    database: Database,
    now: datetime,
    number: str,
    budi: Viewer,
    rina: Viewer,
    register: Callable[..., Account],
) -> None:
    account = register("dishub_ig", "dishub")
    entry = library.write(
        database,
        now,
        budi,
        Typed("naskah", "Salam", {"id": "{sapaan} {nama}"}, "dishub"),
    )
    library.greet(database, now, budi, account.id or 0, "Sampurasun")
    put = library.insert(
        database, now, budi, number, entry.id or 0, account_id=account.id
    )
    assert put == "Sampurasun Siti"
    with pytest.raises(Refusal):
        library.greet(database, now, rina, account.id or 0, "Hai")


def test_a_fact_is_offered_for_a_question_like_it_and_not_for_others(
    database: Database, now: datetime, number: str, budi: Viewer
) -> None:
    library.write(database, now, budi, FACT)
    found = library.listing(database, text="loket KTP buka jam berapa?")
    assert [entry.title for entry in found] == ["Jam buka loket KTP"]
    assert library.listing(database, text="pohon tumbang menimpa angkot") == []


def test_an_expired_fact_is_not_put_in_unseen(
    database: Database, now: datetime, number: str, budi: Viewer
) -> None:
    old = Typed(
        **{
            **{name: getattr(FACT, name) for name in FACT.__slots__},
            "valid_until": date(2026, 3, 1),
        }
    )
    entry = library.write(database, now, budi, old)
    with pytest.raises(Refusal) as refused:
        library.insert(database, now, budi, number, entry.id or 0)
    assert refused.value.code == "expired_entry"
    told = library.insert(
        database, now, budi, number, entry.id or 0, although_expired=True
    )
    assert told.startswith("Loket KTP")


def test_only_the_owner_changes_a_text_and_nobody_overwrites_a_colleague(
    database: Database, now: datetime, budi: Viewer, rina: Viewer, dewi: Viewer
) -> None:
    entry = library.write(database, now, budi, FACT)
    with pytest.raises(Refusal) as other:
        library.write(database, now, rina, FACT, entry_id=entry.id)
    assert other.value.code == "not_your_entry"
    library.write(database, now, dewi, FACT, entry_id=entry.id, version=entry.version)
    with pytest.raises(Refusal) as stale:
        library.write(
            database, now, budi, FACT, entry_id=entry.id, version=entry.version
        )
    assert stale.value.code == "entry_changed"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (Typed("jawaban", "Tarif", {"id": "Gratis"}, "dishub"), "source_needed"),
        (Typed("naskah", "Tarif", {"en": "Free"}, "dishub"), "entry_incomplete"),
        (
            Typed("naskah", "Tarif", {"id": "Halo {gelar}"}, "dishub"),
            "unknown_variable",
        ),
        (
            Typed("naskah", "Pelapor", {"id": "Data NIK 3271014507900003"}, "dishub"),
            "personal_data_kept",
        ),
        (
            Typed(
                "naskah", "NIK 3271014507900003", {"id": "Sudah kami data"}, "dishub"
            ),
            "personal_data_kept",
        ),
    ],
)
def test_what_an_entry_lacks_is_said(
    database: Database, now: datetime, budi: Viewer, typed: Typed, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        library.write(database, now, budi, typed)
    assert refused.value.code == code


@pytest.mark.threat("OUT-5")
@pytest.mark.parametrize("language", ["id", "su", "en"])
def test_a_library_keeps_nothing_that_must_not_go_out(
    database: Database, now: datetime, budi: Viewer, language: str
) -> None:
    texts = {"id": "Sudah kami data."} | {language: "Data NIK 3271014507900003."}
    with pytest.raises(Refusal, match="nik"):
        library.write(database, now, budi, Typed("naskah", "Pelapor", texts, "dishub"))


@pytest.mark.threat("OUT-5")
def test_nothing_of_the_library_that_is_shipped_must_not_go_out() -> None:
    texts = [
        text for one in library.load(CONFIG) for text in one.texts.model_dump().values()
    ]
    assert len(texts) > 10
    assert [text for text in texts if text and outward.stopped(text)] == []


@pytest.mark.threat("OUT-5")
def test_a_seed_that_must_not_go_out_is_an_error_with_its_line(tmp_path: Path) -> None:
    own_library(
        tmp_path, "{sort: naskah, title: Coba, texts: {id: NIK 3271014507900003}}"
    )
    with pytest.raises(ConfigError) as refused:
        library.load(tmp_path)
    assert "own.yaml:2" in str(refused.value) and "nik" in str(refused.value)
    assert "3271014507900003" not in str(refused.value)
