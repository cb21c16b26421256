"""Facebook pages: comments, visitors' posts, mentions and recommendations in; public
answers and one private answer out.

Webhooks bring what is new at once, edits and deletions among it; polling is the net
below them. Sources: developers.facebook.com, "Page feed", "Comment" (its Limitations),
"Private replies", read in copies of 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from connectors._meta import graph, messaging
from connectors._meta import page as meta_page
from connectors._meta.graph import ident, moment, obj, text
from connectors._meta.graph import rows as rows_of
from connectors._meta.messaging import Chats
from connectors._meta.page import PageAccount, PageApp, Purpose
from connectors._shared import http
from connectors.base import (
    LARGEST_DOWNLOAD,
    AccountSettings,
    Cursor,
    File,
    FileKind,
    Identity,
    Json,
    Later,
    Login,
    LoginStart,
    Media,
    Message,
    Page,
    Preview,
    RawItem,
    Reply,
    Request,
    Sent,
    Settings,
)
from connectors.errors import BadItem, Refused, Unknown
from connectors.facebook.poll import PER_PAGE, Poll
from connectors.facebook.wire import (
    COMMENT_FIELDS,
    POST_FIELDS,
    item_of,
    messages_of,
    raw_items,
    webhook_items,
)

PURPOSE = Purpose(
    platform="Facebook",
    scopes=(
        "pages_show_list",
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
        "pages_manage_metadata",
        "pages_messaging",
    ),
    fields=("feed", "mention", "ratings"),
    app_object="page",
    app_fields=("feed", "mention", "ratings"),
)
_PRIVATE_LIMIT = 2000


class FacebookApp(PageApp):
    poll_days: int = Field(
        default=30,
        ge=1,
        title="Days of posts to look for new comments",
        description="By polling",
    )


class Facebook:
    label: ClassVar[str] = "Facebook"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "edit", "delete"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture", "video"})
    App: ClassVar[type[Settings]] = FacebookApp
    Account: ClassVar[type[AccountSettings]] = PageAccount
    text_limit: ClassVar[int] = 8000
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 120
    delivered_with: ClassVar[tuple[str, ...]] = ("messenger",)

    def __init__(
        self, app: FacebookApp, account: PageAccount, external_id: str | None = None
    ) -> None:
        self._app, self._token, self._external_id = (
            app,
            account.access_token,
            external_id,
        )
        self._graph = meta_page.page_graph(app, account, "Facebook")

    def close(self) -> None:
        self._graph.close()

    def check(self) -> Identity:
        return meta_page.identity(self._graph, self._app, PURPOSE, self._token)

    # In

    def back(self, days: float) -> Cursor:
        return {}  # there is a list of the newest alone, and no date to ask it by

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        yield from Poll(
            self._graph, self._external_id, self._app.poll_days, cursor
        ).pages()

    @staticmethod
    def verify(
        app: FacebookApp, account: PageAccount | None, request: Request
    ) -> str | None:
        return graph.verify(app.app_secret, app.verify_token, request)

    @staticmethod
    def sign(
        app: FacebookApp, account: PageAccount | None, body: bytes, now: datetime
    ) -> dict[str, str]:
        return graph.sign(app.app_secret, body)

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        return list(webhook_items(graph.parsed(request)))

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload, hint)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    def expand(self, item: RawItem) -> Iterable[RawItem]:
        """A mention is often told by its ids alone."""
        value = obj(item.payload, "changes", "value")
        comment, post = ident(value.get("comment_id")), ident(value.get("post_id"))
        name = comment or post
        if name is None:
            raise BadItem("a mention that does not say where")
        row = self._graph.get(name, fields=COMMENT_FIELDS if comment else POST_FIELDS)
        kind, context = (
            ("comment", {"post_id": post or "", "mention": "yes"})
            if comment
            else ("mention", {})
        )
        made = item_of(row, kind, item.account, **context)
        return [
            RawItem(f"{item.key}:{made.key}", made.kind, made.payload, item.account)
        ]

    def subscribe(self, callback_url: str) -> str:
        return meta_page.subscribe(self._graph, self._app, PURPOSE, callback_url)

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        url = media.ref.get("url")
        if not url:
            raise Refused("Facebook gives no file for this", code="not_kept")
        content, mime = http.download(
            self._graph.client,
            url,
            platform="Facebook",
            home=self._app.base_url,
            largest=largest,
        )
        return File(content, mime)

    # Out

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = len(reply.text)
        if reply.private:
            return messaging.preview_private(reply, _PRIVATE_LIMIT, length)
        problem = "too_long" if length > cls.text_limit else None
        if reply.files:
            problem = "no_files"
        if "object_id" not in reply.to:
            problem = "not_allowed"
        return Preview((reply.text,), length, cls.text_limit, True, problem)

    def send(self, reply: Reply) -> Sent:
        """An answer to an answer is put by Facebook below the comment at the top."""
        answer = self._graph.post(
            f"{reply.to['object_id']}/comments",
            sends=True,
            message=reply.text,
            fields="id,permalink_url",
        )
        name = ident(answer.get("id"))
        if name is None:
            raise Unknown("Facebook confirmed the answer without its number")
        return Sent(
            name, text(answer, "permalink_url") or f"https://www.facebook.com/{name}"
        )

    def send_private(self, reply: Reply) -> Sent:
        which = "comment_id" if reply.to.get("is_comment") else "post_id"
        chats = Chats(self._graph, "messenger", "msg.object", self._external_id)
        return chats.send_private(reply, {which: reply.to["object_id"]})

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """The page's own comments below the post; a private answer leaves no trace
        there."""
        if reply.private:
            return None
        answer = self._graph.read_list(
            f"{reply.to['post_id']}/comments",
            fields="id,from,message,created_time,permalink_url",
            filter="stream",
            order="reverse_chronological",
            limit=PER_PAGE,
        )
        for row in rows_of(answer, "data"):
            at = moment(row.get("created_time"))
            ours = ident(obj(row, "from").get("id")) == (
                reply.to.get("account_id") or self._external_id
            )
            if ours and row.get("message") == reply.text and at and at >= since:
                return Sent(str(row["id"]), text(row, "permalink_url"))
        return None

    # Signing in

    @staticmethod
    def login_start(app: FacebookApp, redirect_uri: str, state: str) -> LoginStart:
        return meta_page.login_start(app, redirect_uri, state, PURPOSE)

    @staticmethod
    def login_finish(
        app: FacebookApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        found = meta_page.pages_of_login(app, redirect_uri, code, PURPOSE)
        return [meta_page.login_of(page, settings) for page, settings in found]
