"""What Meta's platforms share: signatures, calls, errors, times, and how to read their
JSON.

The token travels in a header and never in an address, so no log and no error can show
it; where the platform puts it into an address itself (`paging.next`), it is taken out
before anything is kept. Sources: developers.facebook.com, "Webhooks: Getting started",
"Handling errors", "Rate limits", "Messenger error codes", read in copies of 2026.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from pydantic import Field, SecretStr

from connectors._shared import http
from connectors.base import CHALLENGE, Json, RawItem, Request, Settings, plausible
from connectors.errors import (
    BadItem,
    ConnectorError,
    NeedsLogin,
    Refused,
    TryLater,
    Unknown,
    Untrusted,
)

Object = Mapping[str, Any]
OwnCodes = Callable[[Object, bool], ConnectorError | None]

SLOW_DOWN_AT = 80.0
"""Percent of the allowed calls; above it reading pauses before the platform refuses."""

_OUTSIDE_WINDOW = frozenset({2018278, 2018065, 2534022})
_UNREACHABLE = frozenset({2018001, 2534014, 1545041, 2018109})
_THROTTLED = frozenset({4, 9, 17, 32, 341, 613, 130429, 131048, 131056})
_THROTTLED_BUC = range(80000, 80100)
_TOKEN_LOST: dict[Any, str] = {
    458: "the app was removed from the account; sign in again and allow it",
    459: (
        "Facebook wants the person to sign in at facebook.com first; then sign in again"
        " here"
    ),
    460: "the password of the person who signed in was changed; sign in again",
    463: "the token has expired; sign in again",
    464: (
        "the person's Facebook account is not confirmed; confirm it, then sign in again"
    ),
    467: "the token was withdrawn; sign in again",
    492: (
        "the person has no role on this page any more; somebody with a role must"
        " sign in"
    ),
}
_BLOCKED_SECONDS = 6 * 3600.0
_UNHURRIED_SECONDS = 300.0


class MetaApp(Settings):
    """The app at developers.facebook.com. Its secret signs deliveries and proves our
    calls."""

    base_url: str = Field(
        default="https://graph.facebook.com", title="Graph API address"
    )
    version: str = Field(
        default="v25.0",
        title="Graph API version",
        description="A version lives about two years",
    )
    dialog_url: str = Field(
        default="https://www.facebook.com", title="Address of the sign-in page"
    )
    app_id: str | None = Field(default=None, title="App ID")
    app_secret: SecretStr | None = Field(default=None, title="App secret")
    verify_token: SecretStr | None = Field(
        default=None,
        title="Verify token of the webhook",
        description=(
            "A word of your own choice, as typed into the app's Webhooks page; without"
            " it no address is confirmed"
        ),
    )

    def verify_word(self) -> str:
        """The verify token, to register an address with. NeedsLogin where there is
        none."""
        word = self.verify_token.get_secret_value() if self.verify_token else ""
        if not word:
            raise NeedsLogin(
                "the verify token is not set: choose a word, set it in the environment"
                " (see .env.example), and ask for deliveries again"
            )
        return word


def verify(
    app_secret: SecretStr | None, verify_token: SecretStr | None, request: Request
) -> str | None:
    """The bare challenge of a genuine subscription request, None for a genuine
    delivery.

    The signature covers the bytes as they came: Meta escapes `/`, `<` and other letters
    in its own way, so a body that was parsed and written again never matches.
    """
    if request.method == "GET" and "hub.mode" in request.query:
        return _challenge(verify_token, request.query)
    if app_secret is None or not app_secret.get_secret_value():
        raise Untrusted(
            "the app secret is not set, so no delivery of Meta can be checked"
        )
    secret = app_secret.get_secret_value().encode()
    expected = "sha256=" + hmac.new(secret, request.body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-hub-signature-256", "")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Untrusted("the signature of this delivery is not Meta's")
    return None


def sign(app_secret: SecretStr | None, body: bytes) -> dict[str, str]:
    """The headers Meta sends with a body."""
    secret = app_secret.get_secret_value().encode() if app_secret else b""
    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "x-hub-signature-256": f"sha256={signature}",
    }


def _challenge(expected: SecretStr | None, query: Mapping[str, str]) -> str:
    given = query.get("hub.verify_token", "")
    known = expected.get_secret_value() if expected else ""
    if not known:
        raise Untrusted("no verify token is set, so no address can be confirmed")
    right = hmac.compare_digest(given.encode(), known.encode())
    if not right or query.get("hub.mode") != "subscribe":
        raise Untrusted("the verify token of this subscription request is not ours")
    asked = query.get("hub.challenge", "")
    if not CHALLENGE.fullmatch(asked):
        raise Untrusted("this subscription request asks for more than a token")
    return asked


def parsed(request: Request) -> Json:
    """The JSON of a delivery. BadItem."""
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadItem("a delivery of Meta that is not JSON") from error


class Graph:
    """Calls of one token. Answers are JSON objects; everything else is an error of
    ours.

    `usage` is the share of allowed calls used up in percent, by the last answer.
    `own_codes` reads the codes a platform has of its own; None leaves an error to the
    common table.
    """

    def __init__(
        self,
        base_url: str,
        version: str,
        token: SecretStr | None,
        app_secret: SecretStr | None = None,
        *,
        platform: str,
        own_codes: OwnCodes | None = None,
    ) -> None:
        self._own_codes = own_codes
        self._root = f"{base_url.rstrip('/')}/{version.strip('/')}"
        self._token = token.get_secret_value() if token else None
        self._secret = app_secret.get_secret_value() if app_secret else None
        self._platform = platform
        self._pause = 0.0
        self.usage = 0.0
        self.client = http.session()

    def close(self) -> None:
        self.client.close()

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """TryLater before the call where the last answer said that calls run out."""
        if self.usage >= SLOW_DOWN_AT:
            raise TryLater(
                f"{self._platform}: {self.usage:.0f} % of the allowed calls are used"
                " up; pausing",
                retry_after=self._pause or _UNHURRIED_SECONDS,
                code="slowing_down",
            )
        return self._call("GET", path, params=_filled(parameters))

    def read_list(self, path: str, **parameters: Any) -> dict[str, Any]:
        """One page of a list; an answer without `data` is no list, so nothing was
        read."""
        answer = self.get(path, **parameters)
        if not isinstance(answer.get("data"), list):
            raise TryLater(f"{self._platform} answered without a list")
        return answer

    def post(
        self, path: str, *, sends: bool = False, **parameters: Any
    ) -> dict[str, Any]:
        """`sends`: the call publishes something, so a lost answer is Unknown."""
        return self._call("POST", path, sends=sends, json=_filled(parameters))

    def upload(
        self, path: str, file: tuple[str, bytes, str], **fields: Any
    ) -> dict[str, Any]:
        """Hand over a file (name, content, media type) as `file`, with other fields of
        the form."""
        return self._call("POST", path, data=_filled(fields), files={"file": file})

    def _call(
        self, method: str, path: str, *, sends: bool = False, **options: Any
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        given = next(
            (options[name] for name in ("params", "json", "data") if name in options),
            None,
        )
        if self._token and self._secret and given is not None:
            given["appsecret_proof"] = proof(self._token, self._secret)
        response = http.request(
            self.client,
            method,
            f"{self._root}/{path.lstrip('/')}",
            platform=self._platform,
            sends=sends,
            headers=headers,
            **options,
        )
        self.usage, self._pause = usage(response.headers)
        return answer_of(
            response, self._platform, sends=sends, own_codes=self._own_codes
        )


def proof(token: str, secret: str) -> str:
    """`appsecret_proof`: shows that the caller of a token also knows the app's
    secret."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _filled(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def answer_of(
    response: requests.Response,
    platform: str,
    *,
    sends: bool = False,
    own_codes: OwnCodes | None = None,
) -> dict[str, Any]:
    """The object answered, or the error it tells of."""
    try:
        answer = response.json()
    except ValueError:
        if response.status_code >= 500:
            raise http.error_for(
                response.status_code, platform, response.headers, sends=sends
            ) from None
        answer = http.decoded(response, platform, sends=sends)
    told = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(told, dict):
        special = own_codes(told, sends) if own_codes else None
        raise special or error_of(told, platform, response.headers, sends=sends)
    if response.status_code >= 400:
        raise http.error_for(
            response.status_code, platform, response.headers, sends=sends
        )
    if not isinstance(answer, dict):
        message = f"{platform} answered something that is not an object"
        raise Unknown(message) if sends else TryLater(message)
    return answer


