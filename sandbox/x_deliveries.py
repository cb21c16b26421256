"""Webhooks of X: who wants to hear of what, challenges, signed deliveries, replays of a
day.

Source: docs.x.com (V2 Webhooks API, X Activity API). Unlike X, plain HTTP and ports are
allowed, so that a callback can be on this machine.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import queue
import secrets
import threading
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.state import Core

Json = dict[str, Any]
ANSWER_SECONDS = 10
KEPT_SECONDS = 86_400


@dataclass(slots=True)
class Hook:
    id: str
    url: str
    app: str
    created_at: float
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Subscription:
    id: str
    event_type: str
    user_id: str
    hook_id: str
    tag: str
    created_at: float


@dataclass(frozen=True, slots=True)
class _Event:
    at: float
    hook_id: str
    body: Json


class Deliveries:
    """`apps` and `client_secrets` map an app's consumer key to what its deliveries are
    signed with."""

    def __init__(self, core: Core, apps: dict[str, str]) -> None:
        self.core, self.apps = core, apps
        self.client_secrets: dict[str, str] = {}
        self.hooks: dict[str, Hook] = {}
        self.subscriptions: list[Subscription] = []
        self._log: list[_Event] = []
        self._waiting: queue.Queue[_Event] = queue.Queue()
        self._worker: threading.Thread | None = None

    def wanted(self, event_type: str, user_id: str) -> list[Subscription]:
        return [
            one
            for one in self.subscriptions
            if (one.event_type, one.user_id) == (event_type, user_id)
        ]

    def tell(
        self, event_type: str, user_id: str, payload: Json, includes: Json
    ) -> None:
        """Queue an event for everybody who subscribed to it."""
        for wanted in self.wanted(event_type, user_id):
            data = {
                "event_uuid": str(self.core.random.randrange(10**18)),
                "filter": {"user_id": user_id},
                "event_type": event_type,
                "tag": wanted.tag,
                "payload": payload,
                "includes": includes,
            }
            event = _Event(self.core.clock.now(), wanted.hook_id, {"data": data})
            self._log.append(event)
            self._send_soon(event)

    def replay(self, hook_id: str, start: float, end: float) -> int:
        """Send again what was meant for a hook between two moments; how many."""
        oldest = self.core.clock.now() - KEPT_SECONDS
        again = [
            event
            for event in self._log
            if event.hook_id == hook_id and max(start, oldest) <= event.at < end
        ]
        for event in again:
            self._send_soon(event)
        return len(again)

    def idle(self) -> bool:
        """Whether everything told so far has been offered to its receiver."""
        return self._waiting.unfinished_tasks == 0

    def challenged(self, hook: Hook) -> bool:
        """Whether the receiver answers a challenge as it must."""
        token = secrets.token_urlsafe(24)
        try:
            answer = requests.get(
                hook.url, params={"crc_token": token}, timeout=ANSWER_SECONDS
            )
            told = answer.json().get("response_token") if answer.ok else None
        except (requests.RequestException, ValueError, AttributeError):
            told = None
        hook.valid = told == self._signatures(hook, token.encode())[0][1]
        return hook.valid

    def _signatures(self, hook: Hook, content: bytes) -> list[tuple[str, str]]:
        """Header and signature, the one to be preferred first."""
        known = [
            ("x-twitter-webhooks-signature-oauth2", self.client_secrets.get(hook.app)),
            ("x-twitter-webhooks-signature", self.apps.get(hook.app)),
        ]
        return [
            (
                name,
                "sha256="
                + base64.b64encode(
                    hmac.new(secret.encode(), content, hashlib.sha256).digest()
                ).decode(),
            )
            for name, secret in known
            if secret
        ]

    def _send_soon(self, event: _Event) -> None:
        self._waiting.put(event)
        if self._worker is None:
            self._worker = threading.Thread(
                target=self._work, name="x-webhooks", daemon=True
            )
            self._worker.start()

    def _work(self) -> None:
        while not self.core.stopping.is_set():
            try:
                event = self._waiting.get(timeout=0.05)
            except queue.Empty:
                continue
            hook = self.hooks.get(event.hook_id)
            if hook is not None and hook.valid:
                self._post(hook, json.dumps(event.body).encode())
            self._waiting.task_done()

    def _post(self, hook: Hook, body: bytes) -> None:
        headers = {
            "content-type": "application/json",
            **dict(self._signatures(hook, body)),
        }
        try:
            requests.post(hook.url, data=body, headers=headers, timeout=ANSWER_SECONDS)
        except requests.RequestException:
            return  # it stays in the log, from where a replay brings it again
