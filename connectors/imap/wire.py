"""A raw mail to a message. Pure; total over whatever bytes arrive.

Sources: RFC 5322 (headers), 3834 (automatic answers), 3464 (delivery reports), 3676
(signatures). The payload is {"raw": base64, "folder", "uid", "uidvalidity", "received":
ISO 8601, "cut": bool}; a mail from a file has `raw` alone. `parent_id` is the
In-Reply-To header as it was sent; `extra` holds `thread`: every Message-ID this mail
may answer, likeliest first.

Other people write the same Message-ID on different mails, so the scope of a native id
is a digest of what the mail says; the same mail in two folders or two mailboxes has the
same.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.message
import email.policy
import email.utils
import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Media, Message, RawItem
from connectors.errors import BadItem
from connectors.imap import parts
from connectors.imap import text as mail_text

KIND = "mail"
_ID = re.compile(r"<[^<>\s]+>")
_TOKEN = re.compile(r"\+(?P<token>[A-Za-z0-9-]{8,64})@(?P<domain>[A-Za-z0-9.-]+)")
_OURS = re.compile(r"<sahut\.(?P<key>[A-Za-z0-9-]+)@[^<>\s]+>")
_NUMBER = re.compile(r"\[(?:aduan|report) (?P<number>[\d-]{2,20})\]", re.I)
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|double-bounce)@", re.I)
_NOT_READ = re.compile(r"^(?:no-?reply|do-?not-?reply|noreply|bounces?)\b.*@", re.I)
_IN_BRACKETS = re.compile(r"<(?P<address>[^<>\s@]+@[^<>\s@]+)>")
_ZONES = {
    "WIB": timedelta(hours=7),
    "WITA": timedelta(hours=8),
    "WIT": timedelta(hours=9),
}
_ZONE_AT_END = re.compile(r":\d\d\s+(?P<zone>WIB|WITA|WIT)$")


def message_id(key: str, domain: str) -> str:
    """The Message-ID of an answer of ours: known before it is sent, the same at every
    try."""
    return f"<sahut.{key}@{domain}>"


def parsed(raw: bytes) -> email.message.EmailMessage:
    """BadItem where the bytes cannot be taken for a mail.

    A byte order mark or empty lines before the headers, and line ends that were doubled
    on the way, would make headers part of the text.
    """
    if raw[:1] in b"\xef\r\n" and looks_like_mail(raw):
        raw = raw.lstrip(b"\xef\xbb\xbf\r\n")
    if b"\r\r\n" in raw[:2000]:
        raw = raw.replace(b"\r\r\n", b"\r\n")
    try:
        return email.message_from_bytes(raw, policy=email.policy.default)
    except parts.HEADER_ERRORS as error:
        raise BadItem(f"a mail that cannot be read ({type(error).__name__})") from error


def looks_like_mail(content: bytes) -> bool:
    """Whether a file starts with header lines (a leading mbox "From " line is
    allowed)."""
    for line in content.lstrip(b"\xef\xbb\xbf\r\n").splitlines()[:3]:
        if re.match(rb"[!-9;-~]+[ \t]*:", line):
            return True
    return False


def raw_of(item: RawItem) -> bytes:
    payload = item.payload
    if not isinstance(payload, dict) or not isinstance(payload.get("raw"), str):
        raise BadItem("a mail without its raw text")
    try:
        return base64.b64decode(payload["raw"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadItem("a mail whose raw text is not base64") from error


def raw_key(raw: bytes) -> str:
    """Message-ID and content: two mails may carry the same Message-ID."""
    return f"{_header(parsed(raw), 'Message-ID') or ''}:{hashlib.sha256(raw).hexdigest()[:24]}"  # noqa: E501


def messages_of(item: RawItem) -> Iterator[Message]:
    raw = raw_of(item)
    if not raw.strip():
        raise BadItem("an empty mail")
    mail = parsed(raw)
    bounced = _bounce_of_ours(mail)
    if bounced is not None:
        yield bounced
        return
    yield _message(item, mail)


def _message(item: RawItem, mail: email.message.EmailMessage) -> Message:
    payload: Mapping[str, Any] = item.payload
    subject = _header(mail, "Subject")
    raw_text = parts.best_part(mail)
    author_name, author_id = _author(mail)
    given_id = _header(mail, "Message-ID")
    digest = _digest(mail, raw_text)
    native_id = given_id or f"sha256:{digest}"
    own = item.account is not None and author_id == item.account.lower()
    return Message(
        kind="dm",
        native_id=native_id,
        parent_id=_header(mail, "In-Reply-To"),
        author_id=author_id,
        author_name=author_name,
        text=_text_of(mail, author_id) or None,
        raw_text=raw_text,
        media=tuple(_media(item, mail, native_id)),
        created_at=_created(mail, payload),
        scope=digest,
        public=False,
        mentions=tuple(_addressed(mail)),
        is_own=own,
        contact=author_id,
        reply_to=None if own else _reply_to(mail, author_id, given_id, subject),
        extra=_extra(mail, payload, given_id, subject),
    )


def _extra(
    mail: email.message.EmailMessage,
    payload: Mapping[str, Any],
    given_id: str | None,
    subject: str | None,
) -> dict[str, Any]:
    number = _NUMBER.search(subject or "")
    facts = {
        "subject": subject,
        "thread": _thread(mail),
        "references": _ids(_header(mail, "References")),
        "number": number["number"] if number else None,
        "auto_generated": _auto_generated(mail) or None,
        "list_id": _header(mail, "List-Id"),
        "folder": (
            payload.get("folder") if isinstance(payload.get("folder"), str) else None
        ),
        "cut": True if payload.get("cut") else None,
        "made_up_id": None if given_id else True,
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def _header(mail: email.message.EmailMessage, name: str) -> str | None:
    """A header in Unicode on one line; None where it is missing, empty or beyond
    reading."""
    try:
        value = mail[name]
        text = str(value) if value is not None else ""
    except parts.HEADER_ERRORS:
        found = [v for k, v in mail.raw_items() if k.lower() == name.lower()]
        text = str(found[0]) if found else ""
    return parts.clean(re.sub(r"[\r\n]+\s*", " ", text))


def _author(mail: email.message.EmailMessage) -> tuple[str | None, str | None]:
    """Name and address (lower case) of the first author."""
    try:
        addresses = mail["From"].addresses if mail["From"] is not None else ()
        for address in addresses:
            if (address.username or address.domain) and "<" not in address.username:
                name = parts.clean(address.display_name)
                return name, parts.clean(address.addr_spec.lower())
    except parts.HEADER_ERRORS:
        pass
    written = _header(mail, "From") or ""
    found = _IN_BRACKETS.search(written)
    if found:
        return (
            parts.clean(written[: found.start()].strip('" ')),
            found["address"].lower(),
        )
    name, spec = email.utils.parseaddr(written)
    return parts.clean(name), parts.clean(spec.lower()) if "@" in spec else None


def _addressed(mail: email.message.EmailMessage) -> Iterator[str]:
    fields = [
        _header(mail, name) for name in ("To", "Cc", "Delivered-To", "X-Original-To")
    ]
    for _, spec in email.utils.getaddresses([field for field in fields if field]):
        if "@" in spec:
            local, _, domain = spec.lower().rpartition("@")
            yield f"{local.partition('+')[0]}@{domain}"


def _reply_to(
    mail: email.message.EmailMessage,
    author_id: str | None,
    given_id: str | None,
    subject: str | None,
) -> dict[str, Any] | None:
    """Where an answer goes; None for machines that nobody reads behind."""
    name, spec = email.utils.parseaddr(_header(mail, "Reply-To") or "")
    address = spec if "@" in spec else author_id
    if (
        not address
        or "@" not in address
        or _DAEMON.match(address)
        or _NOT_READ.match(address)
    ):
        return None
    if (_header(mail, "Return-Path") or "").replace(" ", "") == "<>":
        return None
    references = _ids(_header(mail, "References")) or _ids(_header(mail, "In-Reply-To"))
    said = {
        "address": address,
        "name": parts.clean(name) if "@" in spec else _author(mail)[0],
        "subject": subject,
        "message_id": given_id,
        "references": references[-20:],
        "auto_generated": _auto_generated(mail) or None,
    }
    return {key: value for key, value in said.items() if value not in (None, [])}


def _thread(mail: email.message.EmailMessage) -> list[str]:
    """What this may answer: In-Reply-To, then References from the right, then our own
    token."""
    answered = _ids(_header(mail, "In-Reply-To"))
    earlier = list(reversed(_ids(_header(mail, "References"))))
    tokens = [
        message_id(found["token"], found["domain"].lower())
        for name in ("To", "Cc", "Delivered-To", "X-Original-To")
        for found in _TOKEN.finditer(_header(mail, name) or "")
    ]
    return list(dict.fromkeys([*answered, *earlier, *tokens]))


def _ids(value: str | None) -> list[str]:
    return list(dict.fromkeys(_ID.findall(value or "")))


def _created(
    mail: email.message.EmailMessage, payload: Mapping[str, Any]
) -> datetime | None:
    """The Date header; the server's time of receipt where that is broken or in the
    future."""
    received, written = _received(payload), _written(mail)
    if received is None:
        return written
    if written is None or written > received + timedelta(days=1) or written.year < 1990:
        return received
    return written


def _written(mail: email.message.EmailMessage) -> datetime | None:
    """The Date header; zones of this country by their names, ISO 8601 as some programs
    write it."""
    try:
        field = mail["Date"]
        moment = field.datetime if field is not None else None
        if moment is None:
            return _iso(_header(mail, "Date"))
        zone = _ZONE_AT_END.search(_header_of(mail, "Date") or "")
        return _utc(moment) - (_ZONES[zone["zone"]] if zone else timedelta())
    except (*parts.HEADER_ERRORS, OverflowError):
        return None


def _received(payload: Mapping[str, Any]) -> datetime | None:
    return _iso(payload.get("received"))


def _iso(value: Any) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(value))
    except (TypeError, ValueError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    return (
        moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    )


def _text_of(mail: email.message.EmailMessage, author_id: str | None) -> str:
    """What was written; of a delivery report everything, since the reason stands below
    a head."""
    plain, markup = parts.texts(mail)
    is_report = mail.get_content_type() == "multipart/report" or (
        author_id is not None and _DAEMON.match(author_id)
    )
    if is_report:
        return mail_text.whole(plain, markup)
    return mail_text.written(plain, markup, _header(mail, "Subject"))


def file_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def _media(
    item: RawItem, mail: email.message.EmailMessage, native_id: str
) -> Iterator[Media]:
    payload: Mapping[str, Any] = item.payload
    stored = isinstance(payload.get("uid"), int)
    for position, part in enumerate(parts.attachments(mail)):
        content = parts.octets(part)
        ref: dict[str, Any] = {"part": position}
        if stored:
            ref |= {
                name: payload.get(name) for name in ("folder", "uidvalidity", "uid")
            }
        else:
            ref["content"] = base64.b64encode(content).decode("ascii")
        yield Media(
            type=part.get_content_type(),
            native_id=f"{position}:{file_digest(content)}",
            ref=ref,
            mime=part.get_content_type(),
            part_id=native_id,
            description=parts.filename(part),
        )


def _digest(mail: email.message.EmailMessage, text: str | None) -> str:
    said = [_header(mail, name) or "" for name in ("From", "Date", "Subject")]
    joined = "\x00".join([*said, " ".join((text or "").split())])
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:24]


def _auto_generated(mail: email.message.EmailMessage) -> bool:
    """Written by a program: never to be answered by a program (RFC 3834)."""
    submitted = (
        (_header(mail, "Auto-Submitted") or "no").partition(";")[0].strip().lower()
    )
    precedence = (_header(mail, "Precedence") or "").lower()
    _, author = _author(mail)
    return (
        submitted != "no"
        or precedence in ("bulk", "list", "junk", "auto_reply")
        or any(
            _header(mail, name) is not None
            for name in (
                "List-Id",
                "List-Unsubscribe",
                "X-Auto-Response-Suppress",
                "X-Autoreply",
                "X-Autorespond",
                "X-Failed-Recipients",
            )
        )
        or (_header(mail, "Return-Path") or "").replace(" ", "") == "<>"
        or bool(author and _DAEMON.match(author))
        or mail.get_content_type() == "multipart/report"
    )


def _bounce_of_ours(mail: email.message.EmailMessage) -> Message | None:
    """A delivery report about an answer of ours; those about other mails are mails like
    others."""
    if not _auto_generated(mail):
        return None
    target, state, reason = None, "failed", None
    for part in parts.leaves(mail):
        kind = part.get_content_type()
        text = parts.decoded(part) if kind.startswith("text/") else ""
        if kind == "text/rfc822-headers" or part is not mail:
            text += "\n".join(f"{name}: {value}" for name, value in _raw_headers(part))
        found = _OURS.search(text)
        target = target or (found[0] if found else None)
        action = (_header_of(part, "Action") or "").lower()
        if action in ("delayed", "delivered", "relayed", "expanded"):
            state = "sent" if action == "delayed" else "delivered"
        reason = (
            reason or _header_of(part, "Diagnostic-Code") or _header_of(part, "Status")
        )
    is_report = mail.get_content_type() == "multipart/report" or _is_daemon(mail)
    if target is None or not is_report:
        return None
    given_id = _header(mail, "Message-ID")
    return Message(
        kind="status",
        native_id=given_id or f"sha256:{_digest(mail, reason)}",
        target_id=target,
        text=state,
        created_at=_created(mail, {}),
        scope=_digest(mail, reason),
        public=False,
        extra={
            "state": state,
            "auto_generated": True,
            **({"detail": reason} if reason else {}),
            **({} if given_id else {"made_up_id": True}),
        },
    )


def _is_daemon(mail: email.message.EmailMessage) -> bool:
    _, author = _author(mail)
    empty = (_header(mail, "Return-Path") or "").replace(" ", "") == "<>"
    return author is None or empty or bool(_DAEMON.match(author))


def _raw_headers(part: email.message.Message) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in part.raw_items()]


def _header_of(part: email.message.Message, name: str) -> str | None:
    values = [value for key, value in _raw_headers(part) if key.lower() == name.lower()]
    return values[0].strip() if values else None
