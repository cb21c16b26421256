"""Clocks, tasks, shifts and successors on a terminal."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from terminal import Run, terminal


@pytest.fixture
def sahut(sqlite_url: str, tmp_path: Path) -> Run:
    """`sahut("shifts", "list")`: the program as its own process; Dewi acts."""
    call = terminal(tmp_path, sqlite_url, SAHUT_LOGIN="dewi")
    call("people", "add", "budi", "--name", "Budi", "--agency", "dishub")
    call(
        "people",
        "add",
        "dewi",
        "--name",
        "Dewi",
        "--agency",
        "diskominfo",
        "--role",
        "koordinator",
    )
    return call


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_case_waits_goes_on_and_bounces(sahut: Run) -> None:
    text = "Lampu jalan di Jl. Batutulis mati dua malam"
    number = sahut(
        "cases", "record", "--text", text, "--agency", "dishub"
    ).stdout.split()[1][:-1]
    clocks = rows(sahut("clocks", "show", number, "--json"))
    assert {"sibadra", "sp4n"} == {row["procedure"] for row in clocks}
    assert sahut("cases", "wait", number, "menunggu_anggaran").returncode == 1
    bad = sahut("cases", "wait", number, "menunggu_anggaran", "--recheck", "besok")
    assert bad.returncode == 2 and "2026-11-25" in bad.stderr
    assert sahut("cases", "wait", number, "menunggu_pelapor").returncode == 0
    assert sahut("cases", "go-on", number).returncode == 0
    bounced = sahut(
        "cases",
        "bounce",
        number,
        "--reason",
        "taman",
        "--to",
        "disperumkim",
        "--as",
        "budi",
    )
    assert bounced.returncode == 0, bounced.stderr
    (row,) = rows(sahut("duties", "bounced", "--json"))
    assert (row["agency"], row["instead"]) == ("dishub", "disperumkim")
    done = sahut(
        "cases", "finish", number, "--agency", "disperumkim", "--waived", "dobel"
    )
    assert done.returncode == 0, done.stderr
    assert sahut("cases", "close", number, "--outcome", "arsip").returncode == 0


def test_shifts_absence_and_a_successor(sahut: Run, tmp_path: Path) -> None:
    (tmp_path / "piket.csv").write_text(
        "login,starts,ends\nbudi,2126-03-02T22:00,2126-03-03T06:00\n"
    )
    assert sahut("shifts", "import", "piket.csv", "--dry-run").returncode == 0
    assert rows(sahut("shifts", "list", "--json")) == []
    assert sahut("shifts", "import", "piket.csv").returncode == 0
    assert (
        sahut("shifts", "add", "budi", "--from", "besok", "--to", "lusa").returncode
        == 2
    )
    assert [row["person"] for row in rows(sahut("shifts", "list", "--json"))] == [
        "Budi"
    ]
    assert sahut("shifts", "handover", "dishub", "--note", "aman").returncode == 0
    assert rows(sahut("shifts", "handover", "dishub", "--json"))[0]["note"] == "aman"
    assert sahut("people", "back", "budi").returncode == 1
    assert sahut("people", "speaks", "budi", "id", "en").returncode == 0
    assert sahut("people", "position", "budi", "kepala_opd").returncode == 0
    assert sahut("people", "reach", "budi").returncode == 2
    assert "Telegram" in sahut("people", "reach", "budi", "--telegram", "77120").stdout
    replaced = sahut("people", "replace", "budi", "tuti", "--name", "Tuti", "--yes")
    assert "/undangan/" in replaced.stdout and "1 shifts" in replaced.stderr
    status = {
        row["login"]: row["status"] for row in rows(sahut("people", "list", "--json"))
    }
    assert status == {"budi": "disabled", "tuti": "invited", "dewi": "invited"}


def test_what_was_told_promised_and_ordered_can_be_read(sahut: Run) -> None:
    for words in (
        ("reminders", "list"),
        ("escalations", "list"),
        ("notifications", "list", "budi"),
    ):
        assert rows(sahut(*words, "--json")) == []
    assert sahut("reminders", "done", "7").returncode == 1
    steps = {row["step"] for row in rows(sahut("sop", "check", "--json"))}
    assert {"respons_opd", "penyelesaian"} <= steps
    off = {
        row["day"]: row["name"]
        for row in rows(sahut("calendar", "show", "2026", "--json"))
    }
    assert off["2026-12-24"].startswith("Cuti bersama")
    assert "no file" in sahut("calendar", "show", "1999").stderr


def test_what_the_rules_read_is_corrected_from_a_terminal(sahut: Run) -> None:
    text = "Lampu jalan di Jl. Batutulis mati dua malam"
    number = sahut(
        "cases", "record", "--text", text, "--agency", "dishub"
    ).stdout.split()[1][:-1]
    said = sahut("cases", "classify", number, "--kind", "taman")
    assert said.stdout.strip() == f"{number}: pengaduan, taman, kel-batu-tulis."
    wrong = sahut("cases", "classify", number, "--kind", "hujan")
    assert wrong.returncode == 1 and "there is no kind 'hujan'" in wrong.stderr
