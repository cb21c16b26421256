"""What people attach, by its label: a bare one is a picture, and an ending says what
else it is.

Spoken messages and films are the same for every label (made with FFmpeg, `files/`);
the rest is made on demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Literal

from sandbox import papers, photos

Sort = Literal["picture", "video", "audio", "document"]
_SORTS: dict[str, tuple[Sort, str]] = {
    "jpg": ("picture", "image/jpeg"),
    "mp4": ("video", "video/mp4"),
    "ogg": ("audio", "audio/ogg"),
    "wav": ("audio", "audio/wav"),
    "pdf": ("document", "application/pdf"),
}


@dataclass(frozen=True, slots=True)
class Attached:
    """`name`: with its ending."""

    name: str
    sort: Sort
    mime: str

    @property
    def content(self) -> bytes:
        title, _, ending = self.name.rpartition(".")
        if ending == "jpg":
            return photos.jpeg(title)
        if ending == "pdf":
            return papers.pdf(title)
        if ending == "wav":
            return papers.recording(title)
        name = {"mp4": "film.mp4", "ogg": "suara.ogg"}[ending]
        return resources.files("sandbox").joinpath("files", name).read_bytes()


def of(label: str) -> Attached:
    ending = label.rpartition(".")[2]
    name = label if ending in _SORTS else f"{label}.jpg"
    sort, mime = _SORTS[name.rpartition(".")[2]]
    return Attached(name, sort, mime)
