"""People, posts and tokens of X, and its documented limits."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field

LIMITS = {
    "GET /2/users/me": 75,
    "GET /2/users/by/username/:username": 900,
    "GET /2/users/:id/mentions": 300,
    "GET /2/users/:id/tweets": 900,
    "GET /2/tweets": 900,
    "GET /2/tweets/:id": 900,
    "GET /2/tweets/search/recent": 300,
    "GET /2/tweets/counts/recent": 300,
    "GET /2/users": 900,
    "POST /2/tweets": 100,
    "GET /2/dm_events": 15,
    "GET /2/dm_conversations/with/:participant_id/dm_events": 15,
    "POST /2/dm_conversations/with/:participant_id/messages": 15,
    "POST /2/dm_conversations/:id/messages": 15,
    "POST /2/webhooks": 450,
    "GET /2/webhooks": 450,
    "POST /2/webhooks/replay": 100,
    "GET /2/activity/subscriptions": 500,
    "POST /2/activity/subscriptions": 500,
    "POST /2/oauth2/token": 1000,
}


@dataclass(frozen=True, slots=True)
class User:
    id: int
    username: str
    name: str


@dataclass(slots=True)
class Post:
    """One version. `chain` lists all versions of it, oldest first, and is shared by
    them.

    `typed` is the text without the mentions that X puts before a reply. `broken`: it is
    told without its id, as no documentation allows. `shown_at`: since when lists and
    search know it (epoch seconds), which may be hours after it was written.
    """

    id: int
    author: User
    text: str
    typed: str
    created_at: float
    conversation_id: int
    chain: list[int]
    reply_to: int | None = None
    quotes: int | None = None
    reposts: int | None = None
    media: tuple[str, ...] = ()
    place: str | None = None
    mentions: tuple[User, ...] = ()
    deleted: bool = False
    broken: bool = False
    shown_at: float = 0.0

    @property
    def is_current(self) -> bool:
        return not self.deleted and self.chain[-1] == self.id


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """`people` are everybody in the conversation, whose id is made of theirs where they
    are two."""

    id: int
    conversation_id: str
    sender: User
    people: tuple[User, ...]
    text: str
    created_at: float


@dataclass(slots=True)
class Token:
    """`user` is None for an app-only bearer token. `used` counts requests by endpoint.

    `expires_at` (epoch seconds) is None for tokens of OAuth 1.0a and of apps; `app` is
    the consumer key of an app-only token's app.
    """

    key: str
    secret: str
    user: User | None
    revoked: bool = False
    expires_at: float | None = None
    app: str = ""
    may_read_messages: bool = True
    used: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
