"""Manual entry for the contract suite: nothing is fetched and nothing leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from cityhall import CityHall
from resident import Resident

from aggregator.accounts import filestore
from aggregator.desk import queue
from aggregator.intake import entries
from connectors.manual import Manual, ManualAccount, ManualApp
from sandbox import photos
from sandbox.serve import Sandbox


class Stage(Resident):
    shape: ClassVar[Any] = {
        "entry_id": "e-1",
        "recorded_by": "Budi Contoh",
        "source": "whatsapp",
        "text": "Diteruskan dari grup RT",
        "pasted": (
            "[25/11/26 09.12] Siti: Lampu mati\n[25/11/26 09.13] Siti: di Gg. Masjid"
        ),
        "speaker": "Siti",
        "name": "Siti",
        "contact": "0812 0000 1111",
        "place": "Gg. Masjid",
        "lat": -6.59,
        "lon": 106.79,
        "anonymous": False,
        "said_at": "2026-11-25T09:12",
        "created_at": "2026-11-25T02:20:00+00:00",
        "time_zone": "Asia/Jakarta",
        "media": [{"sha256": "0" * 64, "mime": "image/jpeg"}],
    }
    poll_endpoint: ClassVar[str | None] = None
    send_endpoint: ClassVar[str | None] = None
    page_size: ClassVar[int] = 1
    unable: ClassVar[frozenset[str]] = frozenset({"answer", "edit", "delete"})

    def __init__(self, sandbox: Sandbox) -> None:
        """Nothing outside takes part."""

    def settle_in(self, city: CityHall, serve: Callable[[], str]) -> None:
        self.city = city

    def write(
        self, text: str, *, to: str | None = None, photo: str | None = None
    ) -> str:
        """Said at the counter, and written down there."""
        city, entry = self.city, entries.Entry(entries.new_id(), "visit", text)
        if photo is not None:
            kept = filestore.keep_photo(city.data_dir, photos.jpeg(photo))
            entry.photos = [{"sha256": kept.sha256, "mime": kept.mime}]
        self.entry = entry.id
        entries.record(city.database, city.vault, city.now(), city.dewi, entry)
        return entry.id

    def reached(self) -> list[str]:
        """What stands on the page of the case."""
        number = str(self.city.case().case.number)
        answers = queue.public_answers(self.city.database, number, self.entry)
        return [answer.text for answer in answers or ()]

    def connect(self) -> Manual:
        return Manual(ManualApp(), ManualAccount(handle="meja-dishub"), "meja-dishub")

    def answerable(self) -> dict[str, Any]:
        return {"entry_id": "e-1", "contact": "+6281200001111"}
