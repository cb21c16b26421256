"""What the stages of Facebook, Messenger and Instagram share: the app, and deliveries
it signs."""

from __future__ import annotations

import itertools
from typing import Any

from resident import Resident

from connectors.base import Request
from sandbox.meta import APP_ID, APP_SECRET, SCOPES, VERIFY_TOKEN, Meta
from sandbox.meta_hooks import escaped, signature
from sandbox.meta_state import MetaState
from sandbox.serve import Sandbox

PAGE_ID, ACCOUNT_ID = "120000000009", "17841000000000009"
_mids = itertools.count(1)


class MetaStage(Resident):
    """A page of Dishub's with an Instagram account linked."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        platform = sandbox.world.platform("facebook")
        assert isinstance(platform, Meta)
        self.meta = platform
        self.state: MetaState = platform.state
        self.deliveries = self.state.deliveries
        self.page = self.state.add_page(PAGE_ID, "Dishub Kota", "dishub.kota")
        self.instagram = self.state.add_instagram(
            self.page, ACCOUNT_ID, "dishub_kota", "Dishub Kota"
        )
        self.token = self.state.add_token("page", PAGE_ID, SCOPES)
        self.people = itertools.count(1)

    def app_values(self) -> dict[str, Any]:
        return {
            "base_url": f"{self.sandbox.url}/graph",
            "dialog_url": self.sandbox.url,
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
            "verify_token": VERIFY_TOKEN,
        }

    def lock_out(self) -> None:
        self.sandbox.revoke(self.token.key)

    def challenge(self) -> tuple[Request, str]:
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": "1158201444",
            "hub.verify_token": VERIFY_TOKEN,
        }
        return Request("GET", {}, query, b""), "1158201444"

    def signed(self, kind: str, entry: dict[str, Any]) -> Request:
        body = escaped({"object": kind, "entry": [{"time": self.now(), **entry}]})
        headers = {"x-hub-signature-256": signature(APP_SECRET, body)}
        return Request("POST", headers, {}, body)

    def event(
        self, account: str, message: dict[str, Any], person: str = "5001"
    ) -> dict[str, Any]:
        return {
            "sender": {"id": person},
            "recipient": {"id": account},
            "timestamp": self.now() * 1000,
            "message": {"mid": f"m_{next(_mids)}", **message},
        }

    def now(self) -> int:
        return int(self.state.core.clock.now())
