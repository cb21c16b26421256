"""Webhooks of Meta: who wants what, the challenge, deliveries signed over their bytes.

Source: developers.facebook.com, "Webhooks: getting started", "Webhooks reference: Page,
Instagram", "Messenger webhook events", read in copies of 2026. Unlike Meta's, callbacks
may be plain HTTP.
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

from sandbox.meta_types import (
    Author,
    Instagram,
    Json,
    Page,
    Person,
    Said,
    Subscription,
    Talk,
    Written,
)
from sandbox.state import Core

ANSWER_SECONDS = 10
_TRIES = 3


def escaped(body: Json) -> bytes:
    """JSON as Meta writes it: slashes, angle brackets and other scripts are escaped."""
    text = json.dumps(body, separators=(",", ":")).replace("/", "\\/")
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .encode()
    )


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Deliveries:
    """`cdn`: where files are, as the last request knew this sandbox."""

    def __init__(
        self, core: Core, apps: dict[str, str], pages: dict[str, Page]
    ) -> None:
        self.core, self.apps, self.pages = core, apps, pages
        self.cdn = ""
        self.subscriptions: list[Subscription] = []
        self._waiting: queue.Queue[tuple[Subscription, bytes]] = queue.Queue()
        self._worker: threading.Thread | None = None

    def challenged(self, wanted: Subscription) -> bool:
        """Whether the receiver answers with the bare challenge."""
        challenge = str(secrets.randbelow(10**10))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": wanted.verify_token,
        }
        try:
            answer = requests.get(
                wanted.callback_url, params=query, timeout=ANSWER_SECONDS
            )
        except requests.RequestException:
            return False
        return answer.status_code == 200 and answer.text == challenge

    def idle(self) -> bool:
        """Whether everything told so far was offered to its receiver."""
        return self._waiting.unfinished_tasks == 0

    # What happens, as the reference describes it

    def feed(self, page: Page, said: Said, verb: str, hides_authors: bool) -> None:
        value = feed_value(said, verb, hides_authors, self.cdn)
        self._page_change(page, "feed", value)

    def mention(self, page: Page, said: Said) -> None:
        value: Json = {
            "post_id": (said.above or said).id,
            "item": said.kind,
            "verb": "add",
            "created_time": int(said.at),
        }
        if said.above is not None:
            value["comment_id"] = said.id
        self._page_change(page, "mention", value)

    def rating(self, page: Page, said: Said) -> None:
        value = {
            "item": "rating",
            "verb": "add",
            "open_graph_story_id": said.id,
            "reviewer_id": id_of(said.author),
            "reviewer_name": name_of(said.author),
            "review_text": said.text,
            "created_time": int(said.at),
            "recommendation_type": "POSITIVE" if said.positive else "NEGATIVE",
        }
        self._page_change(page, "ratings", value)

    def _page_change(self, page: Page, field: str, value: Json) -> None:
        body = {
            "id": page.id,
            "time": self._now(),
            "changes": [{"field": field, "value": value}],
        }
        self._tell("page", page, field, body)

    def remark(self, account: Instagram, said: Said) -> None:
        assert said.above is not None
        value: Json = {
            "id": said.id,
            "text": said.text,
            "from": {"id": id_of(said.author), "username": username_of(said.author)},
            "media": {"id": said.above.id, "media_product_type": "FEED"},
        }
        if said.parent is not None:
            value["parent_id"] = said.parent.id
        self._instagram(account, "comments", value)

    def named(self, account: Instagram, said: Said) -> None:
        value = {"media_id": (said.above or said).id}
        if said.above is not None:
            value["comment_id"] = said.id
        self._instagram(account, "mentions", value)

    def _instagram(self, account: Instagram, field: str, value: Json) -> None:
        page = self._page_of(account.id)
        if page is not None:
            change = {"field": field, "value": value}
            self._tell(
                "instagram",
                page,
                field,
                {"id": account.id, "time": self._now(), "changes": [change]},
            )

    def message(self, talk: Talk, written: Written, *, echo: bool = False) -> None:
        event = message_event(written, echo)
        self._event(
            talk,
            event,
            "message_echoes" if echo and talk.channel == "messenger" else "messages",
        )

    def rewritten(self, talk: Talk, written: Written) -> None:
        event = message_event(written, False)
        changed = {"mid": written.id, "text": written.text, "num_edit": written.edits}
        event["message_edit"] = changed
        del event["message"]
        field = "message_edits" if talk.channel == "messenger" else "message_edit"
        self._event(talk, event, field)

    def unsent(self, talk: Talk, written: Written) -> None:
        event = message_event(written, False)
        event["message"] = {"mid": written.id, "is_deleted": True}
        self._event(talk, event, "messages")

    def _event(self, talk: Talk, event: Json, field: str) -> None:
        page = self.pages.get(talk.account) or self._page_of(talk.account)
        if page is not None:
            kind = "page" if talk.channel == "messenger" else "instagram"
            entry = {
                "id": talk.account,
                "time": int(self._now() * 1000),
                "messaging": [event],
            }
            self._tell(kind, page, field, entry)

    def _page_of(self, account: str) -> Page | None:
        return next(
            (
                p
                for p in self.pages.values()
                if p.instagram and p.instagram.id == account
            ),
            None,
        )

    def _now(self) -> int:
        return int(self.core.clock.now())

    def _tell(self, kind: str, page: Page, field: str, entry: Json) -> None:
        """Only where both subscribed: the page to the app, and the app to this kind of
        object."""
        for wanted in self.subscriptions:
            fields = page.subscribed.get(wanted.app)
            if fields is None or wanted.object != kind or field not in wanted.fields:
                continue
            if kind == "page" and field not in fields:
                continue
            self._waiting.put((wanted, escaped({"object": kind, "entry": [entry]})))
            if self._worker is None:
                self._worker = threading.Thread(
                    target=self._work, name="meta-webhooks", daemon=True
                )
                self._worker.start()

    def _work(self) -> None:
        while not self.core.stopping.is_set():
            try:
                wanted, body = self._waiting.get(timeout=0.05)
            except queue.Empty:
                continue
            for _ in range(_TRIES):
                if self._posted(wanted, body):
                    break
            self._waiting.task_done()

    def _posted(self, wanted: Subscription, body: bytes) -> bool:
        headers = {
            "content-type": "application/json",
            "x-hub-signature-256": signature(self.apps[wanted.app], body),
        }
        try:
            answer = requests.post(
                wanted.callback_url, data=body, headers=headers, timeout=ANSWER_SECONDS
            )
        except requests.RequestException:
            return False
        return answer.ok


def feed_value(said: Said, verb: str, hides_authors: bool, cdn: str = "") -> Json:
    value: Json = {
        "item": "comment"
        if said.kind == "comment"
        else ("photo" if said.photos else "post"),
        "verb": verb,
        "post_id": (said.above or said).id,
        "created_time": int(said.at),
    }
    if said.author is not None and not (
        hides_authors and isinstance(said.author, Person)
    ):
        value["from"] = {"id": id_of(said.author), "name": name_of(said.author)}
    if said.kind == "comment":
        value["comment_id"] = said.id
        value["parent_id"] = (said.parent or said.above or said).id
    if verb != "remove":
        value["message"] = said.text
    if said.photos:
        link = f"{cdn}/{said.photos[0]}.jpg"
        value["photo" if said.kind == "comment" else "link"] = link
    return value


def message_event(written: Written, echo: bool) -> Json:
    message: Json = {"mid": written.id}
    if written.text:
        message["text"] = written.text
    if written.attachments:
        message["attachments"] = written.attachments
    if echo:
        message |= {"is_echo": True, "app_id": 1}
    return {
        "sender": {"id": written.sender},
        "recipient": {"id": written.to},
        "timestamp": int(written.at * 1000),
        "message": message,
    }


def id_of(author: Author | None) -> str | None:
    return author.id if author else None


def name_of(author: Author | None) -> str | None:
    return author.name if author else None


def username_of(author: Author | None) -> Any:
    return author.username if author else None
