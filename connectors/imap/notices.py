"""Notification mails of platforms: what a resident said there to an account of the
city's.

A mailbox whose settings name the accounts (`notices`) and the server that checks what
arrives (`notices_server`) takes them apart. Believed is only what that server found to
be signed by the platform (RFC 8601, 6376): everything else is a mail like others.
Senders, subjects and links are as the platforms wrote them in 2026, in English and
Indonesian; whatever does not fit, a digest, a "like", a security alert, stays a mail.

Platforms shorten what was said, so the text is an excerpt; whoever answers does it on
the platform. Where the link names the item, its id is the one the platform's interface
gives it.
"""

from __future__ import annotations

import email.message
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import html

from connectors.base import Kind, Message
from connectors.imap import headers, parts
from connectors.imap import text as mail_text
from connectors.imap.headers import header

Query = Mapping[str, list[str]]
LONGEST = 5000
_LINK = re.compile(r"https?://[^\s<>\"'\])]+", re.I)
_INSIDE = ("u", "q", "url", "target", "redirect_url", "continue", "next")
"""Where a link that counts presses names the one it leads to."""
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: its address, and its native id where that names it."""

    address: str
    native_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Platform:
    """`signs`: domains its mails are written from and signed by, or below them;
    `from_`: the only address, where a domain writes much else."""

    signs: tuple[str, ...]
    place: Callable[[str, str, Query], Place | None]
    from_: str | None = None


def _digits(query: Query, *names: str) -> str | None:
    found = (query.get(name, [""])[0] for name in names)
    return next((value for value in found if value.isdecimal()), None)


def _facebook(host: str, path: str, query: Query) -> Place | None:
    if not _below(host, "facebook.com"):
        return None
    posted = re.search(r"/(?:posts|videos|photos)/(?:[^/]+/)?(\d+)", path)
    post = posted[1] if posted else _digits(query, "story_fbid", "fbid", "v")
    comment = _digits(query, "reply_comment_id", "comment_id")
    kept = [
        f"{name}={query[name][0]}"
        for name in ("story_fbid", "id", "fbid", "v", "comment_id", "reply_comment_id")
        if name in query
    ]
    if post is None and comment is None and "/posts/" not in path:
        return None
    address = f"https://www.facebook.com{path}" + (f"?{'&'.join(kept)}" if kept else "")
    return Place(address, f"{post}_{comment}" if post and comment else None)


def _instagram(host: str, path: str, query: Query) -> Place | None:
    found = re.match(r"/(?:[^/]+/)?(?:p|reel|tv)/[\w-]+(/c/(\d+)(?:/r/(\d+))?)?", path)
    if not _below(host, "instagram.com") or not found:
        return None
    return Place(f"https://www.instagram.com{found[0]}", found[3] or found[2])


def _tiktok(host: str, path: str, query: Query) -> Place | None:
    found = re.match(r"/@[\w.-]+/(?:video|photo)/\d+", path)
    if not _below(host, "tiktok.com") or not found:
        return None
    comment = _digits(query, "comment_id", "cid", "share_comment_id")
    return Place(f"https://www.tiktok.com{found[0]}", comment)


def _x(host: str, path: str, query: Query) -> Place | None:
    found = re.match(r"/(?:i/web|\w+)/status/(\d+)", path)
    if not (_below(host, "x.com") or _below(host, "twitter.com")) or not found:
        return None
    return Place(f"https://x.com/i/web/status/{found[1]}", found[1])


def _youtube(host: str, path: str, query: Query) -> Place | None:
    video, comment = query.get("v", [""])[0], query.get("lc", [""])[0]
    if not _below(host, "youtube.com") or not re.fullmatch(r"[\w-]{6,20}", video):
        return None
    if not re.fullmatch(r"[\w.-]{10,80}", comment):
        return Place(f"https://www.youtube.com/watch?v={video}")
    return Place(f"https://www.youtube.com/watch?v={video}&lc={comment}", comment)


def _google(host: str, path: str, query: Query) -> Place | None:
    reviews = "/reviews" in path or path.startswith(("/maps", "/local"))
    if not _below(host, "google.com") or not reviews:
        return None
    return Place(f"https://{host}{path}")


_PLATFORMS = {
    "facebook": _Platform(("facebookmail.com",), _facebook),
    "instagram": _Platform(("mail.instagram.com", "instagram.com"), _instagram),
    "tiktok": _Platform(("tiktok.com",), _tiktok),
    "x": _Platform(("x.com", "twitter.com"), _x),
    "youtube": _Platform(("youtube.com",), _youtube),
    "google_reviews": _Platform(
        ("google.com",), _google, "businessprofile-noreply@google.com"
    ),
}
CHANNELS = tuple(_PLATFORMS)
_WHO = r"^\W*(?P<who>[^:]{1,80}?)"
_FORMS: tuple[tuple[Kind, str], ...] = (
    ("review", r" (?:left|wrote) a review (?:for|of|on) (?P<account>.+)$"),
    ("review", r" (?:reviewed|recommends|recommended) (?P<account>.+)$"),
    (
        "review",
        r" (?:meninggalkan|memberikan|menulis) ulasan (?:untuk|tentang|di)"
        r" (?P<account>.+)$",
    ),
    ("review", r" (?:mengulas|merekomendasikan) (?P<account>.+)$"),
    ("reply", r" (?:also )?(?:replied|responded) to\b"),
    ("reply", r" (?:juga )?(?:membalas|menanggapi)\b"),
    ("comment", r" (?:also )?commented(?: on)?\b"),
    ("comment", r" (?:juga )?(?:mengomentari|berkomentar)\b"),
    ("mention", r" (?:mentioned|tagged)\b"),
    ("mention", r" (?:menyebut|menyebutkan|menandai)\b"),
    ("post", r" (?:posted on|wrote on)\b"),
    ("post", r" (?:memposting|menulis) (?:di|pada)\b"),
)
_SUBJECTS = tuple((kind, re.compile(_WHO + rest, re.I)) for kind, rest in _FORMS)
_HANDLE = re.compile(r"\(?@(?P<handle>[\w.-]{1,60})\)?")
_QUOTED = re.compile('["“«](?P<said>[^"“”«»]{2,})["”»]')
_SAID_AFTER = re.compile(r"(?:wrote|said|menulis|berkata|mengatakan)\W*:\s*(.+)$", re.I)
_ENDS = re.compile(
    r"^\W*(?:repl(?:y|ies)\b|balas\b|view\b|lihat\b|see\b|open\b|buka\b|go to\b"
    r"|unsubscribe|berhenti|this (?:message|e-?mail)|pesan ini|e-?mail ini|©|https?://"
    r"|(?:facebook|instagram|tiktok|youtube|google|meta)(?: llc| inc| platforms)?\b"
    r"|thanks\b|terima kasih,?$|like\b|suka$|manage\b|kelola\b)",
    re.I,
)
_PASSED_OVER = re.compile(
    r"^[^\w<@★☆⭐]*+(?:read review|baca ulasan|<\S+>|@[\w.-]+|[★☆⭐ ]+"
    r"|\d+ (?:bintang|stars?)\b.*)$",
    re.I,
)


def read(
    mail: email.message.EmailMessage, payload: Mapping[str, Any]
) -> Message | None:
    """What was said on a platform; None for every other mail."""
    accounts = payload.get("notices")
    if not isinstance(accounts, list):
        return None
    channel = _written_by(mail, str(payload.get("notices_server") or ""))
    subject = header(mail, "Subject") or ""
    found = next(
        ((kind, said) for kind, form in _SUBJECTS if (said := form.search(subject))),
        None,
    )
    if channel is None or found is None:
        return None
    kind, said = found
    apart = parts.taken_apart(mail)
    text = mail_text.whole(apart.plain, apart.markup)
    place = _place(channel, apart.plain, apart.markup)
    account = _account(channel, accounts, f"{subject}\n{text}")
    if place is None or account is None:
        return None
    name, handle = _person(said["who"])
    given = header(mail, "Message-ID") or ""
    made_up = hashlib.sha256(f"{given}\0{subject}".encode()).hexdigest()[:24]
    return Message(
        kind=kind,
        native_id=place.native_id or f"notice:{made_up}",
        channel=channel,
        account=account,
        author_name=name,
        author_handle=handle,
        text=_excerpt(text, said["who"]),
        permalink=place.address,
        extra={"notice": True},
    )


# Who wrote it


def _written_by(mail: email.message.EmailMessage, server: str) -> str | None:
    """The channel whose platform wrote this mail, as the server found."""
    froms = [value for name, value in mail.raw_items() if name.lower() == "from"]
    _, author = headers.author(mail)
    if len(froms) != 1 or author is None:
        return None
    domain = author.rpartition("@")[2]
    for channel, platform in _PLATFORMS.items():
        if platform.from_ not in (None, author) or not any(
            _below(domain, one) for one in platform.signs
        ):
            continue
        signed = _signed_by(mail, server)
        if any(_below(one, name) for one in signed for name in platform.signs):
            return channel
    return None


def _signed_by(mail: email.message.EmailMessage, server: str) -> set[str]:
    """Domains whose signature the server found good. The first header in its name is
    its own: servers put theirs on top, and those below may be anybody's."""
    if not server:
        return set()
    for name, value in mail.raw_items():
        if name.lower() != "authentication-results":
            continue
        bare = _without_asides(str(value))
        if bare is None:
            return set()
        head, *results = bare.split(";")
        if head.split()[:1] and head.split()[0].casefold() == server.casefold():
            return {domain for one in results for domain in _good_signature(one)}
    return set()