def error_of(
    told: Object, platform: str, headers: Mapping[str, str], *, sends: bool = False
) -> ConnectorError:
    """What the `error` object of an answer means. Codes decide, never sentences.

    A send that failed with a passing trouble (1, 2) is Unknown: the platform is known
    to answer so although the message went out ("Messenger error codes", 1/1357046).
    """
    code, subcode = number(told.get("code")), number(told.get("error_subcode"))
    name = f"{code}/{subcode}" if subcode > 0 else str(code)
    if code in (190, 102) or (code == 0 and told.get("type") == "OAuthException"):
        remedy = _TOKEN_LOST.get(
            subcode, "the token is not valid any more; sign in again"
        )
        return NeedsLogin(f"{platform}: {remedy} ({name})", code="needs_login")
    if subcode in _OUTSIDE_WINDOW:
        return Refused(
            f"{platform}: the time for answering this person is over ({name})",
            code="window_closed",
        )
    if code == 551 or subcode in _UNREACHABLE:
        return Refused(
            f"{platform} cannot reach this person ({name})", code="unreachable"
        )
    if code in _THROTTLED or code in _THROTTLED_BUC:
        wait = http.retry_after(headers) or usage(headers)[1] or None
        return TryLater(f"{platform} asks to wait ({name})", retry_after=wait)
    if code == 368:
        return TryLater(
            f"{platform} has blocked the account for a while because of its behaviour"
            " (368); see the page's support inbox",
            retry_after=_BLOCKED_SECONDS,
            code="blocked",
        )
    if code == 100 and subcode == 33:
        return Refused(
            f"{platform}: this is gone, or hidden from us ({name})", code="gone"
        )
    if code == 506:
        return Refused(
            f"{platform} took the same text a moment ago ({name})", code="duplicate"
        )
    if code in (1, 2, 1200) or told.get("is_transient") is True:
        if sends and code != 1200:
            return Unknown(
                f"{platform} had trouble ({name}); the answer may have been published"
            )
        return TryLater(f"{platform} has trouble of its own ({name})")
    if sends and (code == 10 or 200 <= code <= 299):
        # This one answer may not be given (comments closed, a role missing); reading
        # may go on.
        return Refused(
            f"{platform} does not allow this answer ({name}): it takes none, or the"
            " sign-in lacks a permission",
            code="not_allowed",
        )
    if code == 10 or 200 <= code <= 299:
        return NeedsLogin(
            f"{platform}: a permission is missing ({name}); sign in again and grant all"
            " that are asked for, and see whether the app has Advanced Access",
            code="permission",
        )
    return Refused(f"{platform} refuses the request ({name})", code="refused")


