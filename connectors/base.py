"""The contract between Sahut and a platform: read this file first when adding a
channel.

A connector turns one platform's wire format into `Message` and `Reply` into a request.
It knows no database, no other channel and nothing of the aggregator. What it can do is
which methods it has:

    poll      fetch(cursor)                  -> Page, Page, ...
    webhook   verify(app, account, request), unpack(request)
    sign      sign(app, account, body, now)  a delivery of our own, for trying out
    file      read_bytes(content, name)      a mail, an export: imported from a file or a folder
    reply     send(reply), preview(reply)
    private   send_private(reply)            a private answer to something public
    look_up   look_up(reply, since)          whether an answer of unknown fate arrived
    media     download(media)
    expand    expand(item)                   webhooks that name only ids: fetch what they speak of
    subscribe subscribe(callback_url)        tell the platform where to deliver
    replay    replay(since, until)           ask for deliveries that were missed
    count     count(since)                   how many items the platform says it has
    price     billed_by(items)               what reading so many is billed as, where it is
    listen    listen(heard, stopping)        be told at once that something is new, beside polling
    login     login_start(...), login_finish(...)   the platform's own sign-in, in a browser
    renew     renew()                        fresh credentials out of the ones there are

`normalise` is pure and serves both routes, so a repaired parser can be replayed over
stored raw events. A page's cursor must be safe to keep after that page alone: on
platforms that answer newest first, unfinished progress belongs inside the cursor.
"""  # noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import BadItem

LARGEST_DOWNLOAD = 20 * 1024 * 1024
"""In bytes, where nobody says otherwise."""

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
"""What happened. The first eight say something; `edit` and `delete` change the item
with the same `native_id`; `visibility`, `reaction` and `status` attach to `target_id`;
`system` is kept unshown."""

SAYING: frozenset[str] = frozenset(
    {"post", "comment", "mention", "reply", "quote", "repost", "dm", "review"}
)


Later = Literal["answer", "edit", "delete"]
"""What residents do after they have written: answer us, change what they said, take it
back."""

FileKind = Literal["picture", "video", "audio", "document"]
EVERY_FILE: frozenset[FileKind] = frozenset({"picture", "video", "audio", "document"})


class Settings(BaseModel):
    """Base of every connector's settings. `title` is the prompt, `description` the help
    text.

    Secrets are `SecretStr`; pydantic is told not to quote input, which would print
    them.
    """

    model_config = ConfigDict(
        hide_input_in_errors=True,
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
    )

    def facts(self) -> dict[str, Any]:
        """What `preview` and `send` must know of the account, laid into `Reply.to`; no
        secret."""
        return {}

    def renew_at(self) -> datetime | None:
        """When `renew` is due, UTC; None: these credentials are not renewed."""
        return None

    def login_ends_at(self) -> datetime | None:
        """When a person must sign in again whatever the program does, UTC; None: not
        known."""
        return None


class AccountSettings(Settings):
    """Base of every connector's settings of one account."""

    first_days: int = Field(
        default=7,
        ge=0,
        le=3650,
        title="Days to read back when the account is new",
        description="What was written earlier is history: no case, no deadline",
    )