def _without_asides(value: str) -> str | None:
    """Without quoted strings and comments, in which strangers' words may stand; None
    where one does not end."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", value, flags=re.S)
    before = None
    while before != bare:
        before, bare = bare, re.sub(r"\((?:[^()\\]|\\.)*\)", " ", bare, flags=re.S)
    return None if any(mark in bare for mark in '"()') else bare


def _good_signature(result: str) -> Iterator[str]:
    words = result.split()
    if not words or words[0].casefold() != "dkim=pass":
        return
    for word in words[1:]:
        name, _, value = word.partition("=")
        if name.casefold() in ("header.d", "header.i"):
            yield value.rpartition("@")[2].casefold()


def _below(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


# What it says


def _account(channel: str, accounts: list[Any], told: str) -> str | None:
    """Which of the accounts of the settings it is for: the one it names, else the only
    one of its channel."""
    ours = [
        name
        for one in accounts
        for of, _, name in [str(one).partition(":")]
        if of == channel and name
    ]
    words = told.casefold()
    named = [name for name in ours if name.casefold().removeprefix("@") in words]
    if len(ours) == 1 or len(named) == 1:
        return (named or ours)[0]
    return None


def _person(written: str) -> tuple[str | None, str | None]:
    """Name and handle of who is written as "Siti (@siti.bogor)" or as a bare handle."""
    handle = _HANDLE.search(written)
    name = parts.clean(_HANDLE.sub("", written).strip(" ()\"“”'"))
    if handle:
        return name, handle["handle"]
    bare = name or ""
    is_handle = re.fullmatch(r"[a-z0-9._]{2,30}", bare) and re.search(r"[._\d]", bare)
    return name, bare if is_handle else None


def _excerpt(text: str, who: str) -> str | None:
    name = (_person(who)[0] or who).casefold()
    lines = [line.strip() for line in text.splitlines()]
    start = next((n for n, line in enumerate(lines) if name in line.casefold()), None)
    if start is None:
        return None
    told = (
        after[1]
        for line in lines[start:]
        if name in line.casefold() and (after := _SAID_AFTER.search(line))
    )
    if (first := next(told, None)) is not None:
        return _shown(first)
    said: list[str] = []
    for line in lines[start + 1 :]:
        if _ENDS.match(line):
            if said:
                break
            continue
        if line.casefold().strip(" @:·") == name or _PASSED_OVER.match(line):
            continue
        if line or said:
            said.append(line)
    quoted = _QUOTED.search(lines[start])
    return _shown("\n".join(said)) or (_shown(quoted["said"]) if quoted else None)


def _shown(said: str) -> str | None:
    bare = said.strip()
    whole = _QUOTED.fullmatch(bare)
    return parts.clean((whole["said"] if whole else bare)[:LONGEST])


# Where it stands


def _place(channel: str, plain: str | None, markup: str | None) -> Place | None:
    """The first link to an item; one that names it before one that does not."""
    found = [
        place
        for link in _links(plain, markup)
        if (place := _placed(_PLATFORMS[channel], link)) is not None
    ]
    return next((one for one in found if one.native_id), next(iter(found), None))


def _links(plain: str | None, markup: str | None) -> Iterator[str]:
    written = _LINK.findall(plain or "")
    try:
        tree = html.document_fromstring(markup) if markup and markup.strip() else None
    except (ValueError, html.etree.ParserError):
        tree = None
    pressed = (
        [str(one.get("href") or "") for one in tree.iter("a")]
        if tree is not None
        else []
    )
    for link in (*pressed, *written):
        yield from _unwrapped(link.strip(), _DEEPEST)


def _unwrapped(link: str, left: int) -> Iterator[str]:
    yield link
    if not left:
        return
    try:
        query = parse_qs(urlsplit(link).query)
    except ValueError:
        return
    for name in _INSIDE:
        for inner in query.get(name, [])[:1]:
            if inner.lower().startswith(("http://", "https://")):
                yield from _unwrapped(inner, left - 1)


def _placed(platform: _Platform, link: str) -> Place | None:
    try:
        there = urlsplit(link)
        host, query = (there.hostname or "").casefold(), parse_qs(there.query)
    except ValueError:
        return None
    if there.scheme not in ("http", "https"):
        return None
    return platform.place(host, there.path.rstrip("/"), query)
