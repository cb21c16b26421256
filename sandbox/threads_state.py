"""Threads as its users see it: people, posts and answers, who may ask for what.

Source: developers.facebook.com, "Threads API" (2025, 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox import attached
from sandbox.state import Core

Json = dict[str, Any]
TEXT_LIMIT = 500
REPLIES_A_DAY = 1_000
LIFE_SECONDS = 60 * 86_400
YOUNGEST_RENEWED_SECONDS = 86_400
_MENTION = re.compile(r"(?<![\w.@])@([a-z0-9_][a-z0-9_.]*)", re.I)


class ThreadsError(Exception):
    """Becomes the error object of the Threads API."""

    def __init__(
        self, status: int, code: int, message: str, subcode: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.subcode = status, code, subcode


_TYPES = {"picture": "IMAGE", "video": "VIDEO", "audio": "AUDIO"}


@dataclass(slots=True)
class Person:
    id: str
    username: str
    name: str


@dataclass(slots=True)
class Token:
    value: str
    owner: Person
    born: float
    ends: float
    revoked: bool = False


@dataclass(slots=True)
class Post:
    """`root` and `answers` are ids of posts; `broken`: told in a way that nobody can
    read."""

    id: str
    author: Person
    text: str
    at: float
    answers: str | None = None
    root: str | None = None
    quotes: str | None = None
    images: list[str] = field(default_factory=list)
    broken: bool = False


class Threads:
    def __init__(self, core: Core) -> None:
        self.core = core
        self.people: dict[str, Person] = {}
        self.posts: dict[str, Post] = {}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, Person] = {}
        self.containers: dict[str, tuple[Person, Json]] = {}
        self._made = 0

    def add_person(self, username: str, name: str = "") -> Person:
        known = self.people.get(username.lower())
        if known is None:
            known = Person(self._number(), username.lower(), name or username)
            self.people[known.username] = known
        return known

    def add_token(self, person: Person, value: str | None = None) -> Token:
        """A long-lived one, born now."""
        now = self.core.clock.now()
        made = Token(
            value or f"THDemo{self._number()}", person, now, now + LIFE_SECONDS
        )
        self.tokens[made.value] = made
        return made

    def post(
        self,
        username: str,
        text: str,
        *,
        answers: str | None = None,
        quotes: str | None = None,
        images: list[str] | None = None,
    ) -> Post:
        if answers is not None and answers not in self.posts:
            raise ThreadsError(400, 100, "Media to answer does not exist", 33)
        root = (self.posts[answers].root or answers) if answers else None
        made = Post(
            self._number(),
            self.add_person(username),
            text,
            self.core.clock.now(),
            answers,
            root,
            quotes,
            images or [],
        )
        self.posts[made.id] = made
        return made

    def delete(self, post_id: str) -> None:
        del self.posts[post_id]

    def newest_first(self) -> Iterator[Post]:
        return reversed(self.posts.values())

    def mentioning(self, person: Person) -> list[Post]:
        return [
            post
            for post in self.newest_first()
            if post.author is not person
            and person.username
            in [name.lower() for name in _MENTION.findall(post.text)]
        ]

    def by(self, person: Person, *, answers: bool) -> list[Post]:
        """What somebody posted: threads of their own, or answers."""
        return [
            post
            for post in self.newest_first()
            if post.author is person and (post.answers is not None) == answers
        ]

    def answers_to(self, post_id: str) -> list[Post]:
        return [post for post in self.newest_first() if post.answers == post_id]

    def conversation(self, post_id: str) -> list[Post]:
        return [post for post in self.newest_first() if post.root == post_id]

    def create(self, person: Person, given: Json) -> str:
        """A container, which nobody sees until it is published."""
        text, answered = str(given.get("text") or ""), given.get("reply_to_id")
        if given.get("media_type") != "TEXT":
            raise ThreadsError(400, 100, "Param media_type must be one of {TEXT}")
        if not 0 < len(text) <= TEXT_LIMIT:
            raise ThreadsError(
                400, 100, "Param text must be at most 500 characters long."
            )
        if answered is not None and str(answered) not in self.posts:
            raise ThreadsError(400, 100, "The media to reply to does not exist", 33)
        made = self._number()
        self.containers[made] = (person, {**given, "text": text})
        return made

    def publish(self, person: Person, container: str) -> Post:
        owner, given = self.containers.get(container, (None, {}))
        if owner is not person:
            raise ThreadsError(400, 24, "Media Not Found", 4279009)
        day = self.core.clock.now() - 86_400
        if (
            sum(post.at > day for post in self.by(person, answers=True))
            >= REPLIES_A_DAY
        ):
            raise ThreadsError(403, 4, "Application request limit reached")
        del self.containers[container]
        answered = given.get("reply_to_id")
        return self.post(
            person.username, given["text"], answers=str(answered) if answered else None
        )

    def shown(self, post: Post, asker: Person, fields: list[str], here: str) -> Json:
        """The fields asked for that this post has."""
        file = attached.of(post.images[0]) if post.images else None
        told: Json = {
            "id": post.id,
            "text": post.text,
            "username": post.author.username,
            "timestamp": iso(post.at),
            "permalink": f"https://www.threads.net/@{post.author.username}/post/{post.id}",
            "shortcode": post.id,
            "media_product_type": "THREADS",
            "media_type": _TYPES[file.sort] if file else "TEXT_POST",
            "media_url": f"{here}/threads/media/{file.name}" if file else None,
            "has_replies": bool(self.answers_to(post.id)),
            "is_reply": post.answers is not None,
            "is_quote_post": post.quotes is not None,
            "quoted_post": {"id": post.quotes} if post.quotes else None,
            "replied_to": {"id": post.answers} if post.answers else None,
            "root_post": {"id": post.root} if post.root else None,
            "is_reply_owned_by_me": post.author is asker if post.answers else None,
            "hide_status": "NOT_HUSHED" if post.answers else None,
            "owner": {"id": asker.id} if post.author is asker else None,
        }
        names = {"id", *(re.sub(r"\{.*", "", name) for name in fields)}
        shown = {
            name: value
            for name, value in told.items()
            if name in names and value is not None
        }
        return {**shown, "id": {"broken": True}} if post.broken else shown

    def _number(self) -> str:
        self._made += 1
        return str(17_900_000_000_000_000 + self._made * 7919)


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
