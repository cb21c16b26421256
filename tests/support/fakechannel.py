"""A channel for tests of the core: its platform is a list in memory, its wire format is
plain.

It keeps the real contract; nothing of the core knows that it is not a platform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from connectors.base import (
    LARGEST_DOWNLOAD,
    AccountSettings,
    Cursor,
    File,
    FileKind,
    Geo,
    Identity,
    Later,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Sent,
    Settings,
)
from connectors.errors import BadItem, ConnectorError, Refused


@dataclass
class Platform:
    """What the outside world holds: posts to be fetched, replies that arrived, what
    goes wrong. `meanwhile`: what happens between the arrival of a reply and the answer
    to who sent it."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    arrived: list[Reply] = field(default_factory=list)
    on_fetch: list[Exception] = field(default_factory=list)
    on_send: list[Exception] = field(default_factory=list)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    failing_files: dict[str, Exception] = field(default_factory=dict)
    page_size: int = 2
    gap: str | None = None
    renewals: list[Settings | Exception] = field(default_factory=list)
    hidden: dict[str, dict[str, Any]] = field(default_factory=dict)
    takes_files: bool = True


PLATFORM = Platform()


class FakeApp(Settings):
    pass


class FakeAccount(AccountSettings):
    name: str = Field(title="Handle")
    token: SecretStr = Field(default=SecretStr("rahasia"), title="Token")
    daily_read_budget: int | None = None
    renewed_at: datetime | None = None
    ends_at: datetime | None = None

    def facts(self) -> dict[str, Any]:
        return {"signature": f"- {self.name}"}

    def renew_at(self) -> datetime | None:
        return self.renewed_at

    def login_ends_at(self) -> datetime | None:
        return self.ends_at


class Fake:
    label: ClassVar[str] = "Fake"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "edit", "delete"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture"})
    App: ClassVar[type[Settings]] = FakeApp
    Account: ClassVar[type[AccountSettings]] = FakeAccount
    text_limit: ClassVar[int] = 100
    cost_per_read: ClassVar[float] = 0.5
    default_interval: ClassVar[int] = 60

    def __init__(self, app: Any, account: Any, external_id: str | None = None) -> None:
        self._account = account

    def close(self) -> None:
        pass

    def check(self) -> Identity:
        name = self._account.name
        return Identity(
            external_id=f"id-{name}", handle=name, display_name=name.title()
        )

    @staticmethod
    def read_file(payload: Any, hint: str | None = None) -> Iterable[RawItem]:
        return [RawItem(str(payload.get("native_id")), "fake", payload)]

    def back(self, days: float) -> Cursor:
        return {}

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        seen = cursor.get("seen", 0)
        while posts := PLATFORM.posts[seen : seen + PLATFORM.page_size]:
            seen += len(posts)
            items = tuple(
                RawItem(str(post.get("key", post.get("native_id"))), "fake", post)
                for post in posts
            )
            yield Page(
                items, {"seen": seen}, cost=len(items), stream="posts", gap=PLATFORM.gap
            )
            if PLATFORM.on_fetch:
                raise PLATFORM.on_fetch.pop(0)
        if PLATFORM.on_fetch:
            raise PLATFORM.on_fetch.pop(0)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        payload = dict(item.payload)
        if payload.pop("broken", False):
            raise BadItem("the post has no text")
        if payload.pop("bug", False):
            raise KeyError("bug")
        payload.pop("key", None)
        for name in ("created_at", "edited_at", "arrived_at", "reply_until"):
            if isinstance(payload.get(name), str):
                payload[name] = datetime.fromisoformat(payload[name]).astimezone(UTC)
        if isinstance(payload.get("geo"), list):
            payload["geo"] = Geo(*payload["geo"])
        payload["media"] = tuple(Media(**media) for media in payload.get("media", []))
        payload["mentions"] = tuple(payload.get("mentions", []))
        payload["person_ids"] = tuple(payload.get("person_ids", []))
        payload.setdefault("reply_to", {"post": payload["native_id"]})
        return [Message(**payload, is_own=payload.get("author_id") == item.account)]

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        problem = "too_long" if len(reply.text) > cls.text_limit else None
        if reply.files and not PLATFORM.takes_files:
            problem = "no_files"
        return Preview(
            (reply.text,), len(reply.text), cls.text_limit, not reply.private, problem
        )

    def send(self, reply: Reply) -> Sent:
        if PLATFORM.on_send:
            error = PLATFORM.on_send.pop(0)
            if isinstance(error, ConnectorError) and error.code == "unknown":
                self._arrives(reply)
            raise error
        self._arrives(reply)
        return Sent(external_id=f"reply-{len(PLATFORM.arrived)}")

    @staticmethod
    def _arrives(reply: Reply) -> None:
        PLATFORM.arrived.append(reply)
        while PLATFORM.meanwhile:
            PLATFORM.meanwhile.pop(0)()

    def send_private(self, reply: Reply) -> Sent:
        return self.send(reply)

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        found = [
            n for n, sent in enumerate(PLATFORM.arrived, 1) if sent.key == reply.key
        ]
        return Sent(external_id=f"reply-{found[0]}") if found else None

    def expand(self, item: RawItem) -> Iterable[RawItem]:
        full = PLATFORM.hidden.get(item.payload["native_id"])
        if full is None:
            raise Refused("it is gone", code="gone")
        return [RawItem(f"full:{item.key}", "fake", full)]

    def count(self, since: datetime) -> int:
        return len(PLATFORM.posts)

    def renew(self) -> Settings:
        outcome = PLATFORM.renewals.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        if error := PLATFORM.failing_files.get(media.ref["path"]):
            raise error
        return File(PLATFORM.files[media.ref["path"]])
