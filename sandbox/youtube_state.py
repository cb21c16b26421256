"""YouTube as its viewers see it: channels, videos, comments, and a quota for the whole
project.

Source: developers.google.com, "YouTube Data API" (v3, 2024 to 2026).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from sandbox.state import Core

Json = dict[str, Any]
TOKEN_SECONDS = 3_600
QUOTA = 10_000
INLINE_ANSWERS = 5
TEXT_LIMIT = 10_000


class YouTubeError(Exception):
    """Becomes Google's error object."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.status, self.reason = status, reason


@dataclass(slots=True)
class Channel:
    """`refresh_token` None: a viewer, who never signs in here."""

    id: str
    title: str
    handle: str
    refresh_token: str | None = None


@dataclass(slots=True)
class Comment:
    """`top` is the id of the comment it answers; `text` None: nobody can read it."""

    id: str
    video: str
    owner: Channel
    author: Channel
    text: str | None
    at: float
    changed: float
    top: str | None = None
    moderation: str = "published"
    image: str | None = None
    answers: list[Comment] = field(default_factory=list)


class YouTube:
    """`quota` are the units a day of all calls together; `spent` those used up."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.channels: dict[str, Channel] = {}
        self.videos: dict[str, Channel] = {}
        self.comments: dict[str, Comment] = {}
        self.access: dict[str, tuple[Channel, float]] = {}
        self.codes: dict[str, Channel] = {}
        self.closed: set[str] = set()
        self.quota, self.spent = QUOTA, 0
        self._made = 0

    def add_channel(
        self, handle: str, title: str, refresh_token: str | None = None
    ) -> Channel:
        if handle not in self.channels:
            made = Channel("UC" + _letters(handle, 22), title, handle, refresh_token)
            self.channels[handle] = made
        return self.channels[handle]

    def add_video(self, owner: Channel, name: str) -> str:
        video = _letters(name, 11)
        self.videos[video] = owner
        return video

    def token_for(self, refresh_token: str) -> str | None:
        """A new access token of an hour; None: the refresh token is not known any
        more."""
        for channel in self.channels.values():
            if (
                channel.refresh_token is not None
                and channel.refresh_token == refresh_token
            ):
                self._made += 1
                token = f"ya29.demo{self._made}{_letters(refresh_token, 12)}"
                self.access[token] = (channel, self.core.clock.now() + TOKEN_SECONDS)
                return token
        return None

    def asker(self, token: str | None) -> Channel:
        channel, ends = self.access.get(token or "", (None, 0.0))
        if (
            channel is None
            or channel.refresh_token is None
            or ends <= self.core.clock.now()
        ):
            raise YouTubeError(401, "authError", "Invalid Credentials")
        return channel

    def spend(self, units: int) -> None:
        if self.spent + units > self.quota:
            raise YouTubeError(
                403,
                "quotaExceeded",
                "The request cannot be completed because you have exceeded your quota.",
            )
        self.spent += units

    def comment(
        self,
        video: str,
        author: Channel,
        text: str | None,
        *,
        top: str | None = None,
        moderation: str = "published",
        image: str | None = None,
    ) -> Comment:
        if video in self.closed:
            raise YouTubeError(
                403, "commentsDisabled", "The video has disabled comments."
            )
        if text is not None and len(text) > TEXT_LIMIT:
            raise YouTubeError(400, "commentTextTooLong")
        self._made += 1
        own = _letters(f"comment {self._made}", 22)
        made_id = f"{top}.{own}" if top else f"Ug{own}AaABAg"
        now = self.core.clock.now()
        made = Comment(
            made_id,
            video,
            self.videos[video],
            author,
            text,
            now,
            now,
            top,
            moderation,
            image,
        )
        if top is None:
            self.comments[made.id] = made
        else:
            self.comments[top].answers.append(made)
        return made

    def find(self, comment_id: str) -> Comment:
        """KeyError."""
        top = self.comments[comment_id.partition(".")[0]]
        return next(each for each in [top, *top.answers] if each.id == comment_id)

    def edit(self, comment_id: str, text: str) -> Comment:
        found = self.find(comment_id)
        found.text, found.changed = text, self.core.clock.now() + 1
        return found

    def delete(self, comment_id: str) -> None:
        found = self.find(comment_id)
        if found.top is None:
            del self.comments[found.id]
        else:
            self.comments[found.top].answers.remove(found)

    def threads_of(self, owner: Channel, moderation: str) -> Iterator[Comment]:
        """By opening comment, newest first."""
        for comment in reversed(self.comments.values()):
            if comment.owner is owner and comment.moderation == moderation:
                yield comment

    def shown_thread(
        self, top: Comment, asker: Channel, plain: bool, here: str
    ) -> Json:
        snippet = {
            "channelId": top.owner.id,
            "videoId": top.video,
            "canReply": True,
            "isPublic": True,
            "topLevelComment": self.shown(top, asker, plain, here),
            "totalReplyCount": len(top.answers),
        }
        thread: Json = {
            "kind": "youtube#commentThread",
            "id": top.id,
            "snippet": snippet,
        }
        inline = top.answers[-INLINE_ANSWERS:]
        if inline:
            told = [
                self.shown(answer, asker, plain, here) for answer in reversed(inline)
            ]
            thread["replies"] = {"comments": told}
        return thread

    def shown(self, comment: Comment, asker: Channel, plain: bool, here: str) -> Json:
        if comment.text is None:
            return {"kind": "youtube#comment", "id": comment.id, "snippet": None}
        text = comment.text if plain else escape(comment.text).replace("\n", "<br>")
        snippet: Json = {
            "channelId": comment.owner.id,
            "videoId": comment.video,
            "textDisplay": text,
            "authorDisplayName": f"@{comment.author.handle}",
            "authorChannelUrl": f"http://www.youtube.com/@{comment.author.handle}",
            "authorChannelId": {"value": comment.author.id},
            "canRate": True,
            "viewerRating": "none",
            "likeCount": 0,
            "publishedAt": iso(comment.at),
            "updatedAt": iso(comment.changed),
        }
        if comment.author is asker:
            snippet["textOriginal"] = comment.text
        if comment.top:
            snippet["parentId"] = comment.top
        if comment.owner is asker:
            snippet["moderationStatus"] = comment.moderation
        if comment.image:
            snippet["imageUrl"] = f"{here}/youtube/media/{comment.image}.jpg"
        return {"kind": "youtube#comment", "id": comment.id, "snippet": snippet}


def _letters(name: str, length: int) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:length]


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
