"""The board: what offices have open, and charts with their tables."""

from __future__ import annotations

from collections.abc import Callable

from website import Site, sign_in, visible

from aggregator.people.viewers import Viewer
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case


def test_a_coordinator_sees_every_office_and_the_charts_of_a_week(
    site: Site,
    dewi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    post(register("dishub_x", "dishub"), "Angkot ngetem di depan stasiun")
    page = sign_in(site(), "dewi").get("/papan").text
    assert "Dishub" in visible(page)
    assert "Menurut hari dan saluran" in visible(page)
    assert (
        page.count("Data yang sama sebagai tabel")
        == page.count('<svg class="chart phone"')
        > 0
    )


def test_a_spokesperson_sees_only_the_own_office(
    site: Site,
    budi: Viewer,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> None:
    post(register("pdam_x", "tirtapakuan"), "Tagihan air naik terus")
    page = visible(sign_in(site(), "budi").get("/papan?kantor=tirtapakuan").text)
    assert "Tidak ada yang terbuka." in page
    assert "Tidak ada yang masuk pada hari-hari ini." in page


def test_the_board_is_for_people_who_signed_in(site: Site) -> None:
    assert site().get("/papan").url.path == "/masuk"
