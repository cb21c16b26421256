"""The contract between Sahut and a platform: read this file first when adding a channel.

A connector turns one platform's wire format into `Message` and `Reply` into a request. It knows no
database, no other channel and nothing of the aggregator. What it can do is which methods it has:

    poll      fetch(cursor)                  -> Page, Page, ...
    webhook   verify(app, account, request), unpack(request)
    reply     send(reply), preview(reply)
    media     download(media)

`normalise` is pure and serves both routes, so a repaired parser can be replayed over stored raw
events. A page's cursor must be safe to keep after that page alone: on platforms that answer newest
first, unfinished progress belongs inside the cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

Json = Any
Cursor = dict[str, Any]

Kind = Literal[
    "post",
    "comment",
    "mention",
    "reply",
    "quote",
    "repost",
    "dm",
    "review",
    "edit",
    "delete",
    "visibility",
    "reaction",
    "status",
    "system",
]
"""What happened. The first eight say something; `edit` and `delete` change the item with the same
`native_id`; `visibility`, `reaction` and `status` attach to `target_id`;
`system` is kept unshown."""

SAYING: frozenset[str] = frozenset(
    {"post", "comment", "mention", "reply", "quote", "repost", "dm", "review"}
)


class Settings(BaseModel):
    """Base of every connector's settings. `title` is the prompt, `description` the help text.

    Secrets are `SecretStr`; pydantic is told not to quote input, which would print them.
    """

    model_config = ConfigDict(
        hide_input_in_errors=True, extra="forbid", frozen=True, str_strip_whitespace=True
    )


@dataclass(frozen=True, slots=True)
class RawItem:
    """One thing as it arrived.

    `key` is unique per account and revision; `kind` names the wire shape, for `normalise`.
    `account` is the external id of our account that received it (None: not told by the payload).
    """

    key: str
    kind: str
    payload: Json
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Items and the cursor that is safe once they are stored; `cost` counts billed reads."""

    items: tuple[RawItem, ...]
    cursor: Cursor
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    """`ref` is what `download` needs and never holds a secret; `native_id` is stable per file.

    `part_id` is the native id of the platform item that carried it (albums: one item a picture).
    """

    type: str
    native_id: str | None = None
    ref: Mapping[str, Any] = field(default_factory=dict)
    mime: str | None = None
    part_id: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Geo:
    latitude: float
    longitude: float
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing somebody said or did, in the words of all channels. Times are aware, UTC.

    `scope`       "" where native ids are unique on the whole platform, else what they are unique in
    `reply_to`    opaque address for `send`; None: this message cannot be answered
    `mentions`    handles or external ids, lower case, of everybody addressed
    `edit_of`     stable native id where an edit has a new id (X)
    `group_id`    items of one album share it; the aggregator makes one message of them
    `target_id`   what a reaction, status or visibility change is about, or what a repost repeats
    `is_own`      written by the receiving account itself
    `place`       a place as the reporter typed it into a form
    """

    kind: Kind
    native_id: str
    parent_id: str | None = None
    conversation_id: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    author_handle: str | None = None
    text: str | None = None
    media: tuple[Media, ...] = ()
    created_at: datetime | None = None
    scope: str = ""
    public: bool = True
    permalink: str | None = None
    edited_at: datetime | None = None
    edit_of: str | None = None
    group_id: str | None = None
    target_id: str | None = None
    mentions: tuple[str, ...] = ()
    is_own: bool = False
    anonymous: bool = False
    contact: str | None = None
    place: str | None = None
    geo: Geo | None = None
    language: str | None = None
    reply_to: Mapping[str, Any] | None = None
    raw_text: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """`key` is ours, the same for every try of one answer; `to` is the message's `reply_to`."""

    key: str
    text: str
    to: Mapping[str, Any]
    number: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    external_id: str
    permalink: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent: one string a platform message; `problem` is a code (None: can be sent).

    `length` and `limit` count as the platform counts.
    """

    parts: tuple[str, ...]
    length: int
    limit: int
    public: bool
    problem: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose credentials these are; `warnings` say what will not work, with a remedy."""

    external_id: str
    handle: str
    display_name: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook request as it arrived. Header names are lower case; `body` is never re-encoded."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    mime: str | None = None


class Connector(Protocol):
    """Facts are class attributes; abilities are the optional methods of the protocols below."""

    label: ClassVar[str]
    App: ClassVar[type[Settings]]
    Account: ClassVar[type[Settings]]
    text_limit: ClassVar[int]
    cost_per_read: ClassVar[float]
    default_interval: ClassVar[int]

    def __init__(self, app: Any, account: Any, external_id: str | None = None) -> None:
        """No I/O. `external_id`: our own id on the platform, once `check` has told it."""
        ...

    def close(self) -> None:
        """Give connections back. Every connector that was made is closed by who made it."""
        ...

    def check(self) -> Identity:
        """Ask the platform who this is. NeedsLogin when the credentials do not work."""
        ...

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        """Split anything the platform sends or answers into raw items, in order."""
        ...

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        """Pure. BadItem where the item cannot be read; nothing for what is not worth keeping."""
        ...


@runtime_checkable
class Polls(Protocol):
    def fetch(self, cursor: Cursor) -> Iterator[Page]: ...


@runtime_checkable
class Receives(Protocol):
    @staticmethod
    def verify(app: Any, account: Any, request: Request) -> str | None:
        """None: a genuine delivery. Text: the answer to a challenge. Untrusted otherwise.

        `account` is None on platforms that sign for the whole app.
        """
        ...

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]: ...


@runtime_checkable
class Replies(Protocol):
    def send(self, reply: Reply) -> Sent: ...

    @classmethod
    def preview(cls, reply: Reply) -> Preview: ...


@runtime_checkable
class Downloads(Protocol):
    def download(self, media: Media) -> File: ...


_ABILITIES = (
    ("poll", ("fetch",)),
    ("webhook", ("verify", "unpack")),
    ("reply", ("send", "preview")),
    ("media", ("download",)),
)


def abilities(connector: type[Connector] | Connector) -> tuple[str, ...]:
    """The abilities a connector has, by the methods it has."""
    return tuple(
        name
        for name, methods in _ABILITIES
        if all(callable(getattr(connector, method, None)) for method in methods)
    )
