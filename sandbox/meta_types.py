"""What the Graph API is about: pages, people, what they say in public and in private,
tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Seconds = float


class GraphError(Exception):
    """Becomes the documented `error` object; `subcode` is left out where it is 0."""

    def __init__(
        self,
        code: int,
        message: str,
        subcode: int = 0,
        *,
        status: int = 400,
        kind: str = "",
    ) -> None:
        super().__init__(message)
        self.code, self.subcode, self.message, self.status = (
            code,
            subcode,
            message,
            status,
        )
        self.kind = kind or (
            "OAuthException" if code in (10, 100, 190) else "FacebookApiException"
        )


@dataclass(slots=True)
class Person:
    """`psid` and `igsid`: what one page or account knows the person by; here one for
    all."""

    id: str
    name: str
    username: str
    blocks_us: bool = False


@dataclass(slots=True)
class Page:
    id: str
    name: str
    username: str
    instagram: Instagram | None = None
    subscribed: dict[str, list[str]] = field(default_factory=dict)
    """App id to the fields it is subscribed to."""


@dataclass(slots=True)
class Instagram:
    """A professional account."""

    id: str
    username: str
    name: str


Author = Person | Page | Instagram


@dataclass(slots=True)
class Said:
    """A post, a comment, a recommendation or a media object.

    `wall`   id of the page or account it stands on
    `above`  a comment's post or media object; `parent` the comment it answers
    `positive`  of a recommendation
    `tags`   ids of pages or accounts it names
    """

    id: str
    kind: Literal["post", "comment", "review", "media", "reply"]
    wall: str
    author: Author | None
    text: str
    at: Seconds
    above: Said | None = None
    parent: Said | None = None
    tags: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    changed: Seconds = 0.0
    hidden: bool = False
    positive: bool = True
    broken: bool = False
    answered_privately: bool = False
    closed: bool = False
    """Takes no comments."""


@dataclass(slots=True)
class Written:
    """A private message; `sender` and `to` are ids."""

    id: str
    sender: str
    to: str
    text: str
    at: Seconds
    attachments: list[Json] = field(default_factory=list)
    broken: bool = False
    edits: int = 0


@dataclass(slots=True)
class Talk:
    """A conversation of one person with a page or an account."""

    id: str
    channel: Literal["messenger", "instagram"]
    account: str
    person: Person
    messages: list[Written] = field(default_factory=list)

    @property
    def changed(self) -> Seconds:
        return max((one.at for one in self.messages), default=0.0)

    def last_from_person(self) -> Seconds:
        return max(
            (m.at for m in self.messages if m.sender == self.person.id), default=0.0
        )


@dataclass(slots=True)
class Token:
    """`owner`: the page, account or person it speaks for; `trouble`: a subcode of error
    190.

    `issued`, `expires`: epoch seconds; 0 for no end.
    """

    key: str
    kind: Literal["page", "user", "instagram"]
    owner: str
    scopes: list[str]
    issued: Seconds
    expires: Seconds = 0.0
    trouble: int = 0


@dataclass(slots=True)
class Subscription:
    """Where an app wants one kind of object delivered."""

    app: str
    object: str
    callback_url: str
    fields: list[str]
    verify_token: str
