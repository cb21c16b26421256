"""Polling Instagram: comments below our own media, media that tag us, private messages.

Webhooks tell neither tags nor comments on what was published before the subscription. A
run lists the media of the last weeks and reads the comments of those whose count
changed. In the cursor:

    marks   media -> count of comments; set after the last page of its comments
    todo    media -> [count, permalink] whose comments are still to be read
    media, found, listed     while the media are being listed
    comments                 while the comments of the first of `todo` are being read
    tags                     time of the newest tag, epoch seconds
    chats                    the cursor of the private messages
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connectors._meta.graph import (
    Graph,
    Object,
    ident,
    moment,
    next_parameters,
    number,
    obj,
    rows,
    text,
)
from connectors._meta.messaging import Chats
from connectors.base import Cursor, Page, RawItem
from connectors.errors import NeedsLogin, Refused
from connectors.instagram.wire import (
    COMMENT_FIELDS,
    MEDIA_FIELDS,
    comment_items,
    item_of,
)

PER_PAGE = 50
_OVERLAP_SECONDS = 24 * 3600.0
_REPLY_FIELDS = "id,text,timestamp,username,from,hidden,parent_id"
_COMMENTS = f"{COMMENT_FIELDS},replies{{{_REPLY_FIELDS}}}"


class Poll:
    """One run from a cursor on. `me` is the account's id; `days` of media are looked
    at."""

    def __init__(
        self, graph: Graph, chats: Chats, me: str, days: int, cursor: Cursor
    ) -> None:
        self._graph, self._chats, self._me = graph, chats, me
        self._oldest = time.time() - days * 86400
        self._state: dict[str, Any] = {"marks": {}, **copy.deepcopy(cursor)}

    def pages(self) -> Iterator[Page]:
        if not self._state.get("todo"):
            yield from self._media()
        while self._state.get("todo"):
            yield from self._comments()
        yield from self._tags()
        yield from self._messages()

    def _page(self, items: list[RawItem], stream: str, gap: str | None = None) -> Page:
        return Page(tuple(items), copy.deepcopy(self._state), stream=stream, gap=gap)

    def _media(self) -> Iterator[Page]:
        state = self._state
        found, listed = state.setdefault("found", {}), state.setdefault("listed", [])
        more = state.get("media")
        while True:
            answer = self._graph.read_list(
                f"{self._me}/media",
                **(
                    more
                    or {
                        "fields": "id,timestamp,permalink,comments_count",
                        "limit": PER_PAGE,
                    }
                ),
            )
            recent = [row for row in rows(answer, "data") if _time(row) >= self._oldest]
            for row in recent:
                self._compare(row, found, listed)
            more = state["media"] = next_parameters(answer)
            if len(recent) < len(answer["data"]):
                more = None
            if more is None:
                self._media_are_read()
            yield self._page([], "media")
            if more is None:
                return

    def _compare(self, row: Object, found: dict[str, Any], listed: list[str]) -> None:
        media, count = ident(row.get("id")), number(row.get("comments_count"))
        if media is None:
            return
        listed.append(media)
        if count and self._state["marks"].get(media) != count:
            found[media] = [count, text(row, "permalink")]

    def _media_are_read(self) -> None:
        state = self._state
        listed = set(state.pop("listed"))
        state["marks"] = {
            media: n for media, n in state["marks"].items() if media in listed
        }
        state["todo"] = state.pop("found")
        del state["media"]

    def _comments(self) -> Iterator[Page]:
        """All comments of one media object: a new answer may stand below the oldest of
        them."""
        state = self._state
        media, (count, link) = next(iter(state["todo"].items()))
        more = state.get("comments")
        context = {"media_id": media, **({"permalink": link} if link else {})}
        while True:
            answer = self._comment_page(media, more)
            more = state["comments"] = next_parameters(answer)
            items = [
                item
                for row in answer["data"]
                for item in comment_items(
                    self._with_all_replies(row), self._me, **context
                )
            ]
            if more is None:
                state["marks"][media] = count
                del state["comments"], state["todo"][media]
            yield self._page(items, "comments")
            if more is None:
                return

    def _comment_page(self, media: str, more: dict[str, str] | None) -> dict[str, Any]:
        first: dict[str, Any] = {"fields": _COMMENTS, "limit": PER_PAGE}
        try:
            return self._graph.read_list(f"{media}/comments", **(more or first))
        except Refused as error:
            if error.code != "gone":
                raise
            return {"data": []}  # deleted since the media were listed

    def _with_all_replies(self, row: Any) -> Any:
        """A comment brings some of its answers; the rest is fetched."""
        more = next_parameters(obj(row, "replies"))
        if more is None:
            return row
        found = list(rows(row, "replies", "data"))
        while more is not None:
            answer = self._graph.read_list(f"{row.get('id')}/replies", **more)
            found += rows(answer, "data")
            more = next_parameters(answer)
        return {**row, "replies": {"data": found}}

    def _tags(self) -> Iterator[Page]:
        mark = self._state.get("tags", self._oldest)
        more: dict[str, Any] | None = {"fields": MEDIA_FIELDS, "limit": PER_PAGE}
        top = mark
        while more is not None:
            try:
                answer = self._graph.read_list(f"{self._me}/tags", **more)
            except (NeedsLogin, Refused) as error:
                if error.code == "needs_login":
                    raise
                yield self._page([], "tags", gap="no_permission")
                return
            times = [_time(row) for row in rows(answer, "data")]
            top = max([top, *times])
            more = next_parameters(answer)
            if times and max(times) < mark - _OVERLAP_SECONDS:
                more = None
            if more is None:
                self._state["tags"] = top
            yield self._page(
                [item_of(row, "tag", self._me) for row in answer["data"]], "tags"
            )

    def _messages(self) -> Iterator[Page]:
        """A token without the permission for messages is a gap of this list alone."""
        try:
            for page in self._chats.fetch(self._state.get("chats", {})):
                self._state["chats"] = page.cursor
                yield replace(page, cursor=copy.deepcopy(self._state))
        except (NeedsLogin, Refused) as error:
            if error.code == "needs_login":
                raise
            yield self._page([], "conversations", gap="no_permission")


def _time(row: Object) -> float:
    at = moment(row.get("timestamp"))
    return at.timestamp() if at else float("inf")
