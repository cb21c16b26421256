"""The WhatsApp of the sandbox, as its documentation describes it."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.serve import Sandbox
from sandbox.whatsapp import APP_ID, APP_SECRET, PREFIX, VERIFY_TOKEN
from sandbox.whatsapp_people import phone_of


class Callback(BaseHTTPRequestHandler):
    """Refuses the first delivery, so that it has to come again."""

    taken: list[tuple[bytes, str]] = []
    refuse = 1

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        right = query.get("hub.verify_token") == [VERIFY_TOKEN]
        self._answer(200 if right else 403, query["hub.challenge"][0].encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if Callback.refuse:
            Callback.refuse -= 1
            return self._answer(500, b"")
        Callback.taken.append((body, self.headers["x-hub-signature-256"]))
        return self._answer(200, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def callback() -> Iterator[str]:
    Callback.taken, Callback.refuse = [], 1
    server = HTTPServer(("127.0.0.1", 0), Callback)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def whatsapp(sandbox: Sandbox) -> Any:
    return sandbox.world.platform("whatsapp")


def number_of(whatsapp: Any) -> Any:
    return next(iter(whatsapp.numbers.values()))


def register(
    sandbox: Sandbox, url: str, token: str = VERIFY_TOKEN
) -> requests.Response:
    given = {
        "object": "whatsapp_business_account",
        "callback_url": url,
        "fields": "messages",
        "verify_token": token,
    }
    return requests.post(
        f"{sandbox.url}{PREFIX}/v25.0/{APP_ID}/subscriptions",
        json=given,
        timeout=60,
        headers={"Authorization": f"Bearer {APP_ID}|{APP_SECRET}"},
    )


def test_what_was_said_before_is_delivered_signed_until_it_is_taken(
    sandbox: Sandbox, whatsapp: Any, callback: str
) -> None:
    sandbox.world.residents.act(
        {"channel": "whatsapp", "who": "Siti", "text": "Jl. <rusak>"}
    )
    assert not register(sandbox, callback, "wrong").ok
    assert register(sandbox, callback).ok
    sandbox.wait_for(lambda: bool(Callback.taken))
    body, signature = Callback.taken[0]
    expected = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert signature == f"sha256={expected}"
    message = json.loads(body)["entry"][0]["changes"][0]["value"]["messages"][0]
    assert message["text"]["body"] == "Jl. <rusak>" and message["from"] == phone_of(
        "Siti"
    )


def test_an_album_is_one_delivery_a_picture(sandbox: Sandbox, whatsapp: Any) -> None:
    event = {
        "channel": "whatsapp",
        "who": "Siti",
        "photos": ["a", "b"],
        "text": "Lubang",
    }
    sandbox.world.residents.act(event)
    pictures = [
        body["entry"][0]["changes"][0]["value"]["messages"][0]["image"]
        for body in whatsapp.bodies
    ]
    assert [picture.get("caption") for picture in pictures] == ["Lubang", None]


def send(sandbox: Sandbox, whatsapp: Any, **changes: Any) -> requests.Response:
    number = number_of(whatsapp)
    given = {
        "messaging_product": "whatsapp",
        "to": phone_of("Siti"),
        "type": "text",
        "text": {"body": "Halo"},
        **changes,
    }
    return requests.post(
        f"{sandbox.url}{PREFIX}/v25.0/{number.id}/messages",
        json=given,
        timeout=60,
        headers={"Authorization": f"Bearer {number.token}"},
    )


def test_free_text_only_within_a_day_of_the_last_message(
    sandbox: Sandbox, whatsapp: Any
) -> None:
    assert send(sandbox, whatsapp).json()["error"]["code"] == 131047
    whatsapp.say(number_of(whatsapp), "Siti", "Halo")
    sent = send(sandbox, whatsapp, biz_opaque_callback_data="k").json()["messages"][0][
        "id"
    ]
    states = [
        body["entry"][0]["changes"][0]["value"]["statuses"][0]
        for body in whatsapp.bodies[-2:]
    ]
    assert [(s["id"], s["status"], s["biz_opaque_callback_data"]) for s in states] == [
        (sent, "sent", "k"),
        (sent, "delivered", "k"),
    ]
    sandbox.advance(86_401)
    assert send(sandbox, whatsapp).status_code == 400


def test_a_link_to_a_file_dies_after_five_minutes(
    sandbox: Sandbox, whatsapp: Any
) -> None:
    number = number_of(whatsapp)
    whatsapp.say(number, "Siti", "", photo="lubang")
    headers = {"Authorization": f"Bearer {number.token}"}
    (media_id,) = whatsapp.media
    url = f"{sandbox.url}{PREFIX}/v25.0/{media_id}"
    link = requests.get(url, headers=headers, timeout=60).json()["url"]
    assert requests.get(link, timeout=60).status_code == 401
    assert requests.get(link, headers=headers, timeout=60).ok
    sandbox.advance(301)
    assert not requests.get(link, headers=headers, timeout=60).ok


def test_who_takes_a_user_name_shows_no_number_and_a_call_is_told(
    sandbox: Sandbox, whatsapp: Any
) -> None:
    for event in (
        {"text": "Obat kosong"},
        {"username": "siti_b"},
        {"text": "Masih kosong"},
        {"new_phone": True},
        {"call": True},
    ):
        sandbox.world.residents.act({"channel": "whatsapp", "who": "Siti", **event})
    changes = [body["entry"][0]["changes"][0] for body in whatsapp.bodies]
    told = [(change["value"].get("messages") or [{}])[0] for change in changes]
    assert [row.get("from") for row in told[:3]] == [phone_of("Siti"), None, None]
    assert told[0]["from_user_id"] == told[1]["from_user_id"]
    assert told[2]["system"]["type"] == "user_changed_user_id"
    assert [change["field"] for change in changes[3:]] == ["calls", "calls"]
