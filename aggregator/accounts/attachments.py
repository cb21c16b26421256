"""Pictures and files of messages: fetched once, checked, kept under their sha256.

Links to platforms die within minutes or days, and some carry a token, so the file is
the evidence and the link is not kept. Pictures are written anew without their EXIF
block: it tells where the reporter lives.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from sqlalchemy import String, cast, or_, update
from sqlmodel import col, select

import connectors
from aggregator.accounts import connections
from aggregator.rules.time import schedule
from aggregator.store import discretion, private
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.answers import Draft, Reply
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.vault import Vault
from connectors.base import Downloads, Media
from connectors.errors import ConnectorError, TryLater

LARGEST = 20 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2048
SMALL_SIDE = 320
_TRIES = 8
_FORMATS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}


class AttachmentRefused(Exception):
    """A file that is not kept; `code`: too_large, not_a_picture."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Kept:
    """`size` in bytes, as stored."""

    sha256: str
    mime: str
    size: int


def path_of(data_dir: Path, sha256: str) -> Path:
    return data_dir / "media" / sha256[:2] / sha256


def keep(data_dir: Path, content: bytes) -> Kept:
    """Store a picture and say under which sha256. AttachmentRefused."""
    cleaned, mime = clean(content)
    digest = hashlib.sha256(cleaned).hexdigest()
    path = path_of(data_dir, digest)
    if not path.exists():
        private.folder(path.parent)
        private.write(path, cleaned)
    return Kept(digest, mime, len(cleaned))


def clean(content: bytes) -> tuple[bytes, str]:
    """The picture upright, at most 2048 px long, without metadata; and its media
    type."""
    if len(content) > LARGEST:
        raise AttachmentRefused("the file is larger than 20 MB", "too_large")
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind = image.format or ""
            if kind not in _FORMATS:
                raise AttachmentRefused(
                    f"{kind or 'this file'} is not kept", "not_a_picture"
                )
            if image.width * image.height > MOST_PIXELS:
                raise AttachmentRefused("the picture has too many pixels", "too_large")
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            if kind == "JPEG" and upright.mode not in ("RGB", "L"):
                upright = upright.convert("RGB")
            plain = Image.new(upright.mode, upright.size)
            if upright.mode == "P" and (palette := upright.getpalette()):
                plain.putpalette(palette)
            plain.paste(upright)
            out = io.BytesIO()
            plain.save(out, format=kind)
    except (
        UnidentifiedImageError,
        OSError,
        Image.DecompressionBombError,
        ValueError,
    ) as error:
        raise AttachmentRefused("the file is not a picture", "not_a_picture") from error
    return out.getvalue(), _FORMATS[kind]


def small(path: Path) -> bytes:
    """A kept picture as lists show it: WebP of a few kilobytes, its first frame."""
    out = io.BytesIO()
    with Image.open(path) as image:
        image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))  # a large JPEG is not read in full
        image.thumbnail((SMALL_SIDE, SMALL_SIDE))
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
        plain.save(out, format="WEBP", quality=60, method=2)
    return out.getvalue()


def position(content: bytes) -> tuple[float, float] | None:
    """Latitude and longitude from a photo's EXIF block, where it has one."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(
            gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef], "S"
        )
        longitude = _degrees(
            gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef], "W"
        )
    except Exception:  # a block made by hand breaks its reader in many ways
        return None
    return (
        (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
    )


def _degrees(parts: tuple[float, float, float], reference: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if reference == negative else value


def due(database: Database, now: datetime, limit: int = 20) -> list[int]:
    """Attachments to be fetched now."""
    with database.reading() as session:
        query = select(Attachment.id).where(
            Attachment.status == "waiting",
            or_(
                col(Attachment.next_try_at).is_(None),
                col(Attachment.next_try_at) <= now,
            ),
        )
        return list(session.exec(query.order_by(col(Attachment.id)).limit(limit)))


def fetch(
    database: Database, vault: Vault, data_dir: Path, now: datetime, attachment_id: int
) -> str:
    """Fetch one attachment, outside any transaction; its status afterwards."""
    with database.writing() as session:
        claimed = session.execute(
            update(Attachment)
            .where(
                col(Attachment.id) == attachment_id, col(Attachment.status) == "waiting"
            )
            .values(
                attempts=Attachment.attempts + 1, next_try_at=schedule.next_try(now, 4)
            )
        )
        if claimed.rowcount != 1:  # type: ignore[attr-defined]
            return "taken"
        row = session.get_one(Attachment, attachment_id)
        message = session.get_one(Message, row.message_id)
        account = session.get_one(Account, message.account_id)
    outcome = _download(account, vault, data_dir, row)
    with database.writing() as session:
        stored = session.get_one(Attachment, attachment_id)
        erased = stored.status != "waiting"  # while it was fetched
        if not erased:
            _write_down(stored, now, outcome)
        status = stored.status
    if erased and isinstance(outcome, Kept):
        drop_unused(database, data_dir, outcome.sha256)
    return status


def _write_down(
    stored: Attachment,
    now: datetime,
    outcome: Kept | ConnectorError | AttachmentRefused,
) -> None:
    if isinstance(outcome, Kept):
        stored.status, stored.reason = "stored", None
        stored.sha256, stored.mime, stored.size = (
            outcome.sha256,
            outcome.mime,
            outcome.size,
        )
    elif isinstance(outcome, TryLater) and stored.attempts < _TRIES:
        stored.reason = discretion.without(str(outcome))
        stored.next_try_at = schedule.next_try(
            now, stored.attempts, outcome.retry_after
        )
    else:
        stored.status = "refused"
        stored.reason = discretion.without(str(outcome))


def drop_unused(database: Database, data_dir: Path, sha256: str) -> None:
    """A file that nothing refers to any more leaves the disk: no message, answer or
    draft has it, and no entry that waits."""
    asked: tuple[Any, ...] = (
        select(Attachment.id).where(Attachment.sha256 == sha256),
        select(Reply.id).where(cast(Reply.files, String).contains(sha256)),
        select(Draft.id).where(cast(Draft.files, String).contains(sha256)),
        select(RawEvent.id).where(
            col(RawEvent.status).in_(("new", "failed", "ignored", "fetch")),
            cast(RawEvent.payload, String).contains(sha256),
        ),
    )
    with database.reading() as session:
        if any(session.exec(one.limit(1)).first() is not None for one in asked):
            return
    path_of(data_dir, sha256).unlink(missing_ok=True)


def _download(
    account: Account, vault: Vault, data_dir: Path, row: Attachment
) -> Kept | ConnectorError | AttachmentRefused:
    if account.status == "removed":
        return AttachmentRefused(
            "the account was removed before the file was fetched", "removed"
        )
    if not row.type.startswith(("photo", "image", "sticker")):
        return AttachmentRefused(
            f"files of type {row.type} are shown as a link only", "not_kept"
        )
    media = Media(row.type, row.native_id, row.ref, row.mime)
    try:
        with connections.connected(account, vault) as connector:
            if not isinstance(connector, Downloads):
                return AttachmentRefused(
                    f"{account.channel} gives no files", "not_kept"
                )
            return keep(data_dir, connector.download(media).content)
    except (ConnectorError, AttachmentRefused) as error:
        return error
    except connectors.ChannelUnavailable as error:
        return AttachmentRefused(str(error), "unavailable")
