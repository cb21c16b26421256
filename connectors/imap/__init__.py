"""Mail: IMAP in, SMTP out.

A folder is a stream; its cursor is (UIDVALIDITY, last UID), never \\Seen, because
people read the mailbox too. When UIDVALIDITY changes every UID has a new meaning: the
folder is read again, and the key of an item (Message-ID and content) removes what is
known. RFC 3501, 5322, 4549.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar, Literal

from imap_tools import BaseMailBox
from imap_tools.errors import MailboxFolderSelectError
from pydantic import Field, SecretStr, model_validator

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
    Sent,
    Settings,
)
from connectors.errors import BadItem, ConnectorError, NeedsLogin, Refused, TryLater
from connectors.imap import box as mail_box
from connectors.imap import idle, notices, oauth, reading, wire
from connectors.imap import parts as mail_parts
from connectors.imap import send as mail_send
from connectors.imap.box import Fetched

_MBOX_LINE = re.compile(rb"^From \S*.*\d{4}.*\r?\n", re.M)
_RENEW_BEFORE = timedelta(minutes=5)
Security = Literal["ssl", "starttls", "none"]


class ImapApp(Settings):
    imap_host: str = Field(default="", title="Mail server for reading (IMAP)")
    imap_port: int = Field(default=993, title="Its port", ge=1, le=65535)
    imap_security: Security = Field(
        default="ssl", title="Its encryption: ssl, starttls or none"
    )
    smtp_host: str = Field(default="", title="Mail server for sending (SMTP)")
    smtp_port: int = Field(default=587, title="Its port", ge=1, le=65535)
    smtp_security: Security = Field(
        default="starttls", title="Its encryption: ssl, starttls or none"
    )
    client_id: str = Field(
        default="",
        title="OAuth client id",
        description="Only for mailboxes without passwords",
    )
    client_secret: SecretStr = Field(default=SecretStr(""), title="OAuth client secret")
    authorize_url: str = Field(
        default="https://accounts.google.com/o/oauth2/v2/auth",
        title="OAuth sign-in address",
    )
    token_url: str = Field(
        default="https://oauth2.googleapis.com/token", title="OAuth token address"
    )
    scope: str = Field(
        default="https://mail.google.com/ openid email", title="OAuth scopes"
    )


class ImapAccount(AccountSettings):
    address: str = Field(title="Mail address", description="Like lapor@example.go.id")
    display_name: str = Field(default="", title="Name residents see as the sender")
    username: str = Field(
        default="", title="Sign-in name", description="Empty: the address"
    )
    password: SecretStr | None = Field(
        default=None,
        title="Password or app password",
        description="Empty where OAuth is used",
    )
    access_token: SecretStr | None = Field(default=None, title="OAuth access token")
    refresh_token: SecretStr | None = Field(default=None, title="OAuth refresh token")
    expires_at: datetime | None = Field(
        default=None, title="When the access token ends"
    )
    imap_host: str = Field(
        default="", title="Another server for reading", description="host:port"
    )
    smtp_host: str = Field(
        default="", title="Another server for sending", description="host:port"
    )
    folders: str = Field(
        default="INBOX", title="Folders to read", description="With commas between them"
    )
    keeps_sent: bool = Field(
        default=False,
        title="The server keeps what is sent by itself",
        description=(
            "Gmail and Microsoft 365 do; elsewhere every answer is copied to the"
            " mailbox, which proves that it went out"
        ),
    )
    sent_folder: str = Field(
        default="",
        title="Folder of sent mails",
        description="Empty: the one the server marks as such",
    )
    notices: str = Field(
        default="",
        title="Accounts whose notification mails come here",
        description=(
            "Like facebook:Dishub Kota, instagram:dishub_kota, x:dishub_kota; with"
            " commas between them"
        ),
    )
    notices_server: str = Field(
        default="",
        title="Server that checks the senders of notification mails",
        description=(
            "The first word of the header Authentication-Results in mails of this box;"
            " without it no notification mail is believed"
        ),
    )
    plus_address: bool = Field(
        default=True,
        title="The server takes name+anything@...",
        description=(
            "Answers are then asked for at such an address, which tells what they"
            " are to; where the server refuses it when asked, they are not"
        ),
    )

    @model_validator(mode="after")
    def _enough(self) -> ImapAccount:
        for one in _names(self.notices):
            channel, _, name = one.partition(":")
            if channel not in notices.CHANNELS or not name:
                known = ", ".join(notices.CHANNELS)
                raise ValueError(
                    f"{one!r} is no account: write CHANNEL:HANDLE, with one of {known}"
                )
        if self.password is None and self.access_token is None:
            raise ValueError("give a password, or sign in to get an access token")
        return self

    def facts(self) -> dict[str, Any]:
        told = {one.partition(":")[0] for one in _names(self.notices)}
        noticed = {"notices": sorted(told)} if told else {}
        return {"from_address": self.address, **noticed}

    def renew_at(self) -> datetime | None:
        if self.refresh_token is None or self.expires_at is None:
            return None
        return self.expires_at - _RENEW_BEFORE


class Imap:
    label: ClassVar[str] = "E-mail"
    hears: ClassVar[frozenset[Later]] = frozenset({"answer"})
    carries: ClassVar[frozenset[FileKind]] = EVERY_FILE
    App: ClassVar[type[Settings]] = ImapApp
    Account: ClassVar[type[AccountSettings]] = ImapAccount
    text_limit: ClassVar[int] = 100_000
    cost_per_read: ClassVar[float] = 0.0
    default_interval: ClassVar[int] = 120

    def __init__(
        self, app: ImapApp, account: ImapAccount, external_id: str | None = None
    ) -> None:
        self._app = app
        self._account = account
        self._sender = mail_send.Sender(
            account.address, account.display_name, account.plus_address
        )

    def close(self) -> None:
        """Nothing stays open between calls."""

    def check(self) -> Identity:
        account, warnings = self._account, []
        if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", account.address):
            raise Refused(
                "the address of this account is no mail address", code="not_set_up"
            )
        with self._box() as box, mail_box.within(box):
            for folder in self._folders():
                mail_box.examine(box, folder)
            if account.keeps_sent and self._sent_folder(box) is None:
                warnings.append(
                    "No folder of sent mails is found, so an answer whose fate is"
                    " unknown cannot be looked up. Set sent_folder to it."
                )
        with mail_send.connected(self._outgoing(), self._login()):
            pass  # signed in, which is what is asked
        address = account.address.lower()
        return Identity(
            address, address, account.display_name or address, tuple(warnings)
        )

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """`start` is the day the account was new: what is older is never taken for a
        report. A folder that cannot be read does not keep the others from it."""
        start = _day(cursor.get("start")) or (
            datetime.now(UTC).date() - timedelta(days=self._account.first_days)
        )
        known = cursor.get("folders")
        places: dict[str, Any] = dict(known) if isinstance(known, dict) else {}
        troubles: dict[str, ConnectorError] = {}
        for folder in self._folders():
            place = _place(places.get(folder))
            try:
                for batch in reading.read(self._box, folder, place, start):
                    places[folder] = _written(batch.place)
                    yield self._page(folder, batch, start, places)
            except (Refused, TryLater) as error:
                troubles[folder] = error
        if len(troubles) == len(self._folders()):
            raise next(iter(troubles.values()))
        here = {"start": start.isoformat(), "folders": dict(places)}
        for folder, trouble in troubles.items():
            yield Page((), here, stream=folder, trouble=trouble.code)

    def _notices(self) -> dict[str, Any]:
        names = _names(self._account.notices)
        if not names:
            return {}
        return {"notices": names, "notices_server": self._account.notices_server}

    def _page(
        self, folder: str, batch: reading.Batch, start: date, places: dict[str, Any]
    ) -> Page:
        own, validity = self._account.address.lower(), batch.place.validity
        told = self._notices()
        items = [_raw(mail, folder, validity, own, told) for mail in batch.mails]
        items += [_unread(uid, folder, validity, own) for uid in batch.unread]
        return Page(
            tuple(items),
            {"start": start.isoformat(), "folders": dict(places)},
            stream=folder,
            gap="mail_unreadable" if batch.unread else None,
        )

    def expand(self, item: RawItem) -> Iterable[RawItem]:
        """A mail that could not be fetched when its turn came, tried again."""
        folder, uid = str(item.payload["folder"]), int(item.payload["uid"])
        validity = item.payload["uidvalidity"]
        with self._box() as box, mail_box.within(box):
            if mail_box.examine(box, folder).validity != validity:
                raise Refused(
                    "the folder was renumbered; its mails are read anew", code="gone"
                )
            large = mail_box.heads(box, [uid], dates=False).get(uid)
            cut = large is not None and large.size > mail_box.LARGEST_MAIL
            for mail in mail_box.fetched(box, [uid], cut=cut):
                own = self._account.address.lower()
                return [_raw(mail, folder, validity, own, self._notices())]
            if uid in mail_box.listed(box, [uid]):
                raise TryLater("the mailbox lists this mail and says nothing of it")
        raise Refused("the mail was removed before it could be read", code="gone")

    def listen(self, heard: Callable[[], None], stopping: Callable[[], bool]) -> None:
        """IDLE (RFC 2177) on the first folder; the others wait for the next poll."""
        with self._box() as box:
            with mail_box.within(box):
                mail_box.examine(box, self._folders()[0])
            idle.listen(box, heard, stopping)

    def count(self, since: datetime) -> int:
        """IMAP searches by the day of receipt, in the server's time zone."""
        with self._box() as box, mail_box.within(box):
            total = 0
            for folder in self._folders():
                mail_box.examine(box, folder)
                total += len(mail_box.newer(box, 0, since.date()))
            return total

    def download(self, media: Media, largest: int = LARGEST_DOWNLOAD) -> File:
        ref = media.ref
        if isinstance(ref.get("content"), str):
            return File(base64.b64decode(ref["content"]), media.mime)
        with self._box() as box, mail_box.within(box):
            found = self._where_it_was(box, ref) or self._moved(box, media)
        for mail in found:
            if media.native_id == wire.WHOLE:
                return File(mail.raw, media.mime)
            for file in mail_parts.taken_apart(wire.parsed(mail.raw)).files:
                if str(media.native_id).endswith(wire.file_digest(file.content)):
                    return File(file.content, media.mime)
        raise Refused(
            "the mail this file came with is no longer in the mailbox", code="gone"
        )

    @staticmethod
    def _where_it_was(box: BaseMailBox, ref: Mapping[str, Any]) -> list[Fetched]:
        try:
            opened = mail_box.examine(box, str(ref.get("folder") or "INBOX"))
        except MailboxFolderSelectError:
            return []
        if opened.validity != ref.get("uidvalidity"):
            return []
        return mail_box.fetched(box, [int(ref.get("uid") or 0)])

    def _moved(self, box: BaseMailBox, media: Media) -> list[Fetched]:
        """The mails of its Message-ID: it has another UID or stands in another folder
        by now, and other mails may have its Message-ID."""
        if not media.part_id or not media.part_id.startswith("<"):
            return []
        return [
            mail
            for _ in self._each_folder(box)
            for mail in mail_box.fetched(
                box, mail_box.with_message_id(box, str(media.part_id))[:5]
            )
        ]

    def _each_folder(self, box: BaseMailBox, *more: str | None) -> Iterator[str]:
        """Opened one after the other, as far as they are still there."""
        for folder in dict.fromkeys([*filter(None, more), *self._folders()]):
            try:
                mail_box.examine(box, folder)
            except MailboxFolderSelectError:
                continue
            yield folder

    @staticmethod
    def read_file(payload: Json, hint: str | None = None) -> Iterable[RawItem]:
        """An item as stored ({"raw": base64, ...}), or a list of such."""
        rows = payload if isinstance(payload, list) else [payload]
        for row in rows:
            said = json.dumps(row, sort_keys=True).encode("utf-8", "replace")
            yield RawItem(
                f"file:{hashlib.sha256(said).hexdigest()[:24]}", wire.KIND, row
            )

    @staticmethod
    def read_bytes(content: bytes, name: str) -> Iterable[RawItem]:
        """One raw mail, or several in an mbox file."""
        if content.startswith(b"\xd0\xcf\x11\xe0"):
            raise BadItem(
                f"{name} is a mail in Outlook's own format (MSG); save it as EML"
            )
        if not wire.looks_like_mail(content):
            raise BadItem(f"{name} is no mail: it does not begin with header lines")
        for raw in _mbox(content):
            yield RawItem(
                wire.raw_key(raw), wire.KIND, {"raw": base64.b64encode(raw).decode()}
            )

    @staticmethod
    def normalise(item: RawItem) -> Iterable[Message]:
        return list(wire.messages_of(item))

    @classmethod
    def preview(cls, reply: Reply) -> Preview:
        length = len(reply.text)
        size = sum(len(file.content) for file in reply.files) * 4 // 3
        problem = "too_long" if length > cls.text_limit else None
        if size > mail_send.LARGEST_MAIL:
            problem = "file_too_large"
        warnings = ("automatic_sender",) if reply.to.get("auto_generated") else ()
        return Preview((reply.text,), length, cls.text_limit, False, problem, warnings)

    def send(self, reply: Reply) -> Sent:
        problem = self.preview(reply).problem
        if problem:
            raise Refused(
                "the answer is too long or its files are too large", code=problem
            )
        sender = self._sender
        mail = mail_send.composed(reply, sender)
        to = mail["To"].addresses[0].addr_spec
        with mail_send.connected(self._outgoing(), self._login()) as client:
            asked_at = mail_send.token_address(reply.key, sender)
            if sender.token and not mail_send.takes(client, sender.address, asked_at):
                mail = mail_send.composed(reply, replace(sender, token=False))
            copy_to = None if self._account.keeps_sent else self._account.address
            mail_send.post(client, mail, self._account.address, to, copy_to)
        return Sent(str(mail["Message-ID"]))

    def look_up(self, reply: Reply, since: datetime) -> Sent | None:
        """Among the sent mails, or as the copy to ourselves: both exist once a mail was
        taken."""
        wanted = mail_send.id_of(reply.key, self._sender)
        with self._box() as box, mail_box.within(box):
            for _ in self._each_folder(box, self._sent_folder(box)):
                if mail_box.with_message_id(box, wanted):
                    return Sent(wanted)
        return None

    def _sent_folder(self, box: BaseMailBox) -> str | None:
        """As set, or as RFC 6154 marks it."""
        if self._account.sent_folder:
            named = self._account.sent_folder
            return named if box.folder.exists(named) else None
        marked = (info.name for info in box.folder.list() if "\\Sent" in info.flags)
        return next(marked, None)

    @staticmethod
    def login_start(app: ImapApp, redirect_uri: str, state: str) -> LoginStart:
        return oauth.start(_oauth(app), redirect_uri, state)

    @staticmethod
    def login_finish(
        app: ImapApp, redirect_uri: str, code: str, keep: Mapping[str, str]
    ) -> Iterable[Login]:
        tokens = oauth.finish(_oauth(app), redirect_uri, code, keep.get("verifier", ""))
        if tokens.refresh is None or tokens.email is None:
            raise NeedsLogin(
                "the sign-in gave no lasting access or no mail address; allow the app"
                " access to mail while you are away, and keep openid and email among"
                " the scopes"
            )
        settings = {
            "address": tokens.email.lower(),
            "access_token": tokens.access,
            "refresh_token": tokens.refresh,
            "expires_at": tokens.expires_at.isoformat(),
            "keeps_sent": True,
        }
        return [Login(tokens.email.lower(), settings)]

    def renew(self) -> Settings:
        refresh = self._account.refresh_token
        if refresh is None:
            raise NeedsLogin("this mailbox has no refresh token; sign in again")
        tokens = oauth.renewed(_oauth(self._app), refresh.get_secret_value())
        return self._account.model_copy(
            update={
                "access_token": SecretStr(tokens.access),
                "refresh_token": (
                    SecretStr(tokens.refresh) if tokens.refresh else refresh
                ),
                "expires_at": tokens.expires_at,
            }
        )

    def _folders(self) -> list[str]:
        named = [name.strip() for name in self._account.folders.split(",")]
        return [name for name in named if name] or ["INBOX"]

    def _login(self) -> tuple[str, str, bool]:
        account = self._account
        user = account.username or account.address
        if account.access_token is not None:
            return user, account.access_token.get_secret_value(), True
        return (
            user,
            account.password.get_secret_value() if account.password else "",
            False,
        )

    def _box(self) -> Any:
        user, secret, is_token = self._login()
        host, port = _host(
            self._account.imap_host, self._app.imap_host, self._app.imap_port
        )
        server = mail_box.Server(host, port, self._app.imap_security)
        return mail_box.opened(server, user, secret, is_token=is_token)

    def _outgoing(self) -> mail_send.Server:
        host, port = _host(
            self._account.smtp_host, self._app.smtp_host, self._app.smtp_port
        )
        return mail_send.Server(host, port, self._app.smtp_security)


