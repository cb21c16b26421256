"""Bluesky: mentions, replies and quotes by polling XRPC; answers with thread references
and facets.

Notifications come newest first and tell of no deletion, so what came in the last two
days is looked up again, 25 posts a request. A session is opened with an app password,
kept, and renewed: opening one at every poll would use up the 300 a day that the service
allows. Source: docs.bsky.app and atproto.com/specs/xrpc, 2026.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import Field, SecretStr

from connectors._shared import http
from connectors._shared.fields import (
    as_list,
    as_object,
    epoch_time,
    iso_time,
    objects,
    string,
    sub,
)
from connectors.base import (
    LARGEST_DOWNLOAD,
    AccountSettings,
    Cursor,
    File,
    FileKind,
    Identity,
    Json,
    Later,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Sent,
    Settings,
)
from connectors.bluesky.text import graphemes, links, mentions
from connectors.bluesky.wire import POST, messages_of, raw_item, raw_items
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown

_REASONS = ("mention", "reply", "quote")
_PAGE = 100
_OVERLAP = timedelta(hours=1)
_WIDE_OVERLAP = timedelta(hours=24)
_WIDE_EVERY = 60
_WATCHED_SECONDS = 48 * 3600
_MOST_WATCHED = 250
_CHECKED_AT_ONCE = 25
_MOST_BYTES = 3000
_RENEW_BEFORE = timedelta(minutes=10)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_ENDED = ("ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired")
_CLOSED = (
    "AccountTakedown",
    "AccountSuspended",
    "AccountDeactivated",
    "AuthFactorTokenRequired",
)


class BlueskyApp(Settings):
    base_url: str = Field(default="https://bsky.social", title="Address of the service")
    cdn_url: str = Field(
        default="https://cdn.bsky.app", title="Address of its pictures"
    )


class BlueskyAccount(AccountSettings):
    handle: str = Field(
        default="", title="Handle", description="Without @, like dishub.kotabogor.go.id"
    )
    app_password: SecretStr = Field(
        title="App password",
        description="Settings > Privacy and security > App passwords",
    )
    access_token: SecretStr | None = Field(
        default=None, title="Session (kept by itself)"
    )
    refresh_token: SecretStr | None = Field(
        default=None, title="Its renewal (kept by itself)"
    )

    def renew_at(self) -> datetime | None:
        ends = _ends_at(self.access_token)
        return ends - _RENEW_BEFORE if ends else _LONG_AGO


class Bluesky:
    label: ClassVar[str] = "Bluesky"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "delete"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture", "video"})
    App: ClassVar[type[Settings]] = BlueskyApp
    Account: ClassVar[type[AccountSettings]] = BlueskyAccount
    text_limit: ClassVar[int] = 300
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 60

    def __init__(
        self, app: BlueskyApp, account: BlueskyAccount, external_id: str | None = None
    ) -> None:
        self._app, self._account, self._external_id = app, account, external_id
        self._client = http.session()

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        me = self._get("com.atproto.server.getSession")
        did, handle = string(me, "did"), string(me, "handle")
        if did is None or handle is None:
            raise TryLater("Bluesky does not say whose session this is")
        if me.get("active") is False:
            raise NeedsLogin(
                f"this account is {me.get('status')} at Bluesky", code="closed"
            )
        name = string(self._get("app.bsky.actor.getProfile", actor=did), "displayName")
        return Identity(did, handle, name or handle)

    def back(self, days: float) -> Cursor:
        return {}  # there is a list of the newest alone, and no date to ask it by

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        since, top, following = (
            cursor.get("since"),
            cursor.get("top"),
            cursor.get("next"),
        )
        runs = int(cursor.get("runs", 0)) + (0 if following else 1)
        watched = _still_watched(cursor.get("watched"), time.time())
        overlap = _WIDE_OVERLAP if runs % _WIDE_EVERY == 0 else _OVERLAP
        while True:
            paged = {"cursor": following} if following else {}
            answer = self._get(
                "app.bsky.notification.listNotifications",
                reasons=_REASONS,
                limit=_PAGE,
                **paged,
            )
            if not isinstance(answer.get("notifications"), list):
                raise TryLater("Bluesky answered without a list of notifications")
            rows = answer["notifications"]
            indexed = [
                at for row in objects(rows) if (at := iso_time(row.get("indexedAt")))
            ]
            top = _latest(top, *indexed)
            watched = _watch(watched, rows, time.time())
            following = string(answer, "cursor") if rows else None
            marked = iso_time(since)
            if marked is not None and indexed and min(indexed) < marked - overlap:
                following = None
            if following is None:
                since, top = _latest(since, *filter(None, [iso_time(top)])), None
            state = {"since": since, "top": top, "next": following, "runs": runs}
            kept = {name: value for name, value in state.items() if value is not None}
            items = tuple(raw_item(row, self._external_id) for row in rows)
            yield Page(items, {**kept, "watched": watched}, stream="notifications")
            if following is None:
                break
        if watched:
            gone, left = self._check_again(watched[:_CHECKED_AT_ONCE])
            rotated = watched[_CHECKED_AT_ONCE:] + left
            yield Page(tuple(gone), {**kept, "watched": rotated}, stream="changes")

    def _check_again(
        self, watched: list[list[Any]]
    ) -> tuple[list[RawItem], list[list[Any]]]:
        """Posts that are no longer there, and those worth looking for once more."""
        answer = self._get("app.bsky.feed.getPosts", uris=[uri for uri, _ in watched])
        if not isinstance(answer.get("posts"), list):
            raise TryLater("Bluesky answered without a list of posts")
        there = {string(post, "uri") for post in objects(answer["posts"])}
        gone = [
            RawItem(f"gone:{uri}", "gone", {"uri": uri})
            for uri, _ in watched
            if uri not in there and self._is_deleted(uri)
        ]
        return gone, [row for row in watched if row[0] in there]

    def _is_deleted(self, uri: str) -> bool:
        """Whether its author took it back. `getPosts` leaves out the posts of who
        blocks us, too, and those that moderators hide: the author's repository alone
        tells, and where it does not answer nothing was deleted."""
        repo, collection, key = (*uri.removeprefix("at://").split("/"), "", "")[:3]
        try:
            self._get(
                "com.atproto.repo.getRecord", repo=repo, collection=collection, rkey=key
            )
        except Refused as error:
            return error.code == "gone"
        return False

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload, None)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = graphemes(reply.text)
        problem = None
        if length > cls.text_limit or len(reply.text.encode()) > _MOST_BYTES:
            problem = "too_long"
        elif reply.files:
            problem = "no_files"
        return Preview((reply.text,), length, cls.text_limit, True, problem)

    def send(self, reply: Reply) -> Sent:
        to, now = reply.to, reply.now or datetime.now(UTC)
        record: dict[str, Any] = {
            "$type": POST,
            "text": reply.text,
            "createdAt": now.astimezone(UTC).isoformat(timespec="milliseconds"),
            "langs": ["id"],
            "reply": {
                "root": {"uri": to["root_uri"], "cid": to["root_cid"]},
                "parent": {"uri": to["uri"], "cid": to["cid"]},
            },
        }
        facets = [*links(reply.text), *mentions(reply.text, self._did_of)]
        if facets:
            record["facets"] = facets
        made = self._call(
            "POST",
            "com.atproto.repo.createRecord",
            sends=True,
            json={"repo": self._external_id, "collection": POST, "record": record},
        )
        uri = string(made, "uri")
        if uri is None:
            raise Unknown("Bluesky confirmed the answer without its address")
        return Sent(uri, _permalink(uri))

    def _did_of(self, handle: str) -> str | None:
        """None: no such handle, so that it stays plain text."""
        try:
            return string(
                self._get("com.atproto.identity.resolveHandle", handle=handle), "did"
            )
        except Refused:
            return None

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """Our post in our own repository, which is read without the delay of the
        index."""
        answer = self._get(
            "com.atproto.repo.listRecords",
            repo=self._external_id,
            collection=POST,
            limit=_PAGE,
        )
        for found in objects(answer.get("records")):
            record = sub(found, "value")
            made = iso_time(record.get("createdAt"))
            if (
                string(sub(record, "reply", "parent"), "uri") == reply.to.get("uri")
                and string(record, "text") == reply.text
                and made is not None
                and made >= since
            ):
                uri = str(found.get("uri"))
                return Sent(uri, _permalink(uri))
        return None

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        did, cid = media.ref.get("did"), media.ref.get("cid")
        if media.type != "image" or not did or not cid:
            raise Refused("Bluesky gives videos as streams only", code="not_kept")
        url = (
            f"{self._app.cdn_url.rstrip('/')}/img/feed_fullsize/plain/{did}/{cid}@jpeg"
        )
        with http.session() as client:
            content, mime = http.download(
                client, url, platform="Bluesky", home=self._app.cdn_url, largest=largest
            )
        return File(content, mime)

    def renew(self) -> Settings:
        """A refreshed session; a new one where the old has ended for good."""
        token = self._account.refresh_token
        try:
            if token is not None:
                return self._kept(
                    self._xrpc("POST", "com.atproto.server.refreshSession", token)
                )
        except NeedsLogin as error:
            if error.code != "ended":
                raise
        return self._opened()

    def _opened(self) -> BlueskyAccount:
        login = {
            "identifier": self._account.handle or self._external_id,
            "password": self._account.app_password.get_secret_value(),
        }
        return self._kept(
            self._xrpc("POST", "com.atproto.server.createSession", None, json=login)
        )

    def _kept(self, session: Mapping[str, Any]) -> BlueskyAccount:
        access, refresh = string(session, "accessJwt"), string(session, "refreshJwt")
        if access is None or refresh is None:
            raise TryLater("Bluesky opened no session")
        tokens = {
            "access_token": SecretStr(access),
            "refresh_token": SecretStr(refresh),
        }
        return self._account.model_copy(update=tokens)

    def _get(self, method: str, **params: Any) -> Mapping[str, Any]:
        return self._call("GET", method, params=params)

    def _call(
        self, verb: str, method: str, *, sends: bool = False, **options: Any
    ) -> Mapping[str, Any]:
        if self._account.access_token is None:
            self._account = self._opened()  # not stored yet: for this connector alone
        token = self._account.access_token
        return self._xrpc(verb, method, token, sends=sends, **options)

    def _xrpc(
        self,
        verb: str,
        method: str,
        token: SecretStr | None,
        *,
        sends: bool = False,
        **options: Any,
    ) -> Mapping[str, Any]:
        url = f"{self._app.base_url.rstrip('/')}/xrpc/{method}"
        headers = (
            {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        )
        response = http.request(
            self._client,
            verb,
            url,
            platform="Bluesky",
            sends=sends,
            headers=headers,
            **options,
        )
        if response.status_code >= 400:
            raise _error(response, sends=sends)
        return as_object(http.decoded(response, "Bluesky", sends=sends))


def _error(response: requests.Response, *, sends: bool) -> ConnectorError:
    """The name in `error` decides: a token that has ended is answered with 400, not
    with 401."""
    try:
        name = string(as_object(response.json()), "error") or ""
    except ValueError:
        name = ""
    status = response.status_code
    if name in _CLOSED:
        return NeedsLogin(
            f"Bluesky lets this account in no more ({name})", code="closed"
        )
    if name in _ENDED or status == 401:
        return NeedsLogin(
            "Bluesky does not accept the session or the app password", code="ended"
        )
    if status == 429 or name == "RateLimitExceeded":
        return TryLater(
            "Bluesky asks to wait", retry_after=_until_reset(response.headers)
        )
    if name in ("NotFound", "RecordNotFound", "RepoNotFound"):
        return Refused("the post is gone", code="gone")
    return http.error_for(status, "Bluesky", response.headers, sends=sends)


def _until_reset(headers: Mapping[str, str]) -> float | None:
    reset = epoch_time(headers.get("ratelimit-reset"))
    if reset is None:
        return http.retry_after(headers)
    return max(1.0, reset.timestamp() - time.time())


def _ends_at(token: SecretStr | None) -> datetime | None:
    """When a JSON web token ends, read without checking it: the service does that."""
    parts = token.get_secret_value().split(".") if token else []
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(
            base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        )
    except ValueError:
        return None
    return epoch_time(as_object(claims).get("exp"))


def _latest(known: str | None, *moments: datetime) -> str | None:
    marked = iso_time(known)
    latest = max([*moments, *([marked] if marked else [])], default=None)
    return latest.isoformat() if latest else None


def _still_watched(kept: Any, now: float) -> list[list[Any]]:
    return [row for row in as_list(kept) if len(as_list(row)) == 2 and row[1] > now]


def _watch(watched: list[list[Any]], rows: list[Any], now: float) -> list[list[Any]]:
    """Posts to look for again; the newest wait at the end."""
    known = {row[0] for row in watched}
    new = [
        uri
        for row in reversed(objects(rows))
        if (uri := string(row, "uri")) not in known
    ]
    added = [[uri, now + _WATCHED_SECONDS] for uri in dict.fromkeys(new) if uri]
    return (watched + added)[-_MOST_WATCHED:]


def _permalink(uri: str) -> str:
    did, _, rkey = uri.removeprefix("at://").partition(f"/{POST}/")
    return f"https://bsky.app/profile/{did}/post/{rkey}"
