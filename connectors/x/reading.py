"""Reading the lists of X: newest first, paged, billed, with ends that must be known.

What is unfinished stands in the cursor, so that a break at any page loses nothing:

    since, runs            where the mentions go on, and how many polls there were
    top, next, low, read   of a run of mentions that is not at its end
    hole                   what lies behind the 800 mentions X lists, read by search
    dms                    the same for direct messages
    edits                  posts that can still be edited, by when that ends (epoch seconds)
    back                   the mentions are read once more, and nothing else
"""  # noqa: E501

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.base import Cursor, Page, RawItem
from connectors.errors import Refused, TryLater
from connectors.x.api import Api
from connectors.x.wire import (
    DM_FIELDS,
    EXPANSIONS,
    MEDIA_FIELDS,
    TWEET_FIELDS,
    USER_FIELDS,
    raw_items,
)

Json = Mapping[str, Any]

_EPOCH_MS = 1_288_834_974_657
_OVERLAP_EVERY = 10
_OVERLAP_MS = 5 * 60 * 1000
_WEEK_SECONDS = 7 * 86_400
_DM_KEPT_SECONDS = 30 * 86_400
_DM_EVERY = 120
"""X allows 15 reads of direct messages in a quarter of an hour."""
_DM_PAGE = 20
_DM_REFUSED_SECONDS = 86_400
_WINDOW = 700
"""X lists the 800 newest mentions and passes over some; a run this long may have met
the end."""
_MOST_EDITABLE = 500
_KNOWN_PEOPLE = 20_000


class People:
    """Who is who at X, kept while the program runs: asking again is billed again every
    day."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def get(self, place: str, user_id: str) -> dict[str, Any] | None:
        with self._lock:
            return self._known.get((place, user_id))

    def put(self, place: str, users: Iterable[Any]) -> None:
        with self._lock:
            for user in users:
                if isinstance(user, dict) and isinstance(user.get("id"), str):
                    self._known[place, user["id"]] = user
            while len(self._known) > _KNOWN_PEOPLE:
                del self._known[next(iter(self._known))]


PEOPLE = People()


class Billed:
    """What X has billed an account today, kept while the program runs: what is read
    twice on one UTC day is billed once (docs.x.com, "Pay-per-usage pricing")."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day = ""
        self._known: set[tuple[str, str, str]] = set()

    def count(self, owner: str, kind: str, ids: Iterable[str], day: str) -> int:
        """How many of these are billed, and remembered from now on."""
        with self._lock:
            if day != self._day:
                self._day, self._known = day, set()
            fresh = {(owner, kind, one) for one in ids} - self._known
            self._known |= fresh
            return len(fresh)


BILLED = Billed()


