"""Instagram of a professional account: comments, mentions, tags and private messages;
answers to each.

Two ways of access exist: through the Facebook page the account is linked to
(everything), and through Instagram's own sign-in (no tags; a token of 60 days that is
renewed weekly, and once it has ended only a new sign-in helps). Sources:
developers.facebook.com, "Instagram Platform", read in copies of 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from connectors._meta import graph, messaging
from connectors._meta import page as meta_page
from connectors._meta.graph import Graph, ident, moment, obj, rows, text
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
from connectors.errors import BadItem, NeedsLogin, Refused, Unknown
from connectors.instagram.poll import Poll
from connectors.instagram.wire import (
    CHAT,
    COMMENT_FIELDS,
    MEDIA_FIELDS,
    item_of,
    messages_of,
    raw_items,
    webhook_items,
)

_FIELDS = (
    "comments",
    "live_comments",
    "mentions",
    "messages",
    "message_edit",
    "message_reactions",
    "messaging_postbacks",
    "messaging_referral",
    "messaging_seen",
    "messaging_handover",
    "standby",
)
PURPOSE = Purpose(
    platform="Instagram",
    scopes=(
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_manage_messages",
        "pages_show_list",
        "pages_read_engagement",
        "pages_manage_metadata",
    ),
    fields=("feed",),
    app_object="instagram",
    app_fields=_FIELDS,
)
_LINKED = "instagram_business_account{id,username,name}"
_MESSAGE_BYTES = 1000
_TOKEN_DAYS, _RENEW_AFTER_DAYS = 60, 7
_LINK = re.compile(r"https?://\S+|www\.\S+")
_TAG = re.compile(r"#\w+")


class InstagramApp(PageApp):
    instagram_url: str = Field(
        default="https://graph.instagram.com",
        title="API address for Instagram's own sign-in",
    )
    poll_days: int = Field(
        default=30,
        ge=1,
        title="Days of media to look for new comments",
        description="By polling",
    )


class InstagramAccount(PageAccount):
    access: Literal["facebook", "instagram"] = Field(
        default="facebook",
        title="Access through",
        description=(
            "facebook: token of the linked page; instagram: token of Instagram's"
            " sign-in"
        ),
    )
    human_agent: bool = Field(
        default=False,
        title="Answer for 7 days (Human Agent)",
        description="Only when the app has been granted the feature Human Agent",
    )

    def facts(self) -> dict[str, Any]:
        return {"human_agent": self.human_agent}

    def renew_at(self) -> datetime | None:
        if self.access == "facebook" or self.login_ends is None:
            return None
        return self.login_ends - timedelta(days=_TOKEN_DAYS - _RENEW_AFTER_DAYS)


class Instagram:
    label: ClassVar[str] = "Instagram"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer"})
    carries: ClassVar[frozenset[FileKind]] = frozenset({"picture", "video", "audio"})
    App: ClassVar[type[Settings]] = InstagramApp
    Account: ClassVar[type[AccountSettings]] = InstagramAccount
    text_limit: ClassVar[int] = 300
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 180

    def __init__(
        self,
        app: InstagramApp,
        account: InstagramAccount,
        external_id: str | None = None,
    ) -> None:
        self._app, self._account, self._external_id = app, account, external_id
        self._linked = account.access == "facebook"
        self._graph = (
            meta_page.page_graph(app, account, "Instagram")
            if self._linked
            else Graph(
                app.instagram_url,
                app.version,
                account.access_token,
                platform="Instagram",
            )
        )
        self._chats = Chats(self._graph, "instagram", CHAT, external_id)

    def close(self) -> None:
        self._graph.close()

    def check(self) -> Identity:
        if not self._linked:
            me = self._graph.get("me", fields="user_id,username,name")
            name = ident(me.get("user_id")) or ident(me.get("id"))
            return self._identity(me, name, ())
        page = meta_page.the_page(self._graph, "Instagram", f"id,category,{_LINKED}")
        me = dict(obj(page, "instagram_business_account"))
        if not me:
            raise NeedsLogin(
                "no professional Instagram account is linked to this page; link it"
                " under the page's settings, Linked accounts",
                code="not_linked",
            )
        warnings = meta_page.warnings_of(
            self._graph, self._app, PURPOSE, self._account.access_token
        )
        return self._identity(me, ident(me.get("id")), tuple(warnings))

    def _identity(
        self, me: Mapping[str, Any], name: str | None, warnings: tuple[str, ...]
    ) -> Identity:
        if name is None:
            raise NeedsLogin("Instagram does not say whose token this is")
        handle = text(me, "username") or name
        return Identity(name, handle, text(me, "name") or handle, warnings)

    # In

    def back(self, days: float) -> Cursor:
        return {}  # there is a list of the newest alone, and no date to ask it by

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        me = self._external_id or self.check().external_id
        return Poll(self._graph, self._chats, me, self._app.poll_days, cursor).pages()

    @staticmethod
    def verify(
        app: InstagramApp, account: InstagramAccount | None, request: Request
    ) -> str | None:
        return graph.verify(app.app_secret, app.verify_token, request)

    @staticmethod
    def sign(
        app: InstagramApp, account: InstagramAccount | None, body: bytes, now: datetime
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
        """A mention is told by its ids alone, and readable only through our own
        account."""
        value = obj(item.payload, "changes", "value")
        comment, media = ident(value.get("comment_id")), ident(value.get("media_id"))
        me = item.account or self._external_id
        if comment:
            kind, fields = (
                "mentioned_comment",
                f"comment_id({comment}){{{COMMENT_FIELDS}}}",
            )
        elif media:
            kind, fields = "mentioned_media", f"media_id({media}){{{MEDIA_FIELDS}}}"
        else:
            raise BadItem("a mention that does not say where")
        row = obj(self._graph.get(str(me), fields=f"{kind}.{fields}"), kind)
        if not row:
            raise Refused("the mention is gone, or hidden from us", code="gone")
        context = {
            "media_id": media or "",
            **({"comment_id": comment} if comment else {}),
        }
        made = item_of(dict(row), kind, item.account, **context)
        return [
            RawItem(f"{item.key}:{made.key}", made.kind, made.payload, item.account)
        ]

    def subscribe(self, callback_url: str) -> str:
        if self._linked:
            return meta_page.subscribe(self._graph, self._app, PURPOSE, callback_url)
        self._graph.post("me/subscribed_apps", subscribed_fields=",".join(_FIELDS))
        return (
            "At developers.facebook.com, Instagram, API setup with Instagram login,"
            f" enter {callback_url} and the verify token, subscribe to"
            f" {', '.join(_FIELDS)}, and switch the app to Live mode."
        )

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        url = media.ref.get("url")
        if not url:
            raise Refused("Instagram does not allow to keep this", code="not_kept")
        content, mime = http.download(
            self._graph.client,
            url,
            platform="Instagram",
            home=self._app.base_url,
            largest=largest,
        )
        return File(content, mime)

    # Out

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        """Comments count characters, private messages bytes."""
        size = len(reply.text.encode())
        if reply.private:
            return messaging.preview_private(reply, _MESSAGE_BYTES, size)
        if "recipient_id" in reply.to:
            return messaging.preview(reply, _MESSAGE_BYTES, size)
        problem = _comment_problem(reply.text, cls.text_limit)
        if reply.files:
            problem = "no_files"
        if not reply.to.keys() & {"comment_id", "mention_media_id"}:
            problem = "not_allowed"
        return Preview((reply.text,), len(reply.text), cls.text_limit, True, problem)

    def send(self, reply: Reply) -> Sent:
        to = reply.to
        if "recipient_id" in to:
            return self._chats.send(reply)
        if "comment_id" in to:
            answer = self._graph.post(
                f"{to['comment_id']}/replies", sends=True, message=reply.text
            )
        else:
            answer = self._graph.post(
                f"{to.get('account_id') or self._external_id}/mentions",
                sends=True,
                media_id=to["mention_media_id"],
                comment_id=to.get("mention_comment_id"),
                message=reply.text,
            )
        name = ident(answer.get("id"))
        if name is None:
            raise Unknown("Instagram confirmed the answer without its number")
        return Sent(name)

    def send_private(self, reply: Reply) -> Sent:
        return self._chats.send_private(reply, {"comment_id": reply.to["comment_id"]})

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """Answers below other people's media cannot be read, so those stay unknown."""
        to = reply.to
        if "recipient_id" in to:
            return self._chats.look_up(reply, since)
        if reply.private or "comment_id" not in to:
            return None
        answer = self._graph.read_list(
            f"{to['comment_id']}/replies",
            fields="id,text,timestamp,from,username",
            limit=50,
        )
        for row in rows(answer, "data"):
            at = moment(row.get("timestamp"))
            ours = ident(obj(row, "from").get("id")) == to.get("account_id") or str(
                row.get("username", "")
            ).lower() == to.get("account_handle")
            if ours and row.get("text") == reply.text and at and at >= since:
                return Sent(str(row["id"]))
        return None

    # Signing in

    @staticmethod
    def login_start(app: InstagramApp, redirect_uri: str, state: str) -> LoginStart:
        return meta_page.login_start(app, redirect_uri, state, PURPOSE)

    @staticmethod
    def login_finish(
        app: InstagramApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        """One login for each page that has an Instagram account linked."""
        fields = f"id,name,{_LINKED}"
        found = meta_page.pages_of_login(app, redirect_uri, code, PURPOSE, fields)
        return [
            Login(text(linked, "username") or str(linked.get("id")), settings)
            for page, settings in found
            if (linked := obj(page, "instagram_business_account"))
        ]

    def renew(self) -> Settings:
        """A fresh token of 60 days. Only for Instagram's own sign-in, and only before
        its end."""
        if self._linked:
            raise NeedsLogin("a page's token cannot be renewed; sign in again")
        answer = self._graph.get(
            "refresh_access_token",
            grant_type="ig_refresh_token",
            access_token=self._account.access_token.get_secret_value(),
        )
        token, seconds = text(answer, "access_token"), answer.get("expires_in")
        if token is None:
            raise NeedsLogin("Instagram gave no new token; sign in again")
        lives = (
            timedelta(seconds=seconds)
            if isinstance(seconds, int)
            else timedelta(days=60)
        )
        return InstagramAccount(
            **{
                **self._account.model_dump(),
                "access_token": token,
                "login_ends": datetime.now(UTC) + lives,
            }
        )


def _comment_problem(words: str, limit: int) -> str | None:
    """What Instagram refuses in a comment ("IG Media comments": 300 characters, 4
    hashtags, one link, not all in capitals)."""
    if len(words) > limit:
        return "too_long"
    if len(_LINK.findall(words)) > 1:
        return "too_many_links"
    if len(_TAG.findall(words)) > 4:
        return "too_many_hashtags"
    return "all_capitals" if words.isupper() and len(words.split()) > 1 else None
