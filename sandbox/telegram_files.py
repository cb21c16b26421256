"""Files of Telegram: photos in several sizes, and links that are good for an hour."""

from __future__ import annotations

import hashlib

from sandbox import attached, photos
from sandbox.state import Core
from sandbox.telegram_types import Json, TelegramError

LINK_SECONDS = 3_600
PHOTO_SIZES = ((90, 67), (320, 240), (800, 600))


class Files:
    """A file is known by its label; what it holds is made when it is downloaded. A
    picture has a width and a height, everything else has none."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self._known: dict[str, tuple[str, int, int]] = {}
        self._links: dict[str, tuple[str, float]] = {}

    def photo_sizes(self, label: str) -> list[Json]:
        sizes = []
        for width, height in PHOTO_SIZES:
            mark = hashlib.sha256(f"{label} {width}".encode()).hexdigest()
            self._known[f"AgACAgUAAx{mark[:46]}"] = (label, width, height)
            sizes.append(
                {
                    "file_id": f"AgACAgUAAx{mark[:46]}",
                    "file_unique_id": f"AQAD{mark[46:58]}",
                    "width": width,
                    "height": height,
                    "file_size": len(photos.jpeg(label, width, height)),
                }
            )
        return sizes

    def shown(self, label: str) -> Json:
        """What a message shows of a file that a person sent."""
        file = attached.of(label)
        if file.sort == "picture":
            return {"photo": self.photo_sizes(label)}
        mark = hashlib.sha256(label.encode()).hexdigest()
        self._known[f"BAACAgUAAx{mark[:46]}"] = (label, 0, 0)
        told: Json = {
            "file_id": f"BAACAgUAAx{mark[:46]}",
            "file_unique_id": f"AgAD{mark[46:58]}",
            "mime_type": file.mime,
            "file_size": len(file.content),
        }
        if file.sort == "audio":
            return {"voice": told | {"duration": 1}}
        if file.sort == "video":
            return {"video": told | {"width": 64, "height": 48, "duration": 1}}
        return {"document": told | {"file_name": file.name}}

    def received(self, kind: str, name: str, content: bytes) -> Json:
        """What a message shows of a file that a bot sent."""
        mark = hashlib.sha256(content).hexdigest()
        file: Json = {
            "file_id": f"BQACAgUAAx{mark[:46]}",
            "file_unique_id": f"AgAD{mark[46:58]}",
            "file_size": len(content),
        }
        if kind == "photo":
            return {"photo": [file | {"width": 800, "height": 600}]}
        if kind == "video":
            return {"video": file | {"width": 800, "height": 600, "duration": 1}}
        return {"document": file | {"file_name": name}}

    def link(self, file_id: str) -> Json:
        with self.core.lock:
            if file_id not in self._known:
                raise TelegramError(400, "Bad Request: invalid file_id")
            label, width, _ = self._known[file_id]
            ending = attached.of(label).name.rpartition(".")[2]
            mark = hashlib.sha256(file_id.encode()).hexdigest()[:8]
            path = f"{'photos' if width else 'documents'}/file_{mark}.{ending}"
            self._links[path] = (file_id, self.core.clock.now() + LINK_SECONDS)
            known = f"{label} {width}" if width else label
            unique = hashlib.sha256(known.encode()).hexdigest()[46:58]
            return {
                "file_id": file_id,
                "file_unique_id": f"{'AQAD' if width else 'AgAD'}{unique}",
                "file_size": len(self._made(file_id)),
                "file_path": path,
            }

    def _made(self, file_id: str) -> bytes:
        label, width, height = self._known[file_id]
        if width:
            return photos.jpeg(label, width, height)
        return attached.of(label).content

    def content(self, path: str) -> bytes | None:
        """A file by the path `getFile` told, for as long as that path is good."""
        with self.core.lock:
            file_id, until = self._links.get(path, ("", 0.0))
            if self.core.clock.now() >= until:
                return None
            return self._made(file_id)
