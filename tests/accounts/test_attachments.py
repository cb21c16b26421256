"""Pictures are evidence: fetched once, checked, kept without their metadata."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import fakechannel
import pytest
from PIL import Image

from aggregator.accounts import attachments
from aggregator.desk import queue
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.vault import Vault


def test_a_kept_picture_says_no_more_where_it_was_taken(
    picture: bytes, tmp_path: Path
) -> None:
    assert attachments.position(picture) == pytest.approx((-6.595, 106.7889), abs=1e-3)
    kept = attachments.keep(tmp_path, picture)
    stored = attachments.path_of(tmp_path, kept.sha256).read_bytes()
    assert attachments.position(stored) is None
    assert (kept.mime, kept.size) == ("image/jpeg", len(stored))
    assert attachments.keep(tmp_path, picture) == kept


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"%PDF-1.7", b"\xff\xd8\xff"]
)
def test_what_is_not_a_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(attachments.AttachmentRefused) as refusal:
        attachments.keep(tmp_path, content)
    assert refusal.value.code == "not_a_picture"


def test_a_large_photo_is_made_smaller(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (5000, 100)).save(out, "PNG")
    kept = attachments.keep(tmp_path, out.getvalue())
    with Image.open(attachments.path_of(tmp_path, kept.sha256)) as stored:
        assert stored.size == (2048, 41)


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
    assert attachments.fetch(database, vault, tmp_path, now, waiting) == "stored"
    assert attachments.due(database, now + timedelta(days=1)) == []
    (row,) = queue.listing(database, budi)
    assert row.picture is not None
