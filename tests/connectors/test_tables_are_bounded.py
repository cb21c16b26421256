"""A table from outside takes no more memory than its file may, whatever it claims."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest

from connectors._shared import table
from connectors.errors import BadItem

MEGABYTE = 1024 * 1024


def is_heading(cells: Sequence[str]) -> bool:
    return "Laporan" in cells


def workbook(*rows: Sequence[object]) -> bytes:
    book, kept = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(kept)
    return kept.getvalue()


def with_sheet(sheet: str) -> bytes:
    """A workbook whose one sheet is written by hand."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["Laporan"]))) as made,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for name in made.namelist():
            content = made.read(name)
            if name.startswith("xl/worksheets/"):
                content = (
                    '<worksheet xmlns="http://schemas.openxmlformats.org/'
                    f'spreadsheetml/2006/main">{sheet}</worksheet>'
                ).encode()
            changed.writestr(name, content)
    return kept.getvalue()


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{cell("A1", "Laporan")}</row>'


def test_a_workbook_is_read_line_by_line() -> None:
    content = workbook(["Dinas"], ["Laporan", "Kota"], ["Macet", "Bogor"], [], ["Bau"])
    assert [
        (line, row["Laporan"])
        for line, row in table.rows_of(content, "isi.xlsx", is_heading)
    ] == [(3, "Macet"), (5, "Bau")]


@pytest.mark.threat("FIL-1")
@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(
            f'<dimension ref="A1:XFD1048576"/><sheetData>{HEAD}'
            f'<row r="1048576">{cell("XFD1048576", "x")}</row></sheetData>',
            id="a cell in the last corner",
        ),
        pytest.param(
            f"<sheetData>{HEAD}"
            + "".join(
                f'<row r="{n}">{cell(f"XFD{n}", "x")}</row>' for n in range(2, 3_000)
            )
            + "</sheetData>",
            id="many cells at the far right",
        ),
    ],
)
def test_a_small_workbook_takes_little_memory(sheet: str) -> None:
    content = with_sheet(sheet)
    tracemalloc.start()
    try:
        table.rows_of(content, "isi.xlsx", is_heading)
    except BadItem:
        pass
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 40 * MEGABYTE


@pytest.mark.threat("FIL-1")
@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(" " * (65 * MEGABYTE), id="blanks"),
        pytest.param("<row>" + "<c/>" * 3_000_000 + "</row>", id="empty cells"),
    ],
)
def test_what_unpacks_to_too_much_is_refused_before_it_is_read(sheet: str) -> None:
    content = with_sheet(sheet)
    assert len(content) < MEGABYTE
    with pytest.raises(BadItem, match="unpacks to too much"):
        table.rows_of(content, "isi.xlsx", is_heading)
