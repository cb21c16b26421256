"""Mastodon (and servers that speak its API): mentions by polling, answers in their
visibility.

Notifications are read forward with `min_id`, which gives them gap-free and oldest page
first. The server tells nobody of edits and deletions but by streaming, so what came in
the last two days is looked at again, a few at a time. Source: docs.joinmastodon.org,
2026.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from pydantic import Field, SecretStr

from connectors._shared import http
from connectors._shared.fields import (
    as_list,
    as_object,
    ident,
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
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown
from connectors.mastodon.wire import messages_of, raw_item, raw_items, text_of

_SCOPES = "read write"
_TYPES = ("mention", "quote", "update")
_POLICY = {
    "for_not_following": "people write whom the account does not follow",
    "for_not_followers": "people write who do not follow the account",
    "for_new_accounts": "people write whose accounts are new",
    "for_private_mentions": "people write in private whom the account does not follow",
    "for_limited_accounts": "people write whom the server's moderators limited",
}
_PAGE = 40
_WATCHED_SECONDS = 48 * 3600
_MOST_WATCHED = 200
_CHECKS_A_RUN = 10
_LINK = re.compile(r"https?://\S+")
_LINK_LENGTH = 23
_REMOTE = re.compile(r"(?<![\w/])@(\w+)@[\w.-]+\w")
_VISIBILITIES = ("public", "unlisted", "private", "direct")


class MastodonApp(Settings):
    base_url: str = Field(
        default="https://mastodon.social",
        title="Address of the server",
        description="Of accounts that name no server of their own, and for signing in",
    )


class MastodonAccount(AccountSettings):
    server: str = Field(
        default="",
        title="Address of this account's server",
        description="Empty: the usual one",
    )
    access_token: SecretStr = Field(
        title="Access token", description="Preferences > Development > New application"
    )
    text_limit: int = Field(
        default=500, ge=1, title="Characters a status may have on this server"
    )

    def facts(self) -> dict[str, Any]:
        return {"limit": self.text_limit}


class Mastodon:
    label: ClassVar[str] = "Mastodon"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "edit", "delete"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture", "video", "audio"})
    App: ClassVar[type[Settings]] = MastodonApp
    Account: ClassVar[type[AccountSettings]] = MastodonAccount
    text_limit: ClassVar[int] = 500
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 60

    def __init__(
        self, app: MastodonApp, account: MastodonAccount, external_id: str | None = None
    ) -> None:
        self._base = (account.server or app.base_url).rstrip("/")
        self._external_id = external_id
        self._client = http.session()
        self._client.headers["Authorization"] = (
            f"Bearer {account.access_token.get_secret_value()}"
        )

    def close(self) -> None:
        self._client.close()

    def check(self) -> Identity:
        me = as_object(self._get("/api/v1/accounts/verify_credentials"))
        account_id, handle = ident(me, "id"), string(me, "acct")
        if account_id is None or handle is None:
            raise TryLater("Mastodon does not say whose token this is")
        granted = as_object(self._get("/api/v1/apps/verify_credentials")).get("scopes")
        missing = (
            set(_SCOPES.split()) - set(granted) if isinstance(granted, list) else set()
        )
        warnings = tuple(
            f"The token lacks the scope {scope!r}: make a new one at Preferences >"
            " Development."
            for scope in sorted(missing)
        )
        warnings += self._dropped()
        return Identity(
            account_id, handle, string(me, "display_name") or handle, warnings
        )

    def _dropped(self) -> tuple[str, ...]:
        """What the account's own policy throws away (servers since 4.3 have one)."""
        try:
            policy = as_object(self._get("/api/v2/notifications/policy"))
        except Refused:
            return ()
        return tuple(
            f"The server throws away what {whom}: choose 'Accept' or 'Filter' at"
            " Preferences > Notifications > Filter notifications from."
            for name, whom in _POLICY.items()
            if policy.get(name) == "drop"
        )

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        newest = str(cursor.get("min_id", "0"))
        watched = _still_watched(cursor.get("watched"), time.time())
        due = watched[:_CHECKS_A_RUN]
        while True:
            response = self._call(
                "GET",
                "/api/v1/notifications",
                params={
                    "types[]": _TYPES,
                    "limit": _PAGE,
                    "min_id": newest,
                    # since 4.3 private mentions of strangers are left out without it
                    "include_filtered": "true",
                },
            )
            rows = http.decoded(response, "Mastodon")
            if not isinstance(rows, list):
                raise TryLater("Mastodon answered without a list of notifications")
            before, newest = (
                newest,
                _link(response, "prev", "min_id") or _first_id(rows) or newest,
            )
            watched = _watch(watched, rows, time.time())
            items = tuple(raw_item(row, self._external_id) for row in reversed(rows))
            yield Page(
                items, {"min_id": newest, "watched": watched}, stream="notifications"
            )
            if len(rows) < _PAGE or newest == before:
                break
        if due:
            changed, kept = self._check_again(due)
            later = [row for row in watched if row not in due]
            yield Page(
                tuple(changed),
                {"min_id": newest, "watched": later + kept},
                stream="changes",
            )

    def _check_again(
        self, watched: list[list[Any]]
    ) -> tuple[list[RawItem], list[list[Any]]]:
        """What became of statuses seen before, and those worth looking at once more."""
        items: list[RawItem] = []
        kept: list[list[Any]] = []
        for status_id, until, edited_at, author in watched:
            try:
                status = as_object(self._get(f"/api/v1/statuses/{status_id}"))
            except Refused as error:
                if error.code != "gone":
                    raise
                if self._is_shut_out_by(author):
                    continue
                items.append(RawItem(f"gone:{status_id}", "gone", {"id": status_id}))
                continue
            now = string(status, "edited_at")
            if now != edited_at:
                items.append(raw_item(status, self._external_id, "edited"))
            kept.append([status_id, until, now, author])
        return items, kept

    def _is_shut_out_by(self, author: str) -> bool:
        """Whether the author blocks this account: then their statuses are hidden from
        it (404), and nothing was deleted."""
        found = self._get("/api/v1/accounts/relationships", **{"id[]": author})
        return any(row.get("blocked_by") is not False for row in objects(found))

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload, None)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        text, visibility = _written(reply), _visibility(reply)
        length, limit = counted(text), int(reply.to.get("limit", cls.text_limit))
        problem = "too_long" if length > limit else "no_files" if reply.files else None
        return Preview(
            (text,), length, limit, visibility in ("public", "unlisted"), problem
        )

    def send(self, reply: Reply) -> Sent:
        answer = as_object(
            self._read(
                self._call(
                    "POST",
                    "/api/v1/statuses",
                    sends=True,
                    json={
                        "status": _written(reply),
                        "in_reply_to_id": reply.to.get("status_id"),
                        "visibility": _visibility(reply),
                    },
                    headers={"Idempotency-Key": reply.key},
                ),
                sends=True,
            )
        )
        sent_id = ident(answer, "id")
        if sent_id is None:
            raise Unknown("Mastodon confirmed the answer without its number")
        return Sent(sent_id, string(answer, "url"))

    def send_private(self, reply: Reply) -> Sent:
        return self.send(_as_private(reply))

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """Our status among what answers the resident's."""
        status_id = reply.to.get("status_id")
        context = as_object(self._get(f"/api/v1/statuses/{status_id}/context"))
        wanted = _bare(_written(reply))
        for status in objects(context.get("descendants")):
            made = iso_time(status.get("created_at"))
            if (
                ident(status, "in_reply_to_id") == status_id
                and ident(sub(status, "account"), "id") == self._external_id
                and made is not None
                and made >= since
                and _bare(text_of(string(status, "content") or "") or "") == wanted
            ):
                return Sent(str(ident(status, "id")), string(status, "url"))
        return None

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        url = media.ref.get("url")
        if not url:
            raise Refused("Mastodon gives no file for this status", code="not_kept")
        with http.session() as client:
            content, mime = http.download(
                client, url, platform="Mastodon", home=self._base, largest=largest
            )
        return File(content, mime)

    @staticmethod
    def login_start(app: MastodonApp, redirect_uri: str, state: str) -> LoginStart:
        """Registers an application of its own on the server: nobody has to make one
        there."""
        base, verifier = app.base_url.rstrip("/"), secrets.token_urlsafe(48)
        made = _posted(
            f"{base}/api/v1/apps",
            {"client_name": "Sahut", "redirect_uris": redirect_uri, "scopes": _SCOPES},
        )
        client_id, client_secret = (
            string(made, "client_id"),
            string(made, "client_secret"),
        )
        if client_id is None or client_secret is None:
            raise TryLater("Mastodon registered no application")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": _SCOPES,
            "state": state,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        keep = {
            "client_id": client_id,
            "client_secret": client_secret,
            "verifier": verifier,
        }
        return LoginStart(f"{base}/oauth/authorize?{urlencode(asked)}", keep)

    @staticmethod
    def login_finish(
        app: MastodonApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        answer = _posted(
            f"{app.base_url.rstrip('/')}/oauth/token",
            {
                "grant_type": "authorization_code",
                "code": code,
                "client_id": keep["client_id"],
                "client_secret": keep["client_secret"],
                "redirect_uri": redirect_uri,
                "code_verifier": keep["verifier"],
                "scope": _SCOPES,
            },
        )
        token = string(answer, "access_token")
        if token is None:
            raise NeedsLogin(
                "Mastodon gave no token for this code; begin the sign-in again"
            )
        settings = {"server": app.base_url, "access_token": token}
        return [Login(urlsplit(app.base_url).netloc, settings)]

    def _get(self, path: str, **params: Any) -> Any:
        return self._read(self._call("GET", path, params=params))

    def _read(self, response: requests.Response, *, sends: bool = False) -> Any:
        return http.decoded(response, "Mastodon", sends=sends)

    def _call(
        self, method: str, path: str, *, sends: bool = False, **options: Any
    ) -> requests.Response:
        response = http.request(
            self._client,
            method,
            f"{self._base}{path}",
            platform="Mastodon",
            sends=sends,
            **options,
        )
        if response.status_code >= 400:
            raise _error(response, sends=sends)
        return response


def _posted(url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    with http.session() as client:
        response = http.request(client, "POST", url, platform="Mastodon", data=form)
    if response.status_code >= 400:
        raise _error(response, sends=False)
    return as_object(http.decoded(response, "Mastodon"))


def _error(response: requests.Response, *, sends: bool) -> ConnectorError:
    status, headers = response.status_code, response.headers
    if status == 429:
        return TryLater("Mastodon asks to wait", retry_after=_until_reset(headers))
    if status in (404, 410):
        return Refused(
            "the status is gone, or no longer visible to this account", code="gone"
        )
    if status == 403 and not sends:
        return NeedsLogin(
            "Mastodon forbids this: the account is disabled, or the token lacks a"
            " scope",
            code="forbidden",
        )
    if status == 422:
        return Refused("Mastodon does not take this text (422)", code="not_taken")
    return http.error_for(status, "Mastodon", headers, sends=sends)


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """Here `X-RateLimit-Reset` is a date and not a number of seconds."""
    reset = iso_time(headers.get("X-RateLimit-Reset"))
    if reset is None:
        return http.retry_after(headers)
    return max(1.0, reset.timestamp() - time.time())


def _link(response: requests.Response, rel: str, name: str) -> str | None:
    url = response.links.get(rel, {}).get("url", "")
    values = parse_qs(urlsplit(url).query).get(name)
    return values[0] if values else None


def _first_id(rows: list[Any]) -> str | None:
    return next((found for row in objects(rows) if (found := ident(row, "id"))), None)


def _still_watched(kept: Any, now: float) -> list[list[Any]]:
    return [row for row in as_list(kept) if len(as_list(row)) == 4 and row[1] > now]


def _watch(watched: list[list[Any]], rows: list[Any], now: float) -> list[list[Any]]:
    """Statuses to look at again; the newest wait at the end."""
    known = {row[0] for row in watched}
    added = []
    for row in reversed(objects(rows)):
        status = sub(row, "status")
        status_id = ident(status, "id")
        if status_id is None or status_id in known:
            continue
        known.add(status_id)
        added.append(
            [
                status_id,
                now + _WATCHED_SECONDS,
                string(status, "edited_at"),
                ident(sub(status, "account"), "id"),
            ]
        )
    return (watched + added)[-_MOST_WATCHED:]


def _visibility(reply: Reply) -> str:
    told = reply.to.get("visibility")
    if reply.private:
        return "direct"
    # never wider than what is answered: an unknown word would otherwise be taken as
    # public
    return told if told in _VISIBILITIES else "direct"


def _written(reply: Reply) -> str:
    """The text with the handle in front that brings it to its reader."""
    acct = reply.to.get("acct")
    handle = f"@{acct}"
    if not acct or handle.lower() in reply.text.lower():
        return reply.text
    return f"{handle} {reply.text}"


def _as_private(reply: Reply) -> Reply:
    to = {**reply.to, "visibility": "direct"}
    return Reply(reply.key, reply.text, to, reply.number, reply.now, True, reply.files)


def _bare(text: str) -> str:
    """For comparing: servers show the local part of a handle only, and spaces
    differ."""
    return " ".join(_REMOTE.sub(r"@\1", text).split())


def counted(text: str) -> int:
    """Length as Mastodon counts: a link is 23, a remote handle only its name."""
    links = len(_LINK.findall(text))
    return len(_REMOTE.sub(r"@\1", _LINK.sub("", text))) + _LINK_LENGTH * links
