"""Facebook pages, Messenger and Instagram: one Graph API, one sign-in, two public
squares.

Paths: `/graph/{version}/...` as at graph.facebook.com, `/instagram/{version}/...` as at
graph.instagram.com, `/{version}/dialog/oauth` as at www.facebook.com (everybody agrees
at once).
"""

from __future__ import annotations

import secrets
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from sandbox import attached
from sandbox.meta_graph import GraphApi, told_token
from sandbox.meta_state import MetaState
from sandbox.meta_types import Instagram, Page, Said, Talk, Written
from sandbox.state import Core

Event = dict[str, Any]

APP_ID, APP_SECRET = "100200300400", "demoMetaSecretThatOpensNothing"
VERIFY_TOKEN = "demo-verify-token"
SCOPES = [
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_messaging",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "instagram_basic",
    "instagram_manage_comments",
    "instagram_manage_messages",
]
PAGES = {
    "110000000001": ("dinkes", "Dinas Kesehatan (demo)", "dinkes.demo"),
    "110000000002": ("dlh", "Dinas Lingkungan Hidup (demo)", "dlh.demo"),
}
ACCOUNTS = {
    "17841000000000001": ("110000000001", "dinkes_demo", "Dinas Kesehatan (demo)")
}
TOKENS = {name: f"EAAGdemoPage{name}OpensNothing" for name in PAGES}

_TYPES = {"picture": "image", "video": "video", "audio": "audio", "document": "file"}


