"""The YouTube of the sandbox, as its documentation describes it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.serve import Sandbox


@pytest.fixture
def youtube(sandbox: Sandbox) -> Any:
    return sandbox.world.platform("youtube").youtube  # type: ignore[attr-defined]


@pytest.fixture
def dlh(sandbox: Sandbox, youtube: Any) -> Any:
    """`dlh("GET", "comments", parentId=...)`: a call with a fresh token, decoded."""
    account = sandbox.accounts("youtube")[0]
    form = {
        "grant_type": "refresh_token",
        **account["settings"],
        "client_id": account["app"]["client_id"],
        "client_secret": account["app"]["client_secret"],
    }
    token = requests.post(account["app"]["token_url"], data=form, timeout=60).json()[
        "access_token"
    ]

    def call(method: str, resource: str, body: Any = None, **asked: Any) -> Any:
        return requests.request(
            method,
            f"{sandbox.url}/youtube/v3/{resource}",
            params=asked,
            json=body,
            timeout=60,
            headers={"Authorization": f"Bearer {token}"},
        ).json()

    return call


def say(sandbox: Sandbox, text: str, **event: Any) -> str:
    return sandbox.world.residents.act(
        {"channel": "youtube", "who": "Siti", "text": text, **event}
    )


def threads(dlh: Any, youtube: Any, **asked: Any) -> Any:
    channel = youtube.channels["dlh_demo"].id
    return dlh("GET", "commentThreads", allThreadsRelatedToChannelId=channel, **asked)


def test_threads_are_newest_first_in_pages(
    sandbox: Sandbox, youtube: Any, dlh: Any
) -> None:
    said = [say(sandbox, f"Nomor {n}") for n in range(3)]
    first = threads(dlh, youtube, maxResults=2)
    assert [item["id"] for item in first["items"]] == [said[2], said[1]]
    second = threads(dlh, youtube, maxResults=2, pageToken=first["nextPageToken"])
    assert [item["id"] for item in second["items"]] == [
        said[0]
    ] and "nextPageToken" not in second


def test_only_five_answers_stand_inline(
    sandbox: Sandbox, youtube: Any, dlh: Any
) -> None:
    top = say(sandbox, "TPS penuh")
    for n in range(7):
        say(sandbox, f"betul {n}", reply_to=top)
    (item,) = threads(dlh, youtube)["items"]
    assert (
        item["snippet"]["totalReplyCount"] == 7
        and len(item["replies"]["comments"]) == 5
    )
    assert len(dlh("GET", "comments", parentId=top, maxResults=100)["items"]) == 7


def test_text_is_html_unless_plain_text_is_asked_for(
    sandbox: Sandbox, youtube: Any, dlh: Any
) -> None:
    say(sandbox, "a & b")
    (html,) = threads(dlh, youtube)["items"]
    (plain,) = threads(dlh, youtube, textFormat="plainText")["items"]
    shown = [
        item["snippet"]["topLevelComment"]["snippet"]["textDisplay"]
        for item in (html, plain)
    ]
    assert shown == ["a &amp; b", "a & b"]


def test_held_comments_are_a_list_of_their_own(
    sandbox: Sandbox, youtube: Any, dlh: Any
) -> None:
    held = say(sandbox, "kasar", held=True)
    assert threads(dlh, youtube)["items"] == []
    (item,) = threads(dlh, youtube, moderationStatus="heldForReview")["items"]
    assert item["id"] == held


def test_answers_need_a_top_level_comment_and_cost_fifty(
    sandbox: Sandbox, youtube: Any, dlh: Any
) -> None:
    top = say(sandbox, "TPS penuh")
    below = say(sandbox, "betul", reply_to=top)
    snippet = {"parentId": below, "textOriginal": "Siap"}
    refused = dlh("POST", "comments", {"snippet": snippet}, part="snippet")
    assert refused["error"]["errors"][0]["reason"] == "parentCommentNotFound"
    made = dlh(
        "POST", "comments", {"snippet": {**snippet, "parentId": top}}, part="snippet"
    )
    assert made["snippet"]["textOriginal"] == "Siap" and youtube.spent == 100
    youtube.quota = 100
    assert threads(dlh, youtube)["error"]["errors"][0]["reason"] == "quotaExceeded"


def test_an_access_token_lives_an_hour(
    sandbox: Sandbox, youtube: Any, dlh: Any
) -> None:
    sandbox.advance(3_601)
    assert threads(dlh, youtube)["error"]["code"] == 401
