"""The world behind the Graph API: who is there, what was said, and whom it is delivered
to.

Sources: developers.facebook.com, "Graph API", "Pages API", "Messenger Platform",
"Instagram Platform", read in copies of 2026. Everything that happens is told to
`Deliveries` as the webhook reference describes it.
"""

from __future__ import annotations

import itertools
import secrets
from typing import Literal

from sandbox.meta_hooks import Deliveries
from sandbox.meta_types import (
    Author,
    GraphError,
    Instagram,
    Json,
    Page,
    Person,
    Said,
    Talk,
    Token,
    Written,
)
from sandbox.state import Core

WINDOW = 24 * 3600.0
HUMAN_AGENT = 7 * 86400.0
CALLS_AN_HOUR = 20_000
USER_TOKEN, LONG_TOKEN = 3600.0, 60 * 86400.0


class MetaState:
    """`apps` maps an app's id to its secret; `hides_authors` is an app without the
    permission."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.apps: dict[str, str] = {}
        self.pages: dict[str, Page] = {}
        self.accounts: dict[str, Instagram] = {}
        self.people: dict[str, Person] = {}
        self.said: dict[str, Said] = {}
        self.talks: dict[str, Talk] = {}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, str] = {}
        self.hides_authors = False
        self.human_agent_granted = False
        self.calls_allowed = CALLS_AN_HOUR
        self.deliveries = Deliveries(core, self.apps, self.pages)
        self._numbers = itertools.count(1)
        self._calls: dict[str, list[float]] = {}

    # Who is there

    def add_app(self, app_id: str, secret: str) -> None:
        self.apps[app_id] = secret

    def add_page(self, page_id: str, name: str, username: str) -> Page:
        page = self.pages[page_id] = Page(page_id, name, username)
        return page

    def add_instagram(
        self, page: Page, account_id: str, username: str, name: str
    ) -> Instagram:
        page.instagram = self.accounts[account_id] = Instagram(
            account_id, username, name
        )
        return page.instagram

    def add_token(
        self,
        kind: Literal["page", "user", "instagram"],
        owner: str,
        scopes: list[str],
        *,
        key: str | None = None,
        lives: float = 0.0,
    ) -> Token:
        now = self.core.clock.now()
        made = key or f"EAAG{secrets.token_hex(24)}"
        token = Token(
            made, kind, owner, list(scopes), now, now + lives if lives else 0.0
        )
        self.tokens[made] = token
        return token

    def person(self, name: str) -> Person:
        """Somebody of this name, known from now on."""
        username = name.lower().replace(" ", "_")
        known = next((p for p in self.people.values() if p.name == name), None)
        if known is None:
            known = Person(str(5_000_000_000_000 + next(self._numbers)), name, username)
            self.people[known.id] = known
        return known

    def spend(self, token: Token) -> float:
        """Count a call; the share of the allowed calls of an hour used up, in
        percent."""
        now = self.core.clock.now()
        recent = [at for at in self._calls.get(token.owner, []) if at > now - 3600]
        recent.append(now)
        self._calls[token.owner] = recent
        used = 100 * len(recent) / self.calls_allowed
        if used > 100:
            raise GraphError(32, "(#32) Page request limit reached")
        return used

    def _number(self) -> str:
        return str(900_000_000_000 + next(self._numbers))

    # In public, on Facebook

    def post(
        self,
        page: Page,
        author: Author | None,
        text: str,
        *,
        photos: list[str] | None = None,
        tags: list[str] | None = None,
        wall: str | None = None,
    ) -> Said:
        """On the page's wall, or with `wall` on somebody else's (where it may tag the
        page)."""
        now = self.core.clock.now()
        made = Said(
            f"{wall or page.id}_{self._number()}",
            "post",
            wall or page.id,
            author,
            text,
            now,
            photos=photos or [],
            tags=tags or [],
            changed=now,
        )
        self.said[made.id] = made
        if wall is None:
            self.deliveries.feed(page, made, "add", self.hides_authors)
        else:
            self.deliveries.mention(page, made)
        return made

    def comment(
        self,
        above: Said,
        author: Author | None,
        text: str,
        *,
        photos: list[str] | None = None,
    ) -> Said:
        """Below a post, or as an answer to a comment (then below the comment at the
        top)."""
        post = above.above or above
        top = (above.parent or above) if above.kind == "comment" else None
        now = self.core.clock.now()
        made = Said(
            f"{post.id.partition('_')[2]}_{self._number()}",
            "comment",
            post.wall,
            author,
            text,
            now,
            above=post,
            parent=top,
            photos=photos or [],
            changed=now,
        )
        self.said[made.id] = made
        post.changed = now
        page = self.pages.get(post.wall)
        if page is not None:
            self.deliveries.feed(page, made, "add", self.hides_authors)
        return made

    def mention(self, page: Page, author: Person, text: str) -> Said:
        """A comment on somebody else's post that names the page."""
        other = self.post(page, author, "", wall="777000777")
        self.said.pop(other.id)
        made = self.comment(other, author, text)
        made.tags.append(page.id)
        self.deliveries.mention(page, made)
        return made

    def review(
        self, page: Page, author: Person, text: str, positive: bool = True
    ) -> Said:
        now = self.core.clock.now()
        made = Said(
            self._number(), "review", page.id, author, text, now, positive=positive
        )
        self.said[made.id] = made
        self.deliveries.rating(page, made)
        return made

    def change(
        self,
        said: Said,
        verb: Literal["edited", "remove", "hide", "unhide"],
        text: str = "",
    ) -> None:
        now = self.core.clock.now()
        said.changed = now
        if verb == "edited":
            said.text = text
        elif verb == "remove":
            self.said.pop(said.id, None)
        else:
            said.hidden = verb == "hide"
        if said.above is not None:
            said.above.changed = now
        if page := self.pages.get(said.wall):
            self.deliveries.feed(page, said, verb, self.hides_authors)

    # In public, on Instagram

    def publish(self, account: Instagram, text: str) -> Said:
        now = self.core.clock.now()
        made = Said(f"179{self._number()}", "media", account.id, account, text, now)
        self.said[made.id] = made
        return made

    def remark(self, above: Said, author: Author, text: str) -> Said:
        """A comment below media, or an answer to one."""
        media = above.above or above
        top = (above.parent or above) if above.kind == "comment" else None
        made = Said(
            f"178{self._number()}",
            "comment",
            media.wall,
            author,
            text,
            self.core.clock.now(),
            above=media,
            parent=top,
        )
        self.said[made.id] = made
        if account := self.accounts.get(media.wall):
            self.deliveries.remark(account, made)
        return made

    def name_in_comment(self, account: Instagram, author: Person, text: str) -> Said:
        """Somebody names the account below media of their own."""
        media = Said(
            f"179{self._number()}",
            "media",
            author.id,
            author,
            "",
            self.core.clock.now(),
        )
        self.said[media.id] = media
        made = self.remark(media, author, text)
        made.tags.append(account.id)
        self.deliveries.named(account, made)
        return made

    def tag(self, account: Instagram, author: Person, text: str) -> Said:
        """Media of somebody else with the account tagged in it; no webhook tells of
        it."""
        made = Said(
            f"179{self._number()}",
            "media",
            author.id,
            author,
            text,
            self.core.clock.now(),
            tags=[account.id],
        )
        self.said[made.id] = made
        return made

    # In private

    def talk(
        self, channel: Literal["messenger", "instagram"], account: str, who: Person
    ) -> Talk:
        known = next(
            (
                t
                for t in self.talks.values()
                if (t.channel, t.account, t.person.id) == (channel, account, who.id)
            ),
            None,
        )
        if known is None:
            known = Talk(f"t_{self._number()}", channel, account, who)
            self.talks[known.id] = known
        return known

    def write(
        self,
        channel: Literal["messenger", "instagram"],
        account: str,
        who: Person,
        text: str,
        attachments: list[Json] | None = None,
    ) -> Written:
        talk = self.talk(channel, account, who)
        made = self._written(talk, who.id, account, text, attachments or [])
        self.deliveries.message(talk, made)
        return made

    def answer(self, talk: Talk, text: str) -> Written:
        """The city writes; comes back as an echo."""
        made = self._written(talk, talk.account, talk.person.id, text, [])
        self.deliveries.message(talk, made, echo=True)
        return made

    def _written(
        self, talk: Talk, sender: str, to: str, text: str, attachments: list[Json]
    ) -> Written:
        made = Written(
            f"m_{secrets.token_urlsafe(32)}",
            sender,
            to,
            text,
            self.core.clock.now(),
            attachments,
        )
        talk.messages.append(made)
        return made

    def rewrite(self, talk: Talk, message: Written, text: str) -> None:
        message.text = text
        message.edits += 1
        self.deliveries.rewritten(talk, message)

    def unsend(self, talk: Talk, message: Written) -> None:
        talk.messages.remove(message)
        self.deliveries.unsent(talk, message)
