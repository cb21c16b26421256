"""Threads: mentions and answers by polling and by webhook, answers in two steps.

The platform tells of no author more than the user name, of no edit and of no deletion
but our own. Lists come newest first; `since` moves after the last page of a list, what
is unfinished stands in the cursor. Sources: developers.facebook.com, "Threads API",
read in copies of 2025 and June 2026.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import AwareDatetime, Field, SecretStr

from connectors._meta import graph as meta
from connectors._meta.graph import ident, moment, obj, rows, text
from connectors._shared import http
from connectors._shared.newest_first import Place
from connectors.base import (
    LARGEST_DOWNLOAD,
    AccountSettings,
    Cursor,
    File,
    FileKind,
    Identity,
    Json,
    Later,
    Login,
    LoginStart,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Request,
    Sent,
    Settings,
)
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown
from connectors.threads import login
from connectors.threads.login import NAME, ThreadsApp
from connectors.threads.wire import FIELDS, messages_of, raw_items

_PAGE = 100
_LIFE = timedelta(days=60)
_RENEW_AFTER = timedelta(days=7)
_OVERLAP = 3600
_LONG_OVERLAP = 48 * 3600
_LONG_OVERLAP_EVERY = 10
_EARLIEST = 1688540400
"""The platform takes no `since` before this."""


class ThreadsAccount(AccountSettings):
    access_token: SecretStr = Field(
        title="Long-lived access token", description="60 days; renewed every week"
    )
    expires_at: AwareDatetime | None = Field(
        default=None,
        title="End of the token (date and time with zone)",
        description="Without it the token is not renewed",
    )
    watch_days: int = Field(
        default=30,
        ge=1,
        le=365,
        title="Days of own posts whose answers are read",
        description="Later answers come by webhook only",
    )

    def renew_at(self) -> datetime | None:
        return self.expires_at - _LIFE + _RENEW_AFTER if self.expires_at else None

    def login_ends_at(self) -> datetime | None:
        return self.expires_at


@dataclass
class _Run:
    """A run through both lists; `first` is from when on the very first run reads."""

    mentions: Place
    replies: Place
    runs: int
    first: int

    def kept(self) -> Cursor:
        places = {"mentions": self.mentions.kept(), "replies": self.replies.kept()}
        return {**places, "runs": self.runs}

    def floor(self, place: Place) -> int:
        """From when on this run reads; the overlap finds what became visible late."""
        if not place.since:
            return self.first
        long = self.runs % _LONG_OVERLAP_EVERY == 0
        return max(place.since - (_LONG_OVERLAP if long else _OVERLAP), _EARLIEST)


class Threads:
    label: ClassVar[str] = NAME
    hears: ClassVar[frozenset[Later]] = frozenset({"answer"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture", "video", "audio"})
    App: ClassVar[type[Settings]] = ThreadsApp
    Account: ClassVar[type[AccountSettings]] = ThreadsAccount
    text_limit: ClassVar[int] = 500
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 300

    def __init__(
        self, app: ThreadsApp, account: ThreadsAccount, external_id: str | None = None
    ) -> None:
        self._app, self._account, self._me = app, account, external_id or "me"
        self._external_id = external_id
        self._graph = login.graph(app, account.access_token)

    def close(self) -> None:
        self._graph.close()

    def check(self) -> Identity:
        me = self._graph.get("me", fields="id,username,name")
        user_id, username = ident(me.get("id")), text(me, "username")
        if user_id is None or username is None:
            raise NeedsLogin("Threads does not say whose token this is")
        warnings = []
        if self._account.expires_at is None:
            warnings.append(
                "The end of the token is not set (expires_at), so it is not renewed and"
                " reading stops after 60 days; sign in through the program instead."
            )
        return Identity(
            user_id, username, text(me, "name") or username, tuple(warnings)
        )

    def back(self, days: float) -> Cursor:
        return {}  # there is a list of the newest alone, and no date to ask it by

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        run = _Run(
            Place.of(cursor.get("mentions")),
            Place.of(cursor.get("replies")),
            int(cursor.get("runs", 0)),
            max(self._watched_since(), _EARLIEST),
        )
        if not run.mentions.begun and not run.replies.begun:
            run.runs += 1
        if (
            not run.replies.begun
        ):  # a run that broke off among the answers has the mentions
            yield from self._mentions(run)
        yield from self._replies(run)

    def _mentions(self, run: _Run) -> Iterator[Page]:
        place = run.mentions
        since = run.floor(place)
        more = True
        while more:
            answer = self._list(f"{self._me}/mentions", place, since=since)
            for row in rows(answer, "data"):
                place.see(moment(row.get("timestamp")))
            place.after = _after(answer)
            more = place.after is not None
            if not more:
                place.finish()
            items = tuple(raw_items(answer, self._external_id, "mention"))
            yield Page(items, run.kept(), stream="mentions")

    def _replies(self, run: _Run) -> Iterator[Page]:
        """Answers to our posts, and to what we answered under the posts of others."""
        place, floor = run.replies, run.floor(run.replies)
        todo = self._watched() if place.todo is None else place.todo
        while todo:
            answer = self._list(todo[0], place, reverse="true")
            seen = [
                place.see(moment(row.get("timestamp"))) for row in rows(answer, "data")
            ]
            place.after = None if place.reaches(seen, floor) else _after(answer)
            todo = todo if place.after else todo[1:]
            if todo:
                place.todo = todo
            else:
                place.finish()
            items = tuple(raw_items(answer, self._external_id, "reply"))
            yield Page(items, run.kept(), stream="replies")

    def _watched_since(self) -> int:
        return int(time.time()) - self._account.watch_days * 86_400

    def _watched(self) -> list[str]:
        """Lists to read: whole conversations of our posts, direct answers to our
        answers."""
        found = []
        for own, answers in (("threads", "conversation"), ("replies", "replies")):
            path, since = f"{self._me}/{own}", self._watched_since()
            for row in self._every(path, fields="id,has_replies", since=since):
                post = ident(row.get("id"))
                if post is not None and row.get("has_replies") is not False:
                    found.append(f"{post}/{answers}")
        return found

    def _every(self, path: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
        """The rows of all pages of a short list."""
        more: dict[str, Any] | None = {**asked, "limit": _PAGE}
        while more is not None:
            answer = self._graph.read_list(path, **more)
            yield from rows(answer, "data")
            more = meta.next_parameters(answer)

    def _list(self, path: str, place: Place, **asked: Any) -> dict[str, Any]:
        """A page of a list. A page mark that has died starts the list again; a post
        that was deleted has no answers any more."""
        while True:
            try:
                return self._graph.read_list(
                    path, fields=FIELDS, limit=_PAGE, after=place.after, **asked
                )
            except Refused as error:
                if place.after is not None:
                    place.after = None
                elif error.code == "gone" and not path.startswith(self._me):
                    return {"data": []}
                else:
                    raise

    @staticmethod
    def verify(
        app: ThreadsApp, account: ThreadsAccount | None, request: Request
    ) -> str | None:
        return meta.verify(app.app_secret, app.verify_token, request)

    @staticmethod
    def sign(
        app: ThreadsApp, account: ThreadsAccount | None, body: bytes, now: datetime
    ) -> dict[str, str]:
        return meta.sign(app.app_secret, body)

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        return list(raw_items(meta.parsed(request), None))

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload, None, hint)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = weighted_length(reply.text)
        problem = "too_long" if length > cls.text_limit else None
        if reply.files:
            problem = "no_files"
        return Preview((reply.text,), length, cls.text_limit, True, problem)

    def send(self, reply: Reply) -> Sent:
        """A container first, which nobody sees, then its publication."""
        problem = self.preview(reply).problem
        if problem:
            raise Refused(_PROBLEMS[problem], code=problem)
        made = self._graph.post(
            f"{self._me}/threads",
            media_type="TEXT",
            text=reply.text,
            reply_to_id=reply.to["media_id"],
        )
        container = ident(made.get("id"))
        if container is None:
            raise TryLater("Threads took the answer without telling its number")
        published = self._graph.post(
            f"{self._me}/threads_publish", sends=True, creation_id=container
        )
        sent_id = ident(published.get("id"))
        if sent_id is None:
            raise Unknown("Threads published the answer without telling its number")
        return Sent(sent_id, self._permalink(sent_id))

    def _permalink(self, media_id: str) -> str | None:
        """The answer is out by now, so a failure here must not look like a failure to
        send."""
        try:
            return text(self._graph.get(media_id, fields="permalink"), "permalink")
        except ConnectorError:
            return None

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        asked = {
            "fields": "id,text,permalink,replied_to",
            "since": int(since.timestamp()),
        }
        for row in self._every(f"{self._me}/replies", **asked):
            sent_id = ident(row.get("id"))
            answered = ident(obj(row, "replied_to").get("id"))
            if (
                sent_id
                and answered == reply.to["media_id"]
                and row.get("text") == reply.text
            ):
                return Sent(sent_id, text(row, "permalink"))
        return None

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        media_id = media.ref.get("media_id")
        if not media_id:
            raise Refused("Threads gives no file for this post", code="not_kept")
        found = self._graph.get(str(media_id), fields="media_url,gif_url")
        url = text(found, "media_url", "gif_url")
        if url is None:
            raise Refused("Threads does not give out this file", code="gone")
        home = self._app.base_url
        return File(
            *http.download(
                self._graph.client, url, platform=NAME, home=home, largest=largest
            )
        )

    @staticmethod
    def login_start(app: ThreadsApp, redirect_uri: str, state: str) -> LoginStart:
        return LoginStart(login.authorize_url(app, redirect_uri, state))

    @staticmethod
    def login_finish(
        app: ThreadsApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        opened = login.exchanged(app, redirect_uri, code)
        graph = login.graph(app, opened["access_token"])
        try:
            name = text(graph.get("me", fields="username"), "username")
        finally:
            graph.close()
        return [Login(name or NAME, opened)]

    def renew(self) -> ThreadsAccount:
        """Works while the token is at least 24 hours old and has not ended."""
        renewed = login.renewed(self._app, self._account.access_token)
        return self._account.model_copy(update=renewed)


_PROBLEMS = {
    "too_long": "the answer is longer than Threads allows",
    "no_files": "Threads takes only files that stand at a public address",
}


def _after(answer: Mapping[str, Any]) -> str | None:
    """The mark of the next page; a last page has marks too, but names no next one."""
    if not text(obj(answer, "paging"), "next"):
        return None
    return text(obj(answer, "paging", "cursors"), "after")


def weighted_length(text: str) -> int:
    """Length as Threads counts: an emoji counts its UTF-8 bytes."""
    return sum(len(char.encode()) if _is_emoji(ord(char)) else 1 for char in text)


def _is_emoji(point: int) -> bool:
    return point >= 0x1F000 or 0x2600 <= point <= 0x27BF
