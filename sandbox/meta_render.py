"""Objects of the Graph API as JSON, with the fields that were asked for, and lists in
pages.

Without `fields` an object gives its default fields. A list's `paging.next` holds the
whole request, the token among it, as Meta's does.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.meta_fields import Field, parse
from sandbox.meta_hooks import id_of, name_of, username_of
from sandbox.meta_state import MetaState
from sandbox.meta_types import (
    Author,
    GraphError,
    Instagram,
    Json,
    Page,
    Person,
    Said,
    Talk,
    Written,
)

MOST = 100
_DEFAULT = {
    "post": "created_time,message,id",
    "comment": "created_time,from,message,id",
    "review": "created_time,reviewer,recommendation_type,review_text",
    "ig_comment": "timestamp,text,id",
    "media": "id",
    "message": "id,created_time",
    "talk": "id,updated_time",
}


def iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


class Renderer:
    """For one request: whose token asks, and where further pages are."""

    def __init__(self, state: MetaState, asks: str, here: str, token: str) -> None:
        self.state, self.asks, self.here, self.token = state, asks, here, token

    def listed(
        self, rows: list[Any], path: str, query: dict[str, str], kind: str
    ) -> Json:
        """One page of rows (newest or oldest first as they come) with its `paging`."""
        limit = min(int(query.get("limit", 25)), MOST)
        after = query.get("after")
        start = 0
        if after:
            last = base64.urlsafe_b64decode(after).decode()
            start = next(
                (n + 1 for n, row in enumerate(rows) if row.id == last), len(rows)
            )
        page = rows[start : start + limit]
        fields = query.get("fields") or _DEFAULT[kind]
        answer: Json = {"data": [self.one(row, parse(fields)) for row in page]}
        if page:
            mark = base64.urlsafe_b64encode(page[-1].id.encode()).decode()
            answer["paging"] = {"cursors": {"before": mark, "after": mark}}
            if start + limit < len(rows):
                again = {
                    **query,
                    "access_token": self.token,
                    "limit": str(limit),
                    "after": mark,
                }
                answer["paging"]["next"] = f"{self.here}/{path}?{urlencode(again)}"
        return answer

    def one(self, thing: Any, fields: dict[str, Field]) -> Json | None:
        if getattr(thing, "broken", False):
            return None  # an element of a list can be null
        if isinstance(thing, Said):
            on_instagram = (
                thing.wall in self.state.accounts
                or thing.kind == "media"
                or (thing.above is not None and thing.above.kind == "media")
            )
            whole = (
                self._instagram(thing, fields)
                if on_instagram
                else self._facebook(thing, fields)
            )
        elif isinstance(thing, Talk):
            whole = self._talk(thing, fields)
        else:
            whole = self._message(thing)
            if not self._is_recent(thing):
                whole = {name: whole[name] for name in ("id", "created_time")}
        return {
            k: v
            for k, v in whole.items()
            if v is not None and (k in fields or k == "id")
        }

    def _facebook(self, said: Said, fields: dict[str, Field]) -> Json:
        if said.kind == "review":
            return {
                "created_time": iso(said.at),
                "reviewer": {"id": id_of(said.author), "name": name_of(said.author)},
                "recommendation_type": "positive" if said.positive else "negative",
                "review_text": said.text,
                "has_review": bool(said.text),
                "open_graph_story": {"id": said.id},
            }
        whole: Json = {
            "id": said.id,
            "created_time": iso(said.at),
            "from": self._author(said.author),
            "message": said.text or None,
            "is_hidden": said.hidden,
            "permalink_url": f"https://www.facebook.com/{said.id}",
        }
        if said.tags:
            whole["message_tags"] = [{"id": tag, "type": "page"} for tag in said.tags]
        if said.kind == "comment":
            whole["parent"] = {"id": said.parent.id} if said.parent else None
            whole["attachment"] = _attachment(said, self.here) if said.photos else None
            return whole
        whole["updated_time"] = iso(said.changed)
        if said.photos:
            whole["attachments"] = {"data": [_attachment(said, self.here)]}
        if wanted := fields.get("comments"):
            below = self.comments(said, wanted.arguments.get("filter") == "stream")
            whole["comments"] = {"data": [], "summary": {"total_count": len(below)}}
        return whole

    def comments(self, post: Said, stream: bool) -> list[Said]:
        """Oldest first. Without `filter=stream` only those at the top."""
        return [
            one
            for one in self.state.said.values()
            if one.above is post and (stream or one.parent is None)
        ]

    def _author(self, author: Author | None) -> Json | None:
        if author is None or (self.state.hides_authors and isinstance(author, Person)):
            return None
        return {"id": author.id, "name": author.name}

    def _instagram(self, said: Said, fields: dict[str, Field]) -> Json:
        if said.kind == "media":
            link = f"https://www.instagram.com/p/{said.id}/"
            below = [one for one in self.state.said.values() if one.above is said]
            return {
                "id": said.id,
                "caption": said.text or None,
                "media_type": "IMAGE",
                "media_url": f"{self.here}/cdn/{said.id}.jpg",
                "permalink": link,
                "timestamp": iso(said.at),
                "username": username_of(said.author),
                "comments_count": len(below),
            }
        assert said.above is not None
        whole: Json = {
            "id": said.id,
            "text": said.text,
            "timestamp": iso(said.at),
            "username": username_of(said.author),
            "from": {"id": id_of(said.author), "username": username_of(said.author)},
            "hidden": said.hidden,
            "parent_id": said.parent.id if said.parent else None,
        }
        if wanted := fields.get("media"):
            whole["media"] = self.one(said.above, wanted.inner or parse("id"))
        if wanted := fields.get("replies"):
            answers = [one for one in self.state.said.values() if one.parent is said]
            query = {"fields": wanted.plain or _DEFAULT["ig_comment"], "limit": "3"}
            if answers:
                whole["replies"] = self.listed(
                    answers, f"{said.id}/replies", query, "ig_comment"
                )
        return whole

    def _talk(self, talk: Talk, fields: dict[str, Field]) -> Json:
        whole: Json = {"id": talk.id, "updated_time": iso(talk.changed)}
        if wanted := fields.get("messages"):
            query = {
                "fields": wanted.plain or _DEFAULT["message"],
                "limit": wanted.arguments.get("limit", "25"),
            }
            rows = list(reversed(talk.messages))
            whole["messages"] = self.listed(
                rows, f"{talk.id}/messages", query, "message"
            )
        return whole

    def _message(self, written: Written) -> Json:
        return {
            "id": written.id,
            "created_time": iso(written.at),
            "from": self._party(written.sender),
            "to": {"data": [self._party(written.to)]},
            "message": written.text,
        }

    def _is_recent(self, written: Written) -> bool:
        """Only the newest 20 messages of a conversation are told with their details."""
        talk = next(t for t in self.state.talks.values() if written in t.messages)
        return written in talk.messages[-20:]

    def _party(self, name: str) -> Json:
        known: Page | Instagram | Person | None = (
            self.state.pages.get(name)
            or self.state.accounts.get(name)
            or self.state.people.get(name)
        )
        if known is None:
            return {"id": name}
        if isinstance(known, Instagram):
            return {"id": name, "username": known.username}
        return {"id": name, "name": known.name}


def _attachment(said: Said, here: str) -> Json:
    return {
        "type": "photo",
        "media_type": "photo",
        "media": {"image": {"src": f"{here}/cdn/{said.photos[0]}.jpg", "width": 800}},
        "target": {"id": said.id.replace("_", "")},
    }


def missing(name: str) -> GraphError:
    return GraphError(
        100,
        f"Unsupported get request. Object with ID '{name}' does not exist, cannot be"
        " loaded due to missing permissions, or does not support this operation",
        33,
        kind="GraphMethodException",
    )
