"""Files of messages are evidence: fetched once, and each ends in a state that is
shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import fakechannel
import pytest
from samplefiles import KINDS, sample
from sqlmodel import select

from aggregator.accounts import attachments, filestore
from aggregator.accounts.clamd import Clamd
from aggregator.accounts.filestore import FileStore
from aggregator.desk import queue
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault
from connectors.errors import NeedsLogin, Refused, TryLater


def test_a_picture_of_a_post_is_fetched_and_shown_in_the_queue(
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    database: Database,
    vault: Vault,
    budi: Viewer,
    now: datetime,
    platform: fakechannel.Platform,
    picture: bytes,
    tmp_path: Path,
) -> None:
    platform.files["a.jpg"] = picture
    media = [{"type": "photo", "native_id": "f1", "ref": {"path": "a.jpg"}}]
    post(register("dishub_tg", "dishub"), "Lampu mati di Gg. Kepatihan", media=media)
    (waiting,) = attachments.due(database, now)
    assert (
        attachments.fetch(database, vault, FileStore(tmp_path), now, waiting)
        == "stored"
    )
    assert attachments.due(database, now + timedelta(days=1)) == []
    (row,) = queue.listing(database, budi)
    assert row.picture is not None


@pytest.fixture
def sent(
    register: Callable[..., Account],
    post: Callable[..., Case | None],
    database: Database,
    platform: fakechannel.Platform,
) -> Callable[..., int]:
    """`sent("surat.pdf", content)`: a report with a file that waits to be fetched."""
    account = register("dishub_tg", "dishub")

    def send(name: str, content: bytes | Exception, **told: object) -> int:
        if isinstance(content, bytes):
            platform.files[name] = content
        else:
            platform.failing_files[name] = content
        media = {"type": "file", "native_id": name, "ref": {"path": name}, "name": name}
        post(account, f"Lampu mati, lihat {name}", native_id=name, media=[media | told])
        with database.reading() as session:
            query = select(Attachment.id).where(Attachment.native_id == name)
            return session.exec(query).one() or 0

    return send


def state(database: Database, attachment_id: int) -> Attachment:
    with database.reading() as session:
        return session.get_one(Attachment, attachment_id)


@pytest.mark.parametrize(
    ("name", "mime", "pages"),
    [
        ("suara.ogg", "audio/ogg", None),
        ("film.mp4", "video/mp4", None),
        ("surat.pdf", "application/pdf", 2),
        ("foto.heic", "image/jpeg", None),
        ("acak.bin", "application/octet-stream", None),
    ],
)
def test_a_file_of_any_kind_is_kept_whatever_the_platform_calls_it(
    name: str,
    mime: str,
    pages: int | None,
    sent: Callable[..., int],
    database: Database,
    vault: Vault,
    now: datetime,
    tmp_path: Path,
) -> None:
    one = sent(name, sample(name), mime="image/png")
    assert attachments.fetch(database, vault, FileStore(tmp_path), now, one) == "stored"
    row = state(database, one)
    assert (row.mime, row.name, row.pages, row.kind) == (mime, name, pages, KINDS[name])
    assert row.sha256 is not None
    assert filestore.path_of(tmp_path, row.sha256).exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0 broken", "broken"),
        (sample("foto.png")[:50], "broken"),
        (Refused("gone", code="gone"), "gone"),
        (ZeroDivisionError("in a connector"), "failed"),
    ],
)
def test_a_file_that_cannot_be_kept_is_refused_once_and_stops_no_other(
    content: bytes | Exception,
    code: str,
    sent: Callable[..., int],
    database: Database,
    vault: Vault,
    now: datetime,
    tmp_path: Path,
) -> None:
    bad, good = sent("bad", content), sent("good", sample("suara.ogg"))
    store = FileStore(tmp_path)
    said = [
        attachments.fetch(database, vault, store, now, one)
        for one in attachments.due(database, now)
    ]
    assert said == ["refused", "stored"]
    assert state(database, bad).code == code
    assert state(database, good).code is None
    assert attachments.due(database, now + timedelta(days=9)) == []


def test_a_file_that_is_told_to_be_too_large_is_not_asked_for(
    sent: Callable[..., int],
    database: Database,
    vault: Vault,
    now: datetime,
    tmp_path: Path,
) -> None:
    asked = AssertionError("nobody asks for it")
    one = sent("film.mp4", asked, size=3_000_000_000)
    assert attachments.fetch(database, vault, FileStore(tmp_path), now, one) == (
        "refused"
    )
    row = state(database, one)
    assert (row.code, row.size) == ("too_large", 2**31 - 1)  # what a column holds


@pytest.mark.parametrize("error", [TryLater("busy"), NeedsLogin("ended")])
def test_a_file_waits_for_a_platform_that_is_out(
    error: Exception,
    sent: Callable[..., int],
    database: Database,
    vault: Vault,
    platform: fakechannel.Platform,
    now: datetime,
    tmp_path: Path,
) -> None:
    one, store = sent("surat.pdf", error), FileStore(tmp_path)
    for _ in range(3):
        assert attachments.fetch(database, vault, store, now, one) == "waiting"
        assert attachments.fetch(database, vault, store, now, one) == "taken"
        now += timedelta(hours=8)
    platform.failing_files.clear()
    platform.files["surat.pdf"] = sample("surat.pdf")
    assert attachments.fetch(database, vault, store, now, one) == "stored"


def test_a_file_that_nobody_can_search_for_viruses_waits_and_is_then_kept(
    sent: Callable[..., int],
    database: Database,
    vault: Vault,
    platform: fakechannel.Platform,
    now: datetime,
    tmp_path: Path,
) -> None:
    nobody = Clamd(str(tmp_path / "clamd.ctl"))
    one = sent("surat.pdf", sample("surat.pdf"))
    store = FileStore(tmp_path, clamd=nobody)
    assert attachments.fetch(database, vault, store, now, one) == "unchecked"
    platform.files.clear()  # it is here already, whatever becomes of the link
    later = now + timedelta(hours=1)
    assert attachments.due(database, later) == [one]
    kept = attachments.fetch(database, vault, FileStore(tmp_path), later, one)
    assert kept == "stored"