class Reader:
    """The lists of one account. `place` is the address of the API, `owned`: its app is
    its own."""

    def __init__(self, api: Api, own_id: str, place: str, *, owned: bool) -> None:
        self._api, self._own_id, self._place, self._owned = api, own_id, place, owned

    @staticmethod
    def beginning(days: float) -> Cursor:
        """The cursor of an account that is new: what is older is never asked for, as
        every read is billed."""
        since = id_at(time.time() - days * 86_400)
        return {"since": since, "dms": {"since": since}}

    # mentions

    def mentions(self, cursor: Cursor) -> Iterator[Page]:
        state = dict(cursor)
        if "hole" not in state:
            yield from self._listed(state)
        if "hole" in state:
            yield from self._searched(state)

    def _listed(self, state: dict[str, Any]) -> Iterator[Page]:
        since = state.get("since")
        if "next" not in state:
            state["runs"] = int(state.get("runs", 0)) + 1
        start = (
            _earlier(since) if since and state["runs"] % _OVERLAP_EVERY == 0 else since
        )
        while True:
            try:
                answer = self._mentions_page(start, state.get("next"))
            except Refused:
                if "next" not in state:
                    raise
                _forget(state, "next", "top", "low", "read")  # the page token has died
                continue
            rows = _ids(answer)
            state["top"] = _highest(state.get("top"), *rows)
            state["low"] = _lowest(state.get("low"), *rows)
            state["read"] = int(state.get("read", 0)) + len(rows)
            state["next"] = _meta(answer, "next_token")
            _watch_edits(state, answer)
            if not state["next"]:
                self._finish(state)
            yield self._page(answer, state, "main", owned=self._owned)
            if "next" not in state:
                return

    def _finish(self, state: dict[str, Any]) -> None:
        """The list is at its end: of what is new, or of what X lists at all."""
        since, low, read = state.get("since"), state.get("low"), state.get("read", 0)
        if since and low and read >= _WINDOW and int(low) > int(since):
            state["hole"] = {"until": low}
            _forget(state, "next", "low", "read")
            return
        state["since"] = _highest(since, state.get("top"))
        _forget(state, "next", "top", "low", "read")

    def _searched(self, state: dict[str, Any]) -> Iterator[Page]:
        """What lies between the last known mention and the end of the list, of seven
        days."""
        since = str(state["since"])
        oldest = id_at(time.time() - _WEEK_SECONDS + 60)
        beyond = int(since) < int(oldest)
        while "hole" in state:
            hole = dict(state["hole"])
            try:
                answer = self._search_page(
                    f"@{self._own_handle()}",
                    _highest(since, oldest),
                    hole["until"],
                    hole.get("next"),
                )
            except Refused:
                if "next" not in hole:
                    raise
                state["hole"] = {"until": hole["until"]}  # the page token has died
                continue
            token = _meta(answer, "next_token")
            if token:
                state["hole"] = {**hole, "next": token}
            else:
                state["since"] = _highest(since, state.get("top"))
                _forget(state, "hole", "top")
            gap = "window_800" if beyond and not token else None
            yield self._page(answer, state, "main", gap=gap)

    def _mentions_page(self, since: str | None, token: str | None) -> dict[str, Any]:
        return self._list(
            self._api.client.get_users_mentions,
            self._own_id,
            max_results=100,
            since_id=since,
            pagination_token=token,
            **_WANTED,
        )

    def _search_page(
        self, query: str, since: str | None, until: str, token: str | None
    ) -> dict[str, Any]:
        return self._list(
            self._api.client.search_recent_tweets,
            query,
            max_results=100,
            since_id=since,
            until_id=until,
            next_token=token,
            **_WANTED,
        )

    # direct messages

    def messages(self, cursor: Cursor) -> Iterator[Page]:
        """Nothing where it is too early to ask again. Being refused is a gap, tried
        daily."""
        state, mine, now = dict(cursor), dict(cursor.get("dms") or {}), time.time()
        if now < mine.get("not_before", 0):
            return
        while True:
            try:
                answer = self._messages_page(mine)
            except Refused:
                if "next" in mine:
                    _forget(mine, "next", "top")  # the page token has died
                    continue
                mine = {**mine, "not_before": now + _DM_REFUSED_SECONDS}
                yield Page(
                    (), {**state, "dms": mine}, stream="dms", gap="no_permission"
                )
                return
            except TryLater as error:
                if (
                    error.code == "throttled"
                ):  # a limit of its own, which is not the mentions'
                    return
                raise
            page, done = self._messages_read(answer, state, mine, now)
            yield page
            if done:
                return

    def _messages_read(
        self,
        answer: dict[str, Any],
        state: dict[str, Any],
        mine: dict[str, Any],
        now: float,
    ) -> tuple[Page, bool]:
        rows, since = _ids(answer), mine.get("since")
        met = any(since and int(row) <= int(since) for row in rows)
        token = None if met else _meta(answer, "next_token")
        today = _day(now)
        known = since if mine.get("day") == today else None
        mine["top"] = _highest(mine.get("top"), *rows)
        gap = None
        if token:
            mine["next"] = token
        else:
            lost = since and not met and moment_of(since) < now - _DM_KEPT_SECONDS
            gap = "retention" if lost else None
            mine["since"], mine["day"] = _highest(since, mine["top"]), today
            mine["not_before"] = now + _DM_EVERY
            _forget(mine, "next", "top")
        cursor = {**state, "dms": {k: v for k, v in mine.items() if v is not None}}
        return self._page(answer, cursor, "dms", known=known, gap=gap), not token

    def _messages_page(self, mine: Mapping[str, Any]) -> dict[str, Any]:
        caught_up = mine.get("since") and "next" not in mine
        return self._list(
            self._api.client.get_direct_message_events,
            max_results=_DM_PAGE if caught_up else 100,
            event_types="MessageCreate",
            pagination_token=mine.get("next"),
            dm_event_fields=DM_FIELDS,
            expansions=["attachments.media_keys"],
            media_fields=MEDIA_FIELDS,
        )

    def _list(
        self, method: Callable[..., Any], *args: Any, **options: Any
    ) -> dict[str, Any]:
        """A page of a list. Errors instead of a list are a refusal, not an empty
        page."""
        answer = self._api.call(method, *args, **options)
        if "meta" not in answer and "data" not in answer:
            raise Refused(
                "X gives errors instead of this list; look at the account on x.com"
            )
        return answer

    # edits and deletions

    def edits(self, cursor: Cursor) -> Iterator[Page]:
        """Posts whose time for edits is over are looked at once more; X bills that once
        a day."""
        now = time.time()
        waiting = dict(cursor.get("edits") or {})
        due = [post for post, until in waiting.items() if until < now][:100]
        if not due:
            return
        looked = self._api.call(self._api.client.get_tweets, due)
        newest = [
            _current(row) for row in _rows(looked) if _current(row) != row.get("id")
        ]
        answer: dict[str, Any] = {}
        if newest:
            answer = self._api.call(self._api.client.get_tweets, newest, **_WANTED)
        left = {post: until for post, until in waiting.items() if post not in due}
        state = {key: value for key, value in cursor.items() if key != "edits"}
        state |= {"edits": left} if left else {}
        page = self._page(answer, state, "edits")
        old = [row for row in _ids(looked) if _day(moment_of(row)) != _day(now)]
        again = self._billed("post", old)
        yield Page(
            (*page.items, *_gone(looked, due, self._own_id)),
            state,
            page.cost + again,
            billed=Counter(page.billed) + Counter(post=again),
            stream="edits",
        )

    # what a page is made of

    def _page(
        self,
        answer: dict[str, Any],
        state: Mapping[str, Any],
        stream: str,
        *,
        known: str | None = None,
        owned: bool = False,
        gap: str | None = None,
    ) -> Page:
        """`known`: what is not newer was read before, so it is not billed again."""
        asked = self._name_people(answer)
        told = [row for row in _ids(answer) if known is None or int(row) > int(known)]
        private = stream == "dms"
        fresh = self._billed("dm" if private else "post", told)
        quoted = [
            str(row.get("id"))
            for name in ("tweets", "posts")
            for row in _included(answer, name)
            if isinstance(row, dict)
        ]
        seen = [
            str(row.get("media_key"))
            for row in _included(answer, "media")
            if isinstance(row, dict)
        ]
        bill = Counter(
            post=(0 if private or owned else fresh) + self._billed("post", quoted),
            own_post=fresh if owned else 0,
            user=asked,
            media=self._billed("media", seen),
            dm=fresh if private else 0,
        )
        cursor = {key: value for key, value in state.items() if value is not None}
        items = tuple(
            raw_items(answer, self._own_id, None if stream == "dms" else "mention")
        )
        return Page(items, cursor, bill.total(), billed=+bill, stream=stream, gap=gap)

    def _billed(self, kind: str, ids: Iterable[str]) -> int:
        owner = f"{self._place} {self._own_id}"
        return BILLED.count(owner, kind, ids, _day(time.time()))

    def _name_people(self, answer: dict[str, Any]) -> int:
        """Lay the authors into the answer; how many X had to be asked for."""
        ids = {
            str(row[name])
            for row in _rows(answer)
            for name in ("author_id", "sender_id")
            if isinstance(row.get(name), str)
        }
        unknown = sorted(one for one in ids if PEOPLE.get(self._place, one) is None)
        asked = 0
        for begin in range(0, len(unknown), 100):
            found = self._api.call(
                self._api.client.get_users,
                ids=unknown[begin : begin + 100],
                user_fields=USER_FIELDS,
            )
            PEOPLE.put(self._place, _rows(found))
            asked += len(_rows(found))
        named = [user for one in sorted(ids) if (user := PEOPLE.get(self._place, one))]
        includes = answer.get("includes")
        answer["includes"] = {
            **(includes if isinstance(includes, dict) else {}),
            "users": named,
        }
        return asked

    def _own_handle(self) -> str:
        known = PEOPLE.get(self._place, self._own_id)
        if known is None:
            found = self._api.call(self._api.client.get_users, ids=[self._own_id])
            PEOPLE.put(self._place, _rows(found))
            known = PEOPLE.get(self._place, self._own_id)
        if known is None or not known.get("username"):
            raise TryLater("X does not tell the name of this account")
        return str(known["username"])

    def count(self, since: datetime) -> int:
        """Mentions by others since then, of at most seven days."""
        handle = self._own_handle()
        oldest = datetime.fromtimestamp(time.time() - _WEEK_SECONDS + 60, UTC)
        answer = self._api.ask(
            "GET",
            "/2/tweets/counts/recent",
            params={
                "query": f"@{handle} -from:{handle}",
                "start_time": (
                    max(since, oldest).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                ),
                "granularity": "day",
            },
        )
        total = _meta(answer, "total_tweet_count")
        if not isinstance(total, int):
            raise TryLater("X did not count")
        return total


