"""Objects of Facebook's answers, one by one, each with what it is. Pure.

An answer is a list, a map by id (`?ids=`) or one object; posts stand inside a page,
comments inside a post, answers inside a comment where the fields asked for them. What a
row is stands in the address of its page; else in the fields only one sort has; else in
its id, which is `page_post` or `post_comment`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors._meta.graph import Object, as_list, ident, obj, text
from connectors.base import Json

_EDGES = {
    "comments": "comment",
    "feed": "post",
    "posts": "post",
    "published_posts": "post",
    "visitor_posts": "post",
    "tagged": "mention",
    "ratings": "review",
}
_REVIEW_FIELDS = frozenset(
    {"recommendation_type", "review_text", "has_review", "reviewer"}
)
_COMMENT_FIELDS = frozenset(
    {
        "comment_count",
        "parent",
        "can_reply_privately",
        "can_comment",
        "can_hide",
        "can_remove",
        "user_likes",
        "attachment",
        "private_reply_conversation",
        "like_count",
        "is_private",
        "object",
    }
)
_POST_FIELDS = frozenset(
    {
        "attachments",
        "status_type",
        "story",
        "full_picture",
        "shares",
        "updated_time",
        "to",
        "picture",
        "is_published",
        "promotable_id",
        "child_attachments",
        "properties",
        "type",
        "link",
        "privacy",
        "actions",
        "caption",
        "application",
        "icon",
        "place",
    }
)
_SAYING = (
    _REVIEW_FIELDS
    | _COMMENT_FIELDS
    | _POST_FIELDS
    | {"message", "created_time", "permalink_url", "from"}
)
_NOT_SAID = frozenset(
    {"category", "about", "images", "start_time", "participants", "snippet"}
)
_ALIKE = 4


@dataclass(frozen=True, slots=True)
class Row:
    """`kind`: post, comment, mention, review. `context` says where a comment stands."""

    kind: str
    row: Json
    context: dict[str, str] = field(default_factory=dict)


def rows_of(payload: Object, hint: str | None = None) -> Iterator[Row]:
    listed = payload.get("data")
    if isinstance(listed, list):
        told = _address_kind(payload) or hint or _list_kind(listed)
        for row in listed:
            yield from _with_inner(row, told)
        return
    mapped = [row for key, row in payload.items() if key == obj(row).get("id")]
    for row in mapped or [payload]:
        yield from _with_inner(row, hint)


def _with_inner(
    row: Json, told: str | None, context: dict[str, str] | None = None
) -> Iterator[Row]:
    """A row and what stands inside it; of what nobody said (a page, a photo) the inside
    alone."""
    said = obj(row)
    kind = told or _kind(said) or _kind_by_id(said)
    if not said or ident(said.get("id")) is None or _is_said(said):
        own = {name: value for name, value in said.items() if not _is_edge(name, value)}
        yield Row(kind, own if said else row, context or {})
    for name, inner_kind in _EDGES.items():
        for inner in as_list(obj(said, name).get("data")):
            yield from _with_inner(inner, inner_kind, _place(said, kind, context or {}))


def _is_edge(name: str, value: Json) -> bool:
    return name in _EDGES and isinstance(obj(value).get("data"), list)


def _is_said(row: Object) -> bool:
    return bool(row.keys() & _SAYING) and not row.keys() & _NOT_SAID


def _place(above: Object, kind: str, context: dict[str, str]) -> dict[str, str]:
    """Where a comment inside this object stands."""
    name = ident(above.get("id"))
    if name is None:
        return context
    if kind == "comment":
        return {**context, "parent_id": name}
    return {"post_id": name} if kind in ("post", "mention") else {}


def _address_kind(payload: Object) -> str | None:
    """The kind of a list, by the address of its next or previous page."""
    address = text(obj(payload, "paging"), "next", "previous") or ""
    return _EDGES.get(urlsplit(address).path.rpartition("/")[2])


def _list_kind(listed: list[Json]) -> str | None:
    """A list holds one sort of thing: one row that shows which speaks for all."""
    return next((kind for row in listed if (kind := _kind(obj(row)))), None)


def _kind(row: Object) -> str | None:
    if row.keys() & _REVIEW_FIELDS:
        return "review"
    if (
        "comment_id=" in (text(row, "permalink_url") or "")
        or row.keys() & _COMMENT_FIELDS
    ):
        return "comment"
    first, _, second = (ident(row.get("id")) or "").rpartition("_")
    for inner in as_list(obj(row, "comments").get("data")):
        above = (ident(obj(inner).get("id")) or "").partition("_")[0]
        if above in (first, second) and above:
            return "comment" if above == first else "post"
    author = ident(obj(row, "from").get("id"))
    is_post = (
        row.keys() & _POST_FIELDS or "comments" in row or (author and author == first)
    )
    return "post" if is_post else None


def _kind_by_id(row: Object) -> str:
    """A comment's number is given after its post's, so both begin alike; its post is
    never its author, so somebody else's words under a number that is not theirs are
    taken for a comment."""
    first, _, second = (ident(row.get("id")) or "").rpartition("_")
    author = ident(obj(row, "from").get("id"))
    near = len(first) == len(second) > _ALIKE and first[:_ALIKE] == second[:_ALIKE]
    return "comment" if first and (near or author) else "post"
