"""The parts of a raw mail: what is read as its text, mails inside it, and files.

Every part is one of these; none is passed over. Total over whatever bytes arrive:
charsets that lie or are unknown are guessed, nothing is raised.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.message
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError

from connectors.imap import smime
from connectors.imap import text as mail_text

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.I
)
_UNDECLARED = (None, "us-ascii", "ascii")
_UTF_8 = ("utf-8", "utf8")
_DEEPEST = 30
_SIGNED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_READ = ("text/plain", "text/html")
_MAILS = ("message/rfc822", "message/global", "message/news")
_FIELDS = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/global-disposition-notification",
    "message/feedback-report",
)
"""Of reports: their reader looks at them itself."""
_PICTURE = re.compile(
    r"data:(?P<mime>image/[\w.+-]{1,40})(?:;[\w=.-]{1,40})*;base64,"
    r"(?P<content>[A-Za-z0-9+/=%\r\n\t]+)"
)
_STUB = re.compile(
    r"\bhtml\b.{0,120}\b(?:view|viewer|display|support|enable|client|lihat|mendukung)"
    r"|\b(?:view|display|support|enable|lihat|mendukung)\w*\b.{0,120}\bhtml\b",
    re.I | re.S,
)
_LONGEST_STUB = 400
_ENDINGS = {
    "application/ms-tnef": "winmail.dat",
    "application/pdf": ".pdf",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-mime": ".p7m",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}
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


@dataclass(frozen=True, slots=True)
class File:
    mime: str
    name: str
    content: bytes


@dataclass(slots=True)
class Text:
    """One text as it was marked: plain, HTML, or both saying the same."""

    plain: str | None = None
    markup: str | None = None


@dataclass(slots=True)
class TakenApart:
    """`mails`: those that were put into this one, as a forward is. `invitations`: texts
    of calendars, which are files too."""

    texts: list[Text] = field(default_factory=list)
    mails: list[email.message.EmailMessage] = field(default_factory=list)
    invitations: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    @property
    def plain(self) -> str | None:
        """What is to be read as text, below one another; HTML that stands alone among
        plain texts is made text."""
        if not any(each.plain and each.plain.strip() for each in self.texts):
            return None
        return "\n".join(
            each.plain
            if each.plain and each.plain.strip()
            else mail_text.from_html(each.markup or "", quotes=True)
            for each in self.texts
        )

    @property
    def markup(self) -> str | None:
        found = [each.markup for each in self.texts if each.markup]
        return "\n".join(found) if found else None


def taken_apart(mail: email.message.Message) -> TakenApart:
    found = TakenApart()
    _walk(mail, found, 0, in_report=False)
    if not any(each.plain or each.markup for each in found.texts):
        _read_a_file(mail, found)
    return found


def _walk(
    part: email.message.Message, found: TakenApart, depth: int, *, in_report: bool
) -> None:
    kind = part.get_content_type()
    inner = part.get_payload() if part.is_multipart() else None
    if not isinstance(inner, list) or depth > _DEEPEST:
        _leaf(part, found, depth, in_report=in_report)
        return
    children = [one for one in inner if isinstance(one, email.message.Message)]
    if kind in _MAILS and depth:
        for child in children:
            _put_in(_mended(child), found, in_report=in_report)
        return
    if kind in _FIELDS:
        return
    if kind == "multipart/alternative":
        _alternatives(children, found, depth, in_report=in_report)
        return
    in_report = in_report or kind == "multipart/report"
    for child in children:
        _walk(child, found, depth + 1, in_report=in_report)


def _put_in(
    mail: email.message.EmailMessage, found: TakenApart, *, in_report: bool
) -> None:
    if not in_report:  # what comes back with a report is ours
        found.mails.append(mail)
    found.files += taken_apart(mail).files


def _alternatives(
    children: list[email.message.Message],
    found: TakenApart,
    depth: int,
    *,
    in_report: bool,
) -> None:
    """The same said several times: one text, plain and marked up."""
    here = TakenApart(
        mails=found.mails, invitations=found.invitations, files=found.files
    )
    for child in children:
        if not _says_the_same(child, children):
            _walk(child, here, depth + 1, in_report=in_report)
    plain = [each.plain for each in here.texts if each.plain and each.plain.strip()]
    markup = [each.markup for each in here.texts if each.markup]
    said = Text("\n".join(plain) or None, "\n".join(markup) or None)
    if said.plain and said.markup and _is_a_stub(said.plain, said.markup):
        said.plain = None
    if said.plain or said.markup:
        found.texts.append(said)


def _says_the_same(
    part: email.message.Message, others: list[email.message.Message]
) -> bool:
    """A text of a third kind (enriched, AMP) beside one that is read."""
    kind = part.get_content_type()
    return (
        kind.startswith("text/")
        and kind not in (*_READ, "text/calendar")
        and any(other.get_content_type() in _READ for other in others)
    )


def _is_a_stub(plain: str, markup: str) -> bool:
    """Plain text that says only that there is HTML."""
    return (
        len(plain) < _LONGEST_STUB
        and bool(_STUB.search(plain))
        and len(mail_text.from_html(markup, quotes=True)) > len(plain)
    )


def _leaf(
    part: email.message.Message, found: TakenApart, depth: int, *, in_report: bool
) -> None:
    kind = part.get_content_type()
    signed = _signed(part, kind)
    if signed is not None and depth < _DEEPEST:
        _walk(signed, found, depth + 1, in_report=in_report)
        return
    if kind == "text/rfc822-headers" and in_report:
        return
    if _is_text(part, kind, found):
        text = _readable(part)
        if kind == "text/html":
            text = _PICTURE.sub(lambda one: _kept(one, found), text)
            found.texts.append(Text(markup=text))
        else:
            found.texts.append(Text(plain=text))
        return
    if kind == "text/calendar":
        found.invitations.append(_readable(part))
    if kind in _MAILS:  # its payload is no mail, or lies too deep
        kind = "application/octet-stream"
    found.files.append(_file(part, kind, len(found.files) + 1))
    if (filename(part) or "").lower().endswith(".eml"):
        enclosed = _as_mail(octets(part))
        if enclosed is not None and not in_report:
            found.mails.append(enclosed)


def _is_text(part: email.message.Message, kind: str, found: TakenApart) -> bool:
    """Whether a reader shows it below what came before, instead of naming a file."""
    if kind not in _READ or _disposition(part) == "attachment":
        return False
    return not (filename(part) and found.texts)


def _file(part: email.message.Message, kind: str, number: int) -> File:
    ending = _ENDINGS.get(kind, ".bin")
    made_up = ending if "." in ending[1:] else f"lampiran-{number}{ending}"
    return File(kind, filename(part) or made_up, octets(part))


def _kept(picture: re.Match[str], found: TakenApart) -> str:
    """A picture that stands inside the HTML becomes a file."""
    coded = re.sub(r"%([0-9A-Fa-f]{2})", lambda one: chr(int(one[1], 16)), picture[2])
    try:
        content = base64.b64decode(re.sub(r"\s", "", coded) + "==")
    except (binascii.Error, ValueError):
        return picture[0]
    number, mime = len(found.files) + 1, picture["mime"].lower()
    name = f"gambar-{number}{_ENDINGS.get(mime, '.' + mime.partition('/')[2])}"
    found.files.append(File(mime, name, content))
    return ""


def _read_a_file(mail: email.message.Message, found: TakenApart) -> None:
    """A mail that says nothing but in text of another kind: that is read."""
    for part in leaves(mail, into_mails=False):
        kind = part.get_content_type()
        # a multipart without parts is one whose boundary nobody finds
        other = kind.startswith(("text/", "multipart/")) and kind != "text/calendar"
        if other and _disposition(part) != "attachment" and _readable(part).strip():
            found.texts.append(Text(plain=_readable(part)))
            content = octets(part)
            if not filename(part):
                found.files = [one for one in found.files if one.content != content]
            return


def _signed(
    part: email.message.Message, kind: str
) -> email.message.EmailMessage | None:
    """What an opaque signature encloses; None where there is none, or it is
    encrypted."""
    if kind not in _SIGNED:
        return None
    content = smime.signed_content(octets(part))
    return _parsed(content) if content else None


def _mended(mail: email.message.Message) -> email.message.EmailMessage:
    """A mail that was encoded as a whole (which RFC 2046 forbids) has no headers."""
    payload = mail.get_payload()
    if not mail.keys() and isinstance(payload, str):
        try:
            content = base64.b64decode(payload, validate=False)
        except (binascii.Error, ValueError):
            content = b""
        decoded_mail = _as_mail(content)
        if decoded_mail is not None:
            return decoded_mail
    return mail  # type: ignore[return-value]


def _as_mail(content: bytes) -> email.message.EmailMessage | None:
    if not re.match(rb"\s*[!-9;-~]+[ \t]*:", content):
        return None
    return _parsed(content.lstrip())


def _parsed(content: bytes) -> email.message.EmailMessage | None:
    try:
        return email.message_from_bytes(content, policy=email.policy.default)
    except HEADER_ERRORS:
        return None


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


def _readable(part: email.message.Message) -> str:
    """Text as a person reads it: letters of an undeclared charset guessed, wrapped
    lines whole."""
    charset, text = _charset(part), decoded(part)
    if "\ufffd" in text:
        text = _guessed(octets(part), charset, text)
    if part.get_param("format") == "flowed" and part.get_content_type() == "text/plain":
        text = mail_text.unwrapped(text, delsp=part.get_param("delsp") == "yes")
    return text


def _guessed(content: bytes, charset: str | None, text: str) -> str:
    """Letters that are not what was declared, or where nothing was."""
    if charset in _UNDECLARED:
        told = _META_CHARSET.search(content[:4000])
        return _decoded_as(
            content, told[1].decode("ascii", "replace") if told else "cp1252"
        )
    if charset in _UTF_8 and _is_no_utf_8(text):
        return _decoded_as(content, "cp1252")
    return text


def _is_no_utf_8(text: str) -> bool:
    """Whether fewer letters came out right than wrong: UTF-8 that was cut off in the
    middle has one that is wrong."""
    right = sum(1 for each in text if each > "\x7f" and each != "\ufffd")
    return text.count("\ufffd") > right


def _charset(part: email.message.Message) -> str | None:
    try:
        return part.get_content_charset()
    except HEADER_ERRORS:
        return None


def _decoded_as(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):
        return content.decode("cp1252", "replace")


def decoded(part: email.message.Message) -> str:
    """Text of a part; a charset that lies or is unknown is guessed."""
    content = octets(part)
    charset = _charset(part) or "utf-8"
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


def filename(part: email.message.Message) -> str | None:
    try:
        name = part.get_filename()
    except HEADER_ERRORS:
        return None
    return clean(str(name)) if name else None


def clean(text: str) -> str | None:
    """Bytes that stand undeclared in headers, or that are not what was declared, are
    UTF-8 or else Latin."""
    repaired = text.encode("utf-8", "surrogateescape" if _escaped(text) else "replace")
    try:
        return repaired.decode("utf-8").strip() or None
    except UnicodeDecodeError:
        return repaired.decode("cp1252", "replace").strip() or None


def _escaped(text: str) -> bool:
    """Whether every lone surrogate stands for a byte, as Python's mail parser keeps
    them."""
    lone = [each for each in text if "\ud800" <= each <= "\udfff"]
    return all("\udc80" <= each <= "\udcff" for each in lone)
