"""Calls to the YouTube Data API, and what its errors mean.

Every call costs units of a daily quota that all channels of one Google project share;
it begins anew at midnight in California. Sources: developers.google.com, "YouTube Data
API: Errors" and "Quota and compliance audits" (v3, copies of 2024 to 2026).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests
from pydantic import Field, SecretStr

from connectors._shared import http
from connectors._shared.fields import Json, as_object, objects, string, sub
from connectors.base import Settings
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown

NAME = "YouTube"
_CALIFORNIA = ZoneInfo("America/Los_Angeles")
_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_HURRIED = frozenset(
    {
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "uploadRateLimitExceeded",
        "RATE_LIMIT_EXCEEDED",
    }
)
_GONE = frozenset(
    {
        "commentNotFound",
        "commentThreadNotFound",
        "parentCommentNotFound",
        "videoNotFound",
        "channelNotFound",
        "notFound",
    }
)
_LOGIN = {
    "authError": "YouTube does not accept the credentials; sign in again",
    "insufficientPermissions": (
        "the sign-in lacks the permission to manage comments; sign in again "
        "and leave every box ticked"
    ),
    "youtubeSignupRequired": (
        "this Google account has no YouTube channel; sign in with the one "
        "that owns the channel"
    ),
    "accessNotConfigured": (
        "the YouTube Data API v3 is not enabled in the Google project; enable "
        "it under APIs & Services"
    ),
    "authenticatedUserAccountClosed": "the account of the channel is closed",
    "authenticatedUserAccountSuspended": (
        "the account of the channel is suspended; see YouTube Studio"
    ),
    "channelSuspended": "the channel is suspended; see YouTube Studio",
    "channelClosed": "the channel is closed",
}
_REFUSED = {
    "commentsDisabled": (
        "comments_disabled",
        "comments are switched off under this video",
    ),
    "commentTextTooLong": ("too_long", "the answer is longer than YouTube allows"),
    "parentCommentIsPrivate": (
        "not_public",
        "the comment is held back and must be approved first",
    ),
    "operationNotSupported": ("not_supported", "YouTube does not take this answer"),
}


class YouTubeApp(Settings):
    base_url: str = Field(default="https://www.googleapis.com", title="API address")
    authorize_url: str = Field(
        default="https://accounts.google.com/o/oauth2/v2/auth",
        title="Address of the sign-in page",
    )
    token_url: str = Field(
        default="https://oauth2.googleapis.com/token", title="Token address"
    )
    client_id: str | None = Field(
        default=None, title="OAuth client ID of the Google project"
    )
    client_secret: SecretStr | None = Field(default=None, title="OAuth client secret")


class Api:
    """Calls with one access token; `spent` counts the units of quota since it was last
    taken."""

    def __init__(self, app: YouTubeApp) -> None:
        self._root = f"{app.base_url.rstrip('/')}/youtube/v3"
        self._spent = 0
        self.token: SecretStr | None = None
        self.client = http.session()

    def close(self) -> None:
        self.client.close()

    def take_spent(self) -> int:
        spent, self._spent = self._spent, 0
        return spent

    def get(self, resource: str, **parameters: Any) -> Json:
        self._spent += 1
        return self._call("GET", resource, params=parameters)

    def read_list(self, resource: str, **parameters: Any) -> Json:
        """One page; an answer without `items` is no list, so nothing was read."""
        answer = self.get(resource, **parameters)
        if not isinstance(answer.get("items"), list):
            raise TryLater("YouTube answered without a list")
        return answer

    def insert(self, resource: str, body: Json) -> Json:
        self._spent += 50
        return self._call(
            "POST", resource, sends=True, params={"part": "snippet"}, json=body
        )

    def _call(
        self, method: str, resource: str, *, sends: bool = False, **options: Any
    ) -> Json:
        token = self.token.get_secret_value() if self.token else ""
        response = http.request(
            self.client,
            method,
            f"{self._root}/{resource}",
            platform=NAME,
            sends=sends,
            headers={"Authorization": f"Bearer {token}"},
            **options,
        )
        if response.status_code >= 400:
            raise _error(response, sends)
        return as_object(http.decoded(response, NAME, sends=sends))


def _error(response: requests.Response, sends: bool) -> ConnectorError:
    """The reason decides, not the status: 403 says that the quota is used up, too."""
    status = response.status_code
    try:
        problem = sub(response.json(), "error")
    except ValueError:
        problem = {}
    first = next(
        iter([*objects(problem.get("errors")), *objects(problem.get("details"))]), {}
    )
    reason = string(first, "reason") or ""
    if reason in _QUOTA:
        return TryLater(
            "the daily quota of the Google project is used up; it begins anew at"
            " midnight in California",
            retry_after=until_midnight(datetime.now(UTC)),
            code="quota",
        )
    if reason in _HURRIED:
        wait = http.retry_after(response.headers) or 60.0
        return TryLater("YouTube asks to wait", retry_after=wait)
    if reason in _LOGIN:
        return NeedsLogin(_LOGIN[reason], code=reason)
    if reason in _REFUSED:
        code, meaning = _REFUSED[reason]
        return Refused(meaning, code=code)
    if status == 404 or reason in _GONE:
        return Refused("the comment or the video is gone", code="gone")
    if reason == "processingFailure":
        message = (
            "YouTube could not process the request for a moment (processingFailure)"
        )
        return Unknown(message) if sends else TryLater(message)
    if status in (400, 403):
        return Refused(
            f"YouTube refuses the request ({reason or status})", code=reason or None
        )
    return http.error_for(status, NAME, response.headers, sends=sends)


def until_midnight(now: datetime) -> float:
    """Seconds until the quota begins anew."""
    there = now.astimezone(_CALIFORNIA)
    midnight = datetime.combine(
        there.date() + timedelta(days=1), datetime.min.time(), _CALIFORNIA
    )
    return (midnight.astimezone(UTC) - now).total_seconds()
