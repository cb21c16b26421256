"""YouTube: comments on a channel's videos by polling, answers under the top-level
comment.

Threads come newest first by their opening comment, so a new answer under an old thread
is on no first page: every `_DEEP_EVERY` runs all threads of the last days are read
again. Sources: developers.google.com, "YouTube Data API" (v3), read in copies of 2024
to 2026.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from pydantic import AwareDatetime, Field, SecretStr

from connectors._google import oauth
from connectors._shared import http
from connectors._shared.fields import Json, ident, objects, string, sub
from connectors._shared.newest_first import Place
from connectors.base import (
    LARGEST_DOWNLOAD,
    AccountSettings,
    Cursor,
    File,
    FileKind,
    Identity,
    Later,
    Login,
    LoginStart,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Sent,
    Settings,
)
from connectors.errors import NeedsLogin, Refused, Unknown
from connectors.youtube.api import NAME, Api, YouTubeApp
from connectors.youtube.wire import (
    answers_missing,
    context_of,
    messages_of,
    published_at,
    raw_item,
    raw_items,
)

_PAGE = 100
_OVERLAP = 3600
_DEEP_EVERY = 24
_COUNTS_KEPT = 500
_EARLY = timedelta(minutes=5)
_SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
_LISTS = ("published", "heldForReview", "likelySpam")
"""By moderation; those held back are only told to the owner. Spam is read on deep runs
alone."""


class YouTubeAccount(AccountSettings):
    refresh_token: SecretStr = Field(
        title="Refresh token", description="Comes with the sign-in"
    )
    access_token: SecretStr | None = Field(
        default=None, title="Access token (renewed every hour)"
    )
    expires_at: AwareDatetime | None = Field(
        default=None, title="End of the access token"
    )
    login_ends: AwareDatetime | None = Field(
        default=None,
        title="End of the sign-in",
        description="Only while the consent screen of the Google project is in testing",
    )
    watch_days: int = Field(
        default=14,
        ge=1,
        le=365,
        title="Days of comments that are read again for new answers and edits",
    )

    def renew_at(self) -> datetime | None:
        if self.access_token is None or self.expires_at is None:
            return datetime.fromtimestamp(0, UTC)
        return self.expires_at - _EARLY

    def login_ends_at(self) -> datetime | None:
        return self.login_ends


@dataclass
class _Run:
    """`counts` are answers by thread, as far as all of them were read."""

    places: dict[str, Place]
    counts: dict[str, int]
    runs: int
    watched_since: int

    @classmethod
    def of(cls, cursor: Cursor, watched_since: int) -> _Run:
        places = {name: Place.of(cursor.get(name)) for name in _LISTS}
        counts = cursor.get("counts")
        run = cls(places, dict(counts or {}), int(cursor.get("runs", 0)), watched_since)
        if not any(place.begun for place in places.values()):
            run.runs += 1
        return run

    @property
    def deep(self) -> bool:
        return self.runs % _DEEP_EVERY == 0

    def kept(self) -> Cursor:
        newest = list(self.counts.items())[-_COUNTS_KEPT:]
        places = {name: place.kept() for name, place in self.places.items()}
        return {**places, "counts": dict(newest), "runs": self.runs}

    def lists(self) -> Iterator[tuple[str, Place]]:
        """Those to read in this run, beginning with the one a run before broke off
        in."""
        wanted = [name for name in _LISTS if self.deep or name != "likelySpam"]
        begun = [n for n, name in enumerate(wanted) if self.places[name].begun]
        for name in wanted[begun[0] if begun else 0 :]:
            yield name, self.places[name]

    def has_more_answers(self, thread: Json) -> bool:
        """Some are missing inline, and they were not all read when their number was
        this."""
        thread_id, total = answers_missing(thread)
        if thread_id is None or not total:
            return False
        return self.deep or self.counts.get(thread_id) != total

    def note_answers(self, thread: Json) -> None:
        thread_id, total = answers_missing(thread)
        if thread_id is not None:
            self.counts.pop(thread_id, None)  # the newest stand last
            self.counts[thread_id] = total

    def floor(self, place: Place) -> int:
        """From when on this run reads."""
        if self.deep or not place.since:
            return self.watched_since
        return place.since - _OVERLAP


class YouTube:
    label: ClassVar[str] = NAME
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "edit"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture"})
    App: ClassVar[type[Settings]] = YouTubeApp
    Account: ClassVar[type[AccountSettings]] = YouTubeAccount
    text_limit: ClassVar[int] = 10_000
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 900

    def __init__(
        self, app: YouTubeApp, account: YouTubeAccount, external_id: str | None = None
    ) -> None:
        self._app, self._account, self._external_id = app, account, external_id
        self._api = Api(app)

    def close(self) -> None:
        self._api.close()

    def check(self) -> Identity:
        channel = _own_channel(self._ready())
        channel_id = ident(channel, "id")
        if channel_id is None:
            raise NeedsLogin("YouTube does not say whose sign-in this is")
        snippet = sub(channel, "snippet")
        title = string(snippet, "title") or channel_id
        handle = (string(snippet, "customUrl") or channel_id).removeprefix("@")
        warnings = []
        if self._account.login_ends is not None:
            warnings.append(
                "The consent screen of the Google project is in testing, so the sign-in"
                " ends after a week; publish it (OAuth consent screen > Publish app)"
                " and sign in again."
            )
        return Identity(channel_id, handle, title, tuple(warnings))

    def _ready(self) -> Api:
        """With a token that is good for some minutes; a new one is not kept, `renew`
        does that."""
        due = self._account.renew_at()
        if self._api.token is None:
            fresh = due is not None and due > datetime.now(UTC)
            self._api.token = (self._account if fresh else self.renew()).access_token
        return self._api

    def back(self, days: float) -> Cursor:
        return {}  # there is a list of the newest alone, and no date to ask it by

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        watched_since = int(time.time()) - self._account.watch_days * 86_400
        run = _Run.of(cursor, watched_since)
        for name, place in run.lists():
            yield from self._threads(run, name, place)

    def _threads(self, run: _Run, name: str, place: Place) -> Iterator[Page]:
        floor, more = run.floor(place), True
        while more:
            answer = self._page(name, place)
            threads = objects(answer.get("items"))
            items = tuple(raw_items(answer, self._external_id, plain=True))
            incomplete = [thread for thread in threads if run.has_more_answers(thread)]
            if incomplete:  # the place moves on once the answers are there, too
                yield Page(items, run.kept(), self._api.take_spent(), stream=name)
                items = ()
            for thread in incomplete:
                yield from self._answers(run, name, thread)
            seen = [place.see(published_at(thread)) for thread in threads]
            place.after = string(answer, "nextPageToken")
            more = place.after is not None and not place.reaches(seen, floor)
            if not more:
                place.finish()
            yield Page(items, run.kept(), self._api.take_spent(), stream=name)

    def _page(self, name: str, place: Place) -> Json:
        """A page mark that has died starts the list again."""
        while True:
            try:
                return self._ready().read_list(
                    "commentThreads",
                    part="snippet,replies",
                    allThreadsRelatedToChannelId=self._external_id,
                    moderationStatus=name,
                    order="time",
                    textFormat="plainText",
                    maxResults=_PAGE,
                    **({"pageToken": place.after} if place.after else {}),
                )
            except Refused:
                if place.after is None:
                    raise
                place.after = None

    def _answers(self, run: _Run, name: str, thread: Json) -> Iterator[Page]:
        """All answers of a thread."""
        thread_id, _ = answers_missing(thread)
        more: dict[str, str] | None = {}
        while more is not None:
            try:
                answer = self._ready().read_list(
                    "comments",
                    part="snippet",
                    parentId=thread_id,
                    textFormat="plainText",
                    maxResults=_PAGE,
                    **more,
                )
            except Refused as refusal:
                if refusal.code == "gone":
                    return
                raise
            context, own = context_of(thread), self._external_id
            rows = objects(answer.get("items"))
            items = tuple(raw_item(row, context, own, plain=True) for row in rows)
            following = string(answer, "nextPageToken")
            more = {"pageToken": following} if following else None
            if more is None:
                run.note_answers(thread)
            yield Page(items, run.kept(), self._api.take_spent(), stream=name)

    @staticmethod
    def read_file(payload: Any, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload, None)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = len(reply.text)
        problem = "too_long" if length > cls.text_limit else None
        if reply.files:
            problem = "no_files"
        warnings = ("held_for_review",) if reply.to.get("held") else ()
        return Preview((reply.text,), length, cls.text_limit, True, problem, warnings)

    def send(self, reply: Reply) -> Sent:
        problem = self.preview(reply).problem
        if problem:
            raise Refused(_PROBLEMS[problem], code=problem)
        snippet = {"parentId": reply.to["parent_id"], "textOriginal": reply.text}
        sent_id = ident(self._ready().insert("comments", {"snippet": snippet}), "id")
        if sent_id is None:
            raise Unknown("YouTube took the answer without telling its number")
        return _sent(sent_id, reply)

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        more: dict[str, str] | None = {}
        while more is not None:
            answer = self._ready().read_list(
                "comments",
                part="snippet",
                parentId=reply.to["parent_id"],
                textFormat="plainText",
                maxResults=_PAGE,
                **more,
            )
            for item in raw_items(answer, self._external_id, plain=True):
                for said in messages_of(item):
                    new = said.created_at is not None and said.created_at >= since
                    if said.is_own and new and said.text == reply.text:
                        return _sent(said.native_id, reply)
            following = string(answer, "nextPageToken")
            more = {"pageToken": following} if following else None
        return None

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        url = media.ref.get("url")
        if not url:
            raise Refused("YouTube gives no picture for this comment", code="not_kept")
        return File(
            *http.download(
                self._api.client,
                str(url),
                platform=NAME,
                home=self._app.base_url,
                largest=largest,
            )
        )

    @staticmethod
    def login_start(app: YouTubeApp, redirect_uri: str, state: str) -> LoginStart:
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "client_id": app.client_id or "",
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": _SCOPE,
            "state": state,
            "access_type": "offline",
            "prompt": "consent",
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return LoginStart(
            f"{app.authorize_url}?{urlencode(query)}", {"verifier": verifier}
        )

    @staticmethod
    def login_finish(
        app: YouTubeApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        granted = oauth.grant(
            app.token_url,
            app.client_id,
            app.client_secret,
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=keep.get("verifier", ""),
        )
        if "refresh_token" not in granted:
            raise NeedsLogin(
                "Google gave no refresh token; remove the app at"
                " myaccount.google.com/connections and sign in again"
            )
        api = Api(app)
        try:
            api.token = granted["access_token"]
            title = string(sub(_own_channel(api), "snippet"), "title")
        finally:
            api.close()
        return [Login(title or NAME, granted)]

    def renew(self) -> YouTubeAccount:
        granted = oauth.grant(
            self._app.token_url,
            self._app.client_id,
            self._app.client_secret,
            grant_type="refresh_token",
            refresh_token=self._account.refresh_token.get_secret_value(),
        )
        return self._account.model_copy(update=granted)


_PROBLEMS = {
    "too_long": "the answer is longer than YouTube allows",
    "no_files": "YouTube takes no files with an answer",
}


def _own_channel(api: Api) -> Json:
    channels = objects(api.get("channels", part="snippet", mine="true").get("items"))
    if not channels:
        raise NeedsLogin(
            "this Google account has no YouTube channel; sign in with the one that owns"
            " it, or choose the channel on the sign-in page"
        )
    return channels[0]


def _sent(sent_id: str, reply: Reply) -> Sent:
    video = reply.to.get("video_id")
    link = f"https://www.youtube.com/watch?v={video}&lc={sent_id}" if video else None
    return Sent(sent_id, link)
