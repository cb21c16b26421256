"""SiBadra, written from docs/channels/sibadra.md, the contract its makers are given.

It signs what it delivers, drops files where that is agreed, and takes answers at an
address.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox import photos
from sandbox.drop import Drop
from sandbox.platform import Event
from sandbox.postman import Postman
from sandbox.rest import Json, endpoint_of
from sandbox.state import Core

PREFIX = "/sibadra"
SECRET = "rahasia-sibadra-demo-yang-tidak-membuka-apa-apa"
ENDPOINTS = ("POST /answers", "GET /answers")


class Sibadra:
    """`withdrawn` are reports that take no answer; `keys` holds the secret while it is
    valid."""

    channels: ClassVar[tuple[str, ...]] = ("sibadra",)

    def __init__(self, core: Core) -> None:
        self.core = core
        self.reports: dict[str, Json] = {}
        self.answers: dict[str, Json] = {}
        self.withdrawn: set[str] = set()
        self.keys = {SECRET}
        self.files = Drop()
        self.postman = Postman(core, self.headers)
        self.here = ""
        self._names: dict[str, str] = {}
        self._latest = 0.0
        self._numbers = itertools.count(1)
        self._revisions = itertools.count(1)

    def populate(self) -> None:
        """The connection of the demonstration needs nothing here."""

    def accounts(self, here: str) -> list[dict[str, Any]]:
        self.here = f"{here}{PREFIX}"
        settings = {
            "handle": "sibadra-demo",
            "webhook_secret": SECRET,
            "folder": str(self.files.folder),
            "callback_url": f"{here}{PREFIX}/answers",
            "photo_hosts": here.partition("://")[2],
        }
        return [
            {
                "channel": "sibadra",
                "handle": "sibadra-demo",
                "agency": "diskominfo",
                "settings": settings,
                "app": {},
            }
        ]

    def act(self, event: Event) -> str:
        """`who`, `text`, `place`, `topic`, `anonymous`; `edit` or `delete` an earlier
        report. A file is dropped, or delivered where somebody told `postman` a
        callback."""
        report = self.report(event)
        body = json.dumps(report, ensure_ascii=False).encode()
        if self.postman.callback:
            self.postman.send(body)
        else:
            self.files.put(f"laporan-{next(self._revisions):05d}.json", body)
        return str(report["id"])

    def report(self, event: Event) -> Json:
        """The report as it stands after an event."""
        now = self._moment()
        known = event.get("edit") or event.get("delete")
        if known:
            number = self._names.get(known, known)
            if number not in self.reports:
                raise ValueError(f"there is no report {known!r}")
            changed = (
                {"status": "withdrawn"}
                if "delete" in event
                else {"text": event.get("text")}
            )
            self.reports[number] |= {"updated_at": now, **changed}
            return self.reports[number]
        number = f"SB-{next(self._numbers):06d}"
        anonymous = bool(event.get("anonymous"))
        self.reports[number] = {
            "id": number,
            "created_at": now,
            "updated_at": now,
            "channel": "app",
            "status": "new",
            "topic": event.get("topic", "Laporan warga"),
            "text": event.get("text", ""),
            "address": event.get("place"),
            "photos": [
                f"{self.here}/photos/{label}.jpg" for label in event.get("photos", [])
            ],
            "reporter": {
                "name": event.get("who"),
                "phone": None,
                "anonymous": anonymous,
            },
        }
        if "as" in event:
            self._names[event["as"]] = number
        return self.reports[number]

    def _moment(self) -> str:
        """Later than any before, even while the clock stands: a change has another
        time."""
        self._latest = max(self.core.clock.now(), self._latest + 0.001)
        return datetime.fromtimestamp(self._latest, UTC).isoformat(
            timespec="milliseconds"
        )

    def headers(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """Of a delivery signed at a moment (epoch seconds), or now."""
        timestamp = str(int(self.core.clock.now() if at is None else at))
        return {
            "Content-Type": "application/json",
            "X-Sahut-Timestamp": timestamp,
            "X-Sahut-Signature": _signature(SECRET, timestamp, body),
        }

    def revoke(self, token: str) -> None:
        self.keys.remove(token)

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        endpoint = endpoint_of(scope["method"], scope["path"], ENDPOINTS, PREFIX)
        return (None, endpoint) if endpoint else None

    def routes(self) -> list[Route]:
        return [
            Route(f"{PREFIX}/answers", self._take, methods=["POST"]),
            Route(f"{PREFIX}/answers", self._tell, methods=["GET"]),
            Route(f"{PREFIX}/photos/{{label}}", _photo, methods=["GET"]),
        ]

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        with self.core.lock:
            if not self._signed(request, body):
                return JSONResponse({"error": "signature"}, 401)
            said = json.loads(body)
            if said["id"] in self.withdrawn:
                return JSONResponse({"error": "withdrawn"}, 422)
            if said["answer_id"] not in self.answers:
                self.answers[said["answer_id"]] = said
                self.core.record(
                    "sibadra",
                    "sibadra-demo",
                    said["id"],
                    said["text"],
                    said["answer_id"],
                )
            return JSONResponse({"answer_id": said["answer_id"]}, 201)

    async def _tell(self, request: Request) -> Response:
        key = request.query_params.get("answer_id", "")
        with self.core.lock:
            if not self._signed(request, key.encode()):
                return JSONResponse({"error": "signature"}, 401)
            if key not in self.answers:
                return JSONResponse({"error": "unknown"}, 404)
            return JSONResponse(self.answers[key])

    def _signed(self, request: Request, signed: bytes) -> bool:
        given = request.headers.get("x-sahut-signature", "")
        timestamp = request.headers.get("x-sahut-timestamp", "")
        return any(
            hmac.compare_digest(given, _signature(key, timestamp, signed))
            for key in self.keys
        )


async def _photo(request: Request) -> Response:
    return Response(photos.jpeg(request.path_params["label"]), media_type="image/jpeg")


def _signature(secret: str, timestamp: str, body: bytes) -> str:
    return (
        "sha256="
        + hmac.new(
            secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256
        ).hexdigest()
    )
