"""What TikTok knows: business accounts, their videos, comments, conversations and
tokens."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from dataclasses import dataclass, field

from sandbox import attached
from sandbox.rest import Json
from sandbox.state import Core

ACCESS_SECONDS, REFRESH_SECONDS = 86_400, 365 * 86_400


class Refusal(ValueError):
    """An answer with status 200 and this code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Comment:
    id: str
    author: str
    handle: str
    text: str
    at: float
    above: str | None
    owner: bool
    gone: bool = False

    def as_json(self, video_id: str) -> Json:
        above = {"parent_comment_id": self.above} if self.above else {}
        return {
            "comment_id": self.id,
            "video_id": video_id,
            "unique_identifier": self.author,
            "username": self.handle,
            "text": self.text,
            "create_time": str(int(self.at)),
            "likes": 0,
            "replies": 0,
            "owner": self.owner,
            "liked": False,
            "pinned": False,
            "status": "PUBLIC",
            **above,
        }


@dataclass(slots=True)
class Video:
    """`broken`: a row no client can read stands among its comments."""

    id: str
    at: float
    comments: list[Comment] = field(default_factory=list)
    broken: bool = False


@dataclass(slots=True)
class Business:
    id: str
    handle: str
    name: str
    access: str | None = None
    refresh: str | None = None
    expires_at: float | None = None
    videos: list[Video] = field(default_factory=list)
    written: dict[str, tuple[str, float]] = field(default_factory=dict)


class TikTok:
    """Hold the core's lock while touching it."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.businesses: dict[str, Business] = {}
        self._comments: dict[str, tuple[Video, Comment]] = {}
        self._numbers = itertools.count(7_400_000_000_000_000_001)

    def add_business(self, handle: str, name: str) -> Business:
        business = Business(_open_id(handle), handle, name)
        self.businesses[business.id] = business
        return business

    def by_handle(self, handle: str) -> Business:
        """ValueError: nobody of that name."""
        for business in self.businesses.values():
            if business.handle == handle:
                return business
        raise ValueError(f"there is no business account {handle!r}")

    def add_video(self, business: Business) -> Video:
        video = Video(str(next(self._numbers)), self.core.clock.now())
        business.videos.append(video)
        return video

    def video(self, business: Business, video_id: str) -> Video:
        for video in business.videos:
            if video.id == video_id:
                return video
        raise Refusal(40007, "The video does not exist.")

    def comment(self, comment_id: str) -> Comment:
        if comment_id not in self._comments:
            raise Refusal(40007, "The comment does not exist.")
        return self._comments[comment_id][1]

    def video_of(self, comment: Comment) -> Video:
        return self._comments[comment.id][0]

    def say(
        self,
        business: Business,
        who: str,
        text: str,
        above: str | None = None,
        *,
        owner: bool = False,
    ) -> Comment:
        """Under the newest video, or under a comment (answers to answers stand at its
        side)."""
        video = business.videos[-1]
        if above is not None:
            video, found = self._comments[above]
            above = found.above or found.id
        author = business.id if owner else _open_id(who)
        comment = Comment(
            str(next(self._numbers)),
            author,
            who,
            text,
            self.core.clock.now(),
            above,
            owner,
        )
        video.comments.append(comment)
        self._comments[comment.id] = (video, comment)
        return comment

    def write(self, business: Business, who: str, text: str, photos: list[str]) -> Json:
        """The content of a delivery for a person's direct message."""
        conversation = f"conv-{_open_id(who)[:10]}=="
        business.written[conversation] = (who, self.core.clock.now())
        person = {"id": _open_id(who), "role": "personal_account"}
        office = {"id": business.id, "role": "business_account"}
        said: Json = {"type": "text", "text": {"body": text}}
        if photos:
            sort = "video" if attached.of(photos[0]).sort == "video" else "image"
            said = {"type": sort, sort: {"media_id": photos[0]}}
        return {
            "message_id": f"msg-{next(self._numbers)}",
            "conversation_id": conversation,
            "timestamp": int(self.core.clock.now() * 1000),
            "from": who,
            "from_user": person,
            "to": business.handle,
            "to_user": office,
            "unique_identifier": person["id"],
            "is_follower": True,
            **said,
        }

    def answer(self, business: Business, conversation: str, text: str) -> Json:
        who, _ = business.written[conversation]
        return {
            "message_id": f"msg-{next(self._numbers)}",
            "conversation_id": conversation,
            "timestamp": int(self.core.clock.now() * 1000),
            "from": business.handle,
            "from_user": {"id": business.id, "role": "business_account"},
            "to": who,
            "to_user": {"id": _open_id(who), "role": "personal_account"},
            "type": "text",
            "text": {"body": text},
            "message_tag": {"source": "API"},
        }

    def last_written(self, business: Business, conversation: str) -> float | None:
        _, at = business.written.get(conversation, ("", None))
        return at

    def holder(self, access: str | None) -> Business | None:
        now = self.core.clock.now()
        for business in self.businesses.values():
            ended = business.expires_at is not None and business.expires_at <= now
            if access is not None and business.access == access and not ended:
                return business
        return None

    def refreshing(self, refresh: str | None) -> Business | None:
        for business in self.businesses.values():
            if refresh is not None and business.refresh == refresh:
                return business
        return None

    def issue(self, business: Business) -> None:
        business.access = f"act.{secrets.token_hex(12)}"
        business.refresh = f"rft.{secrets.token_hex(12)}"
        business.expires_at = self.core.clock.now() + ACCESS_SECONDS


def _open_id(handle: str) -> str:
    """The id of a person within one app."""
    return hashlib.sha256(f"demo:{handle}".encode()).hexdigest()[:20]
