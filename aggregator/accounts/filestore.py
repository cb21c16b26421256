"""Files on disk, each once, under the sha256 of what is kept of it.

    DATA_DIR/media/        what may be opened from a case
    DATA_DIR/quarantine/   what waits for `clamd`, and what it found a virus in

Pictures are written anew without their EXIF block: it tells where the reporter lives.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from aggregator import PlainError
from aggregator.accounts import drawings
from aggregator.accounts.clamd import Clamd, Unreachable
from aggregator.accounts.drawings import Drawn, NotDrawn
from aggregator.accounts.filekinds import FileKind, Group, kind_of
from aggregator.store import private
from aggregator.store.settings import Settings

MEGABYTE = 1024 * 1024
LARGEST_PHOTO = 20 * MEGABYTE
"""Of those given on our own pages."""
SMALL_SIDE = 320


class FileRefused(PlainError):
    """A file that is not kept. `code` is a stable word for screens: too_large, broken,
    too_heavy, empty, not_a_picture, infected. `size` in bytes, where it is known."""

    def __init__(self, message: str, code: str, size: int | None = None) -> None:
        super().__init__(message)
        self.code, self.size = code, size


@dataclass(frozen=True, slots=True)
class Kept:
    """`size` in bytes, as stored. `previews`: sha256 of pictures of its first pages;
    `pages`: how many there are. `position`: latitude and longitude that a photo told.
    """

    sha256: str
    mime: str
    size: int
    kind: str
    previews: tuple[str, ...] = ()
    pages: int | None = None
    position: tuple[float, float] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A file that waits in quarantine until `clamd` can be asked."""

    sha256: str
    size: int
    why: str


@dataclass(frozen=True, slots=True)
class Infected:
    """A file that stays in quarantine. `virus`: as clamd names it."""

    sha256: str
    size: int
    virus: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file that is kept, in bytes, by what it is."""

    by_group: Mapping[Group, int]

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        megabytes: dict[Group, int] = {
            "picture": settings.picture_mb,
            "audio": settings.audio_mb,
            "video": settings.video_mb,
            "document": settings.document_mb,
            "other": settings.other_mb,
        }
        return cls({group: most * MEGABYTE for group, most in megabytes.items()})

    def check(self, kind: FileKind, size: int) -> None:
        """FileRefused."""
        most = self.by_group[kind.group]
        if size > most:
            raise FileRefused(
                f"{kind.code} of {size / MEGABYTE:.1f} MB; {kind.group} files are kept"
                f" up to {most // MEGABYTE} MB",
                "too_large",
                size,
            )

    @property
    def most(self) -> int:
        """What no file of any kind may exceed."""
        return max(self.by_group.values())


DEFAULT_LIMITS = Limits.of(Settings.model_construct())


@dataclass(frozen=True, slots=True)
class FileStore:
    """Where files of residents go, and what is asked of them before."""

    data_dir: Path
    limits: Limits = DEFAULT_LIMITS
    clamd: Clamd | None = None

    @classmethod
    def of(cls, settings: Settings) -> FileStore:
        clamd = Clamd(settings.clamd) if settings.clamd else None
        return cls(settings.data_dir, Limits.of(settings), clamd)

    def keep(self, content: bytes) -> Kept | Unchecked | Infected:
        """A file that arrived: measured, searched for viruses, drawn where it can be,
        and only then put where it can be opened. FileRefused."""
        kind = kind_of(content)
        if not content:
            raise FileRefused("the file is empty", "empty", 0)
        self.limits.check(kind, len(content))
        if self.clamd is not None:
            try:
                virus = self.clamd.virus_in(content)
            except Unreachable as error:
                return Unchecked(self._quarantine(content), len(content), str(error))
            if virus is not None:
                return Infected(self._quarantine(content), len(content), virus)
        return _put_drawn(self.data_dir, content, kind)

    def keep_quarantined(self, sha256: str) -> Kept | Unchecked | Infected:
        """The same for a file that waited. FileRefused; OSError where it is gone."""
        path = quarantine_path(self.data_dir, sha256)
        found = self.keep(path.read_bytes())
        if isinstance(found, Kept):
            path.unlink()
        return found

    def _quarantine(self, content: bytes) -> str:
        return _written(content, lambda name: quarantine_path(self.data_dir, name))


def path_of(data_dir: Path, sha256: str) -> Path:
    return data_dir / "media" / sha256[:2] / sha256


def quarantine_path(data_dir: Path, sha256: str) -> Path:
    return data_dir / "quarantine" / sha256


def keep_photo(data_dir: Path, content: bytes) -> Kept:
    """Store a picture that was given on our own pages. FileRefused."""
    kind = kind_of(content)
    if kind.group != "picture":
        raise FileRefused(f"{kind.code} is no picture", "not_a_picture")
    if len(content) > LARGEST_PHOTO:
        raise FileRefused("the file is larger than 20 MB", "too_large", len(content))
    return _put_drawn(data_dir, content, kind)


def small(path: Path) -> bytes:
    """A kept picture as lists show it: WebP of a few kilobytes, its first frame."""
    out = io.BytesIO()
    with Image.open(path) as image:
        image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))  # a large JPEG is not read in full
        image.thumbnail((SMALL_SIDE, SMALL_SIDE))
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
        plain.save(out, format="WEBP", quality=60, method=2)
    return out.getvalue()


def _put_drawn(data_dir: Path, content: bytes, kind: FileKind) -> Kept:
    """Pictures as they were drawn; documents as they came, with pictures of their pages
    where those can be drawn."""
    if kind.shown == "drawn":
        drawn = _drawn(content, kind)
        (picture,) = drawn.contents
        digest = _put(data_dir, picture)
        return Kept(
            digest, drawn.mime, len(picture), kind.code, position=drawn.position
        )
    previews: tuple[str, ...] = ()
    pages = None
    if kind.shown == "paged":
        try:
            shown = drawings.draw(content, kind)
        except NotDrawn:
            pass  # a password, a fault: whoever may read the case can still save it
        else:
            previews = tuple(_put(data_dir, one) for one in shown.contents)
            pages = shown.pages
    return Kept(
        _put(data_dir, content), kind.mime, len(content), kind.code, previews, pages
    )


def _drawn(content: bytes, kind: FileKind) -> Drawn:
    try:
        return drawings.draw(content, kind)
    except NotDrawn as error:
        raise FileRefused(str(error), error.code, len(content)) from error


def _put(data_dir: Path, content: bytes) -> str:
    return _written(content, lambda name: path_of(data_dir, name))


def _written(content: bytes, place: Callable[[str], Path]) -> str:
    digest = hashlib.sha256(content).hexdigest()
    path = place(digest)
    if not path.exists():
        private.folder(path.parent)
        private.write(path, content)
    return digest
