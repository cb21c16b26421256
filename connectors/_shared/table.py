"""Rows of a table file as text: CSV as spreadsheets of several countries write it,
XLSX, JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl

from connectors.errors import BadItem

Row = dict[str, str]
_LARGEST_CELLS = 64 * 1024 * 1024
_LARGEST_OTHER = 4 * 1024 * 1024
_MOST_PARTS = 100
_MOST_TAGS = 3_000_000
_MOST_LINES = 100_000
_MOST_COLUMNS = 200
_CELLS = re.compile(r"xl/(?:worksheets/|sharedStrings)")
"""Parts that are read one cell after another; others are read whole."""
_LARGEST_CELL = 1_000_000
_HEADING_WITHIN = 15
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def rows_of(
    content: bytes, name: str, is_heading: Callable[[Sequence[str]], bool]
) -> list[tuple[int, Row]]:
    """(line, row) of every row under the first line that `is_heading` takes for the
    headings.

    Lines count from 1. BadItem says what is wrong with the file and what to do.
    """
    if content.startswith(b"PK"):
        return _table(_xlsx(content, name), name, is_heading)
    if content.startswith(_OLD_EXCEL):
        raise BadItem(f"{name} is an old Excel file (XLS); save it as XLSX or CSV")
    text = _decoded(content)
    if text.lstrip()[:1] in ("[", "{"):
        return list(enumerate(_json(text, name), start=1))
    if "<html" in text[:2000].lower() or "<table" in text[:2000].lower():
        raise BadItem(
            f"{name} is a web page with a table in it; open it and save it as XLSX"
        )
    return _table(_csv(text, name), name, is_heading)


def _table(
    lines: Iterable[list[str]], name: str, is_heading: Callable[[Sequence[str]], bool]
) -> list[tuple[int, Row]]:
    headings: list[str] | None = None
    rows: list[tuple[int, Row]] = []
    for number, cells in enumerate(lines, start=1):
        if headings is None:
            if is_heading(cells):
                headings = cells
            elif number > _HEADING_WITHIN:
                break
        elif any(cells):
            pairs = zip(headings, cells, strict=False)
            rows.append((number, {head: cell for head, cell in pairs if head}))
    if headings is None:
        raise BadItem(
            f"{name}: no line of headings is recognised among its first lines"
        )
    return rows


def _decoded(content: bytes) -> str:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # Excel's "Unicode text"
    for encoding in (*(("utf-16",) if marked else ()), "utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _csv(text: str, name: str) -> Iterator[list[str]]:
    head = text[:10_000]
    counts = {sign: head.count(sign) for sign in ",;\t|"}
    delimiter = max(counts, key=lambda sign: counts[sign])
    csv.field_size_limit(_LARGEST_CELL)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadItem(f"{name} is no CSV file that can be read ({error})") from error


def _xlsx(content: bytes, name: str) -> Iterator[list[str]]:
    """The lines of the first sheet that has any."""
    try:
        _weigh(content, name)
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True
        )
        try:
            yield from _lines(book.worksheets, name)
        finally:
            book.close()
    except BadItem:
        raise
    except Exception as error:  # whatever a reader of foreign bytes stumbles over
        raise BadItem(
            f"{name} is no XLSX file that can be read; save it again"
        ) from error


def _weigh(content: bytes, name: str) -> None:
    """A few kilobytes unpack to gigabytes: what is unpacked is looked at before."""
    too_much = BadItem(f"{name} unpacks to too much; save its table alone, or as CSV")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        with_cells = [one for one in parts if _CELLS.match(one.filename)]
        others = [one for one in parts if one not in with_cells]
        if (
            len(parts) > _MOST_PARTS
            or sum(one.file_size for one in with_cells) > _LARGEST_CELLS
            or sum(one.file_size for one in others) > _LARGEST_OTHER
        ):
            raise too_much
        if sum(packed.read(one).count(b"<") for one in with_cells) > _MOST_TAGS:
            raise too_much


def _lines(sheets: Iterable[Any], name: str) -> Iterator[list[str]]:
    """A sheet says itself how large it is, and a cell where it stands: neither is
    believed beyond the limits."""
    looked_at = 0
    for sheet in sheets:
        sheet.reset_dimensions()
        any_line = False
        for row in sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True):
            looked_at += 1
            if looked_at > _MOST_LINES:
                raise BadItem(f"{name} has more than {_MOST_LINES} lines; split it")
            any_line = any_line or row.count(None) < len(row)
            yield [_cell(value) for value in row] if row.count(None) < len(row) else []
        if any_line:
            return


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()


def _json(text: str, name: str) -> Iterator[Row]:
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadItem(f"{name} is no JSON that can be read") from error
    for row in listed(payload):
        yield texts(row) if isinstance(row, dict) else {}


def listed(payload: Any) -> list[Any]:
    """The rows in an answer: a list, an object around a list, or one object."""
    if isinstance(payload, list):
        return payload
    if isinstance(payload, dict):
        for value in (payload, *payload.values()):
            inner = value if isinstance(value, dict) else {}
            for name in (
                "data",
                "results",
                "result",
                "items",
                "rows",
                "reports",
                "laporan",
            ):
                if isinstance(inner.get(name), list):
                    return list(inner[name])
    return [payload]


def texts(row: dict[str, Any]) -> Row:
    """Values of JSON as a table would hold them."""
    return {
        name: _cell(value)
        if not isinstance(value, list | dict)
        else json.dumps(value, ensure_ascii=False)
        for name, value in row.items()
    }
