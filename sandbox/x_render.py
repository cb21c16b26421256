"""Posts, people and pictures as X API v2 writes them: only the fields that were asked
for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox import attached
from sandbox.x_state import EDIT_SECONDS, EDITS_ALLOWED, MENTION, TEXT_LIMIT, X
from sandbox.x_types import Post, User

Json = dict[str, Any]
RENAMED = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
}
OLD_NAME = {new: old for old, new in RENAMED.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request wants to see, in the old spelling."""

    post: frozenset[str]
    user: frozenset[str]
    media: frozenset[str]
    expansions: frozenset[str]

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Asked:
        def names(*parameters: str) -> frozenset[str]:
            told = (
                name for p in parameters for name in query.get(p, "").split(",") if name
            )
            return frozenset(_old(name) for name in told)

        return cls(
            names("tweet.fields", "post.fields"),
            names("user.fields"),
            names("media.fields"),
            names("expansions"),
        )


def _old(name: str) -> str:
    head, _, rest = name.partition(".")
    return OLD_NAME.get(head, head) + (f".{rest}" if rest else "")


class Renderer:
    """For one answer. `here` is the address pictures are served from."""

    def __init__(self, x: X, asked: Asked, here: str) -> None:
        self.x, self.asked, self.here = x, asked, here

    def answer(self, posts: list[Post]) -> tuple[list[Json], Json, list[Json]]:
        """Data, includes, and errors for what is referenced but gone."""
        data = [self.post(post) for post in posts]
        referenced, errors = self._referenced(posts)
        includes = {
            "users": [self.user(user) for user in self._people(posts, referenced)],
            "tweets": [self.post(post) for post in referenced],
            "media": self._pictures([*posts, *referenced]),
            "places": self._places(posts),
        }
        return data, {name: found for name, found in includes.items() if found}, errors

    def post(self, post: Post) -> Json:
        if post.broken:
            return {"text": post.text}
        short = (
            post.text
            if len(post.text) <= TEXT_LIMIT
            else post.text[: TEXT_LIMIT - 1] + "…"
        )
        body: Json = {
            "id": str(post.id),
            "text": short,
            "edit_history_tweet_ids": [str(version) for version in post.chain],
        }
        optional = self._optional_fields(post)
        body |= {
            k: v for k, v in optional.items() if k in self.asked.post and v is not None
        }
        if self.x.spelling == "post":
            body = {RENAMED.get(name, name): value for name, value in body.items()}
        return body

    def _optional_fields(self, post: Post) -> Json:
        answered = self.x.posts.get(post.reply_to) if post.reply_to else None
        links = _references(post)
        first = self.x.posts[post.chain[0]]
        long = len(post.text) > TEXT_LIMIT
        return {
            "created_at": iso(post.created_at),
            "author_id": str(post.author.id),
            "conversation_id": str(post.conversation_id),
            "in_reply_to_user_id": str(answered.author.id) if answered else None,
            "referenced_tweets": [{"type": k, "id": str(i)} for k, i in links] or None,
            "entities": self._entities(post),
            "attachments": (
                {"media_keys": [media_key(m) for m in post.media]}
                if post.media
                else None
            ),
            "edit_controls": {
                "edits_remaining": EDITS_ALLOWED + 1 - len(post.chain),
                "is_edit_eligible": post.reply_to is None and post.reposts is None,
                "editable_until": iso(first.created_at + EDIT_SECONDS),
            },
            "note_tweet": {"text": post.text} if long else None,
            "geo": {"place_id": _place_id(post.place)} if post.place else None,
            "lang": "in",
            "possibly_sensitive": False,
            "public_metrics": {
                "retweet_count": 0,
                "reply_count": 0,
                "like_count": 0,
                "quote_count": 0,
                "bookmark_count": 0,
                "impression_count": 0,
            },
        }

    def _entities(self, post: Post) -> Json | None:
        mentions = [
            {
                "start": m.start(),
                "end": m.end(),
                "username": user.username,
                "id": str(user.id),
            }
            for m in MENTION.finditer(post.text[:TEXT_LIMIT])
            if (user := self.x.users.get(m.group(1).lower()))
        ]
        return {"mentions": mentions} if mentions else None

    def user(self, user: User) -> Json:
        body = {"id": str(user.id), "name": user.name, "username": user.username}
        optional = {
            "verified": False,
            "location": "Bogor",
            "profile_image_url": f"{self.here}/media/x/avatar-{user.id}.jpg",
        }
        return body | {k: v for k, v in optional.items() if k in self.asked.user}

    def _people(self, posts: list[Post], referenced: list[Post]) -> list[User]:
        asked, found = self.asked.expansions, []
        for post in posts:
            if "author_id" in asked:
                found.append(post.author)
            if "entities.mentions.username" in asked:
                found += post.mentions
            answered = self.x.posts.get(post.reply_to) if post.reply_to else None
            if answered and "in_reply_to_user_id" in asked:
                found.append(answered.author)
        if "referenced_tweets.id.author_id" in asked:
            found += [post.author for post in referenced]
        return list(dict.fromkeys(found))

    def _referenced(self, posts: list[Post]) -> tuple[list[Post], list[Json]]:
        if not any(
            name.startswith("referenced_tweets.id") for name in self.asked.expansions
        ):
            return [], []
        found: dict[int, Post] = {}
        errors: dict[int, Json] = {}
        for _, reference in (link for post in posts for link in _references(post)):
            there = self.x.visible(reference)
            if there:
                found[reference] = there
            else:
                errors[reference] = not_found(str(reference), "referenced_tweets.id")
        return list(found.values()), list(errors.values())

    def _pictures(self, posts: list[Post]) -> list[Json]:
        if "attachments.media_keys" not in self.asked.expansions:
            return []
        pictures = []
        for label in dict.fromkeys(label for post in posts for label in post.media):
            file = attached.of(label)
            optional: Json = {"width": 800, "height": 600, "alt_text": label}
            body = {"media_key": media_key(label), "type": "photo"}
            link = f"{self.here}/media/x/{file.name}"
            if file.sort == "video":
                body["type"] = "video"
                optional["variants"] = [
                    {"content_type": "application/x-mpegURL", "url": f"{link}.m3u8"},
                    {"bit_rate": 632_000, "content_type": file.mime, "url": link},
                ]
            else:
                optional["url"] = link
            pictures.append(
                body | {k: v for k, v in optional.items() if k in self.asked.media}
            )
        return pictures

    def _places(self, posts: list[Post]) -> list[Json]:
        if "geo.place_id" not in self.asked.expansions:
            return []
        names = dict.fromkeys(post.place for post in posts if post.place)
        return [{"id": _place_id(name), "full_name": name} for name in names]


def not_found(value: str, parameter: str, kind: str = "tweet") -> Json:
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }


def not_authorized(user: User) -> Json:
    """Errors with status 200: X does not show this person's list."""
    return {
        "value": str(user.id),
        "detail": (
            f"Sorry, you are not authorized to see the user with id: [{user.id}]."
        ),
        "title": "Authorization Error",
        "resource_type": "user",
        "parameter": "id",
        "resource_id": str(user.id),
        "type": "https://api.twitter.com/2/problems/not-authorized-for-resource",
    }


def media_key(label: str) -> str:
    return f"3_{10**18 + int(hashlib.sha256(label.encode()).hexdigest()[:12], 16)}"


def _references(post: Post) -> list[tuple[str, int]]:
    links = (
        ("replied_to", post.reply_to),
        ("quoted", post.quotes),
        ("retweeted", post.reposts),
    )
    return [(kind, target) for kind, target in links if target is not None]


def _place_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def iso(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
