"""The parts of a raw mail: texts as they were marked and as a person reads them, and
files.

Total over whatever bytes arrive: charsets that lie or are unknown are guessed, nothing
is raised.
"""

from __future__ import annotations

import email.message
import re
from collections.abc import Iterator
from email.errors import MessageError

from connectors.imap import text as mail_text

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.I
)
_UNDECLARED = (None, "us-ascii", "ascii")
_DEEPEST = 30
HEADER_ERRORS = (
    MessageError,
    ValueError,
    IndexError,
    AttributeError,
    TypeError,
    KeyError,
    LookupError,
    RecursionError,
    AssertionError,
)
"""What Python's header parser raises on headers nobody could mean."""


def leaves(
    part: email.message.Message, depth: int = 0, *, into_mails: bool = True
) -> Iterator[email.message.Message]:
    """Parts without parts, in order."""
    inner = part.get_payload() if part.is_multipart() else None
    if not isinstance(inner, list) or depth > _DEEPEST:
        yield part
        return
    if depth and not into_mails and part.get_content_maintype() == "message":
        return
    for each in inner:
        if isinstance(each, email.message.Message):
            yield from leaves(each, depth + 1, into_mails=into_mails)


def _disposition(part: email.message.Message) -> str | None:
    try:
        return part.get_content_disposition()
    except HEADER_ERRORS:
        return None


def best_part(mail: email.message.EmailMessage) -> str:
    """The body as the sender marked it: the plain one, else the HTML one; "" without
    any."""
    try:
        part = mail.get_body(("plain", "html"))
    except HEADER_ERRORS:
        part = None
    return decoded(part) if part is not None else ""


def texts(mail: email.message.EmailMessage) -> tuple[str | None, str | None]:
    """The plain and the HTML text; of a mail inside this one only where it says nothing
    itself."""
    own = _inline_texts(leaves(mail, into_mails=False))
    if any(text and text.strip() for text in own):
        return own
    inner = _inline_texts(leaves(mail))
    return inner if any(inner) else own


def _inline_texts(
    parts: Iterator[email.message.Message],
) -> tuple[str | None, str | None]:
    """The parts a reader shows one below the other, as between pictures; files are left
    aside.

    Other kinds of text (invitations, enriched text) count where there is nothing else
    to read.
    """
    found: dict[str, list[str]] = {"text/plain": [], "text/html": [], "other": []}
    for part in parts:
        kind = part.get_content_type()
        if not kind.startswith("text/") or _disposition(part) == "attachment":
            continue
        texts = found.get(kind, found["other"])
        if texts and filename(part):
            continue
        text = _readable(part)
        if text.strip() or not texts:
            texts.append(text)
    plain, markup = found["text/plain"], found["text/html"]
    if not any(text.strip() for text in [*plain, *markup]):
        plain = [*plain, *found["other"][:1]]
    return _joined(plain), _joined(markup)


def _joined(texts: list[str]) -> str | None:
    return "\n".join(texts) if texts else None


def _readable(part: email.message.Message) -> str:
    """Text as a person reads it: letters of an undeclared charset guessed, wrapped
    lines whole."""
    charset, text = part.get_content_charset(), decoded(part)
    if charset in _UNDECLARED and "\ufffd" in text:
        content = octets(part)
        told = _META_CHARSET.search(content[:4000])
        text = _decoded_as(
            content, told[1].decode("ascii", "replace") if told else "cp1252"
        )
    if part.get_param("format") == "flowed" and part.get_content_type() == "text/plain":
        text = mail_text.unwrapped(text, delsp=part.get_param("delsp") == "yes")
    return text


def _decoded_as(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):
        return content.decode("cp1252", "replace")


def decoded(part: email.message.Message) -> str:
    """Text of a part; a charset that lies or is unknown is guessed."""
    content = octets(part)
    charset = part.get_content_charset() or "utf-8"
    for candidate in (charset, "utf-8"):
        try:
            return content.decode(candidate)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return _decoded_as(content, charset)


def octets(part: email.message.Message) -> bytes:
    """What a part holds, its transfer encoding undone."""
    try:
        content = part.get_payload(decode=True)
    except HEADER_ERRORS:
        content = None
    if isinstance(content, bytes):
        return content
    payload = part.get_payload()
    return payload.encode("utf-8", "replace") if isinstance(payload, str) else b""


def attachments(mail: email.message.EmailMessage) -> list[email.message.Message]:
    """Parts that are files: what is no text, and text that says it is an attachment."""
    return [
        part
        for part in leaves(mail)
        if not part.get_content_type().startswith("text/")
        or _disposition(part) == "attachment"
    ]


def filename(part: email.message.Message) -> str | None:
    try:
        name = part.get_filename()
    except HEADER_ERRORS:
        return None
    return clean(str(name)) if name else None


def clean(text: str) -> str | None:
    """Bytes that stand undeclared in headers are UTF-8 or nothing that can be read."""
    repaired = text.encode("utf-8", "surrogateescape" if _escaped(text) else "replace")
    return repaired.decode("utf-8", "replace").strip() or None


def _escaped(text: str) -> bool:
    """Whether every lone surrogate stands for a byte, as Python's mail parser keeps
    them."""
    lone = [each for each in text if "\ud800" <= each <= "\udfff"]
    return all("\udc80" <= each <= "\udcff" for each in lone)