_WANTED: dict[str, Any] = {
    "tweet_fields": TWEET_FIELDS,
    "expansions": EXPANSIONS,
    "media_fields": MEDIA_FIELDS,
}


def id_at(moment: float) -> str:
    """The lowest id of a moment (epoch seconds): ids hold milliseconds in their upper
    bits."""
    return str(max((int(moment * 1000) - _EPOCH_MS) << 22, 1))


def moment_of(post_id: str) -> float:
    """Epoch seconds."""
    return ((int(post_id) >> 22) + _EPOCH_MS) / 1000


def _day(moment: float) -> str:
    """The UTC day, by which X bills."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _earlier(since: str) -> str:
    return str(max(int(since) - (_OVERLAP_MS << 22), 1))


def _watch_edits(state: dict[str, Any], answer: Json) -> None:
    waiting = dict(state.get("edits") or {})
    for row in _rows(answer):
        controls = row.get("edit_controls")
        if not isinstance(controls, dict) or not controls.get("is_edit_eligible"):
            continue
        until = _epoch(controls.get("editable_until"))
        if until and controls.get("edits_remaining") and isinstance(row.get("id"), str):
            waiting[row["id"]] = int(until) + 60
    for post in list(waiting)[: max(0, len(waiting) - _MOST_EDITABLE)]:
        del waiting[post]
    if waiting:
        state["edits"] = waiting


def _current(row: Mapping[str, Any]) -> Any:
    history = row.get("edit_history_tweet_ids") or row.get("edit_history_post_ids")
    return history[-1] if isinstance(history, list) and history else row.get("id")


def _gone(answer: Json, asked: Iterable[str], own_id: str) -> Iterator[RawItem]:
    """Posts that X says are not there any more."""
    errors = answer.get("errors")
    for error in errors if isinstance(errors, list) else []:
        kind = str(error.get("type", "")) if isinstance(error, dict) else ""
        if kind.endswith("resource-not-found") and error.get("resource_id") in set(
            asked
        ):
            post = error["resource_id"]
            yield RawItem(f"gone:{post}", "x.gone", {"id": post}, own_id)


def _epoch(value: Any) -> float | None:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None


def _rows(answer: Json) -> list[dict[str, Any]]:
    data = answer.get("data")
    return (
        [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    )


def _included(answer: Json, name: str) -> list[Any]:
    includes = answer.get("includes")
    found = includes.get(name) if isinstance(includes, dict) else None
    return found if isinstance(found, list) else []


def _ids(answer: Json) -> list[str]:
    """`meta.newest_id` is missing on empty pages and in some answers, so ids are
    read."""
    return [str(row["id"]) for row in _rows(answer) if str(row.get("id")).isdigit()]


def _meta(answer: Json, name: str) -> Any:
    meta = answer.get("meta")
    return meta.get(name) if isinstance(meta, dict) else None


def _highest(*ids: str | None) -> str | None:
    known = [one for one in ids if one]
    return max(known, key=int) if known else None


def _lowest(*ids: str | None) -> str | None:
    known = [one for one in ids if one]
    return min(known, key=int) if known else None


def _forget(state: dict[str, Any], *names: str) -> None:
    for name in names:
        state.pop(name, None)
