"""Polling a page: the net below the webhooks, which alone tell of edits and deletions
at once.

A run lists the posts of the last weeks (those of visitors are kept) and reads the
comments of those that changed: their time of change or count of comments is another.
Then come posts that tag the page, then recommendations. What is unfinished stands in
the cursor:

    marks   post -> [time of change, count, newest comment read]; set after a post's last page
    todo    posts whose comments are still to be read
    feed, found, listed, since     while the feed is being listed
    comments, top                  while the comments of the first of `todo` are being read
"""  # noqa: E501

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
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
from connectors.base import Cursor, Page, RawItem
from connectors.errors import NeedsLogin, Refused
from connectors.facebook.wire import COMMENT_FIELDS, POST_FIELDS, item_of

PER_PAGE = 100
_FULL_READ_EVERY = 50
_OVERLAP_SECONDS = 24 * 3600.0
_FEED_FIELDS = f"{POST_FIELDS},comments.limit(0).filter(stream).summary(true)"
_REVIEW_FIELDS = (
    "created_time,reviewer{id,name},rating,recommendation_type,review_text,has_review,"
    "open_graph_story{id}"
)


class Poll:
    """One run from a cursor on; `days` of posts are looked at."""

    def __init__(
        self, graph: Graph, page_id: str | None, days: int, cursor: Cursor
    ) -> None:
        self._graph, self._page_id = graph, page_id
        self._oldest = time.time() - days * 86400
        self._state: dict[str, Any] = {"marks": {}, "runs": 0, **copy.deepcopy(cursor)}

    def pages(self) -> Iterator[Page]:
        if not self._state.get("todo"):
            yield from self._feed()
        while self._state.get("todo"):
            yield from self._comments()
        yield from self._newest_first("tagged", "mention", POST_FIELDS)
        yield from self._newest_first("ratings", "review", _REVIEW_FIELDS)

    def _page(self, items: list[RawItem], stream: str, gap: str | None = None) -> Page:
        return Page(tuple(items), copy.deepcopy(self._state), stream=stream, gap=gap)

    def _feed(self) -> Iterator[Page]:
        state = self._state
        state.setdefault("since", int(self._oldest))
        found, listed = state.setdefault("found", {}), state.setdefault("listed", [])
        more = state.get("feed")
        while True:
            answer = self._graph.read_list(
                "me/feed",
                **(
                    more
                    or {
                        "fields": _FEED_FIELDS,
                        "limit": PER_PAGE,
                        "since": state["since"],
                    }
                ),
            )
            for row in rows(answer, "data"):
                self._compare(row, found, listed)
            more = state["feed"] = next_parameters(answer)
            if more is None:
                self._feed_is_read()
            items = [
                item_of(row, "post", self._page_id)
                for row in answer["data"]
                if self._page_id is None
                or ident(obj(row, "from").get("id")) != self._page_id
            ]
            yield self._page(items, "feed")
            if more is None:
                return

    def _compare(self, row: Object, found: dict[str, Any], listed: list[str]) -> None:
        """Put a post on the list where something below it may be new."""
        post = ident(row.get("id"))
        if post is None:
            return
        listed.append(post)
        mark = [
            text(row, "updated_time"),
            number(obj(row, "comments", "summary").get("total_count")),
        ]
        known = self._state["marks"].get(post)
        full = self._state["runs"] % _FULL_READ_EVERY == 0
        if mark[1] != 0 and (full or known is None or known[:2] != mark):
            found[post] = mark

    def _feed_is_read(self) -> None:
        state = self._state
        listed = set(state.pop("listed"))
        state["marks"] = {
            post: m for post, m in state["marks"].items() if post in listed
        }
        state["todo"] = state.pop("found")
        state["runs"] += 1
        del state["since"], state["feed"]

    def _comments(self) -> Iterator[Page]:
        """The comments of one post, newest first, down to what is known."""
        state = self._state
        post, mark = next(iter(state["todo"].items()))
        known = (state["marks"].get(post) or [None, 0, 0.0])[2]
        more = state.get("comments")
        while True:
            answer = self._comment_page(post, more)
            newest = _newest(answer)
            state["top"] = max(state.get("top", known), newest)
            more = state["comments"] = next_parameters(answer)
            if rows(answer, "data") and newest < known - _OVERLAP_SECONDS:
                more = None
            if more is None:
                state["marks"][post] = [*mark, state.pop("top")]
                del state["comments"], state["todo"][post]
            items = [
                item_of(row, "comment", self._page_id, post_id=post)
                for row in answer["data"]
            ]
            yield self._page(items, "comments")
            if more is None:
                return

    def _comment_page(self, post: str, more: dict[str, str] | None) -> dict[str, Any]:
        """Without `filter` and `order` answers to comments and many comments are left
        out."""
        first = {
            "fields": COMMENT_FIELDS,
            "filter": "stream",
            "order": "reverse_chronological",
            "limit": PER_PAGE,
        }
        try:
            return self._graph.read_list(f"{post}/comments", **(more or first))
        except Refused as error:
            if error.code != "gone":
                raise
            return {"data": []}  # deleted since the feed was listed

    def _newest_first(self, stream: str, kind: str, fields: str) -> Iterator[Page]:
        """A list the token may lack the permission for: a gap of this list, no end of
        polling."""
        mark = self._state.get(stream, self._oldest)
        more: dict[str, Any] | None = {"fields": fields, "limit": PER_PAGE}
        top = mark
        while more is not None:
            try:
                answer = self._graph.read_list(f"me/{stream}", **more)
            except (NeedsLogin, Refused) as error:
                if error.code == "needs_login":
                    raise
                yield self._page([], stream, gap="no_permission")
                return
            newest = _newest(answer)
            top = max(top, newest)
            more = next_parameters(answer)
            if rows(answer, "data") and newest < mark - _OVERLAP_SECONDS:
                more = None
            if more is None:
                self._state[stream] = top
            items = [item_of(row, kind, self._page_id) for row in answer["data"]]
            yield self._page(items, stream)


def _newest(answer: Object) -> float:
    times = [moment(row.get("created_time")) for row in rows(answer, "data")]
    return max((at.timestamp() for at in times if at), default=0.0)