@dataclass(frozen=True, slots=True)
class RawItem:
    """One thing as it arrived.

    `key` is unique per account and revision; `kind` names the wire shape, for
    `normalise`. `account` is the external id of our account that received it (None: not
    told by the payload).
    """

    key: str
    kind: str
    payload: Json
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Items and the cursor that is safe once they are stored; `cost` counts billed
    reads.

    `stream`  which list of the account this is a page of ("mentions", "dms", a folder)
    `billed`  how many of what the platform has a price for (config/prices.yaml); without
              it a read costs `cost_per_read`
    `gap`     a code where the platform cannot give all there was ("retention", "window_800"):
              what is missing is written into the account's ledger, not passed over
    `trouble` a code where this stream cannot be read now while others can: a gap that stays open
              until a page of the stream comes without it
    """  # noqa: E501

    items: tuple[RawItem, ...]
    cursor: Cursor
    cost: int = 0
    billed: Mapping[str, int] = field(default_factory=dict)
    stream: str = "main"
    gap: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """`ref` is what `download` needs and never holds a secret; `native_id` is stable
    per file.

    `part_id` is the native id of the platform item that carried it (albums: one item a
    picture). `name`: of the file, as its sender called it. `size` in bytes, as the
    platform tells it beforehand.
    """

    type: str
    native_id: str | None = None
    ref: Mapping[str, Any] = field(default_factory=dict)
    mime: str | None = None
    part_id: str | None = None
    description: str | None = None
    name: str | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        _clean(self, ("native_id", "mime", "part_id", "description", "name"))


@dataclass(frozen=True, slots=True)
class Geo:
    latitude: float
    longitude: float
    label: str | None = None


def point(latitude: object, longitude: object, label: str | None = None) -> Geo | None:
    """None where these are no coordinates on the earth."""
    for value, most in ((latitude, 90), (longitude, 180)):
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not abs(value) <= most
        ):
            return None
    assert isinstance(latitude, int | float) and isinstance(longitude, int | float)
    return Geo(float(latitude), float(longitude), label)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing somebody said or did, in the words of all channels. Times are aware,
    UTC.

    `scope` "" where native ids are unique on the whole platform, else what they are
    unique in `reply_to` opaque address for `send`; None: this message cannot be
    answered `mentions` handles or external ids, lower case, of everybody addressed
    `edit_of` stable native id where an edit has a new id (X) `group_id` items of one
    album share it; the aggregator makes one message of them `target_id` what a
    reaction, status or visibility change is about, or what a repost repeats `is_own`
    written by the receiving account itself `arrived_at` since when the platform itself
    has it, where `created_at` is the sender's word `reply_until` until when the
    platform takes an answer to this (None: no end) `needs_fetch` the payload names ids
    only; `expand` fetches the rest `place` a place as the reporter typed it into a form

    `subject` what was said above `text`; together they are what somebody said `thread`
    native ids, of any scope, that this may answer, of messages or of answers of ours,
    likeliest first `person_ids` every id the platform gives the resident by, where it
    has several; of an own message, whom it was written to `answer_keys` `Reply.key` of
    answers of ours it is addressed to
    `case_number` a case that is named where our answers name it; whoever knows a number
    may write it `automatic` a program wrote this, and of what sort: it is kept aside
    until a person holds it for something that was said

    `channel` where this was said, if not on the channel that brought it, and `account`
    the handle of the city's account there: a platform's mail told of it
    """

    kind: Kind
    native_id: str
    parent_id: str | None = None
    conversation_id: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    author_handle: str | None = None
    person_ids: tuple[str, ...] = ()
    text: str | None = None
    media: tuple[Media, ...] = ()
    created_at: datetime | None = None
    scope: str = ""
    public: bool = True
    permalink: str | None = None
    edited_at: datetime | None = None
    arrived_at: datetime | None = None
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
    reply_until: datetime | None = None
    needs_fetch: bool = False
    raw_text: str | None = None
    subject: str | None = None
    thread: tuple[str, ...] = ()
    answer_keys: tuple[str, ...] = ()
    case_number: str | None = None
    automatic: str | None = None
    channel: str | None = None
    account: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """BadItem: words are kept without what no database takes, times only where
        they can be, but an id that lost a sign would be another one."""
        _clean(self, _WORDS)
        for name in _MOMENTS:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, plausible(getattr(self, name)))
        ids = (getattr(self, name) for name in _IDS)
        for one in (*ids, *self.person_ids, *self.mentions, *self.thread):
            if one is not None and not _is_plain(one) and _storable(one) != one:
                raise BadItem("an id with a sign that no database keeps")


_WORDS: tuple[str, ...] = (
    *("text", "raw_text", "subject", "author_name", "author_handle", "contact"),
    *("place", "permalink", "language"),
)
_IDS: tuple[str, ...] = (
    *("native_id", "scope", "parent_id", "conversation_id", "author_id", "edit_of"),
    *("group_id", "target_id"),
)


