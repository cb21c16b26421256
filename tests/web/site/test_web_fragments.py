"""Parts of pages that are written once: by what they are given, and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from aggregator.city import catalog
from aggregator.web.desk._rows import Line
from aggregator.web.site.fragments import Fragments

CONFIG = Path(__file__).parents[3] / "config"
OPENED = datetime(2026, 3, 2, 9, tzinfo=UTC)
LINE = Line(
    number="1032",
    status="new",
    urgent=False,
    maybe_urgent=False,
    waiting=None,
    due_at=None,
    due="",
    due_tone="",
    opened_at=OPENED,
    age="2 jam",
    deleted=False,
    text="Lampu <mati>",
    picture=0,
    picture_shows=None,
    mine=False,
    holder=None,
    reporters=1,
    recurrence=0,
    twins=False,
    missed="",
    place="Empang",
    channel="telegram",
    accounts="@dishub_tg",
    offices="Dishub",
    messages=1,
    tick=True,
)


@pytest.fixture(scope="module")
def pieces() -> Fragments:
    return Fragments(catalog.load(CONFIG))


def test_a_line_is_written_anew_when_anything_it_shows_has_changed(
    pieces: Fragments,
) -> None:
    first = pieces.lines("desk/_line.html", "id", [LINE])
    assert pieces.lines("desk/_line.html", "id", [LINE]) == first
    assert "Lampu &lt;mati&gt;" in first and 'name="nomor"' in first
    held = pieces.lines(
        "desk/_line.html", "id", [LINE._replace(holder="Budi", age="3 jam")]
    )
    assert "Budi" in held and "3 jam" in held and "2 jam" not in held
    gone = pieces.lines(
        "desk/_line.html", "id", [LINE._replace(deleted=True, tick=False)]
    )
    assert "mati" not in gone and "nomor" not in gone
    late = LINE._replace(
        due_at=OPENED + timedelta(days=1), due="terlambat 1 jam", due_tone="bad"
    )
    assert "terlambat 1 jam" in pieces.lines("desk/_line.html", "id", [late])


def test_a_piece_knows_the_language_and_the_role_it_is_given(pieces: Fragments) -> None:
    shown = {"here": "/", "unread": 0, "thumb": False}
    assert "/pengaturan" in pieces("site/_nav.html", "id", role="admin", **shown)
    assert "/pengaturan" not in pieces(
        "site/_nav.html", "id", role="juru_bicara", **shown
    )
    assert "Settings" in pieces("site/_nav.html", "en", role="admin", **shown)


def test_a_piece_cannot_say_what_it_was_not_given(pieces: Fragments) -> None:
    with pytest.raises(UndefinedError):
        pieces("site/_nav.html", "id", here="/", unread=0, thumb=False)


def test_one_office_is_chosen_and_the_next_field_has_none(pieces: Fragments) -> None:
    assert '<option value="dishub" selected>' in pieces.offices_to_choose(
        "id", "dishub"
    )
    assert "selected" not in pieces.offices_to_choose("id", None)
