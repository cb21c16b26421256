"""A raw mail to a message. Pure; total over whatever bytes arrive.

Sources: RFC 5322 (headers), 3834 (automatic answers), 3464 (delivery reports), 3676
(signatures). The payload is {"raw": base64, "folder", "uid", "uidvalidity", "received":
ISO 8601, "cut": bool, "notices" and "notices_server" of the settings}; a mail from a
file has `raw` alone. `parent_id` is the In-Reply-To header as it was sent; `thread`
every Message-ID this mail may answer, likeliest first.

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
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import errors
from typing import Any

from connectors.base import Media, Message, RawItem
from connectors.errors import BadItem
from connectors.imap import automatic, calendar, headers, notices, parts
from connectors.imap import text as mail_text
from connectors.imap.headers import author, header

KIND = "mail"
UNREAD = "unread"
"""A mail that the server did not give when its turn came."""
WHOLE = "whole"
"""A mail of which only the beginning was read, as a file."""
_TOKEN = re.compile(r"\+(?P<token>[A-Za-z0-9-]{8,64})@(?P<domain>[A-Za-z0-9.-]+)")
_NOT_READ = re.compile(r"^(?:no-?reply|do-?not-?reply|noreply|bounces?)\b.*@", re.I)
_PREFIX = re.compile(
    r"^\s*(?:(?:re|bls|balas|aw|sv|antw|fwd?|fw|trs|terusan|wg|i|tr|rv)"
    r"(?:\[\d+\])?\s*:\s*)+",
    re.I,
)
OUR_SUBJECT = "Jawaban atas aduan Anda"
"""Of answers to mails without one."""
_FORWARD_MARK = "---------- Pesan terusan ---------"
_BOUNDARY = re.compile(
    rb"(?im)^(content-type:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*?;\s*boundary=)"
    rb"(\"[^\"\r\n]*\"|[^;\"\s][^;\"\r\n]*?)[ \t]*(?=;|\r?$)"
)
_FIRST_PART = re.compile(
    rb"(?m)^--([^\r\n]{1,200}?)[ \t]*\r?\n(?=[Cc]ontent-[A-Za-z-]+:)"
)
_LOST_PARTS = (errors.StartBoundaryNotFoundDefect, errors.NoBoundaryInMultipartDefect)
_DEEPEST_FORWARD = 5
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
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        if not _lost(mail):
            return mail
        quoted = _BOUNDARY.sub(_quoted, raw)
        mended = email.message_from_bytes(quoted, policy=email.policy.default)
        return mended if not _lost(mended) else _by_its_first_part(mail, raw)
    except parts.HEADER_ERRORS as error:
        raise BadItem(f"a mail that cannot be read ({type(error).__name__})") from error


def _lost(mail: email.message.EmailMessage) -> bool:
    """Whether a boundary is written so that no part is found."""
    return any(
        isinstance(defect, _LOST_PARTS)
        for part in mail.walk()
        for defect in part.defects
    )


def _quoted(found: re.Match[bytes]) -> bytes:
    """A boundary in quotes; Python takes one pair of angle brackets off."""
    boundary = found[2].strip(b'"')
    if boundary.startswith(b"<") and boundary.endswith(b">"):
        boundary = b"<" + boundary + b">"
    return found[1] + b'"' + boundary + b'"'


def _by_its_first_part(
    mail: email.message.EmailMessage, raw: bytes
) -> email.message.EmailMessage:
    """The boundary is the line before the headers of a part, whatever was declared."""
    head, gap, body = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n")
    found = _FIRST_PART.search(body)
    kind = mail.get_content_type()
    if not found or not kind.startswith("multipart/"):
        return mail
    lines = re.sub(
        rb"(?im)^content-type:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n?", b"", head + b"\n"
    )
    told = f'Content-Type: {kind}; boundary="'.encode() + found[1] + b'"'
    mended = email.message_from_bytes(
        lines.rstrip(b"\r\n") + gap[: len(gap) // 2] + told + gap + body,
        policy=email.policy.default,
    )
    return mail if _lost(mended) else mended


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
    """Message-ID and content: two mails may carry the same Message-ID. Whatever the
    bytes are, there is a key: what cannot be read is set aside later."""
    try:
        given = header(parsed(raw), "Message-ID") or ""
    except BadItem:
        given = ""
    return f"{given}:{hashlib.sha256(raw).hexdigest()[:24]}"


def messages_of(item: RawItem) -> Iterator[Message]:
    if item.kind == UNREAD:
        yield Message("system", item.key, needs_fetch=True, public=False)
        return
    raw = raw_of(item)
    if not raw.strip():
        raise BadItem("an empty mail")
    mail = parsed(raw)
    told = _report(item, mail) or _notice(item, mail)
    yield told if told is not None else _message(item, mail)


def _notice(item: RawItem, mail: email.message.EmailMessage) -> Message | None:
    """What was said on another platform, with the time of the mail."""
    found = notices.read(mail, item.payload)
    return found and replace(found, created_at=_created(mail, item.payload))


def _report(item: RawItem, mail: email.message.EmailMessage) -> Message | None:
    """A delivery report, or a receipt, about an answer of ours; those about other mails
    are mails like others."""
    report = automatic.report_of(mail, item.account)
    number = automatic.NUMBER.search(header(mail, "Subject") or "")
    if report is None or not (report.target or (number and report.recipients)):
        return None
    given_id = header(mail, "Message-ID")
    digest = _digest(mail, report.detail)
    facts = {
        "state": report.state,
        "auto_generated": True,
        "detail": report.detail,
        "recipients": list(report.recipients),
        "made_up_id": None if given_id else True,
    }
    return Message(
        kind="status",
        native_id=given_id or f"sha256:{digest}",
        target_id=report.target,
        text=report.state,
        created_at=_created(mail, {}),
        scope=digest,
        public=False,
        answer_keys=automatic.keys([report.target] if report.target else []),
        case_number=number["number"] if number else None,
        automatic=automatic.sort_of(mail, item.account),
        extra={name: value for name, value in facts.items() if value},
    )


def _message(item: RawItem, mail: email.message.EmailMessage) -> Message:
    payload: Mapping[str, Any] = item.payload
    subject = header(mail, "Subject")
    raw_text = parts.best_part(mail)
    apart = parts.taken_apart(mail)
    author_name, author_id = author(mail)
    given_id = header(mail, "Message-ID")
    digest = _digest(mail, raw_text)
    native_id = given_id or f"sha256:{digest}"
    own = _is_own(mail, author_id, item.account)
    if not own and author_id is not None and author_id == (item.account or "").lower():
        # a form on a website writes in our name and says whom to answer
        author_name, author_id = _answered_to(mail)
    thread = _thread(mail)
    number = automatic.NUMBER.search(subject or "")
    return Message(
        kind="dm",
        native_id=native_id,
        parent_id=header(mail, "In-Reply-To"),
        author_id=author_id,
        author_name=author_name,
        text=_text_of(mail, apart) or None,
        raw_text=raw_text,
        subject=headline(subject),
        thread=tuple(thread),
        answer_keys=automatic.keys([given_id or ""] if own else thread),
        case_number=number["number"] if number else None,
        automatic=automatic.sort_of(mail, item.account),
        media=tuple(_media(item, apart, native_id)),
        created_at=_created(mail, payload),
        arrived_at=_received(payload),
        scope=digest,
        public=False,
        mentions=tuple(headers.addressed(mail)),
        is_own=own,
        contact=author_id,
        reply_to=None if own else _reply_to(mail, author_id, given_id, subject),
        extra=_extra(mail, payload, given_id, subject),
    )


def headline(subject: str | None) -> str | None:
    """What a subject says: without "Re:", "Fwd:" and the number that our answers put
    there."""
    bare = automatic.NUMBER.sub("", _PREFIX.sub("", subject or ""))
    words = " ".join(bare.split())
    return words if words not in ("", OUR_SUBJECT) else None


def _is_own(
    mail: email.message.EmailMessage, author_id: str | None, account: str | None
) -> bool:
    """Written by us; not what a form of a website sends in our name to ourselves."""
    own = (account or "").lower()
    if not own or author_id != own:
        return False
    _, answered = _answered_to(mail)
    others = {one for one in headers.addressed(mail) if one != own}
    return bool(others) or answered in (None, headers.plain_address(own))


def _answered_to(mail: email.message.EmailMessage) -> tuple[str | None, str | None]:
    """Name and plain address of Reply-To."""
    name, spec = email.utils.parseaddr(header(mail, "Reply-To") or "")
    return parts.clean(name), headers.plain_address(spec) if "@" in spec else None


def _extra(
    mail: email.message.EmailMessage,
    payload: Mapping[str, Any],
    given_id: str | None,
    subject: str | None,
) -> dict[str, Any]:
    facts = {
        "subject": headline(subject),
        "auto_generated": automatic.marked(mail) or None,
        "list_id": header(mail, "List-Id"),
        "folder": (
            payload.get("folder") if isinstance(payload.get("folder"), str) else None
        ),
        "cut": True if payload.get("cut") else None,
        "made_up_id": None if given_id else True,
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def _reply_to(
    mail: email.message.EmailMessage,
    author_id: str | None,
    given_id: str | None,
    subject: str | None,
) -> dict[str, Any] | None:
    """Where an answer goes; None for machines that nobody reads behind."""
    name, spec = email.utils.parseaddr(header(mail, "Reply-To") or "")
    address = spec if "@" in spec else author_id
    if (
        not address
        or "@" not in address
        or automatic.is_a_machine(address)
        or _NOT_READ.match(address)
        or headers.wants_no_answer(mail)
    ):
        return None
    references = headers.ids(header(mail, "References")) or headers.ids(
        header(mail, "In-Reply-To")
    )
    said = {
        "address": address,
        "name": parts.clean(name) if "@" in spec else author(mail)[0],
        "subject": subject,
        "message_id": given_id,
        "references": references[-20:],
        "auto_generated": automatic.marked(mail) or None,
    }
    return {key: value for key, value in said.items() if value not in (None, [])}


def _thread(mail: email.message.EmailMessage) -> list[str]:
    """What this may answer: In-Reply-To, then References from the right, then our own
    token."""
    answered = headers.ids(header(mail, "In-Reply-To"))
    earlier = list(reversed(headers.ids(header(mail, "References"))))
    tokens = [
        message_id(found["token"], found["domain"].lower())
        for name in headers.ADDRESSED
        for found in _TOKEN.finditer(header(mail, name) or "")
    ]
    return list(dict.fromkeys([*answered, *earlier, *tokens]))


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


def written(lines: bytes) -> datetime | None:
    """The moment in a Date header that was fetched alone."""
    try:
        return _written(email.message_from_bytes(lines, policy=email.policy.default))
    except parts.HEADER_ERRORS:
        return None


def _written(mail: email.message.EmailMessage) -> datetime | None:
    """The Date header; zones of this country by their names, ISO 8601 as some programs
    write it."""
    try:
        field = mail["Date"]
        moment = field.datetime if field is not None else None
        if moment is None:
            return _iso(header(mail, "Date"))
        zone = _ZONE_AT_END.search(headers.as_sent(mail, "Date") or "")
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


def _text_of(
    mail: email.message.EmailMessage, apart: parts.TakenApart, depth: int = 0
) -> str:
    """What was written, and what the mails say that were put into it; of a delivery
    report everything, since the reason stands below a head."""
    subject = header(mail, "Subject")
    if mail.get_content_type() == "multipart/report" or automatic.is_bounce(mail):
        own = mail_text.whole(apart.plain, apart.markup)
    else:
        own = mail_text.written(apart.plain, apart.markup, subject)
    if not own and not apart.mails:
        own = "\n\n".join(filter(None, map(calendar.words, apart.invitations)))
    inner = [_forwarded(one, depth + 1) for one in apart.mails]
    return "\n\n".join(filter(None, [own, *inner]))


def _forwarded(mail: email.message.EmailMessage, depth: int) -> str:
    """As programs write a forwarded mail below their own text."""
    head = [
        f"{label}: {said}"
        for label, name in (
            ("Dari", "From"),
            ("Tanggal", "Date"),
            ("Perihal", "Subject"),
        )
        if (said := header(mail, name))
    ]
    apart = parts.taken_apart(mail)
    text = _text_of(mail, apart, depth) if depth <= _DEEPEST_FORWARD else ""
    return "\n".join([_FORWARD_MARK, *head, "", text]).strip()


def file_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


def _media(item: RawItem, apart: parts.TakenApart, native_id: str) -> Iterator[Media]:
    payload: Mapping[str, Any] = item.payload
    stored = isinstance(payload.get("uid"), int)
    for position, file in enumerate(apart.files):
        ref: dict[str, Any] = {"part": position}
        if stored:
            ref |= {
                name: payload.get(name) for name in ("folder", "uidvalidity", "uid")
            }
        else:
            ref["content"] = base64.b64encode(file.content).decode("ascii")
        yield Media(
            type=file.mime,
            native_id=f"{position}:{file_digest(file.content)}",
            ref=ref,
            mime=file.mime,
            part_id=native_id,
            description=file.name,
        )
    if payload.get("cut"):
        yield Media(
            "message/rfc822",
            WHOLE,
            {name: payload.get(name) for name in ("folder", "uidvalidity", "uid")},
            "message/rfc822",
            native_id,
            "surat.eml",
        )


def _digest(mail: email.message.EmailMessage, text: str | None) -> str:
    said = [header(mail, name) or "" for name in ("From", "Date", "Subject")]
    joined = "\x00".join([*said, " ".join((text or "").split())])
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:24]
