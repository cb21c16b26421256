"""The Bluesky of the sandbox: sessions that end, lists newest first, errors by name."""

from __future__ import annotations

from typing import Any

import requests

from sandbox.bluesky import PREFIX
from sandbox.serve import Sandbox

HANDLE, PASSWORD = "dkpp-demo.bogor.example", "demo-dkpp-bluesky"


def call(
    sandbox: Sandbox, verb: str, method: str, token: str | None = None, **options: Any
) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{sandbox.url}{PREFIX}/xrpc/{method}"
    return requests.request(verb, url, headers=headers, timeout=60, **options)


def opened(sandbox: Sandbox) -> dict[str, Any]:
    login = {"identifier": HANDLE, "password": PASSWORD}
    answer: dict[str, Any] = call(
        sandbox, "POST", "com.atproto.server.createSession", json=login
    ).json()
    return answer


def test_an_expired_token_is_answered_with_400_and_its_name(sandbox: Sandbox) -> None:
    session = opened(sandbox)
    sandbox.advance(3 * 3600)
    answer = call(sandbox, "GET", "com.atproto.server.getSession", session["accessJwt"])
    assert (answer.status_code, answer.json()["error"]) == (400, "ExpiredToken")


def test_a_refresh_token_is_good_once(sandbox: Sandbox) -> None:
    token = opened(sandbox)["refreshJwt"]
    first = call(sandbox, "POST", "com.atproto.server.refreshSession", token)
    again = call(sandbox, "POST", "com.atproto.server.refreshSession", token)
    assert (first.status_code, again.status_code) == (200, 400)


def test_sessions_are_opened_30_times_in_five_minutes(sandbox: Sandbox) -> None:
    login = {"identifier": HANDLE, "password": PASSWORD}
    answers = [
        call(sandbox, "POST", "com.atproto.server.createSession", json=login)
        for _ in range(31)
    ]
    assert answers[29].status_code == 200
    assert (answers[30].status_code, answers[30].json()["error"]) == (
        429,
        "RateLimitExceeded",
    )


def test_who_is_mentioned_is_told_newest_first_and_a_deleted_post_is_not_listed(
    sandbox: Sandbox,
) -> None:
    platform = sandbox.world.platform("bluesky")
    made = [platform.act({"text": f"@{HANDLE} ayam {n}"}) for n in range(3)]
    platform.act({"delete": made[1]})
    token = opened(sandbox)["accessJwt"]
    listed = call(
        sandbox,
        "GET",
        "app.bsky.notification.listNotifications",
        token,
        params={"limit": 2},
    ).json()["notifications"]
    assert [row["uri"] for row in listed] == [made[2], made[0]]
    assert listed[0]["record"]["facets"][0]["index"] == {"byteStart": 0, "byteEnd": 24}