def usage(headers: Mapping[str, str]) -> tuple[float, float]:
    """The highest share of allowed calls, in percent, and the seconds until calls work
    again.

    `X-Business-Use-Case-Usage` (page tokens) tells minutes by business; `X-App-Usage`
    and `X-Page-Usage` tell percents alone.
    """
    highest, pause = 0.0, 0.0
    for name in ("X-Business-Use-Case-Usage", "X-App-Usage", "X-Page-Usage"):
        for row in _usage_rows(headers.get(name)):
            shares = [
                row.get(key) for key in ("call_count", "total_time", "total_cputime")
            ]
            highest = max(
                [highest, *(float(s) for s in shares if isinstance(s, int | float))]
            )
            minutes = row.get("estimated_time_to_regain_access")
            if isinstance(minutes, int | float):
                pause = max(pause, float(minutes) * 60)
    return highest, pause


def _usage_rows(header: str | None) -> list[Object]:
    try:
        told = json.loads(header or "{}")
    except ValueError:
        return []
    if not isinstance(told, dict):
        return []
    nested = [row for rows in told.values() if isinstance(rows, list) for row in rows]
    return [row for row in [told, *nested] if isinstance(row, dict)]


def next_parameters(answer: Object) -> dict[str, str] | None:
    """What to ask for the next page, without the secrets that `paging.next` carries."""
    following = obj(answer, "paging").get("next")
    if not isinstance(following, str):
        return None
    query = dict(parse_qsl(urlsplit(following).query))
    for secret in ("access_token", "appsecret_proof"):
        query.pop(secret, None)
    return query


