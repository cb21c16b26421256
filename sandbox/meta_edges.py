"""Objects, lists and publishing of the Graph API, for a token that is good.

Source: developers.facebook.com, the reference of each edge ("Page feed", "Comments",
"Conversations", "Send API", "IG User media, tags, mentions", ...), read in copies of
2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.meta_fields import parse
from sandbox.meta_render import Renderer, missing
from sandbox.meta_state import HUMAN_AGENT, LONG_TOKEN, WINDOW, MetaState
from sandbox.meta_types import GraphError, Json, Page, Said, Talk, Token

_MENTIONED = re.compile(
    r"mentioned_(comment|media)\.(?:comment|media)_id\((\d+)\)(?:\{(.*)\})?$"
)
NEEDED = {
    "tagged": "pages_read_user_content",
    "ratings": "pages_read_user_content",
    "tags": "instagram_basic",
    "conversations": "pages_messaging",
}
"""Permissions that a token may lack while others of it work."""
LIMITS = {"messenger": 2000, "instagram": 1000}


class Asked:
    """One request with a token of a page, an account or a person."""

    def __init__(
        self,
        state: MetaState,
        token: Token,
        method: str,
        path: str,
        given: Json,
        here: str,
    ) -> None:
        self.state, self.token, self.method, self.given = state, token, method, given
        first, _, self.edge = path.partition("/")
        self.node = token.owner if first == "me" else first
        self.path = f"{self.node}/{self.edge}" if self.edge else self.node
        self.query = {
            k: str(v)
            for k, v in given.items()
            if k not in ("access_token", "appsecret_proof")
        }
        self.show = Renderer(state, token.owner, here, token.key)

    def locked(self) -> Json:
        with self.state.core.lock:
            if self.method == "POST":
                return self._post()
            return self._list() if self.edge else self._object()

    def _object(self) -> Json:
        if self.path == "refresh_access_token":
            return self._refreshed()
        fields = str(self.given.get("fields", ""))
        if self.token.kind == "user" and self.node == self.token.owner:
            if "category" in fields:
                raise GraphError(
                    100, "(#100) Tried accessing nonexistent field (category)"
                )
            return {"id": self.node}
        if page := self.state.pages.get(self.node):
            return _chosen(_page(page), fields)
        if account := self.state.accounts.get(self.node):
            if told := _MENTIONED.match(fields):
                return self._mentioned(told)
            whole = {
                "id": account.id,
                "user_id": account.id,
                "username": account.username,
                "name": account.name,
            }
            return _chosen(whole, fields)
        said = self.state.said.get(self.node)
        found = (
            self.show.one(said, parse(fields or "id,message,created_time"))
            if said
            else None
        )
        if found is None:
            raise missing(self.node)
        return found

    def _refreshed(self) -> Json:
        """Instagram's own sign-in: 60 days more, in a token that is a day old at
        least."""
        now = self.state.core.clock.now()
        if self.token.kind != "instagram" or now - self.token.issued < 86400:
            raise GraphError(100, "This token cannot be refreshed yet")
        made = self.state.add_token(
            "instagram", self.token.owner, self.token.scopes, lives=LONG_TOKEN
        )
        return {
            "access_token": made.key,
            "token_type": "bearer",
            "expires_in": 60 * 86400,
        }

    def _mentioned(self, told: re.Match[str]) -> Json:
        kind, name, inner = told.groups()
        said = self.state.said.get(name)
        if said is None or self.node not in said.tags:
            raise missing(name)
        return {
            f"mentioned_{kind}": self.show.one(said, parse(inner or "id")),
            "id": self.node,
        }

    # Lists

    def _list(self) -> Json:
        lists: dict[str, Callable[[], Json]] = {
            "accounts": self._accounts,
            "feed": self._feed,
            "tagged": lambda: self._rows(self._said("post", tagged=True), "post"),
            "ratings": lambda: self._rows(self._said("review"), "review"),
            "comments": self._comments,
            "replies": self._replies,
            "media": lambda: self._rows(self._said("media"), "media"),
            "tags": lambda: self._rows(self._said("media", tagged=True), "media"),
            "conversations": self._conversations,
            "messages": self._messages,
            "subscribed_apps": self._subscribed,
        }
        if self.edge not in lists:
            raise GraphError(100, f"(#100) Unknown path components: /{self.edge}")
        needed = NEEDED.get(self.edge)
        if needed and needed not in self.token.scopes:
            raise GraphError(
                10, f"(#10) This endpoint requires the '{needed}' permission"
            )
        return lists[self.edge]()

    def _rows(self, rows: list[Any], kind: str) -> Json:
        return self.show.listed(rows, self.path, self.query, kind)

    def _said(self, kind: str, *, tagged: bool = False) -> list[Said]:
        """Newest first, as the lists of posts and media are."""
        found = [
            one
            for one in self.state.said.values()
            if one.kind == kind
            and (
                self.node in one.tags and one.wall != self.node
                if tagged
                else one.wall == self.node
            )
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def _feed(self) -> Json:
        since = float(self.query.get("since", 0))
        return self._rows(
            [one for one in self._said("post") if one.at >= since], "post"
        )

    def _comments(self) -> Json:
        above = self.state.said.get(self.node)
        if above is None:
            raise missing(self.node)
        if above.kind == "media":
            rows = [
                o
                for o in self.state.said.values()
                if o.above is above and o.parent is None
            ]
            return self._rows(
                sorted(rows, key=lambda o: o.at, reverse=True), "ig_comment"
            )
        if above.kind == "comment":
            return self._rows(
                [o for o in self.state.said.values() if o.parent is above], "comment"
            )
        found = self.show.comments(above, self.query.get("filter") == "stream")
        if self.query.get("order") == "reverse_chronological":
            found.reverse()
        elif len(found) > 10:
            found = found[
                : len(found) // 2
            ]  # ranked: the platform keeps many to itself
        return self._rows(found, "comment")

    def _replies(self) -> Json:
        above = self.state.said.get(self.node)
        if above is None:
            raise missing(self.node)
        found = [o for o in self.state.said.values() if o.parent is above]
        return self._rows(found, "ig_comment")

    def _conversations(self) -> Json:
        platform = self.query.get("platform", "messenger")
        owner = self._owner(platform)
        talks = [
            talk
            for talk in self.state.talks.values()
            if (talk.channel, talk.account) == (platform, owner)
            and self.query.get("user_id", talk.person.id) == talk.person.id
        ]
        return self._rows(sorted(talks, key=lambda t: t.changed, reverse=True), "talk")

    def _messages(self) -> Json:
        talk = self.state.talks.get(self.node)
        if talk is None:
            raise missing(self.node)
        return self._rows(list(reversed(talk.messages)), "message")

    def _owner(self, platform: str) -> str:
        page = self.state.pages.get(self.token.owner)
        if platform == "instagram" and page is not None:
            return page.instagram.id if page.instagram else ""
        return self.token.owner

    def _accounts(self) -> Json:
        """Pages the person manages, each with its own token."""
        rows = []
        for page in self.state.pages.values():
            token = self.state.add_token("page", page.id, self.token.scopes)
            rows.append(
                {**_page(page), "access_token": token.key, "tasks": ["MODERATE"]}
            )
        return {"data": rows}

    def _subscribed(self) -> Json:
        page = self._page()
        return {
            "data": [
                {"id": app, "name": "Sahut", "subscribed_fields": fields}
                for app, fields in page.subscribed.items()
            ]
        }

    def _page(self) -> Page:
        page = self.state.pages.get(self.node)
        if page is None or self.token.owner != page.id:
            raise GraphError(210, "(#210) A page access token is required", status=403)
        return page

    # Publishing

    def _post(self) -> Json:
        if self.edge == "messages":
            return self._send()
        if self.edge == "subscribed_apps":
            if self.token.kind == "instagram":
                return {"success": True}
            app = next(iter(self.state.apps))
            self._page().subscribed[app] = str(
                self.given.get("subscribed_fields", "")
            ).split(",")
            return {"success": True}
        if self.edge in ("comments", "replies", "mentions"):
            return self._reply(str(self.given.get("message") or ""))
        raise GraphError(100, f"(#100) Unknown path components: /{self.edge}")

    def _reply(self, text: str) -> Json:
        name = self.node
        if self.edge == "mentions":
            name = str(self.given.get("comment_id") or self.given.get("media_id"))
        above = self.state.said.get(name)
        if above is None:
            raise missing(name)
        if above.closed:
            raise GraphError(
                200, "(#200) Permissions error: comments are closed", 1446036
            )
        page = self.state.pages[self.token.owner] if self.token.kind == "page" else None
        if self.edge == "comments":
            assert page is not None
            made = self.state.comment(above, page, text)
            self.state.core.record("facebook", page.username, name, text, made.id)
            return {
                "id": made.id,
                "permalink_url": f"https://www.facebook.com/{made.id}",
            }
        account = self.state.accounts.get(self._owner("instagram"))
        assert account is not None
        if len(text) > 300:
            raise GraphError(100, "(#100) Comment is longer than 300 characters")
        made = self.state.remark(above, account, text)
        self.state.core.record("instagram", account.username, name, text, made.id)
        return {"id": made.id}

    def _send(self) -> Json:
        text = str((self.given.get("message") or {}).get("text") or "")
        to = self.given.get("recipient") or {}
        talk, answered = self._talk_of(to)
        if (
            len(text.encode() if talk.channel == "instagram" else text)
            > LIMITS[talk.channel]
        ):
            raise GraphError(
                100, "(#100) Length of param message[text] must be less than limit"
            )
        if talk.person.blocks_us:
            raise GraphError(
                551, "(#551) This person isn't available right now.", 1545041
            )
        if answered is None:
            self._in_window(talk)
        made = self.state.answer(talk, text)
        if answered is not None:
            answered.answered_privately = True
        handle = (
            self.state.pages.get(talk.account) or self.state.accounts[talk.account]
        ).username
        about = answered.id if answered else talk.person.id
        self.state.core.record(talk.channel, handle, about, text, made.id)
        return {"recipient_id": talk.person.id, "message_id": made.id}

    def _talk_of(self, to: Json) -> tuple[Talk, Said | None]:
        """The conversation meant, and what is answered privately."""
        name = to.get("comment_id") or to.get("post_id")
        if name is None:
            talk = next(
                (
                    t
                    for t in self.state.talks.values()
                    if t.person.id == str(to.get("id")) and self._mine(t)
                ),
                None,
            )
            if talk is None:
                raise GraphError(100, "(#100) No matching user found", 2018001)
            return talk, None
        said = self.state.said.get(str(name))
        now = self.state.core.clock.now()
        if (
            said is None
            or said.author is None
            or said.author.id not in self.state.people
        ):
            raise GraphError(100, "(#100) No matching user found", 2018001)
        if said.answered_privately or now - said.at > 7 * 86400:
            raise GraphError(10900, "(#10900) Activity already replied to")
        person = self.state.people[said.author.id]
        if said.wall in self.state.accounts:
            return self.state.talk("instagram", said.wall, person), said
        return self.state.talk("messenger", said.wall, person), said

    def _mine(self, talk: Talk) -> bool:
        return talk.account in (self.token.owner, self._owner("instagram"))

    def _in_window(self, talk: Talk) -> None:
        age = self.state.core.clock.now() - talk.last_from_person()
        tagged = (
            self.given.get("tag") == "HUMAN_AGENT" and self.state.human_agent_granted
        )
        if age > (HUMAN_AGENT if tagged else WINDOW):
            subcode = 2018278 if talk.channel == "messenger" else 2534022
            raise GraphError(
                10, "(#10) This message is sent outside of allowed window.", subcode
            )


def _page(page: Page) -> Json:
    whole: Json = {
        "id": page.id,
        "name": page.name,
        "username": page.username,
        "category": "Government organization",
    }
    if page.instagram:
        linked = page.instagram
        whole["instagram_business_account"] = {
            "id": linked.id,
            "username": linked.username,
            "name": linked.name,
        }
    return whole


def _chosen(whole: Json, fields: str) -> Json:
    names = parse(fields) if fields else {"id": None, "name": None}
    return {key: value for key, value in whole.items() if key in names or key == "id"}
