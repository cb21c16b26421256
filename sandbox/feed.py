"""A newspaper with a feed: RSS 2.0 and the same entries as Atom.

Sources: rssboard.org/rss-specification; RFC 4287; RFC 9110, 13.1 (conditional
requests). The newest entry stands first; `guid` and `id` are the permalink, and RSS
knows no time of a change.
"""

from __future__ import annotations

import email.utils
import hashlib
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox.platform import Event
from sandbox.rest import endpoint_of, here
from sandbox.state import Core

PREFIX = "/feed"
TITLE = "Kabar Warga (demo)"
ENDPOINTS = ("GET /rss.xml", "GET /atom.xml", "GET /")
_DC = "http://purl.org/dc/elements/1.1/"


@dataclass
class Entry:
    """Times are epoch seconds. `markup`: what stands in place of all this."""

    id: str
    title: str
    who: str
    text: str
    at: float
    changed: float
    markup: str | None = None


class Publishers:
    """`answers` are the status codes of requests, oldest first."""

    channels: ClassVar[tuple[str, ...]] = ("feed",)

    def __init__(self, core: Core) -> None:
        self.core = core
        self.entries: dict[str, Entry] = {}
        self.answers: list[int] = []
        self.extra = ""
        self._names: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def populate(self) -> None:
        """The newspaper has written nothing yet."""

    def accounts(self, here: str) -> list[dict[str, Any]]:
        return [
            {
                "channel": "feed",
                "handle": f"{here}{PREFIX}/rss.xml".partition("://")[2],
                "agency": "diskominfo",
                "settings": {"url": f"{here}{PREFIX}/rss.xml"},
                "app": {"base_url": here + PREFIX},
            }
        ]

    def act(self, event: Event) -> str:
        """`who` is the reporter; `title`."""
        now = self.core.clock.now()
        if "edit" in event:
            entry = self._item(event["edit"])
            entry.text, entry.changed = str(event.get("text", "")), now
            return entry.id
        number = next(self._numbers)
        made = Entry(
            f"https://kabar.example/berita/{number}",
            str(event.get("title", "Surat pembaca")),
            str(event.get("who", "Redaksi")),
            str(event.get("text", "")),
            now,
            now,
        )
        self.entries[made.id] = made
        if "as" in event:
            self._names[event["as"]] = made.id
        return made.id

    def _item(self, reference: str) -> Entry:
        entry = self.entries.get(self._names.get(reference, reference))
        if entry is None:
            raise ValueError(f"there is no entry {reference!r}")
        return entry

    def revoke(self, token: str) -> None:
        raise KeyError("a feed has no token")

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        endpoint = endpoint_of(scope["method"], scope["path"], ENDPOINTS, PREFIX)
        return (None, endpoint) if endpoint else None

    def routes(self) -> list[Route]:
        return [
            Route(f"{PREFIX}/", self._page, methods=["GET"]),
            Route(f"{PREFIX}/rss.xml", self._rss, methods=["GET"]),
            Route(f"{PREFIX}/atom.xml", self._atom, methods=["GET"]),
        ]

    async def _page(self, _: Request) -> Response:
        return Response(
            '<html><head><link rel="alternate" type="application/rss+xml"'
            ' href="rss.xml"></head><body>Kabar</body></html>',
            media_type="text/html",
        )

    async def _rss(self, request: Request) -> Response:
        with self.core.lock:
            newest = reversed(self.entries.values())
            inside = "".join(each.markup or _item(each) for each in newest)
            body = (
                f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
                f' xmlns:dc="{_DC}"><channel><title>{TITLE}</title>'
                f"<link>{here(request)}{PREFIX}/</link>"
                f"<description>Kabar kota</description>{self.extra}{inside}"
                "</channel></rss>"
            )
            return self._answer(request, body, "application/rss+xml")

    async def _atom(self, request: Request) -> Response:
        with self.core.lock:
            newest = reversed(self.entries.values())
            inside = "".join(each.markup or _entry(each) for each in newest)
            body = (
                '<?xml version="1.0" encoding="UTF-8"?>\n'
                '<feed xmlns="http://www.w3.org/2005/Atom">'
                f"<title>{TITLE}</title><id>urn:kabar:demo</id>"
                f"<updated>{_iso(self.core.clock.now())}</updated>"
                f"{self.extra}{inside}</feed>"
            )
            return self._answer(request, body, "application/atom+xml")

    def _answer(self, request: Request, body: str, kind: str) -> Response:
        content = body.encode()
        mark = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        latest = max((each.changed for each in self.entries.values()), default=0.0)
        headers = {
            "ETag": mark,
            "Last-Modified": email.utils.formatdate(latest, usegmt=True),
        }
        if request.headers.get("if-none-match") == mark:
            self.answers.append(304)
            return Response(status_code=304, headers=headers)
        self.answers.append(200)
        return Response(content, media_type=kind, headers=headers)


def _item(entry: Entry) -> str:
    return (
        f"<item><title>{escape(entry.title)}</title><link>{entry.id}</link>"
        f"<guid>{entry.id}</guid><dc:creator>{escape(entry.who)}</dc:creator>"
        f"<pubDate>{email.utils.formatdate(entry.at)}</pubDate>"
        f"<description>{escape(f'<p>{escape(entry.text)}</p>')}</description></item>"
    )


def _entry(entry: Entry) -> str:
    return (
        f"<entry><title>{escape(entry.title)}</title><id>{entry.id}</id>"
        f'<link href="{entry.id}"/><author><name>{escape(entry.who)}</name></author>'
        f"<published>{_iso(entry.at)}</published>"
        f"<updated>{_iso(entry.changed)}</updated>"
        f'<content type="html">{escape(f"<p>{escape(entry.text)}</p>")}</content>'
        "</entry>"
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
