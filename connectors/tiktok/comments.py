"""Reading the comments of an account's videos, page by page, with everything in the
cursor.

The list has no `since`. A video is read when its number of comments has changed, newest
first, down to a day below what was read before; once a day all are read to the end,
because an answer to an old comment moves nothing to the front.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors._shared.fields import as_list, as_object, epoch_time, ident, objects
from connectors.base import Page, RawItem
from connectors.tiktok.wire import comments

VIDEOS_A_PAGE = 20
COMMENTS_A_PAGE = 30
_MOST_PAGES = 100
_DAY = 24 * 3600
_NEWEST_FIRST = {"status": "ALL", "sort_field": "create_time", "sort_order": "desc"}

Get = Callable[..., Mapping[str, Any]]


def pages(
    get: Get, cursor: Mapping[str, Any], own_id: str, now: float, days: int
) -> Iterator[Page]:
    """`get(path, **params)` asks TikTok; `days`: how long after publication a video is
    read."""
    state = {
        "deep_at": cursor.get("deep_at", 0),
        "counts": dict(as_object(cursor.get("counts"))),
        "marks": dict(as_object(cursor.get("marks"))),
        "todo": [list(row) for row in as_list(cursor.get("todo"))],
    }
    if not state["todo"]:
        _plan(get, state, now, days)
        yield Page((), _copy(state), stream="comments")
    while state["todo"]:
        items, gap = _next_page(get, state, own_id)
        yield Page(tuple(items), _copy(state), stream="comments", gap=gap)


def answers(get: Get, video: str, comment_id: str) -> Iterator[Mapping[str, Any]]:
    """What was answered to a comment, newest first."""
    position: int | None = 0
    for _ in range(_MOST_PAGES):
        answer = get(
            "business/comment/reply/list/",
            video_id=video,
            comment_id=comment_id,
            max_count=COMMENTS_A_PAGE,
            cursor=position,
            **_NEWEST_FIRST,
        )
        yield from objects(answer.get("comments"))
        position = _following(answer, position)
        if position is None:
            return


def _plan(get: Get, state: dict[str, Any], now: float, days: int) -> None:
    """Which videos to read. What left the window is forgotten."""
    deep = now - state["deep_at"] >= _DAY
    found = dict(_videos(get, now - days * _DAY))
    for name in ("counts", "marks"):
        state[name] = {
            video: value for video, value in state[name].items() if video in found
        }
    state["todo"] = [
        [video, 0, count, deep, 0]
        for video, count in found.items()
        if count != state["counts"].get(video, 0) or (deep and count)
    ]
    if deep:
        state["deep_at"] = now


def _videos(get: Get, since: float) -> Iterator[tuple[str, int]]:
    """Ids and numbers of comments of the videos published since, newest first."""
    fields, position = json.dumps(["item_id", "create_time", "comments"]), 0
    for _ in range(_MOST_PAGES):
        answer = get(
            "business/video/list/",
            fields=fields,
            max_count=VIDEOS_A_PAGE,
            **({"cursor": position} if position else {}),
        )
        for row in objects(answer.get("videos")):
            made, video, count = (
                epoch_time(row.get("create_time")),
                ident(row, "item_id"),
                0,
            )
            if made is not None and made.timestamp() < since:
                return
            if isinstance(row.get("comments"), int):
                count = row["comments"]
            if video:
                yield video, count
        following = _following(answer, position)
        if following is None:
            return
        position = following


def _next_page(
    get: Get, state: dict[str, Any], own_id: str
) -> tuple[list[RawItem], str | None]:
    """One page of comments of the first video that waits; moves `state` behind it.

    A waiting video is [id, place in its list, its number of comments, to the end,
    newest seen].
    """
    video, position, count, deep, newest = state["todo"][0]
    answer = get(
        "business/comment/list/",
        video_id=video,
        include_replies="true",
        max_count=COMMENTS_A_PAGE,
        cursor=position,
        **_NEWEST_FIRST,
    )
    rows = as_list(answer.get("comments"))
    items = [item for row in rows for item in comments(row, own_id)]
    for row in objects(rows):
        items.extend(_hidden_answers(get, video, row, own_id))
    times = [
        at.timestamp()
        for row in objects(rows)
        if (at := epoch_time(row.get("create_time")))
    ]
    mark = state["marks"].get(video, 0)
    known = bool(times) and min(times) < mark - _DAY
    following = _following(answer, position)
    too_far = following is not None and following >= _MOST_PAGES * COMMENTS_A_PAGE
    if following is None or too_far or (known and not deep):
        state["todo"].pop(0)
        state["counts"][video] = count
        state["marks"][video] = max([mark, newest, *times])
    else:
        state["todo"][0] = [video, following, count, deep, max([newest, *times])]
    return items, f"window_{_MOST_PAGES * COMMENTS_A_PAGE}" if too_far else None


def _hidden_answers(
    get: Get, video: str, row: Mapping[str, Any], own_id: str
) -> Iterator[RawItem]:
    """The answers to a comment beyond the few that stand inside it."""
    told, comment_id = row.get("replies"), ident(row, "comment_id")
    if comment_id is None or not isinstance(told, int):
        return
    if told > len(as_list(row.get("reply_list"))):
        for found in answers(get, video, comment_id):
            yield from comments(
                {"video_id": video, "parent_comment_id": comment_id, **found}, own_id
            )


def _following(answer: Mapping[str, Any], position: int | None) -> int | None:
    following = answer.get("cursor")
    if not answer.get("has_more") or not isinstance(following, int):
        return None
    return following if following > (position or 0) else None


def _copy(state: dict[str, Any]) -> dict[str, Any]:
    """A cursor that later pages of the same run do not change."""
    copied: dict[str, Any] = json.loads(json.dumps(state))
    return copied
