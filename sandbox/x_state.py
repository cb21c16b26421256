"""X as its users see it: people, posts with their versions, and who may ask for what.

Source: docs.x.com (X API v2).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from sandbox.state import Core
from sandbox.x_deliveries import Deliveries
from sandbox.x_errors import XError, forbidden, invalid
from sandbox.x_text import weighted_length
from sandbox.x_types import LIMITS, DirectMessage, Post, Token, User

SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
WINDOW_SECONDS = 900
EDIT_SECONDS = 3_600
EDITS_ALLOWED = 5
TEXT_LIMIT = 280
MENTION = re.compile(r"(?<![\w@])@([A-Za-z0-9_]{1,15})\b")


def written_at(post_id: int) -> float:
    """Epoch seconds: ids hold milliseconds in their upper bits."""
    return ((post_id >> 22) + SNOWFLAKE_EPOCH_MS) / 1000


def _nobody_listens(event_type: str, user: User, what: Any) -> None:
    """Until webhooks are attached."""


class X:
    """`limits` are requests per 15 minutes, `window` that quarter of an hour in
    seconds.

    `spelling`            which names of the renamed fields are answered
    `search_lag`          seconds before recent search knows a post
    `strict_summons`      an author who only replied to us has not mentioned us
    `signed_in`           whose browser it is that opens X's sign-in page
    `suspended`           handles whose lists X does not show any more
    `clients`             secrets of OAuth 2.0 clients by id ("" for a public client)
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.users: dict[str, User] = {}
        self.users_by_id: dict[str, User] = {}
        self.posts: dict[int, Post] = {}
        self.by_author: dict[User, list[Post]] = defaultdict(list)
        self.by_mention: dict[User, list[Post]] = defaultdict(list)
        self.apps: dict[str, str] = {}
        self.tokens: dict[str, Token] = {}
        self.limits = dict(LIMITS)
        self.window = float(WINDOW_SECONDS)
        self.spelling: Literal["tweet", "post"] = "tweet"
        self.search_lag = 30.0
        self.strict_summons = False
        self.reads: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        self.signed_in = ""
        self.suspended: set[str] = set()
        self.clients: dict[str, str] = {}
        self.dms: list[DirectMessage] = []
        self.deliveries = Deliveries(core, self.apps)
        self.announce_post: Callable[[str, User, Post], None] = _nobody_listens
        self.announce_message: Callable[[str, User, DirectMessage], None] = (
            _nobody_listens
        )
        self.announce_chat: Callable[[str, User, User], None] = _nobody_listens
        self._last_id = 0

    # who is there

    def add_user(self, username: str, name: str | None = None) -> User:
        with self.core.lock:
            known = self.users.get(username.lower())
            if known is None:
                number = int(
                    hashlib.sha256(username.lower().encode()).hexdigest()[:12], 16
                )
                known = User(
                    1_300_000_000_000_000_000 + number, username, name or username
                )
                self.users[username.lower()] = known
                self.users_by_id[str(known.id)] = known
            return known

    def add_app(
        self, consumer_key: str, consumer_secret: str, bearer: str | None = None
    ) -> None:
        with self.core.lock:
            self.apps[consumer_key] = consumer_secret
            if bearer:
                self.tokens[bearer] = Token(bearer, "", None, app=consumer_key)

    def add_account(
        self, username: str, access_token: str | None = None, secret: str | None = None
    ) -> Token:
        """An account of the city; the access token also works as an OAuth 2.0 bearer
        token."""
        with self.core.lock:
            user = self.add_user(username)
            mark = hashlib.sha256(username.encode()).hexdigest()
            access_token = access_token or f"{user.id}-{mark[:20]}"
            token = Token(access_token, secret or mark[20:60], user)
            self.tokens[access_token] = token
            return token

    def revoke(self, token: str) -> None:
        with self.core.lock:
            self.tokens[token].revoked = True

    # what people do

    def post(
        self,
        username: str,
        text: str,
        *,
        reply_to: int | None = None,
        quotes: int | None = None,
        media: Sequence[str] = (),
        place: str | None = None,
        shown_after: float = 0.0,
    ) -> Post:
        """`media` are labels of pictures. A reply is given the leading mention X gives
        it. `shown_after`: seconds until lists and search know it, and nobody is told of
        it; mentions that come late or are never in the list are reported at
        devcommunity.x.com/t/225668."""
        with self.core.lock:
            author = self.add_user(username)
            post_id = self.new_id()
            shown, conversation = text, post_id
            if reply_to is not None:
                answered = self.posts[reply_to]
                conversation = answered.conversation_id
                if answered.author != author and answered.author not in self.mentioned(
                    text
                ):
                    shown = f"@{answered.author.username} {text}"
            made = Post(
                post_id,
                author,
                shown,
                text,
                self.core.clock.now(),
                conversation,
                [post_id],
                reply_to,
                quotes,
                None,
                tuple(media),
                place,
            )
            self._keep(made)
            if shown_after:
                made.shown_at = self.core.clock.now() + shown_after
            else:
                self._announce(made)
            return made

    def _announce(self, post: Post) -> None:
        """To webhooks: a mention that stands in the text, an answer or a quote of
        somebody's."""
        told = [("post.mention.create", user) for user in self.mentioned(post.typed)]
        for event, target in (
            ("post.reply.create", post.reply_to),
            ("post.quote.create", post.quotes),
        ):
            if target is not None:
                told.append((event, self.posts[target].author))
        for event, user in told:
            if user != post.author:
                self.announce_post(event, user, post)

    def _keep(self, post: Post) -> Post:
        """X marks a mention when the post is written; later users are not found in old
        posts."""
        post.mentions = tuple(self.mentioned(post.text))
        self.posts[post.id] = post
        self.by_author[post.author].append(post)
        for user in post.mentions:
            self.by_mention[user].append(post)
        return post

    def repost(self, username: str, post_id: int) -> Post:
        with self.core.lock:
            original = self.posts[post_id]
            text = f"RT @{original.author.username}: {original.text}"
            text = text if len(text) <= 140 else text[:139] + "…"
            author, made_id = self.add_user(username), self.new_id()
            made = Post(
                made_id,
                author,
                text,
                text,
                self.core.clock.now(),
                made_id,
                [made_id],
                reposts=post_id,
            )
            self._keep(made)
            self.announce_post("post.repost.create", original.author, made)
            return made

    def edit(self, post_id: int, text: str) -> Post:
        """A new version with a new id. ValueError where X would not allow it."""
        with self.core.lock:
            old = self.posts[post_id]
            first = self.posts[old.chain[0]]
            late = self.core.clock.now() > first.created_at + EDIT_SECONDS
            if old.reply_to is not None or late or len(old.chain) > EDITS_ALLOWED:
                raise ValueError(
                    "X allows no edit of a reply, after an hour, or a sixth time"
                )
            new_id = self.new_id()
            old.chain.append(new_id)
            made = Post(
                new_id,
                old.author,
                text,
                text,
                self.core.clock.now(),
                old.conversation_id,
                old.chain,
                None,
                old.quotes,
                None,
                old.media,
                old.place,
            )
            return self._keep(made)

    def delete(self, post_id: int) -> None:
        """Every version goes with it."""
        with self.core.lock:
            for version in self.posts[post_id].chain:
                self.posts[version].deleted = True
            self.announce_post(
                "post.delete", self.posts[post_id].author, self.posts[post_id]
            )

    def message(self, username: str, to: str, text: str) -> DirectMessage:
        """`username` writes `to` privately."""
        with self.core.lock:
            sender = self.add_user(username)
            return self.write_message(sender, (sender, self.add_user(to)), text)

    def chat(self, username: str, to: str) -> None:
        """`username` writes `to` in X Chat, whose words the platform cannot read
        either."""
        with self.core.lock:
            sender, receiver = self.add_user(username), self.add_user(to)
            self.announce_chat("chat.received", receiver, sender)

    def write_message(
        self, sender: User, people: Sequence[User], text: str
    ) -> DirectMessage:
        conversation = "-".join(
            str(number) for number in sorted(user.id for user in people)
        )
        made = DirectMessage(
            self.new_id(),
            conversation,
            sender,
            tuple(people),
            text,
            self.core.clock.now(),
        )
        self.dms.append(made)
        for user in people:
            self.announce_message(
                "dm.sent" if user == sender else "dm.received", user, made
            )
        return made

    def new_id(self, at: float | None = None) -> int:
        moment = (
            int((self.core.clock.now() if at is None else at) * 1000)
            - SNOWFLAKE_EPOCH_MS
        )
        self._last_id = max(self._last_id + 1, moment << 22)
        return self._last_id

    # what the API reads

    def mentioned(self, text: str) -> list[User]:
        """Known people whose handle is in `text`, in order, each once."""
        found = (self.users.get(name.lower()) for name in MENTION.findall(text))
        return list(dict.fromkeys(user for user in found if user))

    def visible(self, post_id: int) -> Post | None:
        post = self.posts.get(post_id)
        return None if post is None or post.deleted else post

    def mentioning(self, user: User) -> Iterator[Post]:
        """Current versions, newest first; what they wrote themselves is not among
        them."""
        found = reversed(self.by_mention[user])
        return (post for post in found if self._listed(post) and post.author != user)

    def written_by(self, user: User) -> Iterator[Post]:
        return (post for post in reversed(self.by_author[user]) if self._listed(post))

    def newest_first(self) -> Iterator[Post]:
        return (post for post in reversed(self.posts.values()) if self._listed(post))

    def _listed(self, post: Post) -> bool:
        return post.is_current and post.shown_at <= self.core.clock.now()

    def summoned(self, user: User, post: Post) -> bool:
        """May a self-serve app answer `post` as `user`? Only if its author called on
        them."""
        quoted = self.visible(post.quotes) if post.quotes else None
        said = post.typed if self.strict_summons else post.text
        called = user in self.mentioned(said) or bool(quoted and quoted.author == user)
        return called or post.author == user

    def publish(self, token: Token, text: str, reply_to: int | None) -> Post:
        """What POST /2/tweets does once its body is read. XError where X refuses."""
        user = token.user
        if user is None:
            raise XError(
                403,
                "Unsupported Authentication",
                "Authenticating with OAuth 2.0 Application-Only is forbidden for this "
                "endpoint.",
                type="https://api.twitter.com/2/problems/unsupported-authentication",
            )
        if not text.strip():
            raise invalid("text", text, "must not be empty")
        if weighted_length(text) > TEXT_LIMIT:
            raise forbidden("Your Tweet text is too long.")
        if reply_to is not None:
            self._check_reply(user, reply_to)
        with self.core.lock:
            own = self.written_by(user)
            if any(post.typed == text and post.reply_to == reply_to for post in own):
                raise forbidden(
                    "You are not allowed to create a Tweet with duplicate content."
                )
            made = self.post(user.username, text, reply_to=reply_to)
            self.core.record(
                "x", user.username, str(reply_to or ""), text, str(made.id)
            )
            return made

    def _check_reply(self, user: User, reply_to: int) -> None:
        answered = self.visible(reply_to)
        if answered is None:
            raise forbidden(
                "You attempted to reply to a Tweet that is deleted or not visible to"
                " you."
            )
        if not self.summoned(user, answered):
            raise forbidden(
                "Reply to this conversation is not allowed because you have not been"
                " mentioned or otherwise engaged by the author of the post you are"
                " replying to."
            )

    # who may ask how often, and what it costs

    def spend(self, token: Token, endpoint: str) -> dict[str, str]:
        """Count one request and tell the headers; XError 429 (with headers) when
        exhausted."""
        with self.core.lock:
            now, limit = self.core.clock.now(), self.limits[endpoint]
            used = token.used[endpoint]
            if used and now >= used[0] + self.window:
                used.clear()
            exhausted = len(used) >= limit
            if not exhausted:
                used.append(now)
            reset = int((used[0] if used else now) + self.window)
            headers = {
                "x-rate-limit-limit": str(limit),
                "x-rate-limit-remaining": str(max(0, limit - len(used))),
                "x-rate-limit-reset": str(reset),
            }
            if exhausted:
                raise XError(
                    429, "Too Many Requests", "Too Many Requests", headers=headers
                )
            return headers

    def bill(self, token: Token, kind: str, ids: Sequence[str]) -> None:
        """The same resource is billed once in a UTC day."""
        day = datetime.fromtimestamp(self.core.clock.now(), UTC).date().isoformat()
        with self.core.lock:
            self.reads[token.key, day].update((kind, id) for id in ids)

    def billed_reads(self, token: str, day: str | None = None) -> dict[str, int]:
        """Billed resources of one UTC day (default today): {"post": n, "user": m,
        ...}."""
        with self.core.lock:
            now = datetime.fromtimestamp(self.core.clock.now(), UTC)
            counted: dict[str, int] = defaultdict(int)
            for kind, _ in self.reads[token, day or now.date().isoformat()]:
                counted[kind] += 1
            return dict(counted)
