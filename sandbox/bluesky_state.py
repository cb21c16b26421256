"""What Bluesky knows: people with handles, their posts, who is told, sessions that
end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.rest import Json
from sandbox.state import Core

POST = "app.bsky.feed.post"
ACCESS_SECONDS, REFRESH_SECONDS = 2 * 3600, 60 * 86_400
SESSIONS_IN_FIVE_MINUTES, SESSIONS_A_DAY = 30, 300
GRAPHEMES, BYTES = 300, 3_000
_KEY = b"sandbox-of-bluesky-opens-nothing"
_MENTION = re.compile(r"(?<![\w.@])@((?:[a-z0-9-]+\.)+[a-z]+)", re.I)


class XrpcError(Exception):
    """Becomes `{"error": name, "message": ...}`."""

    def __init__(self, status: int, name: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.name, self.headers = status, name, headers


@dataclass(slots=True)
class Post:
    uri: str
    cid: str
    record: Json
    indexed_at: float


@dataclass(slots=True)
class Notice:
    """`broken`: a row no client can read."""

    reason: str
    post: Post
    subject: str | None
    broken: bool = False


@dataclass(slots=True)
class Person:
    did: str
    handle: str
    name: str
    password: str | None = None
    notices: list[Notice] = field(default_factory=list)
    opened: deque[float] = field(default_factory=deque)

    def profile(self) -> Json:
        return {
            "did": self.did,
            "handle": self.handle,
            "displayName": self.name,
            "labels": [],
        }


class Bluesky:
    """Hold the core's lock while touching it."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.people: dict[str, Person] = {}
        self.posts: dict[str, Post] = {}
        self.blocks: set[tuple[str, str]] = set()
        """Who blocks whom, by their DIDs."""
        self._refreshes: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def blocks_reader(self, uri: str, reader: Person) -> bool:
        author = uri.removeprefix("at://").split("/")[0]
        return (author, reader.did) in self.blocks

    def add_person(self, handle: str, name: str, password: str | None = None) -> Person:
        digits = hashlib.sha256(handle.encode()).digest()
        did = "did:plc:" + base64.b32encode(digits).decode().lower()[:24]
        person = Person(did, handle, name, password)
        self.people[did] = person
        return person

    def find(self, identifier: str) -> Person | None:
        """By handle or DID."""
        for person in self.people.values():
            if identifier.lower() in (person.handle.lower(), person.did):
                return person
        return None

    def resident(self, handle: str) -> Person:
        found = self.find(handle)
        return found or self.add_person(
            handle, handle.partition(".")[0].replace("-", " ").title()
        )

    def say(
        self,
        author: Person,
        text: str,
        *,
        answered: str | None = None,
        quoted: str | None = None,
        photos: list[str] | None = None,
    ) -> Post:
        """A post as the app of the service writes it, facets and all."""
        record: Json = {
            "$type": POST,
            "text": text,
            "createdAt": _iso(self.core.clock.now()),
            "langs": ["id"],
        }
        if facets := list(self._facets(text)):
            record["facets"] = facets
        if answered:
            parent = self.posts[answered]
            root = parent.record.get("reply", {}).get("root") or reference(parent)
            record["reply"] = {"root": root, "parent": reference(parent)}
        if quoted:
            embedded = {
                "$type": "app.bsky.embed.record",
                "record": reference(self.posts[quoted]),
            }
            record["embed"] = embedded
        elif photos:
            record["embed"] = {
                "$type": "app.bsky.embed.images",
                "images": [{"alt": name, "image": _blob(name)} for name in photos],
            }
        return self.store(author, record)

    def store(self, author: Person, record: Json) -> Post:
        """Keep a record and tell whom it concerns, each person once."""
        rkey = f"3l{next(self._numbers):011d}"
        content = json.dumps(record, sort_keys=True).encode()
        post = Post(
            f"at://{author.did}/{POST}/{rkey}",
            _cid(content + rkey.encode()),
            record,
            self.core.clock.now(),
        )
        self.posts[post.uri] = post
        told = {author.did}
        for reason, subject, did in self._concerned(record):
            if did in self.people and did not in told:
                told.add(did)
                self.people[did].notices.append(Notice(reason, post, subject))
        return post

    def _concerned(self, record: Json) -> list[tuple[str, str | None, str]]:
        reply = record.get("reply") or {}
        found: list[tuple[str, str | None, str]] = []
        for end in ("parent", "root"):
            uri = (reply.get(end) or {}).get("uri")
            if uri:
                found.append(("reply", uri, _author(uri)))
        quoted = (record.get("embed") or {}).get("record") or {}
        if quoted.get("uri"):
            found.append(("quote", quoted["uri"], _author(quoted["uri"])))
        for facet in record.get("facets") or []:
            for feature in facet["features"]:
                if feature["$type"].endswith("#mention"):
                    found.append(("mention", None, feature["did"]))
        return found

    def poison(self, person: Person) -> None:
        post = Post("", "", {}, self.core.clock.now())
        person.notices.append(Notice("mention", post, None, broken=True))

    def delete(self, uri: str) -> str:
        del self.posts[uri]
        return uri

    def view(self, post: Post) -> Json:
        author = self.people[_author(post.uri)]
        return {
            "uri": post.uri,
            "cid": post.cid,
            "author": author.profile(),
            "record": post.record,
            "replyCount": 0,
            "repostCount": 0,
            "likeCount": 0,
            "indexedAt": _iso(post.indexed_at),
            "labels": [],
        }

    def notification(self, notice: Notice) -> Json:
        if notice.broken:
            return {"uri": 7, "reason": "mention", "record": "rusak", "indexedAt": None}
        viewed = self.view(notice.post)
        told = {
            name: viewed[name]
            for name in ("uri", "cid", "author", "record", "indexedAt")
        }
        subject = {"reasonSubject": notice.subject} if notice.subject else {}
        return {
            **told,
            **subject,
            "reason": notice.reason,
            "isRead": False,
            "labels": [],
        }

    def open_session(self, identifier: str, password: str) -> Json:
        person = self.find(identifier)
        if person is None or person.password is None or person.password != password:
            raise XrpcError(
                401, "AuthenticationRequired", "Invalid identifier or password"
            )
        now = self.core.clock.now()
        while person.opened and person.opened[0] <= now - 86_400:
            person.opened.popleft()
        lately = [at for at in person.opened if at > now - 300]
        if (
            len(lately) >= SESSIONS_IN_FIVE_MINUTES
            or len(person.opened) >= SESSIONS_A_DAY
        ):
            wait = 300 if len(lately) >= SESSIONS_IN_FIVE_MINUTES else 86_400
            raise XrpcError(
                429,
                "RateLimitExceeded",
                "Rate Limit Exceeded",
                **{"ratelimit-reset": str(int(now + wait))},
            )
        person.opened.append(now)
        return self._session(person)

    def refresh_session(self, token: str | None) -> Json:
        """A refresh token is good once."""
        did = self._subject(token, "refresh")
        if self._refreshes.pop(str(token), None) is None:
            raise XrpcError(400, "ExpiredToken", "Token has been revoked")
        return self._session(self.people[did])

    def holder(self, token: str | None) -> Person:
        """Whose access token this is. An expired one is answered with 400."""
        if token is None:
            raise XrpcError(401, "AuthMissing", "Authentication Required")
        return self.people[self._subject(token, "access")]

    def end_sessions(self, person: Person) -> None:
        """As after a change of the password."""
        person.password = None
        self._refreshes = {
            token: did for token, did in self._refreshes.items() if did != person.did
        }

    def _session(self, person: Person) -> Json:
        access = self._token(person, "access", ACCESS_SECONDS)
        refresh = self._token(person, "refresh", REFRESH_SECONDS)
        self._refreshes[refresh] = person.did
        return {
            "did": person.did,
            "handle": person.handle,
            "accessJwt": access,
            "refreshJwt": refresh,
            "active": True,
        }

    def _token(self, person: Person, scope: str, seconds: int) -> str:
        claims = {
            "scope": f"com.atproto.{scope}",
            "sub": person.did,
            "jti": next(self._numbers),
            "exp": int(self.core.clock.now() + seconds),
        }
        head = f"{_encoded({'typ': 'at+jwt', 'alg': 'HS256'})}.{_encoded(claims)}"
        return f"{head}.{_signature(head)}"

    def _subject(self, token: str | None, scope: str) -> str:
        head, _, signature = str(token).rpartition(".")
        if not head or not hmac.compare_digest(signature, _signature(head)):
            raise XrpcError(400, "InvalidToken", "Token could not be verified")
        claims = json.loads(_decoded(head.partition(".")[2]))
        person = self.people.get(claims["sub"])
        if person is None or claims["scope"] != f"com.atproto.{scope}":
            raise XrpcError(400, "InvalidToken", "Bad token scope")
        if claims["exp"] <= self.core.clock.now() or person.password is None:
            raise XrpcError(400, "ExpiredToken", "Token has expired")
        return str(claims["sub"])

    def _facets(self, text: str) -> Any:
        for found in _MENTION.finditer(text):
            person = self.find(found[1])
            if person is not None:
                start = len(text[: found.start()].encode())
                yield {
                    "index": {
                        "byteStart": start,
                        "byteEnd": start + len(found[0].encode()),
                    },
                    "features": [
                        {"$type": "app.bsky.richtext.facet#mention", "did": person.did}
                    ],
                }


def reference(post: Post) -> Json:
    return {"uri": post.uri, "cid": post.cid}


def _author(uri: str) -> str:
    return uri.removeprefix("at://").partition("/")[0]


def _blob(name: str) -> Json:
    return {
        "$type": "blob",
        "ref": {"$link": _cid(name.encode())},
        "mimeType": "image/jpeg",
        "size": 1000,
    }


def _cid(content: bytes) -> str:
    digits = (
        base64.b32encode(hashlib.sha256(content).digest()).decode().lower().rstrip("=")
    )
    return "bafyrei" + digits


def _encoded(claims: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _signature(head: str) -> str:
    digest = hmac.new(_KEY, head.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _iso(moment: float) -> str:
    told = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")