class Meta:
    channels: ClassVar[tuple[str, ...]] = ("facebook", "messenger", "instagram")

    def __init__(self, core: Core) -> None:
        self.core = core
        self.state = MetaState(core)
        self.api = GraphApi(self.state)
        self._names: dict[str, Any] = {}

    def routes(self) -> list[Route]:
        verbs = ["GET", "POST"]
        return [
            Route("/graph/{version}/{path:path}", self.api.answer, methods=verbs),
            Route("/instagram/{version}/{path:path}", self.api.answer, methods=verbs),
            Route("/{version}/dialog/oauth", self._dialog, methods=["GET"]),
        ]

    async def _dialog(self, request: Request) -> Response:
        """A person who agrees to everything at once."""
        code = secrets.token_urlsafe(24)
        with self.core.lock:
            self.state.codes[code] = "600000000001"
        query = {"code": code, "state": request.query_params.get("state", "")}
        target = request.query_params["redirect_uri"]
        return RedirectResponse(
            f"{target}{'&' if '?' in target else '?'}{urlencode(query)}"
        )

    def populate(self) -> None:
        self.state.add_app(APP_ID, APP_SECRET)
        for page_id, (_, name, username) in PAGES.items():
            page = self.state.add_page(page_id, name, username)
            self.state.add_token("page", page_id, SCOPES, key=TOKENS[page_id])
            self.state.post(
                page, page, "Layanan kami buka Senin sampai Jumat, 08.00-15.30 WIB."
            )
        for account_id, (page_id, username, name) in ACCOUNTS.items():
            account = self.state.add_instagram(
                self.state.pages[page_id], account_id, username, name
            )
            self.state.publish(
                account, "Cek kesehatan gratis setiap Sabtu di puskesmas."
            )

    def accounts(self, here: str) -> list[dict[str, Any]]:
        app = {
            "base_url": f"{here}/graph",
            "dialog_url": here,
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
            "verify_token": VERIFY_TOKEN,
        }
        made = []
        for page_id, (agency, _, username) in PAGES.items():
            settings = {"access_token": TOKENS[page_id]}
            for channel in ("facebook", "messenger"):
                made.append(
                    {
                        "channel": channel,
                        "handle": username,
                        "agency": agency,
                        "settings": settings,
                        "app": app,
                    }
                )
        for page_id, username, _ in ACCOUNTS.values():
            made.append(
                {
                    "channel": "instagram",
                    "handle": username,
                    "agency": PAGES[page_id][0],
                    "settings": {"access_token": TOKENS[page_id]},
                    "app": {**app, "instagram_url": f"{here}/instagram"},
                }
            )
        return made

    def revoke(self, token: str) -> None:
        self.state.tokens[token].trouble = 460

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        """`GET /:page/feed`, `POST /:id/comments`, `POST /:page/messages`: what the
        last part of the path names; an object alone is `GET /:id`."""
        parts = str(scope["path"]).strip("/").split("/")
        if parts[0] not in ("graph", "instagram") or len(parts) < 3:
            return None
        query = dict(parse_qsl(scope["query_string"].decode()))
        edge = f"/{parts[3]}" if len(parts) > 3 else ""
        return (
            told_token(dict(scope["headers"]), query),
            f"{scope['method']} /:id{edge}",
        )

    # Residents

    def act(self, event: Event) -> str:
        """`account`  handle of the page or account (the first one without it)
        `kind`     facebook: comment (default), post, review, mention; instagram: comment (default),
                   mention, tag, message; messenger: message
        `as`, `reply_to`, `edit`, `delete`   names of earlier events
        """  # noqa: E501
        if "edit" in event or "delete" in event:
            return self._change(event)
        made = self._made(event)
        if "as" in event:
            self._names[event["as"]] = made
        return str(made.id)

    def _made(self, event: Event) -> Said | Written:
        if event["channel"] == "messenger":
            return self._message("messenger", self._page(event).id, event)
        if event["channel"] == "instagram":
            return self._on_instagram(event)
        return self._on_facebook(event)

    def _change(self, event: Event) -> str:
        thing = self._known(event.get("edit") or event.get("delete"))
        if isinstance(thing, Written):
            talk = next(t for t in self.state.talks.values() if thing in t.messages)
            if "edit" in event:
                self.state.rewrite(talk, thing, str(event.get("text", "")))
            else:
                self.state.unsend(talk, thing)
        elif "edit" in event:
            self.state.change(thing, "edited", event.get("text", ""))
        else:
            self.state.change(thing, "remove")
        return str(thing.id)

    def _known(self, reference: Any) -> Any:
        found = self._names.get(str(reference)) or self.state.said.get(str(reference))
        if found is None:
            raise ValueError(f"nothing is known as {reference!r}")
        return found

    def _page(self, event: Event) -> Page:
        wanted = event.get("account")
        pages = [p for p in self.state.pages.values() if wanted in (None, p.username)]
        if not pages:
            raise ValueError(f"there is no page {wanted!r}")
        return pages[0]

    def _account(self, event: Event) -> Instagram:
        wanted = event.get("account")
        found = [
            a for a in self.state.accounts.values() if wanted in (None, a.username)
        ]
        if not found:
            raise ValueError(f"there is no account {wanted!r}")
        return found[0]

    def _on_facebook(self, event: Event) -> Said:
        who, text = (
            self.state.person(event.get("who", "Siti Contoh")),
            event.get("text", ""),
        )
        page, kind = self._page(event), event.get("kind", "comment")
        if kind == "post":
            return self.state.post(page, who, text, photos=event.get("photos"))
        if kind == "review":
            return self.state.review(page, who, text, event.get("positive", False))
        if kind == "mention":
            return self.state.mention(page, who, text)
        above = (
            self._known(event["reply_to"])
            if "reply_to" in event
            else self._latest(page.id)
        )
        return self.state.comment(above, who, text, photos=event.get("photos"))

    def _on_instagram(self, event: Event) -> Said | Written:
        who, text = (
            self.state.person(event.get("who", "Siti Contoh")),
            event.get("text", ""),
        )
        account, kind = self._account(event), event.get("kind", "comment")
        if kind == "message":
            return self._message("instagram", account.id, event)
        if kind == "mention":
            return self.state.name_in_comment(account, who, text)
        if kind == "tag":
            return self.state.tag(account, who, text)
        above = (
            self._known(event["reply_to"])
            if "reply_to" in event
            else self._latest(account.id)
        )
        return self.state.remark(above, who, text)

    def _message(self, channel: Any, account: str, event: Event) -> Written:
        who = self.state.person(event.get("who", "Siti Contoh"))
        cdn = self.state.deliveries.cdn
        files = [
            {"type": _TYPES[file.sort], "payload": {"url": f"{cdn}/{file.name}"}}
            for file in map(attached.of, event.get("photos", []))
        ]
        return self.state.write(channel, account, who, event.get("text", ""), files)

    def _latest(self, wall: str) -> Said:
        """The newest post or media object of the city on a wall."""
        own = [
            said
            for said in self.state.said.values()
            if said.wall == wall
            and said.above is None
            and said.author
            and said.author.id == wall
        ]
        return max(own, key=lambda said: said.at)

    def talk_with(self, name: str) -> Talk:
        """For tests: the conversation of a person by name. KeyError."""
        for talk in self.state.talks.values():
            if talk.person.name == name:
                return talk
        raise KeyError(name)
