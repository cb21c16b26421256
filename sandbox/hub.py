"""Webhooks in the manner of Meta: the challenge, signed bodies, deliveries until they
are taken.

Source: developers.facebook.com, "Webhooks: Getting started". Unlike Meta, plain HTTP
and ports are allowed, so that a callback can be on this machine, and a delivery is
repeated within seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import secrets
import threading
from typing import Any

import requests

from sandbox.state import Core

Json = dict[str, Any]
ANSWER_SECONDS = 10
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0


class Hub:
    """One app's webhook. What happens before a callback is registered waits for it."""

    def __init__(self, core: Core, app_secret: str) -> None:
        self.core, self.app_secret = core, app_secret
        self.callback: str | None = None
        self._waiting: queue.Queue[bytes] = queue.Queue()
        self._worker: threading.Thread | None = None

    def register(self, callback_url: str, verify_token: str) -> bool:
        """Ask the callback whether it wants this; False where it does not echo the
        challenge."""
        challenge = str(secrets.randbelow(10**10))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": verify_token,
        }
        try:
            answer = requests.get(callback_url, params=query, timeout=ANSWER_SECONDS)
        except requests.RequestException:
            return False
        if not answer.ok or answer.text != challenge:
            return False
        self.callback = callback_url
        if self._worker is None:
            self._worker = threading.Thread(
                target=self._deliver, name="hub", daemon=True
            )
            self._worker.start()
        return True

    def tell(self, body: Json) -> None:
        self._waiting.put(encoded(body))

    def idle(self) -> bool:
        """Whether everything told so far was taken."""
        return self._waiting.unfinished_tasks == 0

    def signed(self, body: Json) -> tuple[bytes, dict[str, str]]:
        """A delivery as it would arrive."""
        content = encoded(body)
        return content, {
            "content-type": "application/json",
            "x-hub-signature-256": self.signature(content),
        }

    def signature(self, content: bytes) -> str:
        digest = hmac.new(self.app_secret.encode(), content, hashlib.sha256).hexdigest()
        return f"sha256={digest}"

    def _deliver(self) -> None:
        while not self.core.stopping.is_set():
            try:
                content = self._waiting.get(timeout=0.1)
            except queue.Empty:
                continue
            wait = FIRST_WAIT_SECONDS
            while not self._taken(content) and not self.core.stopping.wait(wait):
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
            self._waiting.task_done()

    def _taken(self, content: bytes) -> bool:
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": self.signature(content),
        }
        try:
            answer = requests.post(
                str(self.callback),
                data=content,
                headers=headers,
                timeout=ANSWER_SECONDS,
            )
        except requests.RequestException:
            return False
        return answer.ok


def encoded(body: Json) -> bytes:
    """As Meta writes JSON: other scripts, slashes and angle brackets are escaped."""
    text = json.dumps(body, separators=(",", ":")).replace("/", "\\/")
    return (
        text.replace("<", "\\u003C")
        .replace(">", "\\u003E")
        .replace("&", "\\u0026")
        .encode()
    )