_MOMENTS = ("created_at", "edited_at", "arrived_at", "reply_until")
_FIRST_YEAR, _LAST_YEAR = 1990, 2200


def plausible(moment: datetime | None) -> datetime | None:
    """A time that a message can be of; None for one of the year 1 or 9999, which is a
    mistake and of which no deadline can be counted."""
    if moment is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment


def _is_plain(text: str) -> bool:
    return text.isascii() and "\x00" not in text


def _clean(told: Message | Media, names: Iterable[str]) -> None:
    for name in names:
        value = getattr(told, name)
        if value is not None and not _is_plain(value):
            object.__setattr__(told, name, _storable(value))


def _storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of letters that a platform cut in
    two."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes out with a reply."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """`key` is ours, the same for every try of one answer; `to` is the message's
    `reply_to` with the account's `facts`, `account_handle` and `account_id` laid over
    it.

    `now` the moment of sending or previewing, UTC (windows that close, messages that
    change) `private` a private answer to something public (`send_private`) `prices` US
    dollars for what the platform bills, as they are at `now` (config/prices.yaml)
    """

    key: str
    text: str
    to: Mapping[str, Any]
    number: str = ""
    now: datetime | None = None
    private: bool = False
    files: tuple[Upload, ...] = ()
    prices: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    external_id: str
    permalink: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent: one string a platform message; `problem` is a code (None: can
    be sent).

    `length` and `limit` count as the platform counts; `price` is in US dollars. Codes
    used by several channels: too_long, window_closed, no_files, file_too_large,
    not_private.
    """

    parts: tuple[str, ...]
    length: int
    limit: int
    public: bool
    problem: str | None = None
    warnings: tuple[str, ...] = ()
    price: float = 0.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose credentials these are; `warnings` say what will not work, with a remedy."""

    external_id: str
    handle: str
    display_name: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook request as it arrived. Header names are lower case; `body` is never
    re-encoded."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    now: datetime | None = None


CHALLENGE = re.compile(r"[A-Za-z0-9_=-]{1,128}")
"""What a platform may ask to be signed or said back when an address is registered: a
token, which no delivery is. Whoever asks for more wants a delivery signed."""


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class LoginStart:
    """Open `url` in a browser; `keep` (a verifier, a state) is given back to
    `login_finish`."""

    url: str
    keep: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Login:
    """One identity that a sign-in opened (a person may manage several pages): its
    settings."""

    name: str
    settings: Mapping[str, Any]


class Connector(Protocol):
    """Facts are class attributes; abilities are the optional methods of the protocols
    below.

    `hears`    of what residents do later, what the platform tells us; the rest a person
               has to look for there
    `carries`  kinds of files that what residents say can bring
    """

    label: ClassVar[str]
    hears: ClassVar[frozenset[Later]]
    carries: ClassVar[frozenset[FileKind]]
    App: ClassVar[type[Settings]]
    Account: ClassVar[type[AccountSettings]]
    text_limit: ClassVar[int]
    cost_per_read: ClassVar[float]
    default_interval: ClassVar[int]

    def __init__(self, app: Any, account: Any, external_id: str | None = None) -> None:
        """No I/O. `external_id`: our own id on the platform, once `check` has told
        it."""
        ...

    def close(self) -> None:
        """Give connections back. Every connector that was made is closed by who made
        it."""
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
        """Pure. BadItem where the item cannot be read; nothing for what is not worth
        keeping."""
        ...


@runtime_checkable
class Polls(Protocol):
    def fetch(self, cursor: Cursor) -> Iterator[Page]: ...


@runtime_checkable
class Receives(Protocol):
    """Where one address serves several channels, `delivered_with` (a class attribute)
    names the others: their `unpack` is given the same delivery, and each takes what is
    its own."""

    @staticmethod
    def verify(app: Any, account: Any, request: Request) -> str | None:
        """None: a genuine delivery. Text: the answer to a challenge. Untrusted
        otherwise.

        `account` is None on platforms that sign for the whole app.
        """
        ...

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]: ...


