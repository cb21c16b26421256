"""The Threads of the sandbox, as its documentation describes it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.serve import Sandbox
from sandbox.threads import PREFIX


@pytest.fixture
def disdik(sandbox: Sandbox) -> Any:
    """`disdik("GET", "me/mentions", limit=2)`: a call with the office's token,
    decoded."""
    token = sandbox.accounts("threads")[0]["settings"]["access_token"]

    def call(method: str, path: str, **given: Any) -> Any:
        where = {"params": given} if method == "GET" else {"json": given}
        return requests.request(
            method,
            f"{sandbox.url}{PREFIX}/v1.0/{path}",
            timeout=60,
            headers={"Authorization": f"Bearer {token}"},
            **where,
        ).json()

    return call


def say(sandbox: Sandbox, text: str, **event: Any) -> str:
    return sandbox.world.residents.act(
        {"channel": "threads", "who": "siti", "text": text, **event}
    )


def test_mentions_are_newest_first_with_marks_and_only_asked_fields(
    sandbox: Sandbox, disdik: Any
) -> None:
    said = [say(sandbox, f"@disdik_demo nomor {n}") for n in range(3)]
    first = disdik("GET", "me/mentions", limit=2, fields="id,text")
    assert [row["id"] for row in first["data"]] == [said[2], said[1]]
    assert set(first["data"][0]) == {"id", "text"}
    assert "access_token" in first["paging"]["next"]
    second = disdik(
        "GET", "me/mentions", limit=2, after=first["paging"]["cursors"]["after"]
    )
    assert [row["id"] for row in second["data"]] == [said[0]]
    assert "next" not in second["paging"]


def test_replies_are_direct_and_a_conversation_is_flat(
    sandbox: Sandbox, disdik: Any
) -> None:
    root = disdik("GET", "me/threads", fields="id")["data"][0]["id"]
    answer = say(sandbox, "Kapan?", reply_to="disdik_demo")
    nested = say(sandbox, "Sama", reply_to=answer, who="joko")
    assert [row["id"] for row in disdik("GET", f"{root}/replies")["data"]] == [answer]
    flat = disdik("GET", f"{root}/conversation")["data"]
    assert [row["id"] for row in flat] == [nested, answer]
    forward = disdik("GET", f"{root}/conversation", reverse="false")["data"]
    assert [row["id"] for row in forward] == [answer, nested]


def test_a_container_is_seen_by_nobody_until_it_is_published(
    sandbox: Sandbox, disdik: Any
) -> None:
    said = say(sandbox, "@disdik_demo halo")
    made = disdik("POST", "me/threads", media_type="TEXT", text="Ya", reply_to_id=said)[
        "id"
    ]
    assert sandbox.sent("threads") == []
    published = disdik("POST", "me/threads_publish", creation_id=made)["id"]
    assert [entry.id for entry in sandbox.sent("threads")] == [published]
    again = disdik("POST", "me/threads_publish", creation_id=made)
    assert again["error"]["error_subcode"] == 4279009


def test_errors_are_those_of_the_documentation(sandbox: Sandbox, disdik: Any) -> None:
    assert disdik("GET", "123/replies")["error"]["error_subcode"] == 33
    assert disdik("GET", "me/mentions", since=1)["error"]["code"] == 100
    long = disdik("POST", "me/threads", media_type="TEXT", text="a" * 501)
    assert long["error"]["type"] == "THApiException"
    sandbox.advance(60 * 86_400 + 1)
    assert disdik("GET", "me")["error"]["error_subcode"] == 463
