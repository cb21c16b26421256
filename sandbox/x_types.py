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
    "POST /2/tweets": 100,
}


@dataclass(frozen=True, slots=True)
class User:
    id: int
    username: str
    name: str


@dataclass(slots=True)
class Post:
    """One version. `chain` lists all versions of it, oldest first, and is shared by them.

    `typed` is the text without the mentions that X puts before a reply. `broken`: it is told
    without its id, as no documentation allows.
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

    @property
    def is_current(self) -> bool:
        return not self.deleted and self.chain[-1] == self.id


@dataclass(slots=True)
class Token:
    """`user` is None for an app-only bearer token. `used` counts requests by endpoint."""

    key: str
    secret: str
    user: User | None
    revoked: bool = False
    used: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
