"""No bytes from outside break a reader: they are read, or told as unreadable."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aggregator.accounts import _drawing
from connectors._shared import table
from connectors.errors import BadItem
from connectors.imap import text

FEW = settings(max_examples=60)
_TAGS = (
    *("<table>", "<td rowspan=99999>", "</td>", "<td colspan=-1>", "<ol>", "<pre>"),
    *("<a href='http://a.id/'>", "<img src='https://a.id/x'>", "<style>", "<!--"),
    *("<blockquote>", "<div style='margin:-9e9em'>", "<li value=9999999999>"),
    *("&#xD800;", "&#8;", "\x00", "\x08", "kata "),
)


MARKUP = st.lists(st.sampled_from(_TAGS) | st.text(max_size=20), max_size=30).map(
    "".join
)


def is_heading(cells: Sequence[str]) -> bool:
    return any(cells)


def _workbook() -> bytes:
    book, kept = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Laporan", "Tanggal"])
    book.active.append(["Macet", 45000.5])
    book.save(kept)
    return kept.getvalue()


def _picture() -> bytes:
    kept, exif = io.BytesIO(), Image.Exif()
    exif[0x8825] = {1: "S", 2: (6.0, 35.0, 1.0), 3: "E", 4: (106.0, 47.0, 1.0)}
    Image.new("RGB", (8, 8)).save(kept, "JPEG", exif=exif)
    return kept.getvalue()


WORKBOOK, PICTURE = _workbook(), _picture()


def changed(whole: bytes) -> st.SearchStrategy[bytes]:
    """The same bytes with a few others in them, or cut off."""
    at = st.integers(0, len(whole) - 1)

    def put(changes: list[tuple[int, int]], end: int) -> bytes:
        made = bytearray(whole)
        for place, value in changes:
            made[place] = value
        return bytes(made[: len(made) - end])

    others = st.lists(st.tuples(at, st.integers(0, 255)), max_size=8)
    return st.builds(put, others, st.sampled_from((0, 0, 0, 1, 40, 400)))


@pytest.mark.threat("FIL-2")
@FEW
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_break_a_reader_of_tables(content: bytes) -> None:
    with contextlib.suppress(BadItem):
        table.rows_of(content, "isi.csv", is_heading)


@pytest.mark.threat("FIL-2")
@FEW
@given(changed(WORKBOOK))
def test_a_broken_workbook_is_told_as_such(content: bytes) -> None:
    with contextlib.suppress(BadItem):
        table.rows_of(content, "isi.xlsx", is_heading)


@pytest.mark.threat("FIL-2")
@FEW
@given(MARKUP)
def test_no_markup_breaks_the_reader_of_letters(markup: str) -> None:
    assert isinstance(text.written(None, markup, "Fwd: aduan"), str)
    assert isinstance(text.written(markup, markup, None), str)


@pytest.mark.threat("FIL-2")
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@FEW
@given(changed(PICTURE))
def test_no_picture_breaks_who_looks_for_its_place(content: bytes) -> None:
    with contextlib.suppress(OSError, SyntaxError, ValueError):
        with Image.open(io.BytesIO(content)) as image:
            found = _drawing.position(image)
        assert found is None or (abs(found[0]) <= 90 and abs(found[1]) <= 180)
