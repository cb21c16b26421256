"""Requests to Google's business interfaces, and the places a Google account manages.

Source: developers.google.com/my-business (account management and business information
v1), 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests
from pydantic import Field, SecretStr

from connectors._shared import http
from connectors._shared.fields import as_object, objects, string, sub
from connectors.base import Login, Settings
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater

_THROTTLED = (
    "RESOURCE_EXHAUSTED",
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "quotaExceeded",
)


class GoogleReviewsApp(Settings):
    base_url: str = Field(
        default="https://mybusiness.googleapis.com", title="Address of the reviews API"
    )
    accounts_url: str = Field(
        default="https://mybusinessaccountmanagement.googleapis.com",
        title="Address of the account management API",
    )
    information_url: str = Field(
        default="https://mybusinessbusinessinformation.googleapis.com",
        title="Address of the business information API",
    )
    notifications_url: str = Field(
        default="https://mybusinessnotifications.googleapis.com",
        title="Address of the notifications API",
    )
    authorize_url: str = Field(
        default="https://accounts.google.com/o/oauth2/v2/auth",
        title="Address of the sign-in page",
    )
    token_url: str = Field(
        default="https://oauth2.googleapis.com/token", title="Token address"
    )
    client_id: str = Field(default="", title="OAuth client id")
    client_secret: SecretStr | None = Field(default=None, title="OAuth client secret")
    webhook_secret: SecretStr | None = Field(
        default=None,
        title="Token of the push subscription",
        description="Stands as ?token=... in the address Pub/Sub delivers to",
    )


def ask(
    client: requests.Session,
    method: str,
    url: str,
    *,
    sends: bool = False,
    **options: Any,
) -> Mapping[str, Any]:
    response = http.request(
        client, method, url, platform="Google", sends=sends, **options
    )
    if response.status_code >= 400:
        raise _error(response, sends=sends)
    return as_object(http.decoded(response, "Google", sends=sends))


def _error(response: requests.Response, *, sends: bool) -> ConnectorError:
    try:
        problem = sub(response.json(), "error")
    except ValueError:
        problem = {}
    status = response.status_code
    reasons = {
        str(problem.get("status")),
        *(str(each.get("reason")) for each in objects(problem.get("errors"))),
        *(str(each.get("reason")) for each in objects(problem.get("details"))),
    }
    if status == 404:
        return Refused("the review or the place is gone", code="gone")
    if status == 403 and reasons & set(_THROTTLED):
        return TryLater(
            "Google's quota is used up", retry_after=http.retry_after(response.headers)
        )
    if status == 403:
        return NeedsLogin(
            "Google forbids this: the API is not approved or not switched on for the"
            " project, or the signed-in person no longer manages the place",
            code="forbidden",
        )
    return http.error_for(status, "Google", response.headers, sends=sends)


def places(app: GoogleReviewsApp, granted: Mapping[str, Any]) -> Iterator[Login]:
    headers = {"Authorization": f"Bearer {granted['access_token'].get_secret_value()}"}
    accounts_url = f"{app.accounts_url.rstrip('/')}/v1/accounts"
    with http.session() as client:
        for account in _listed(client, accounts_url, "accounts", headers, {}):
            name = string(account, "name")
            if name is None:
                continue
            url = f"{app.information_url.rstrip('/')}/v1/{name}/locations"
            masked = {"readMask": "name,title", "pageSize": "100"}
            for place in _listed(client, url, "locations", headers, masked):
                settings = {"location": f"{name}/{place.get('name')}", **granted}
                yield Login(string(place, "title") or settings["location"], settings)


def _listed(
    client: requests.Session,
    url: str,
    name: str,
    headers: Mapping[str, str],
    params: Mapping[str, str],
) -> Iterator[Mapping[str, Any]]:
    token: str | None = ""
    while token is not None:
        asked = {**params, **({"pageToken": token} if token else {})}
        answer = ask(client, "GET", url, headers=headers, params=asked)
        yield from objects(answer.get(name))
        token = string(answer, "nextPageToken")
