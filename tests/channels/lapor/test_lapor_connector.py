"""SP4N-LAPOR!: exports as offices save them, and the file of follow-ups."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from stage_lapor import Stage

from connectors.base import Message, Reply
from connectors.errors import BadItem, NeedsLogin, Refused, TryLater
from connectors.lapor import Lapor, LaporAccount, LaporApp
from sandbox.lapor import KEY
from sandbox.serve import Sandbox

TABLE = [
    ["Laporan Kota, November 2026", "", "", ""],
    ["No. Laporan", "Isi Laporan", "Tgl Laporan", "Sifat Laporan"],
    ["9100001", "Lampu mati; gelap, “sekali”", "2 Maret 2026 13:00", "Anonim"],
]


@pytest.fixture
def stage(sandbox: Sandbox) -> Stage:
    return Stage(sandbox)


@pytest.fixture
def lapor(stage: Stage) -> Iterator[Lapor]:
    connector = stage.connect()
    yield connector
    connector.close()


@pytest.fixture
def with_app(sandbox: Sandbox) -> Iterator[Callable[..., Lapor]]:
    """`with_app(api_token=...)`: an office that was given addresses and a key."""
    opened: list[Lapor] = []

    def connect(**account: Any) -> Lapor:
        base = f"{sandbox.url}/lapor-admin"
        app = LaporApp(list_url=f"{base}/list", reply_url=f"{base}/follow-up")
        opened.append(Lapor(app, LaporAccount(handle="kota", **account), "kota"))
        return opened[-1]

    yield connect
    for connector in opened:
        connector.close()


def written(delimiter: str, encoding: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(TABLE)
    return out.getvalue().encode(encoding)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in TABLE:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes) -> list[Message]:
    return [
        m for item in Lapor.read_bytes(content, "ekspor") for m in Lapor.normalise(item)
    ]


def one(**row: Any) -> Message:
    (item,) = Lapor.read_file(
        {"Tracking ID": "9100001", "Isi Laporan": "Lampu mati", **row}
    )
    (message,) = Lapor.normalise(item)
    return message


def polled(
    lapor: Lapor, cursor: dict[str, Any]
) -> tuple[list[Message], dict[str, Any]]:
    found: list[Message] = []
    for page in lapor.fetch(cursor):
        found += [m for item in page.items for m in lapor.normalise(item)]
        cursor = page.cursor
    return found, cursor


@pytest.mark.parametrize(
    "content",
    [
        written(";", "utf-8-sig"),
        written(",", "utf-8"),
        written("\t", "cp1252"),
        written("|", "cp1252"),
        written("\t", "utf-16"),
        workbook(),
    ],
    ids=["semicolon-bom", "comma", "tab-cp1252", "bar-cp1252", "unicode-text", "xlsx"],
)
def test_an_export_is_read_as_any_spreadsheet_writes_it(content: bytes) -> None:
    (message,) = read(content)
    assert (message.native_id, message.text) == (
        "9100001",
        "Lampu mati; gelap, “sekali”",
    )
    assert message.created_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert message.anonymous


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Nama,Umur\nSiti,40\n", "no line of headings"),
        (b"\xd0\xcf\x11\xe0 old", "save it as XLSX"),
        (b"<html><table><tr><td>Tracking ID</td></tr></table></html>", "a web page"),
        (b"PK\x03\x04 broken", "save it again"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content: bytes, told: str) -> None:
    with pytest.raises(BadItem, match=told):
        read(content)


@pytest.mark.parametrize(
    "date",
    [
        "02/03/26 13.00",
        "2026/03/02 13:00",
        "2 Maret 2026 pukul 13.00",
        "02-03-2026 13:00 WIB",
    ],
)
def test_dates_are_read_day_first_as_spreadsheets_here_write_them(date: str) -> None:
    assert one(**{"Tanggal Laporan": date}).created_at == datetime(
        2026, 3, 2, 6, tzinfo=UTC
    )


def test_headings_are_the_installations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lapor_columns.yaml").write_text(
        "time_zone: Asia/Makassar\ncolumns: {id: [Nomer], text: [Keluhan], created_at:"
        " [Kapan]}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("SAHUT_CONFIG_DIR", str(tmp_path))
    (message,) = read(b"nomer;KELUHAN;kapan\n7;Got mampet;02/03/2026 13:00\n")
    assert (message.native_id, message.text) == ("7", "Got mampet")
    assert message.created_at == datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def test_an_anonymous_reporter_is_nobody() -> None:
    row = {"Nama Pelapor": "Siti Contoh", "Nomor Telepon": "081200001111"}
    known, hidden = one(**row), one(**row, Anonim="Ya")
    assert (known.author_name, known.contact) == ("Siti Contoh", "081200001111")
    assert (hidden.author_name, hidden.contact, hidden.author_id) == (None, None, None)
    assert hidden.anonymous


@pytest.mark.parametrize("row", [{"Rahasia": "Ya"}, {"Sifat Laporan": "Rahasia"}])
def test_a_confidential_report_is_not_public(row: dict[str, str]) -> None:
    message = one(**row)
    assert message.extra["rahasia"] is True
    assert not message.public
    assert message.permalink is None


def test_the_same_row_is_known_and_a_changed_row_is_another_revision() -> None:
    row = {"Tracking ID": "9100001", "Isi Laporan": "Lampu mati"}
    (first,), (again,) = Lapor.read_file(row), Lapor.read_file(dict(row))
    (changed,) = Lapor.read_file({**row, "Isi Laporan": "Lampu mati dua"})
    assert first.key == again.key
    assert changed.key != first.key
    assert changed.key.startswith("9100001:")


def test_a_half_written_file_is_read_when_it_is_whole(
    stage: Stage, lapor: Lapor
) -> None:
    folder = stage.admin.exports.folder
    (folder / "ekspor.csv.part").write_bytes(b"Tracking ID;Isi Laporan\n1;Lampu mati\n")
    (folder / "langsung.csv").write_bytes(b"Tracking ID;Isi Lap")
    pages = list(lapor.fetch({}))
    (broken,) = [item for page in pages for item in page.items]
    with pytest.raises(BadItem, match="headings"):
        list(lapor.normalise(broken))
    (folder / "langsung.csv").write_bytes(b"Tracking ID;Isi Laporan\n2;Got mampet\n")
    found, cursor = polled(lapor, pages[-1].cursor)
    assert [message.native_id for message in found] == ["2"]
    assert polled(lapor, cursor)[0] == []


def test_a_long_file_is_several_pages_and_goes_on_after_a_break(
    stage: Stage, lapor: Lapor
) -> None:
    lines = "".join(f"{number};Lubang {number}\n" for number in range(1, 452))
    stage.admin.exports.put("besar.csv", ("Tracking ID;Isi Laporan\n" + lines).encode())
    first = next(iter(lapor.fetch({})))
    assert len(first.items) == 200
    rest = [
        item.payload["row"]["Tracking ID"]
        for p in lapor.fetch(first.cursor)
        for item in p.items
    ]
    assert rest == [str(number) for number in range(201, 452)]


def test_a_file_that_went_away_is_forgotten(stage: Stage, lapor: Lapor) -> None:
    stage.say("Lampu mati")
    _, cursor = polled(lapor, {})
    (name,) = cursor["files"]
    (stage.admin.exports.folder / name).unlink()
    stage.say("Got mampet")
    assert len(polled(lapor, cursor)[1]["files"]) == 1


def test_a_folder_that_is_not_there_is_tried_later(tmp_path: Path) -> None:
    lapor = Lapor(
        LaporApp(), LaporAccount(handle="kota", folder=str(tmp_path / "tidak-ada"))
    )
    with pytest.raises(TryLater, match="tidak-ada"):
        list(lapor.fetch({}))
    with pytest.raises(Refused, match="create it"):
        lapor.check()
    lapor.close()


def rows_of(stage: Stage) -> list[list[str]]:
    (path,) = stage.admin.follow_ups.folder.glob("*.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_follow_ups_stand_under_the_headings_of_the_export_once_a_key(
    stage: Stage, lapor: Lapor
) -> None:
    at = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
    reply = Reply(
        "k1", "Sedang dikerjakan,\nterima kasih", {"tracking_id": "9100001"}, "1008", at
    )
    sent = [lapor.send(reply), lapor.send(reply)]
    lapor.send(replace(reply, key="k2", text="Sudah selesai"))
    assert sent[0] == sent[1] == lapor.look_up(reply, at)
    assert rows_of(stage) == [
        [
            "Tracking ID",
            "Tindak Lanjut",
            "Tanggal Tindak Lanjut",
            "Nomor Sahut",
            "Kunci Sahut",
        ],
        [
            "9100001",
            "Sedang dikerjakan,\nterima kasih",
            "03/03/2026 01:30",
            "1008",
            "k1",
        ],
        ["9100001", "Sudah selesai", "03/03/2026 01:30", "1008", "k2"],
    ]
    assert lapor.look_up(replace(reply, key="k3"), at) is None


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_is_never_a_formula(stage: Stage, lapor: Lapor, sign: str) -> None:
    lapor.send(Reply("k1", f"{sign}cmd|' /C calc'!A0", {"tracking_id": "9100001"}))
    assert rows_of(stage)[1][1].startswith("'")


def test_a_follow_up_that_cannot_be_written_is_tried_later(
    stage: Stage, lapor: Lapor
) -> None:
    folder = stage.admin.follow_ups.folder
    folder.rmdir()
    with pytest.raises(TryLater):
        lapor.send(Reply("k1", "Terima kasih", {"tracking_id": "9100001"}))
    folder.mkdir()
    assert (
        lapor.send(Reply("k1", "Terima kasih", {"tracking_id": "9100001"})).external_id
        == "k1"
    )


def test_without_a_folder_an_answer_is_refused_and_check_says_so() -> None:
    lapor = Lapor(LaporApp(), LaporAccount(handle="kota"))
    assert len(lapor.check().warnings) == 2
    with pytest.raises(Refused) as refusal:
        lapor.send(Reply("k1", "Terima kasih", {"tracking_id": "9100001"}))
    assert refusal.value.code == "not_set_up"
    lapor.close()


def test_addresses_that_were_given_are_read_and_answered(
    stage: Stage, with_app: Callable[..., Lapor], sandbox: Sandbox
) -> None:
    tracking = stage.say("Lampu mati")
    lapor = with_app(api_token=KEY)
    found, _ = polled(lapor, {})
    assert [message.native_id for message in found] == [tracking]
    sent = lapor.send(Reply("k1", "Sedang dicek", {"tracking_id": tracking}))
    assert sent.external_id == f"tl-{tracking}-1"
    assert [entry.text for entry in sandbox.sent("lapor")] == ["Sedang dicek"]
    stage.admin.closed.add(tracking)
    with pytest.raises(Refused):
        lapor.send(Reply("k2", "Sudah selesai", {"tracking_id": tracking}))


def test_a_key_that_ended_needs_a_person(with_app: Callable[..., Lapor]) -> None:
    lapor = with_app(api_token="kunci-lama-yang-dicabut")
    with pytest.raises(NeedsLogin) as refusal:
        polled(lapor, {})
    assert "kunci-lama" not in str(refusal.value)
