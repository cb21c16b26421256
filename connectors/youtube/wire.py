"""YouTube's comments to messages. Pure; total over whatever JSON arrives.

Source: developers.google.com, "YouTube Data API: Comments, CommentThreads" (v3, copies
of 2024 to 2026). The id of an answer is `<top-level id>.<its own>`. `textOriginal` is
only told to the author; `textDisplay` is HTML unless plain text was asked for. An edit
shows as `updatedAt` later than `publishedAt`; deletions are not told.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors._shared.fields import (
    Json,
    as_list,
    as_object,
    digest,
    ident,
    iso_time,
    objects,
    only,
    string,
    sub,
)
from connectors.base import Media, Message, RawItem
from connectors.errors import BadItem

_PICTURE = re.compile(r"<img\b[^>]*\balt=[\"']([^\"'>]*)[\"'][^>]*>", re.I)
_MARKUP = re.compile(r"<(?:br|a|b|i|s|img|/)[^>]*>|&(?:amp|lt|gt|quot|#\d{1,7});", re.I)


def raw_items(
    payload: Any, account: str | None, *, plain: bool = False
) -> Iterator[RawItem]:
    """One item a comment: of a list answer, a thread with its inline answers, a bare
    comment.

    `plain`: the answer was asked for as plain text.
    """
    if isinstance(payload, list):
        for part in payload:
            yield from raw_items(part, account, plain=plain)
    elif not isinstance(payload, dict):
        yield raw_item(payload, {}, account, plain=plain)
    elif isinstance(payload.get("items"), list):
        yield from raw_items(payload["items"], account, plain=plain)
    elif "topLevelComment" in as_object(payload.get("snippet")):
        yield from _of_thread(payload, account, plain)
    elif "error" not in payload and _is_comment(payload):
        yield raw_item(payload, {}, account, plain=plain)


def _is_comment(payload: Json) -> bool:
    """Videos, activities and live chats are told apart by their kind; an old copy has
    none."""
    kind = payload.get("kind")
    return not isinstance(kind, str) or kind in (
        "youtube#comment",
        "youtube#commentThread",
    )


def _of_thread(thread: Json, account: str | None, plain: bool) -> Iterator[RawItem]:
    context = context_of(thread)
    yield raw_item(
        sub(thread, "snippet").get("topLevelComment"), context, account, plain=plain
    )
    for answer in as_list(sub(thread, "replies").get("comments")):
        yield raw_item(answer, context, account, plain=plain)


def context_of(thread: Json) -> Json:
    """What only the thread tells about its comments."""
    snippet = sub(thread, "snippet")
    return only(
        videoId=snippet.get("videoId"),
        canReply=snippet.get("canReply"),
        isPublic=snippet.get("isPublic"),
    )


def raw_item(
    comment: Any, context: Json, account: str | None, *, plain: bool
) -> RawItem:
    """Keyed by id and time of the last change, so an edit is a new item."""
    said = as_object(comment)
    native_id, changed = ident(said, "id"), string(sub(said, "snippet"), "updatedAt")
    key = f"{native_id}:{changed}" if native_id else f"malformed:{digest(comment)}"
    payload = {"comment": comment, "thread": dict(context), "plain": plain}
    return RawItem(key, "comment", payload, account)


def messages_of(item: RawItem) -> Iterator[Message]:
    payload = as_object(item.payload)
    said, thread = sub(payload, "comment"), sub(payload, "thread")
    native_id, snippet = ident(said, "id"), sub(said, "snippet")
    if native_id is None or not snippet:
        raise BadItem("a comment without an id or a content")
    video = string(snippet, "videoId") or string(thread, "videoId")
    top = string(snippet, "parentId") or native_id.partition(".")[0]
    is_answer = top != native_id
    author = ident(sub(snippet, "authorChannelId"), "value") or ident(
        snippet, "authorChannelId"
    )
    name = string(snippet, "authorDisplayName")
    created, changed = (
        iso_time(snippet.get("publishedAt")),
        iso_time(snippet.get("updatedAt")),
    )
    edited = _edited(created, changed)
    yield Message(
        kind="comment",
        native_id=native_id,
        parent_id=top if is_answer else video,
        conversation_id=video,
        author_id=author,
        author_name=name,
        author_handle=name.removeprefix("@") if name and name.startswith("@") else None,
        text=_text(snippet, plain=payload.get("plain") is True),
        media=tuple(_media(snippet, native_id)),
        created_at=created,
        permalink=_permalink(video, native_id),
        edited_at=edited,
        edit_of=native_id if edited else None,
        is_own=item.account is not None and author == item.account,
        reply_to=_address(top, video, thread, snippet),
        extra=only(
            edited=True if edited else None,
            moderation=string(snippet, "moderationStatus"),
            likes=snippet.get("likeCount") or None,
            channel=ident(snippet, "channelId"),
        ),
    )


def _edited(created: datetime | None, changed: datetime | None) -> datetime | None:
    return changed if created and changed and changed != created else None


def _text(snippet: Json, *, plain: bool) -> str | None:
    original = string(snippet, "textOriginal")
    if original is not None:
        return original
    shown = string(snippet, "textDisplay")
    if shown is None or plain or not _MARKUP.search(shown):
        return shown
    lines = re.sub(r"<br\s*/?>", "\n", _PICTURE.sub(r"\1", shown), flags=re.I)
    return html.unescape(re.sub(r"</?[a-z][^>]*>", "", lines, flags=re.I)) or None


def _media(snippet: Json, native_id: str) -> Iterator[Media]:
    url = string(snippet, "imageUrl")
    if url is not None:
        yield Media("image", f"{native_id}:image", {"url": url}, part_id=native_id)


def _permalink(video: str | None, native_id: str) -> str | None:
    return f"https://www.youtube.com/watch?v={video}&lc={native_id}" if video else None


def _address(
    top: str, video: str | None, thread: Json, snippet: Json
) -> dict[str, Any] | None:
    """Answers hang under the top-level comment alone; under some nobody may answer."""
    if thread.get("canReply") is False:
        return None
    held = string(snippet, "moderationStatus") in ("heldForReview", "likelySpam")
    return only(parent_id=top, video_id=video, held=True if held else None)


def answers_missing(thread: Json) -> tuple[str | None, int]:
    """The thread and how many answers it has, where not all of them stand inline (else
    0)."""
    told = sub(thread, "snippet").get("totalReplyCount")
    total = told if isinstance(told, int) and not isinstance(told, bool) else 0
    inline = len(objects(sub(thread, "replies").get("comments")))
    return ident(thread, "id"), total if total > inline else 0


def published_at(thread: Json) -> datetime | None:
    return iso_time(
        sub(thread, "snippet", "topLevelComment", "snippet").get("publishedAt")
    )
