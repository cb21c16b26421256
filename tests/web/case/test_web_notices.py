"""One answer to all who reported a problem: looked at one by one, then sent once
each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from website import Site, sign_in, token, visible

from aggregator.answers import outbox
from aggregator.cases import claims
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault

Post = Callable[..., Case | None]
TEXT = "Lampu jalan di Jl. Batutulis mati dua malam, gelap sekali"


def test_every_reporter_hears_back_once_and_who_is_taken_out_does_not(
    site: Site,
    database: Database,
    vault: Vault,
    now: Any,
    platform: fakechannel.Platform,
    register: Callable[..., Account],
    post: Post,
    budi: Viewer,
) -> None:
    account = register("dishub_x", "dishub")
    for who in ("siti", "agus", "euis"):
        case = post(account, TEXT, author_id=who, author_name=who.title())
    assert case is not None and case.number is not None and case.reporters == 3
    claims.claim(database, now, budi, case.number)
    browser, path = sign_in(site(), "budi"), f"/aduan/{case.number}/kabari"
    assert "Kabari semua pelapor" in visible(browser.get(f"/aduan/{case.number}").text)
    seen = send(browser, path, text="Tim PJU datang malam ini", step="look").text
    assert seen.count('type="checkbox" name="to"') == 3
    ids = [part.split('"')[0] for part in seen.split('name="listed" value="')[1:]]
    key = seen.split('name="key" value="')[1].split('"')[0]
    for _ in range(2):  # a double click
        answer = send(
            browser,
            path,
            text="Tim PJU datang malam ini",
            step="send",
            key=key,
            listed=ids,
            to=ids[:2],
        )
    assert "Dihapus oleh penulis." in visible(answer.text)
    for reply_id in outbox.due(database, now):
        outbox.send(database, vault, Path(), now, reply_id)
    assert len(platform.arrived) == 2
    assert "Terkirim" in visible(browser.get(path).text)


def send(browser: Any, path: str, **fields: Any) -> Any:
    return browser.post(
        path, data={"csrftoken": token(browser.get(path).text), **fields}
    )


def test_only_who_holds_the_case_tells_its_reporters(
    site: Site, register: Callable[..., Account], post: Post, budi: Viewer
) -> None:
    case = post(register("dishub_x", "dishub"), TEXT)
    assert case is not None
    page = visible(sign_in(site(), "budi").get(f"/aduan/{case.number}/kabari").text)
    assert "Yang memegang atau menutup aduan ini dapat mengabari semua pelapor." in page


@pytest.mark.threat("OUT-1")
def test_what_must_not_go_out_is_masked_or_let_out_for_all_reporters_too(
    site: Site,
    database: Database,
    now: Any,
    register: Callable[..., Account],
    post: Post,
    budi: Viewer,
) -> None:
    case = post(register("dishub_x", "dishub"), TEXT, author_id="siti")
    assert case is not None and case.number is not None
    claims.claim(database, now, budi, case.number)
    browser, path = sign_in(site(), "budi"), f"/aduan/{case.number}/kabari"
    said = {"text": "Rek BCA 1234567890 sudah kami terima.", "key": "n1"}
    stopped = send(browser, path, **said, step="send")
    assert stopped.status_code == 409 and "nomor rekening" in visible(stopped.text)
    masked = send(browser, path, **said, step="mask").text
    assert "Rek BCA [bank_account] sudah" in masked and "although" not in masked
    told = send(browser, path, **said, step="send", although="Salinan dari pelapor")
    assert told.status_code == 200 and said["text"] in told.text
