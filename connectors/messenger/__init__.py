"""Messenger: private messages to a page, by webhook and by polling below it; answers in
the window.

Sources: developers.facebook.com, "Messenger Platform", read in copies of 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from connectors._meta import graph, messaging
from connectors._meta import page as meta_page
from connectors._meta.graph import obj
from connectors._meta.messaging import LISTS, Chats, events_of, message_of, object_items
from connectors._meta.page import PageAccount, PageApp, Purpose
from connectors._shared import http
from connectors.base import (
    EVERY_FILE,
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
from connectors.errors import BadItem, Refused

_FIELDS = (
    "messages",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_optins",
    "message_deliveries",
    "message_reads",
    "message_echoes",
    "message_reactions",
    "message_edits",
    "messaging_handovers",
    "standby",
)
PURPOSE = Purpose(
    platform="Messenger",
    scopes=("pages_show_list", "pages_manage_metadata", "pages_messaging"),
    fields=_FIELDS,
    app_object="page",
    app_fields=_FIELDS,
)
_EVENT, _OBJECT = "msg.event", "msg.object"


class MessengerAccount(PageAccount):
    human_agent: bool = Field(
        default=False,
        title="Answer for 7 days (Human Agent)",
        description="Only when the app has been granted the feature Human Agent",
    )

    def facts(self) -> dict[str, Any]:
        return {"human_agent": self.human_agent}


class Messenger:
    label: ClassVar[str] = "Messenger"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "edit", "delete"})
    carries: ClassVar[frozenset[FileKind]] = EVERY_FILE
    App: ClassVar[type[Settings]] = PageApp
    Account: ClassVar[type[AccountSettings]] = MessengerAccount
    text_limit: ClassVar[int] = 2000
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 120
    delivered_with: ClassVar[tuple[str, ...]] = ("facebook",)

    def __init__(
        self, app: PageApp, account: MessengerAccount, external_id: str | None = None
    ) -> None:
        self._app, self._token = app, account.access_token
        self._graph = meta_page.page_graph(app, account, "Messenger")
        self._chats = Chats(self._graph, "messenger", _OBJECT, external_id)

    def close(self) -> None:
        self._graph.close()

    def check(self) -> Identity:
        return meta_page.identity(self._graph, self._app, PURPOSE, self._token)

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        return self._chats.fetch(cursor)

    @staticmethod
    def verify(
        app: PageApp, account: MessengerAccount | None, request: Request
    ) -> str | None:
        return graph.verify(app.app_secret, app.verify_token, request)

    @staticmethod
    def sign(
        app: PageApp, account: MessengerAccount | None, body: bytes, now: datetime
    ) -> dict[str, str]:
        return graph.sign(app.app_secret, body)

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        return list(_deliveries(graph.parsed(request)))

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        if isinstance(payload, list) or "entry" in obj(payload):
            return _deliveries(payload)
        if not isinstance(payload, dict):
            raise BadItem("neither a delivery nor an answer of Messenger")
        event = messaging.bare_event(payload)
        if event is not None:
            return [RawItem(f"messaging:{graph.digest(event)}", _EVENT, event)]
        return object_items(payload, _OBJECT)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        if not isinstance(item.payload, dict):
            raise BadItem("neither an event nor a message of Messenger")
        if item.kind == _OBJECT:
            return [message_of(item)]
        return list(events_of(item.payload, item.account))

    def subscribe(self, callback_url: str) -> str:
        return meta_page.subscribe(self._graph, self._app, PURPOSE, callback_url)

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        url = media.ref.get("url")
        if not url:
            raise Refused("Messenger gives no file for this", code="not_kept")
        content, mime = http.download(
            self._graph.client,
            url,
            platform="Messenger",
            home=self._app.base_url,
            largest=largest,
        )
        return File(content, mime)

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        return messaging.preview(reply, cls.text_limit, len(reply.text))

    def send(self, reply: Reply) -> Sent:
        return self._chats.send(reply)

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        return self._chats.look_up(reply, since)

    @staticmethod
    def login_start(app: PageApp, redirect_uri: str, state: str) -> LoginStart:
        return meta_page.login_start(app, redirect_uri, state, PURPOSE)

    @staticmethod
    def login_finish(
        app: PageApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        found = meta_page.pages_of_login(app, redirect_uri, code, PURPOSE)
        return [meta_page.login_of(page, settings) for page, settings in found]


def _deliveries(payload: Json) -> Iterator[RawItem]:
    """Events of conversations alone; the same address brings the changes of the page's
    feed."""
    for item in graph.entries(payload, _EVENT, LISTS):
        if "changes" not in item.payload or messaging.is_event(
            obj(item.payload, "changes", "value")
        ):
            yield item