def _host(own: str, common: str, port: int) -> tuple[str, int]:
    name, _, told = (own or common).partition(":")
    if not name:
        raise Refused(
            "set the mail servers (imap_host and smtp_host)", code="not_set_up"
        )
    return name, int(told) if told.isdigit() else port


def _oauth(app: ImapApp) -> oauth.Client:
    return oauth.Client(
        app.authorize_url,
        app.token_url,
        app.client_id,
        app.client_secret.get_secret_value(),
        app.scope,
    )


def _names(given: str) -> list[str]:
    return [name for one in given.split(",") if (name := one.strip())]


def _raw(
    mail: Fetched, folder: str, validity: int, account: str, told: Mapping[str, Any]
) -> RawItem:
    payload = {
        "raw": base64.b64encode(mail.raw).decode("ascii"),
        "folder": folder,
        "uidvalidity": validity,
        "uid": mail.uid,
        "received": mail.received.isoformat() if mail.received else None,
        **({"cut": True} if mail.cut else {}),
        **told,
    }
    return RawItem(wire.raw_key(mail.raw), wire.KIND, payload, account)


def _unread(uid: int, folder: str, validity: int, account: str) -> RawItem:
    """A mail that is there and could not be fetched: it is asked for again."""
    payload = {"folder": folder, "uidvalidity": validity, "uid": uid}
    return RawItem(f"unread:{validity}:{uid}:{folder}", wire.UNREAD, payload, account)


def _place(known: Any) -> reading.Place:
    place = known if isinstance(known, dict) else {}
    return reading.Place(
        int(place.get("validity", 0)),
        int(place.get("uid", 0)),
        int(place.get("old_to", 0)),
    )


def _written(place: reading.Place) -> dict[str, int]:
    kept = {"validity": place.validity, "uid": place.uid}
    return {**kept, "old_to": place.old_to} if place.uid < place.old_to else kept


def _mbox(content: bytes) -> list[bytes]:
    """The mails of an mbox file, or the one mail there is."""
    if not content.startswith(b"From "):
        return [content]
    starts = {0} | {
        found.start()
        for found in _MBOX_LINE.finditer(content)
        if content.endswith((b"\n\n", b"\r\n\r\n"), 0, found.start())
    }
    return [
        content[start:end] for start, end in pairwise([*sorted(starts), len(content)])
    ]


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
