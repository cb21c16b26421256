"""Manual entry for the contract suite: nothing is fetched and nothing leaves."""

from __future__ import annotations

from typing import Any, ClassVar

from connectors.manual import Manual, ManualAccount, ManualApp
from sandbox.serve import Sandbox


class Stage:
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

    def __init__(self, sandbox: Sandbox) -> None:
        """Nothing outside takes part."""

    def connect(self) -> Manual:
        return Manual(ManualApp(), ManualAccount(handle="meja-dishub"), "meja-dishub")

    def answerable(self) -> dict[str, Any]:
        return {"entry_id": "e-1", "contact": "+6281200001111"}