def without_secrets(payload: Json) -> Json:
    """A payload to keep: tokens are cut out of the addresses the platform put them
    into."""
    if isinstance(payload, dict):
        return {key: without_secrets(value) for key, value in payload.items()}
    if isinstance(payload, list):
        return [without_secrets(value) for value in payload]
    if isinstance(payload, str) and "access_token=" in payload:
        return re.sub(r"(access_token|appsecret_proof)=[^&\s]*", r"\1=", payload)
    return payload


def entries(payload: Json, kind: str, lists: tuple[str, ...]) -> Iterator[RawItem]:
    """The changes and messages of a webhook body, one raw item each, in order.

    Each item keeps its list's name, its entry's id (the page or account that received
    it) and time: one delivery can mix many accounts. `lists` are the lists of an entry
    that are of the channel. Some samples of the documentation wrap the body in a list,
    or a change in its entry.
    """
    for body in as_list(payload) or [payload]:
        for entry in rows(body, "entry"):
            account = ident(entry.get("id"))
            bare = [entry] if "field" in entry and "changes" not in entry else []
            for name in lists:
                found = as_list(entry.get(name)) or (bare if name == "changes" else [])
                for row in found:
                    data = {
                        "object": body.get("object"),
                        "id": entry.get("id"),
                        "time": entry.get("time"),
                        name: row,
                    }
                    yield RawItem(f"{name}:{digest(row, account)}", kind, data, account)


def digest(*values: Json) -> str:
    """A short name for content; the same content has the same name."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def moment(value: Any) -> datetime | None:
    """UTC. Meta writes times as epoch seconds, as milliseconds, both also as strings,
    and as ISO 8601 with `Z` or `+0000`."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,16}", value):
        value = int(value)
    if isinstance(value, int | float):
        seconds = value / 1000 if abs(value) >= 1e11 else value
        try:
            return plausible(datetime.fromtimestamp(seconds, UTC))
        except (OverflowError, ValueError, OSError):
            return None
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return plausible(read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def number(value: Any) -> int:
    """An error code; -1 where there is none."""
    if isinstance(value, bool):
        return -1
    if isinstance(value, int):
        return value
    return (
        int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value) else -1
    )


def obj(value: Any, *names: str) -> Object:
    """An inner object by its path; an empty one where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def rows(value: Any, *names: str) -> list[Object]:
    """The objects of an inner list by its path."""
    inner = obj(value, *names[:-1]).get(names[-1])
    return [row for row in as_list(inner) if isinstance(row, Mapping)]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Object, *names: str) -> str | None:
    """The first field of these that holds some text."""
    return next(
        (v for n in names if isinstance(v := value.get(n), str) and v.strip()), None
    )


def ident(value: Any) -> str | None:
    """An id as text: the same field is a number in one answer and a string in
    another."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value) or None
