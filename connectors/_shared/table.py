"""Rows of a table file as text: CSV as spreadsheets of several countries write it,
XLSX, JSON."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from connectors.errors import BadItem

Row = dict[str, str]
_LARGEST_UNPACKED = 300 * 1024 * 1024
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
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _LARGEST_UNPACKED:
                raise BadItem(f"{name} unpacks to more than 300 MB")
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True
        )
        try:
            for sheet in book.worksheets:
                lines = [[_cell(value) for value in row] for row in sheet.values]
                if lines:
                    yield from lines
                    return
        finally:
            book.close()
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        OSError,
    ) as error:
        raise BadItem(
            f"{name} is no XLSX file that can be read; save it again"
        ) from error


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
