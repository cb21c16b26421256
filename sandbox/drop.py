"""A folder another program watches: files appear in it whole."""

from __future__ import annotations

import shutil
import weakref
from pathlib import Path
from tempfile import mkdtemp


class Drop:
    """The folder is made when it is first asked for and goes with the platform that
    owns it."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(mkdtemp(prefix="sahut-sandbox-"))
            weakref.finalize(self, shutil.rmtree, self._folder, True)
        return self._folder

    def put(self, name: str, content: bytes) -> None:
        """Written under another name first, then renamed, as docs/channels asks of
        programs."""
        partial = self.folder / f".{name}.part"
        partial.write_bytes(content)
        partial.replace(self.folder / name)
