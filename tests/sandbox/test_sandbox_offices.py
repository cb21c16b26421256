"""The city's own systems in the sandbox, met with plain requests and files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import requests

from sandbox.lapor import KEY, LaporAdmin
from sandbox.serve import Sandbox
from sandbox.sibadra import Sibadra


def test_the_administrator_of_lapor_exports_after_every_change(
    sandbox: Sandbox,
) -> None:
    admin = sandbox.world.platform("lapor")
    assert isinstance(admin, LaporAdmin)
    (account,) = sandbox.accounts("lapor")
    first = admin.act({"who": "Siti Contoh", "text": "Lampu mati", "as": "lampu"})
    admin.act({"edit": "lampu", "text": "Lampu mati dua", "confidential": True})
    files = sorted(Path(account["settings"]["folder"]).iterdir())
    rows = []
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += [
                (row["Tracking ID"], row["Isi Laporan"])
                for row in csv.DictReader(file, delimiter=";")
            ]
    assert rows == [(first, "Lampu mati"), (first, "Lampu mati dua")]


def test_lapor_takes_a_follow_up_for_a_report_with_the_right_key(
    sandbox: Sandbox,
) -> None:
    admin = sandbox.world.platform("lapor")
    tracking = admin.act({"text": "Lampu mati"})
    address = f"{sandbox.url}/lapor-admin/follow-up"
    form = {"KEYTOKEN": KEY, "trackingid": tracking, "text": "Sedang dicek"}
    assert requests.post(address, data=form, timeout=60).json()["transaksiid"]
    assert (
        requests.post(address, data={**form, "trackingid": "1"}, timeout=60).status_code
        == 422
    )
    assert (
        requests.post(address, data={**form, "KEYTOKEN": ""}, timeout=60).status_code
        == 401
    )


def test_sibadra_takes_signed_answers_and_tells_of_them(sandbox: Sandbox) -> None:
    system = sandbox.world.platform("sibadra")
    assert isinstance(system, Sibadra)
    address = f"{sandbox.url}/sibadra/answers"
    body = json.dumps(
        {"id": "SB-000001", "answer_id": "k1", "text": "Sedang dicek"}
    ).encode()
    assert requests.post(address, data=body, timeout=60).status_code == 401
    for _ in range(2):
        taken = requests.post(
            address, data=body, headers=system.headers(body), timeout=60
        )
        assert taken.status_code == 201
    assert [entry.text for entry in sandbox.sent("sibadra")] == ["Sedang dicek"]
    for key, status in (("k1", 200), ("k2", 404)):
        signed = system.headers(key.encode())
        told = requests.get(
            address, params={"answer_id": key}, headers=signed, timeout=60
        )
        assert told.status_code == status


def test_sibadra_drops_a_file_or_delivers(sandbox: Sandbox) -> None:
    system = sandbox.world.platform("sibadra")
    assert isinstance(system, Sibadra)
    number = system.act({"who": "Asep Contoh", "text": "Got mampet"})
    (path,) = system.files.folder.iterdir()
    assert json.loads(path.read_bytes())["id"] == number
