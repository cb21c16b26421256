"""The Mastodon of the sandbox, as its documentation says a server behaves."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.mastodon import LIMIT, PREFIX, MastodonServer
from sandbox.serve import Sandbox

HEADERS = {"Authorization": "Bearer demo-mastodon-dlh_demo"}


@pytest.fixture
def server(sandbox: Sandbox) -> MastodonServer:
    found = sandbox.world.platform("mastodon")
    assert isinstance(found, MastodonServer)
    return found


def get(sandbox: Sandbox, path: str, **asked: Any) -> requests.Response:
    return requests.get(
        f"{sandbox.url}{PREFIX}/api/v1/{path}",
        headers=HEADERS,
        params=asked,
        timeout=60,
    )


def test_min_id_gives_the_page_directly_above_newest_first(
    sandbox: Sandbox, server: MastodonServer
) -> None:
    made = [server.act({"text": f"@dlh_demo sampah {n}"}) for n in range(5)]
    answer = get(sandbox, "notifications", limit=2, min_id=0)
    assert [row["status"]["id"] for row in answer.json()] == [made[1], made[0]]
    following = requests.get(answer.links["prev"]["url"], headers=HEADERS, timeout=60)
    assert [row["status"]["id"] for row in following.json()] == [made[3], made[2]]


def test_a_direct_status_is_seen_by_whom_it_names(
    sandbox: Sandbox, server: MastodonServer
) -> None:
    ours = server.act({"visibility": "direct", "text": "@dlh_demo rahasia"})
    theirs = server.act({"visibility": "direct", "text": "bukan untuk kalian"})
    assert get(sandbox, f"statuses/{ours}").json()["visibility"] == "direct"
    assert get(sandbox, f"statuses/{theirs}").status_code == 404


def test_the_same_idempotency_key_makes_one_status(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}{PREFIX}/api/v1/statuses"
    headers = {**HEADERS, "Idempotency-Key": "k1"}
    made = [
        requests.post(url, json={"status": "halo"}, headers=headers, timeout=60).json()[
            "id"
        ]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(sandbox.sent("mastodon")) == 1


def test_after_300_requests_the_date_of_the_reset_is_told(sandbox: Sandbox) -> None:
    with requests.Session() as client:
        client.headers.update(HEADERS)
        url = f"{sandbox.url}{PREFIX}/api/v1/accounts/verify_credentials"
        codes = [client.get(url, timeout=60).status_code for _ in range(LIMIT + 1)]
        last = client.get(url, timeout=60)
    assert (codes[LIMIT - 1], codes[LIMIT]) == (200, 429)
    assert last.headers["X-RateLimit-Reset"].endswith("Z")
