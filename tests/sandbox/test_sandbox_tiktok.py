"""The TikTok of the sandbox: refusals with status 200, signed deliveries, tokens that
rotate."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import requests

from sandbox.serve import Sandbox
from sandbox.tiktok import APP_ID, APP_SECRET, PREFIX

ROOT = f"{PREFIX}/open_api/v1.3/"


def ask(sandbox: Sandbox, path: str, token: str, **asked: Any) -> dict[str, Any]:
    account = sandbox.accounts("tiktok")[0]["settings"]
    answer = requests.get(
        sandbox.url + ROOT + path,
        params={"business_id": account["business_id"], **asked},
        headers={"Access-Token": token},
        timeout=60,
    )
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_a_wrong_token_is_an_answer_200_with_a_code(sandbox: Sandbox) -> None:
    assert ask(sandbox, "business/get/", "salah")["code"] == 40105


def test_answers_beyond_three_are_listed_apart(sandbox: Sandbox) -> None:
    platform = sandbox.world.platform("tiktok")
    above = platform.act({"text": "atap bocor"})
    below = [platform.act({"text": f"sami {n}", "reply_to": above}) for n in range(5)]
    token = sandbox.accounts("tiktok")[0]["settings"]["access_token"]
    (video,) = ask(sandbox, "business/video/list/", token)["data"]["videos"]
    listed = ask(
        sandbox,
        "business/comment/list/",
        token,
        video_id=video["item_id"],
        include_replies="true",
    )["data"]["comments"]
    assert (len(listed[0]["reply_list"]), listed[0]["replies"]) == (3, 5)
    rest = ask(
        sandbox,
        "business/comment/reply/list/",
        token,
        video_id=video["item_id"],
        comment_id=above,
    )["data"]["comments"]
    assert [row["comment_id"] for row in rest] == below[::-1]


def test_both_tokens_are_new_after_a_renewal_and_the_old_are_not_known(
    sandbox: Sandbox,
) -> None:
    old = sandbox.accounts("tiktok")[0]["settings"]
    body = {
        "client_id": APP_ID,
        "client_secret": APP_SECRET,
        "grant_type": "refresh_token",
        "refresh_token": old["refresh_token"],
    }
    url = sandbox.url + ROOT + "tt_user/oauth2/refresh_token/"
    new = requests.post(url, json=body, timeout=60).json()["data"]
    assert ask(sandbox, "business/get/", old["access_token"])["code"] == 40105
    assert ask(sandbox, "business/get/", new["access_token"])["code"] == 0
    assert requests.post(url, json=body, timeout=60).json()["code"] == 40110


def test_a_delivery_is_signed_over_its_bytes_and_repeated_until_taken(
    sandbox: Sandbox,
) -> None:
    seen: list[tuple[str, bytes]] = []

    class Callback(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append((self.headers["tiktok-signature"], body))
            self.send_response(200 if len(seen) > 1 else 503)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing on the screen."""

    with HTTPServer(("127.0.0.1", 0), Callback) as listener:
        thread = threading.Thread(
            target=lambda: [listener.handle_request() for _ in range(2)]
        )
        thread.start()
        callback = f"http://127.0.0.1:{listener.server_port}/"
        register = {
            "app_id": APP_ID,
            "secret": APP_SECRET,
            "event_type": "DIRECT_MESSAGE",
            "callback_url": callback,
        }
        requests.post(
            sandbox.url + ROOT + "business/webhook/update/", json=register, timeout=60
        )
        sandbox.world.platform("tiktok").act(
            {"direct": True, "who": "siti", "text": "min"}
        )
        sandbox.wait_for(lambda: len(seen) == 2)
        thread.join()
    header, body = seen[1]
    assert body == seen[0][1]
    stamp, signature = (part[2:] for part in header.split(","))
    expected = hmac.new(
        APP_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256
    )
    assert signature == expected.hexdigest()
    assert json.loads(json.loads(body)["content"])["text"] == {"body": "min"}
