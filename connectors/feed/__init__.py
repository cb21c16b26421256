"""RSS and Atom: what newspapers, blogs and forums publish about the city.

Read by polling, with what HTTP has for asking "anything new?" (`ETag`, `Last-Modified`,
RFC 9110). A feed lists its newest entries and is read whole each time it has changed;
what an entry says makes its key, so one that was rewritten is an edit. Nothing can be
answered in a feed: the answer is given where the entry stands, by hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit, urlunsplit

from lxml import etree, html
from pydantic import Field, field_validator

from connectors._shared import http
from connectors._shared.fields import only
from connectors.base import (
    AccountSettings,
    Cursor,
    FileKind,
    Identity,
    Json,
    Later,
    Message,
    Page,
    RawItem,
    Settings,
)
from connectors.errors import BadItem, Refused, TryLater
from connectors.feed import wire

LARGEST = 8 * 1024 * 1024
_PAGE = 50
_STREAM = "entries"
_SECONDS = 60.0
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9,"
    " */*;q=0.1"
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml")


class FeedApp(Settings):
    base_url: str = Field(
        default="",
        title="Address of the city's own site",
        description="Feeds there are read even where it leads into a private network;"
        " empty: only public addresses are read",
    )


class FeedAccount(AccountSettings):
    url: str = Field(
        title="Address of the feed",
        description="RSS or Atom, as https://koran.example/feed",
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, given: str) -> str:
        there = urlsplit(given if "://" in given else f"https://{given}")
        if there.scheme not in ("http", "https") or not there.hostname:
            raise ValueError("must be a web address, as https://koran.example/feed")
        if there.username or there.password:
            raise ValueError("must name no user and no password")
        return urlunsplit(there._replace(fragment=""))


class Feed:
    label: ClassVar[str] = "RSS and Atom"
    hears: ClassVar[frozenset[Later]] = frozenset({"edit"})
    carries: ClassVar[frozenset[FileKind]] = frozenset()
    App: ClassVar[type[Settings]] = FeedApp
    Account: ClassVar[type[AccountSettings]] = FeedAccount
    text_limit: ClassVar[int] = wire.LONGEST
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 900

    def __init__(
        self, app: FeedApp, account: FeedAccount, external_id: str | None = None
    ) -> None:
        self._app, self._url = app, account.url
        self._name = f"the feed at {urlsplit(account.url).hostname}"
        self._client = http.session()

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        found = self._get({})
        feed = wire.feed_of(found.content, _charset(found))
        if feed is None:
            raise Refused(f"{self._name} is no RSS or Atom{self._instead(found)}")
        warnings = () if feed.fault is None else (f"It is no whole XML: {feed.fault}.",)
        address = self._url.partition("://")[2].rstrip("/")
        return Identity(self._url, address, feed.title or address, warnings)

    def _instead(self, found: http.Fetched) -> str:
        """Of a web page the feed that it names."""
        try:
            page = html.document_fromstring(found.content)
        except (etree.LxmlError, ValueError):
            return "; open its address in a browser and look what it is"
        for link in page.iter("link"):
            if link.get("type") in _FEED_TYPES and link.get("href"):
                there = urljoin(found.address, str(link.get("href")))
                return f"; the page names this feed of its own: {there}"
        return "; it is a web page, so look on it for the address of its feed"

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        found = self._get(cursor)
        seen = hashlib.sha256(found.content).hexdigest()
        if found.status == 304 or seen == cursor.get("seen"):
            yield Page((), cursor, stream=_STREAM)
            return
        feed = wire.feed_of(found.content, _charset(found))
        if feed is None:
            raise TryLater(
                f"{self._name} answers something else than RSS or Atom; if that goes"
                " on, open its address in a browser and register the one it has now"
            )
        items = list(wire.raw_items(feed, self._url, self._url))
        if feed.fault is not None:
            items.append(wire.document(found.content, self._url, self._url, feed.fault))
        while len(items) > _PAGE:
            yield Page(tuple(items[:_PAGE]), cursor, stream=_STREAM)
            del items[:_PAGE]
        read = only(
            etag=found.headers.get("ETag"),
            modified=found.headers.get("Last-Modified"),
            seen=seen,
        )
        if feed.fault is None:
            yield Page(tuple(items), read, stream=_STREAM)
        else:
            yield Page(tuple(items), {}, stream=_STREAM)
            yield Page((), {}, stream=_STREAM, trouble="broken_feed")

    def _get(self, cursor: Cursor) -> http.Fetched:
        asked = {
            "Accept": _ACCEPT,
            "If-None-Match": cursor.get("etag"),
            "If-Modified-Since": cursor.get("modified"),
        }
        return http.fetch_outside(
            self._client,
            self._url,
            platform=self._name,
            home=self._app.base_url,
            headers=only(**asked),
            largest=LARGEST,
            seconds=_SECONDS,
        )

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        """A whole feed as text, or an item as stored."""
        if isinstance(payload, str):
            return Feed.read_bytes(payload.encode("utf-8", "replace"), "")
        kind = wire.DOCUMENT if _has(payload, "document") else wire.ENTRY
        return [RawItem(f"stored:{kind}", kind, payload)]

    @staticmethod
    def read_bytes(content: bytes, name: str) -> Iterable[RawItem]:
        feed = wire.feed_of(content)
        if feed is None:
            raise BadItem("this is no RSS or Atom")
        items = list(wire.raw_items(feed, feed.link or "", None))
        if feed.fault is not None:
            items.append(wire.document(content, feed.link or "", None, feed.fault))
        return items

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(wire.messages_of(item))


def _has(payload: Any, name: str) -> bool:
    return isinstance(payload, dict) and name in payload


def _charset(found: http.Fetched) -> str | None:
    _, _, told = found.headers.get("Content-Type", "").lower().partition("charset=")
    return told.split(";")[0].strip(" \"'") or None
