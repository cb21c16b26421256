"""WhatsApp Business Platform (Cloud API): deliveries in, answers out within 24 hours.

There is no list of messages to poll: what is not delivered is gone, so the webhook must
stay up (deliveries are repeated for up to 7 days). After 24 hours of silence only a
template that Meta has approved may be sent. Sources: developers.facebook.com, "WhatsApp
Business Platform": messages, media, error codes, business-scoped user IDs, read in
copies of March to June 2026.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from connectors._meta import graph as meta
from connectors._meta.graph import Graph, MetaApp, number, obj, rows, text
from connectors._shared import http
from connectors._shared.fields import only
from connectors.base import (
    EVERY_FILE,
    LARGEST_DOWNLOAD,
    AccountSettings,
    File,
    FileKind,
    Identity,
    Json,
    Later,
    Media,
    Message,
    Preview,
    RawItem,
    Reply,
    Request,
    Sent,
    Settings,
    Upload,
)
from connectors.errors import ConnectorError, NeedsLogin, Refused, TryLater, Unknown
from connectors.whatsapp.wire import WINDOW, messages_of, raw_items

_NAME = "WhatsApp"
_TEMPLATE_LIMIT = 1024
_FIELDS = (
    "messages,calls,smb_message_echoes,account_update,message_template_status_update"
)
_SPACE_FOR_ERROR = timedelta(minutes=1)
"""Our clock may run behind theirs; an answer of the last minute is sent as a
template."""
_MEGABYTE = 1024 * 1024
_UPLOADS = {
    "image": (5 * _MEGABYTE, ("image/jpeg", "image/png")),
    "video": (16 * _MEGABYTE, ("video/mp4", "video/3gpp")),
    "audio": (
        16 * _MEGABYTE,
        ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    ),
}
_DOCUMENT_LIMIT = 100 * _MEGABYTE


class WhatsAppApp(MetaApp):
    media_hosts: str = Field(
        default="lookaside.fbsbx.com",
        title="Hosts of media, by commas",
        description=(
            "Only these and the API's own host are given the token when a file is"
            " fetched"
        ),
    )


class WhatsAppAccount(AccountSettings):
    phone_number_id: str = Field(
        title="Phone number ID",
        description="App dashboard > WhatsApp > API Setup; not the number",
    )
    access_token: SecretStr = Field(
        title="Access token",
        description="Of a system user, with whatsapp_business_messaging",
    )
    business_account_id: str | None = Field(
        default=None,
        title="WhatsApp Business Account ID",
        description="With it the webhook is subscribed and the template is looked up",
    )
    template_name: str | None = Field(
        default=None,
        title="Template for answers after 24 hours",
        description=(
            "Name of an approved utility template; empty: no answer after 24 hours"
        ),
    )
    template_language: str = Field(default="id", title="Language code of the template")
    template_text: str = Field(
        default="Jawaban atas aduan nomor {{1}}: {{2}}",
        title="Body of the template as approved",
        description=(
            "{{1}} is the case number, {{2}} the answer; only used to show what is sent"
        ),
    )
    template_price: float | None = Field(
        default=None,
        ge=0,
        title="Price of one template message in US dollars",
        description="Where it is another one than config/prices.yaml gives",
    )

    @model_validator(mode="after")
    def _holds_the_answer(self) -> WhatsAppAccount:
        if "{{2}}" not in self.template_text:
            raise ValueError("template_text needs {{2}}, where the answer goes")
        return self

    def facts(self) -> dict[str, Any]:
        if self.template_name is None:
            return {}
        return {
            "template_name": self.template_name,
            "template_language": self.template_language,
            "template_text": self.template_text,
            **only(template_price=self.template_price),
        }


class WhatsApp:
    label: ClassVar[str] = _NAME
    hears: ClassVar[frozenset[Later]] = frozenset({"answer", "edit", "delete"})
    carries: ClassVar[frozenset[FileKind]] = EVERY_FILE
    App: ClassVar[type[Settings]] = WhatsAppApp
    Account: ClassVar[type[AccountSettings]] = WhatsAppAccount
    text_limit: ClassVar[int] = 4096
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 3600

    def __init__(
        self, app: WhatsAppApp, account: WhatsAppAccount, external_id: str | None = None
    ) -> None:
        self._app, self._account = app, account
        self._graph = Graph(
            app.base_url,
            app.version,
            account.access_token,
            app.app_secret,
            platform=_NAME,
            own_codes=own_error,
        )

    def close(self) -> None:
        self._graph.close()

    def check(self) -> Identity:
        number_id = self._account.phone_number_id
        found = self._graph.get(
            number_id,
            fields=(
                "id,display_phone_number,verified_name,quality_rating,"
                "code_verification_status,status"
            ),
        )
        shown = text(found, "display_phone_number") or number_id
        return Identity(
            external_id=meta.ident(found.get("id")) or number_id,
            handle=re.sub(r"\D", "", shown) or number_id,
            display_name=text(found, "verified_name") or shown,
            warnings=(*_number_warnings(found), *self._business_warnings()),
        )

    def _business_warnings(self) -> list[str]:
        business, template = (
            self._account.business_account_id,
            self._account.template_name,
        )
        if business is None:
            return [
                "business_account_id is not set, so nobody can see whether the webhook"
                " is subscribed and the template approved."
            ]
        warnings = []
        if not rows(self._graph.get(f"{business}/subscribed_apps"), "data"):
            warnings.append(
                "No app is subscribed to this WhatsApp Business Account, so nothing is"
                " delivered; run the subscription of the account."
            )
        if template is None:
            warnings.append(
                "No template is set: after 24 hours of silence nobody can be answered."
            )
            return warnings
        answer = self._graph.get(
            f"{business}/message_templates",
            name=template,
            fields="name,language,status",
        )
        state = next(
            (
                row.get("status")
                for row in rows(answer, "data")
                if (row.get("name"), row.get("language"))
                == (template, self._account.template_language)
            ),
            None,
        )
        if state != "APPROVED":
            warnings.append(
                f"The template {template} ({self._account.template_language}) is"
                f" {str(state or 'not there').lower()}; see WhatsApp Manager > Message"
                " templates."
            )
        return warnings

    @staticmethod
    def verify(
        app: WhatsAppApp, account: WhatsAppAccount | None, request: Request
    ) -> str | None:
        return meta.verify(app.app_secret, app.verify_token, request)

    @staticmethod
    def sign(
        app: WhatsAppApp, account: WhatsAppAccount | None, body: bytes, now: datetime
    ) -> dict[str, str]:
        return meta.sign(app.app_secret, body)

    @staticmethod
    def unpack(request: Request) -> Iterable[RawItem]:
        return list(raw_items(meta.parsed(request)))

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        return raw_items(payload)

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(messages_of(item))

    def subscribe(self, callback_url: str) -> str:
        """The app to the fields of the webhook, the business account to the app."""
        app = self._app
        if app.app_secret is None:
            raise NeedsLogin(
                "the app secret is not set, so no delivery could be checked"
            )
        word = app.verify_word()
        if self._account.business_account_id is None:
            raise Refused(
                "set business_account_id to subscribe", code="no_business_account"
            )
        left = (
            "In the app dashboard, WhatsApp > Configuration: enter the callback URL and"
            " the "
        )
        left += "verify token, and subscribe to the field messages."
        if app.app_id is not None:
            self._subscribe_app(app.app_id, app.app_secret, word, callback_url)
            left = ""
        self._graph.post(f"{self._account.business_account_id}/subscribed_apps")
        return left

    def _subscribe_app(
        self, app_id: str, app_secret: SecretStr, word: str, callback_url: str
    ) -> None:
        app_token = SecretStr(f"{app_id}|{app_secret.get_secret_value()}")
        graph = Graph(self._app.base_url, self._app.version, app_token, platform=_NAME)
        try:
            graph.post(
                f"{app_id}/subscriptions",
                object="whatsapp_business_account",
                callback_url=callback_url,
                fields=_FIELDS,
                verify_token=word,
            )
        finally:
            graph.close()

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        if _open(reply):
            problem = (
                "too_long"
                if len(reply.text) > cls.text_limit
                else _files_problem(reply)
            )
            messages = 1 + len(reply.files)  # each file is a message of its own
            return Preview(
                (reply.text,),
                len(reply.text),
                cls.text_limit,
                False,
                problem,
                price=messages * reply.prices.get("answer", 0.0),
            )
        if not reply.to.get("template_name"):
            length = len(reply.text)
            return Preview(
                (reply.text,), length, cls.text_limit, False, "window_closed"
            )
        body = _template_body(reply)
        problem = "too_long" if len(body) > _TEMPLATE_LIMIT else None
        if reply.files:
            problem = "no_files"
        return Preview(
            (body,),
            len(body),
            _TEMPLATE_LIMIT,
            False,
            problem,
            ("sent_as_template",),
            float(reply.to.get("template_price", reply.prices.get("template", 0.0))),
        )

    def send(self, reply: Reply) -> Sent:
        problem = self.preview(reply).problem
        if problem:
            raise Refused(_PROBLEMS[problem], code=problem)
        if not _open(reply):
            return self._post(reply, {"type": "template", "template": _template(reply)})
        uploaded = [self._upload(file) for file in reply.files]
        sent = self._post(
            reply,
            {
                "type": "text",
                "text": {"body": reply.text, "preview_url": False},
                **_context(reply),
            },
        )
        for content in uploaded:
            try:
                self._post(reply, content)
            except ConnectorError as error:
                raise Unknown(
                    f"WhatsApp took the text but not every file: {error}"
                ) from None
        return sent

    def _post(self, reply: Reply, content: Mapping[str, Any]) -> Sent:
        answer = self._graph.post(
            f"{self._account.phone_number_id}/messages",
            sends=True,
            messaging_product="whatsapp",
            **_recipient(reply.to),
            **content,
            biz_opaque_callback_data=reply.key,
        )
        sent_id = next(
            (meta.ident(row.get("id")) for row in rows(answer, "messages")), None
        )
        if sent_id is None:
            raise Unknown("WhatsApp took the answer without telling its number")
        return Sent(sent_id)

    def _upload(self, file: Upload) -> dict[str, Any]:
        """Content of a message that shows the file; uploading publishes nothing yet."""
        answer = self._graph.upload(
            f"{self._account.phone_number_id}/media",
            (file.name, file.content, file.mime),
            messaging_product="whatsapp",
            type=file.mime,
        )
        media_id = meta.ident(answer.get("id"))
        if media_id is None:
            raise TryLater("WhatsApp took a file without telling its number")
        sort = _sort_of(file)
        named = {"filename": file.name} if sort == "document" else {}
        return {"type": sort, sort: {"id": media_id, **named}}

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        """The address that the id leads to is good for five minutes, so it is asked for
        anew."""
        media_id = media.ref.get("id")
        if not media_id:
            raise Refused("WhatsApp gives no file for this message", code="not_kept")
        found = self._graph.get(
            str(media_id), phone_number_id=self._account.phone_number_id
        )
        url = text(found, "url")
        if url is None:
            raise Refused("WhatsApp does not have this file any more", code="gone")
        content, mime = self._file(url, largest)
        if not _same(content, media.ref.get("digest") or found.get("sha256")):
            raise TryLater("a file of WhatsApp arrived damaged", code="damaged")
        return File(content, text(found, "mime_type") or mime)

    def _file(self, url: str, largest: int) -> tuple[bytes, str | None]:
        host = urlsplit(url).netloc
        known = {urlsplit(self._app.base_url).netloc, *self._app.media_hosts.split(",")}
        if host not in {name.strip() for name in known}:
            raise Refused(
                "WhatsApp names a host for a file that SAHUT_WHATSAPP_MEDIA_HOSTS does"
                " not list",
                code="unknown_host",
            )
        token = self._account.access_token.get_secret_value()
        return http.download(
            self._graph.client,
            url,
            platform=_NAME,
            home=self._app.base_url,
            headers={"Authorization": f"Bearer {token}"},
            largest=largest,
        )


_PROBLEMS = {
    "too_long": "the answer is longer than WhatsApp allows",
    "window_closed": (
        "the person's last message is more than 24 hours old, and no template is set"
    ),
    "no_files": "a template carries no files",
    "file_too_large": "a file is larger than WhatsApp allows",
}


def _number_warnings(found: Mapping[str, Any]) -> list[str]:
    warnings = []
    if found.get("quality_rating") == "RED":
        warnings.append(
            "The quality of this number is rated low because people block it; Meta may"
            " limit it. See WhatsApp Manager > Phone numbers."
        )
    if found.get("code_verification_status") == "EXPIRED":
        warnings.append("The number has to be verified again in WhatsApp Manager.")
    state = found.get("status")
    if isinstance(state, str) and state != "CONNECTED":
        warnings.append(
            f"The number is {state.lower()}, not connected: register it with the Cloud"
            " API."
        )
    return warnings


def _open(reply: Reply) -> bool:
    """Whether free text may still be sent. Without a time the platform is left to
    decide."""
    said_at = reply.to.get("said_at")
    if not isinstance(said_at, str) or reply.now is None:
        return True
    return reply.now < datetime.fromisoformat(said_at) + WINDOW - _SPACE_FOR_ERROR


def _recipient(to: Mapping[str, Any]) -> dict[str, Any]:
    """`to` takes a phone number or a group, `recipient` the id of a person without a
    number."""
    if to.get("group_id"):
        return {"recipient_type": "group", "to": to["group_id"]}
    if to.get("phone"):
        return {"recipient_type": "individual", "to": to["phone"]}
    if to.get("user_id"):
        return {"recipient_type": "individual", "recipient": to["user_id"]}
    raise Refused("this message names nobody to answer", code="no_recipient")


def _context(reply: Reply) -> dict[str, Any]:
    message_id = reply.to.get("message_id")
    return {"context": {"message_id": message_id}} if message_id else {}


def _values(reply: Reply) -> dict[str, str]:
    """By placeholder. A value may hold no line breaks, tabs or runs of blanks."""
    return {
        "{{1}}": reply.number or "-",
        "{{2}}": re.sub(r"\s+", " ", reply.text).strip(),
    }


def _template_body(reply: Reply) -> str:
    values = _values(reply)
    body = str(reply.to.get("template_text") or "{{2}}")
    return re.sub(r"\{\{[12]\}\}", lambda found: values[found[0]], body)


def _template(reply: Reply) -> dict[str, Any]:
    body = str(reply.to.get("template_text") or "{{2}}")
    used = [value for name, value in _values(reply).items() if name in body]
    return {
        "name": reply.to["template_name"],
        "language": {"code": reply.to.get("template_language", "id")},
        "components": [
            {
                "type": "body",
                "parameters": [{"type": "text", "text": value} for value in used],
            }
        ],
    }


def _sort_of(file: Upload) -> str:
    mime = file.mime.partition(";")[0].strip().lower()
    return next(
        (sort for sort, (_, mimes) in _UPLOADS.items() if mime in mimes), "document"
    )


def _files_problem(reply: Reply) -> str | None:
    for file in reply.files:
        most = _UPLOADS.get(_sort_of(file), (_DOCUMENT_LIMIT, ()))[0]
        if len(file.content) > most:
            return "file_too_large"
    return None


def _same(content: bytes, told: Any) -> bool:
    """Whether a file is what the delivery named: SHA-256 as base64 there, as hex in the
    API."""
    if not isinstance(told, str) or not told:
        return True
    digest = hashlib.sha256(content).digest()
    try:
        named = (
            bytes.fromhex(told) if len(told) == 64 else b64decode(told, validate=True)
        )
    except ValueError:
        return True  # no digest at all: nothing to compare with
    return len(named) != len(digest) or hmac.compare_digest(digest, named)


_ACCOUNT = {
    3: (
        "the token may not use the WhatsApp API; give the system user"
        " whatsapp_business_messaging"
    ),
    33: "this business phone number was deleted; register another one",
    131005: (
        "the token has no access to this number; assign the account to the system user"
    ),
    131031: "WhatsApp has locked the account; see Business Support Home",
    131037: "the display name of the number is not approved yet; see WhatsApp Manager",
    131042: (
        "WhatsApp has no valid way of payment for this account; see Billing at Meta"
        " Business"
    ),
    131045: (
        "the number is not registered with the Cloud API; register it, then try again"
    ),
    133005: "the PIN of the number is wrong; set it again in WhatsApp Manager",
    133006: "the number must be verified again in WhatsApp Manager",
    133010: (
        "the number is not registered with the Cloud API; register it, then try again"
    ),
}
_LATER = frozenset({131016, 131057, 133004})
_ONE = {
    130472: (
        "not_delivered",
        "WhatsApp tests something with this person and delivers nothing",
    ),
    130497: ("not_allowed", "the account may not write to people in that country"),
    131021: ("no_recipient", "the number would write to itself"),
    131026: ("unreachable", "this person cannot receive the message"),
    131047: ("window_closed", "the person's last message is more than 24 hours old"),
    131049: ("not_delivered", "WhatsApp holds messages back from this person for now"),
    131051: ("unsupported", "WhatsApp does not take this kind of message"),
    131052: ("gone", "the file could not be fetched"),
    131053: ("file_refused", "WhatsApp does not take this file"),
    131062: (
        "no_recipient",
        "this needs the person's phone number, which WhatsApp keeps hidden",
    ),
}


def own_error(told: Mapping[str, Any], sends: bool) -> ConnectorError | None:
    """The codes of WhatsApp; None: one of those that all of Meta shares."""
    code = number(told.get("code"))
    if code in _ACCOUNT:
        return NeedsLogin(
            f"WhatsApp: {_ACCOUNT[code]} ({code})", code=f"whatsapp_{code}"
        )
    if code in _LATER:
        return TryLater(f"WhatsApp is not available for a while ({code})")
    if code in _ONE:
        name, meaning = _ONE[code]
        return Refused(f"WhatsApp: {meaning} ({code})", code=name)
    if 132000 <= code < 133000:
        return Refused(
            f"WhatsApp refuses the template: {_detail(told)} ({code})", code="template"
        )
    if code in (131000, 135000) and sends:
        return Unknown(f"WhatsApp had trouble ({code}); the answer may have been sent")
    return None


def _detail(told: Mapping[str, Any]) -> str:
    return (
        text(obj(told, "error_data"), "details")
        or text(told, "message")
        or "no reason given"
    )
