"""X for the contract suite: Dishub's account, and Siti who mentions it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from typing import Any, ClassVar

from resident import Resident

from connectors.base import Request
from connectors.x import X, XAccount, XApp
from sandbox.serve import Sandbox

KEY, SECRET = "stageConsumerKey", "stageConsumerSecret"


class Stage(Resident):
    shape: ClassVar[Any] = {
        "data": [
            {
                "id": "2000000000000000005",
                "text": "@dishub_x lampu mati",
                "author_id": "41",
                "created_at": "2026-03-02T06:00:00.000Z",
                "conversation_id": "2000000000000000005",
                "entities": {
                    "mentions": [
                        {"start": 0, "end": 9, "username": "dishub_x", "id": "42"}
                    ]
                },
                "referenced_tweets": [{"type": "quoted", "id": "1999999999999999999"}],
                "note_tweet": {"text": "@dishub_x lampu mati total"},
                "attachments": {"media_keys": ["3_1"]},
                "geo": {"place_id": "p1"},
            }
        ],
        "includes": {
            "users": [{"id": "41", "username": "siti", "name": "Siti"}],
            "media": [
                {
                    "media_key": "3_1",
                    "type": "photo",
                    "url": "https://pbs.example/1.jpg",
                }
            ],
            "places": [{"id": "p1", "full_name": "Tanah Sareal"}],
        },
    }
    poll_endpoint: ClassVar[str | None] = "GET /2/users/:id/mentions"
    send_endpoint: ClassVar[str | None] = "POST /2/tweets"
    page_size: ClassVar[int] = 100
    greeting: ClassVar[str] = "@dishub_x "

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.x = sandbox.x
        self.x.add_app(KEY, SECRET)
        self.x.add_user("dishub_x", "Dishub")
        self.x.add_user("siti", "Siti")
        self.token = self.x.add_account("dishub_x")
        self._events = itertools.count(1)
        self.deliveries = self.x.deliveries

    def app(self) -> XApp:
        return XApp(base_url=self.sandbox.url, consumer_key=KEY, consumer_secret=SECRET)

    def account(self) -> XAccount:
        return XAccount(user_token=self.token.key)

    def always(self) -> dict[str, Any]:
        return {"channel": "x", "who": "siti"}

    def connect(self) -> X:
        assert self.token.user is not None
        return X(self.app(), self.account(), str(self.token.user.id))

    def say(self, text: str) -> str:
        return str(self.x.post("siti", f"@dishub_x {text}").id)

    def poison(self) -> None:
        self.x.post("siti", "@dishub_x tidak terbaca").broken = True

    def lock_out(self) -> None:
        self.sandbox.revoke(self.token.key)

    def edit(self, native_id: str, text: str) -> None:
        self.x.edit(int(native_id), f"@dishub_x {text}")

    def say_ourselves(self, text: str) -> str:
        """Mentions leave our own posts out; direct messages do not."""
        return str(self.x.message("dishub_x", "siti", text).id)

    def delivery(self, text: str) -> Request:
        post = self.x.post("siti", f"@dishub_x {text}")
        body = {
            "id": str(post.id),
            "text": post.text,
            "author_id": str(post.author.id),
            "created_at": "2026-03-02T06:00:00.000Z",
            "entities": {"mentions": [{"username": "dishub_x", "id": self._own_id()}]},
        }
        return self._event("post.mention.create", body)

    def unknown_delivery(self) -> Request:
        return self._event("telepathy.received", {"id": "1"})

    def challenge(self) -> tuple[Request, str]:
        answer = {"response_token": _signature(b"abc")}
        return Request("GET", {}, {"crc_token": "abc"}, b""), json.dumps(answer)

    def answerable(self) -> dict[str, Any]:
        post = self.x.post("siti", "@dishub_x lampu mati")
        return {
            "post_id": str(post.id),
            "author_id": str(post.author.id),
            "author_handle": "siti",
            "summoned": ["dishub_x"],
            "account_handle": "dishub_x",
        }

    def refuse(self, to: dict[str, Any]) -> None:
        self.x.delete(int(to["post_id"]))

    def arrived(self) -> list[str]:
        return [entry.text for entry in self.sandbox.sent("x")]

    def _own_id(self) -> str:
        assert self.token.user is not None
        return str(self.token.user.id)

    def _event(self, event_type: str, payload: dict[str, Any]) -> Request:
        number = next(self._events)
        data = {
            "event_uuid": f"00000000-0000-4000-8000-{number:012d}",
            "filter": {"user_id": self._own_id()},
            "event_type": event_type,
            "tag": "dishub",
            "payload": payload,
        }
        body = json.dumps({"data": data}).encode()
        return Request(
            "POST", {"x-twitter-webhooks-signature": _signature(body)}, {}, body
        )


def _signature(content: bytes) -> str:
    digest = hmac.new(SECRET.encode(), content, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()
