"""Words find cases of any age, never those that a viewer may not read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from secret import make_secret

from aggregator.desk import queue
from aggregator.desk.filters import Filter
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case

Register = Callable[..., Account]
Post = Callable[..., Case | None]


@pytest.fixture
def found(database: Database, now: datetime) -> Callable[[Viewer, str], list[str]]:
    def look(viewer: Viewer, words: str) -> list[str]:
        chosen = Filter("semua", status="semua", words=words)
        return [
            row.case.number or "" for row in queue.page(database, now, viewer, chosen)
        ]

    return look


def test_all_words_must_be_there_and_the_last_letters_may_be_missing(
    register: Register,
    post: Post,
    budi: Viewer,
    found: Callable[[Viewer, str], list[str]],
) -> None:
    account = register("dishub_x", "dishub")
    lamp = post(account, "Lampu merah mati di Warung Jambu", author_id="a")
    post(account, "Lampu taman terlalu terang", author_id="b")
    assert lamp is not None
    assert found(budi, "LAMPU jamb") == [lamp.number]
    assert found(budi, lamp.number or "") == [lamp.number]
    assert found(budi, "lampu sungai") == []
    assert found(budi, '") OR 1 --') == []


@pytest.mark.parametrize(
    ("said", "typed", "unlike"),
    [
        ("Rumah kami kebanjiran lagi", "banjir", "rumahan"),
        ("Banjir lagi di Katulampa", "dibanjiri", "banjo"),
        ("Truk memarkirkan diri di trotoar", "parkir", "pasar"),
        ("Jalan ditutup tanpa kabar", "menutup", "tutupi"),
        ("Angkot nyalip terus di Empang", "salip", "menteri"),
        ("Lampunya mati, minta diperbaiki", "lampu mati", "dimatikan lampion"),
        ("Terima kasih, taman sudah bersih", "kasih", "menteri pertama"),
    ],
)
def test_a_word_is_found_in_its_forms_and_no_other_word(
    register: Register,
    post: Post,
    budi: Viewer,
    found: Callable[[Viewer, str], list[str]],
    said: str,
    typed: str,
    unlike: str,
) -> None:
    case = post(register("dishub_x", "dishub"), said)
    assert case is not None
    assert found(budi, typed) == [case.number]
    assert found(budi, unlike) == []


def test_what_was_deleted_is_not_found(
    register: Register,
    post: Post,
    budi: Viewer,
    found: Callable[[Viewer, str], list[str]],
) -> None:
    account = register("dishub_x", "dishub")
    post(account, "Angkot ngetem di Empang", native_id="1")
    assert len(found(budi, "ngetem")) == 1
    post(account, None, kind="delete", native_id="1")
    assert found(budi, "ngetem") == []


def test_another_office_s_cases_are_not_found(
    register: Register,
    post: Post,
    rina: Viewer,
    found: Callable[[Viewer, str], list[str]],
) -> None:
    post(register("dishub_x", "dishub"), "Zebra cross pudar depan sekolah")
    assert found(rina, "zebra") == []


def test_nobody_finds_what_is_secret_but_its_readers_whatever_their_role(
    database: Database,
    register: Register,
    post: Post,
    join: Callable[..., Viewer],
    found: Callable[[Viewer, str], list[str]],
) -> None:
    dewi, vera = (
        join("dewi", "diskominfo", "koordinator"),
        join("vera", "bpbd", "verifikator"),
    )
    account = register("dishub_x", "dishub")
    post(account, "Hubungi saya di 081234567890 soal parkir liar", author_id="a")
    said = "Petugas parkir dishub minta uang pungli di terminal"
    secret = post(account, said, author_id="b")
    assert secret is not None
    assert found(dewi, "081234567890") == []
    assert found(dewi, "pungli") == []
    assert len(found(vera, "081234567890")) == 1
    assert found(vera, "pungli") == []
    make_secret(database, str(secret.number), vera)
    assert found(vera, "pungli") == [secret.number]