@runtime_checkable
class Signs(Protocol):
    @staticmethod
    def sign(app: Any, account: Any, body: bytes, now: datetime) -> dict[str, str]:
        """The headers of a genuine delivery of this body: for trying an installation
        out."""
        ...


@runtime_checkable
class Replies(Protocol):
    def send(self, reply: Reply) -> Sent: ...

    @classmethod
    def preview(cls, reply: Reply) -> Preview: ...


@runtime_checkable
class ReadsFiles(Protocol):
    @staticmethod
    def read_bytes(content: bytes, name: str) -> Iterable[RawItem]:
        """Split a file into raw items, in order. BadItem where it is not of this
        channel."""
        ...


@runtime_checkable
class RepliesPrivately(Protocol):
    def send_private(self, reply: Reply) -> Sent: ...


@runtime_checkable
class LooksUp(Protocol):
    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """Our answer on the platform, if it is there. Only reads."""
        ...


@runtime_checkable
class Downloads(Protocol):
    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        """The file, of at most `largest` bytes. Refused `too_large`, `gone`,
        `not_kept`."""
        ...


@runtime_checkable
class Expands(Protocol):
    def expand(self, item: RawItem) -> Iterable[RawItem]:
        """What an item that needs fetching speaks of; same `key` prefix, complete
        payload."""
        ...


@runtime_checkable
class Subscribes(Protocol):
    def subscribe(self, callback_url: str) -> str:
        """Ask for deliveries; what a person must still click, or "" where nothing is
        left."""
        ...


@runtime_checkable
class Replays(Protocol):
    def replay(self, since: datetime, until: datetime) -> str:
        """Ask for missed deliveries again; what the platform promises, in a
        sentence."""
        ...


@runtime_checkable
class Counts(Protocol):
    def count(self, since: datetime) -> int: ...


@runtime_checkable
class ReadsBack(Protocol):
    """Of a platform which may show late what was written earlier: held for review,
    hidden from a list for a while, by an account that was protected."""

    def back(self, days: float) -> Cursor:
        """From where `fetch` reads the last days once more."""
        ...


@runtime_checkable
class Prices(Protocol):
    def billed_by(self, items: int) -> Mapping[str, int]:
        """How many of what is billed (as in `Page.billed`) reading so many items is at
        most, with all that is read beside them."""
        ...


@runtime_checkable
class Listens(Protocol):
    def listen(self, heard: Callable[[], None], stopping: Callable[[], bool]) -> None:
        """Call `heard` whenever a poll may find something new, until `stopping` says
        so; it is asked at least every other second. Returns where the platform tells
        nothing by itself. ConnectorError where the connection ends."""
        ...


@runtime_checkable
class SignsIn(Protocol):
    @staticmethod
    def login_start(app: Any, redirect_uri: str, state: str) -> LoginStart: ...

    @staticmethod
    def login_finish(
        app: Any, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]: ...


@runtime_checkable
class Renews(Protocol):
    def renew(self) -> Settings:
        """New account settings. The caller stores them before it uses them, one at a
        time."""
        ...


_ABILITIES = (
    ("poll", ("fetch",)),
    ("webhook", ("verify", "unpack")),
    ("sign", ("sign",)),
    ("file", ("read_bytes",)),
    ("reply", ("send", "preview")),
    ("private", ("send_private",)),
    ("look_up", ("look_up",)),
    ("media", ("download",)),
    ("expand", ("expand",)),
    ("subscribe", ("subscribe",)),
    ("replay", ("replay",)),
    ("count", ("count",)),
    ("price", ("billed_by",)),
    ("listen", ("listen",)),
    ("login", ("login_start", "login_finish")),
    ("renew", ("renew",)),
)


def abilities(connector: type[Connector] | Connector) -> tuple[str, ...]:
    """The abilities a connector has, by the methods it has."""
    return tuple(
        name
        for name, methods in _ABILITIES
        if all(callable(getattr(connector, method, None)) for method in methods)
    )
