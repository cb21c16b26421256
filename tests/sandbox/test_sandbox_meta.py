"""The sandbox of the Graph API behaves as Meta's documentation says, seen with plain
requests."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.meta import APP_ID, APP_SECRET, TOKENS, Meta
from sandbox.serve import Sandbox

PAGE = "110000000001"


class Api:
    def __init__(self, sandbox: Sandbox) -> None:
        self.root = f"{sandbox.url}/graph/v25.0"
        platform = sandbox.world.platform("facebook")
        assert isinstance(platform, Meta)
        self.meta, self.token = platform, TOKENS[PAGE]
        self.page = platform.state.pages[PAGE]
        self.post = platform.state.post(self.page, self.page, "Jadwal layanan")

    def get(self, path: str, **query: str) -> Any:
        given = {"access_token": self.token, **query}
        return requests.get(f"{self.root}/{path}", params=given, timeout=60)


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    return Api(sandbox)


def test_a_wrong_token_is_error_190_and_a_changed_password_subcode_460(
    api: Api,
) -> None:
    answer = api.get("me", access_token="EAAGwrong")
    assert answer.status_code == 400 and answer.json()["error"]["code"] == 190
    api.meta.revoke(api.token)
    assert api.get("me").json()["error"]["error_subcode"] == 460


def test_what_is_gone_is_error_100_subcode_33(api: Api) -> None:
    error = api.get("1_2", fields="id").json()["error"]
    assert (error["code"], error["error_subcode"]) == (100, 33)


def test_without_filter_answers_are_left_out_and_pages_carry_the_token(
    api: Api,
) -> None:
    siti = api.meta.state.person("Siti")
    top = api.meta.state.comment(api.post, siti, "Lampu mati")
    api.meta.state.comment(top, siti, "sini juga")
    assert len(api.get(f"{api.post.id}/comments").json()["data"]) == 1
    page = api.get(f"{api.post.id}/comments", filter="stream", limit="1").json()
    assert f"access_token={api.token}" in page["paging"]["next"]
    following = requests.get(page["paging"]["next"], timeout=60).json()
    assert [row["message"] for row in following["data"]] == ["sini juga"]
    assert "next" not in following["paging"]


def test_only_the_fields_asked_for_are_told(api: Api) -> None:
    row = api.get("me/feed", fields="id,comments.limit(0).summary(true)").json()[
        "data"
    ][0]
    assert row["comments"]["summary"] == {"total_count": 0} and "message" not in row
    assert api.get("me/feed", fields="id,from{").json()["error"]["code"] == 2500


def test_calls_are_counted_and_end(api: Api) -> None:
    api.meta.state.calls_allowed = 2
    assert '"call_count": 50' in api.get("me").headers["x-business-use-case-usage"]
    api.get("me")
    assert api.get("me").json()["error"]["code"] == 32


def test_an_app_sees_its_tokens_and_must_prove_itself(api: Api) -> None:
    told = api.get(
        "debug_token", access_token=f"{APP_ID}|{APP_SECRET}", input_token=api.token
    )
    assert told.json()["data"]["is_valid"] is True
    assert api.get("me", appsecret_proof="0" * 64).json()["error"]["code"] == 100


def test_nobody_can_be_written_to_first_nor_after_a_day(
    api: Api, sandbox: Sandbox
) -> None:
    def send(person: str) -> Any:
        body = {
            "recipient": {"id": person},
            "messaging_type": "RESPONSE",
            "message": {"text": "Halo"},
            "access_token": api.token,
        }
        return requests.post(f"{api.root}/me/messages", json=body, timeout=60).json()

    siti = api.meta.state.person("Siti")
    assert send(siti.id)["error"]["error_subcode"] == 2018001
    api.meta.act(
        {
            "channel": "messenger",
            "account": "dinkes.demo",
            "who": "Siti",
            "text": "Halo",
        }
    )
    assert send(siti.id)["message_id"]
    sandbox.advance(25 * 3600)
    assert send(siti.id)["error"]["error_subcode"] == 2018278


@pytest.mark.parametrize("channel", ["facebook", "messenger", "instagram"])
def test_residents_act_and_take_back(api: Api, channel: str) -> None:
    made = api.meta.act(
        {"channel": channel, "who": "Asep Contoh", "text": "Lubang", "as": "a"}
    )
    assert made
    assert api.meta.act({"channel": channel, "delete": "a"}) == made
    with pytest.raises(ValueError, match="nothing is known"):
        api.meta.act({"channel": channel, "edit": "b"})
