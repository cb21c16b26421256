"""A feed taken apart into its entries, and an entry as a message.

RSS 0.9x and 2.0 (rssboard.org), RSS 1.0 (web.resource.org/rss/1.0), Atom 0.3 and 1.0
(RFC 4287), with Dublin Core and `content:encoded`. Own code over lxml: feedparser
6.0.14 reads a batch at once, so that one entry can stop all, and needs quadratic time
for some author names (kurtmckee/feedparser #562).
"""

from __future__ import annotations

import email.utils
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from inscriptis.model.config import ParserConfig
from lxml import etree

from connectors._shared import markup
from connectors._shared.fields import digest, iso_time, only
from connectors.base import Message, RawItem
from connectors.errors import BadItem

ENTRY, DOCUMENT = "entry", "document"
_ROOTS = frozenset({"rss", "RDF", "feed"})
_ENTRIES = frozenset({"item", "entry"})
_ATOM = "http://www.w3.org/2005/Atom"
_OWN = frozenset(
    {
        None,
        _ATOM,
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
    }
)
"""Vocabularies whose `title` is the entry's, not that of a picture in it."""
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_TERMS = "http://purl.org/dc/terms/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SAID = frozenset(
    {"title", "description", "summary", "content", "encoded", "link", "author"}
    | {"creator", "guid", "id", "pubDate", "published", "date"}
)
"""What of an entry makes it another: not how often it was read or commented, and not
`updated` alone, which some write anew at every request."""
_MARKUP = re.compile(r"<[a-zA-Z!/]|&#?\w{1,30};")
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_BARE = re.compile(rb"&(?!#?\w{1,31};)")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ZONES = {"WIB": "+0700", "WITA": "+0800", "WIT": "+0900"}
_PLAIN = ParserConfig(display_links=False, display_images=False)
_MOST_MARKUP = 200_000
LONGEST = 10_000
"""Characters of an entry; the rest stands behind its link."""


@dataclass(frozen=True, slots=True)
class Feed:
    """`fault`: why what was sent is no whole XML; then `entries` are those that could
    be read all the same."""

    title: str | None
    author: str | None
    link: str | None
    entries: tuple[etree._Element, ...]
    fault: str | None = None


def feed_of(content: bytes, charset: str | None = None) -> Feed | None:
    """None where this is no feed at all. `charset`: what the server says, which counts
    where the document itself does not (RFC 7303)."""
    encoding = None if b"encoding=" in content[:200] else charset
    root, fault = _parsed(content, encoding)
    if root is None or _local(root) not in _ROOTS:
        return None
    about = next((each for each in root if _local(each) == "channel"), root)
    entries = [each for each in root.iter() if _local(each) in _ENTRIES]
    if fault is None:
        entries = [each for each in entries if each.getparent() in (root, about)]
    else:
        _let_out(entries)
    return Feed(
        _text(about, "title"), _author(about), _link(about), tuple(entries), fault
    )


def _let_out(entries: list[etree._Element]) -> None:
    """Of an element that was not closed those after it became parts."""
    for each in reversed(entries):
        around = each.getparent()
        if around is not None and _local(around) not in _ROOTS | {"channel"}:
            around.remove(each)


def _parser(encoding: str | None, *, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _parsed(
    content: bytes, encoding: str | None
) -> tuple[etree._Element | None, str | None]:
    """The document, with what is commonly wrong in a feed put right: names of letters
    that only HTML knows, a bare "&", control characters. Of one that is broken beyond
    that what can be read, and why it is."""
    try:
        repaired = _CONTROL.sub(b"", _BARE.sub(b"&amp;", _NAMED.sub(_letter, content)))
        for whole in (content, repaired):
            try:
                return _bare(etree.fromstring(whole, _parser(encoding))), None
            except etree.XMLSyntaxError as error:
                fault = str(error.msg)
        root = etree.fromstring(repaired, _parser(encoding, recover=True))
    except (etree.LxmlError, ValueError, LookupError):
        return None, None
    return (None if root is None else _bare(root)), fault


def _bare(root: etree._Element) -> etree._Element:
    """Without references to what the document itself defines: a bomb, or a file."""
    etree.strip_elements(root, etree.Entity, with_tail=False)
    return root


def _letter(found: re.Match[bytes]) -> bytes:
    letter = html.entities.html5.get(f"{found[1].decode()};")
    if letter is None:
        return found[0]
    return "".join(f"&#{ord(one)};" for one in letter).encode()


def raw_items(feed: Feed, address: str, account: str | None) -> Iterator[RawItem]:
    """One an entry, in the order of the feed. The key of what an entry says: it changes
    when that does."""
    about = only(address=address, title=feed.title, author=feed.author, link=feed.link)
    for entry in feed.entries:
        said = [
            [_local(each), sorted(each.attrib.items()), _all_text(each)]
            for each in entry
            if _local(each) in _SAID
        ]
        written = etree.tostring(entry, encoding="unicode", with_tail=False)
        payload = {**about, "entry": written}
        named = _identity(entry, address, _link(entry, address))
        yield RawItem(
            f"{digest([address, named])}:{digest(said or written)}",
            ENTRY,
            payload,
            account,
        )


def document(content: bytes, address: str, account: str | None, why: str) -> RawItem:
    """A feed that is no whole XML, kept as it came: once for one and the same fault."""
    payload = {"address": address, "document": content.decode("utf-8", "replace")}
    fault = re.sub(r"\d+", "", why)  # wherever it stands today
    return RawItem(f"broken:{digest([address, fault])}", DOCUMENT, payload, account)


def messages_of(item: RawItem) -> Iterable[Message]:
    """BadItem where an entry says nothing, or a document is broken still."""
    payload = item.payload if isinstance(item.payload, dict) else {}
    address = str(payload.get("address") or "")
    if item.kind == DOCUMENT:
        yield from _of_document(str(payload.get("document") or ""), address, item)
        return
    try:
        written = str(payload.get("entry") or "").encode()
        entry = etree.fromstring(written, _parser("utf-8"))
    except (etree.LxmlError, ValueError):
        raise BadItem("this is no entry of a feed") from None
    yield _message(entry, payload, address)


def _of_document(written: str, address: str, item: RawItem) -> Iterator[Message]:
    declared = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", written)
    feed = feed_of(declared.encode("utf-8", "replace"), "utf-8")
    if feed is None or feed.fault:
        why = feed.fault if feed else "no RSS or Atom in it"
        raise BadItem(
            f"the feed is no whole XML ({why}). What could be read of it was read. Tell"
            " its publisher, who can look with validator.w3.org/feed; once it is"
            " mended, all it lists is read by itself, and this can be dismissed"
        )
    for each in raw_items(feed, address, item.account):
        yield from messages_of(each)


def _message(entry: etree._Element, about: Mapping[str, Any], address: str) -> Message:
    base = str(about.get("link") or address)
    title, text = _text(entry, "title"), _body(entry)
    link = _link(entry, base)
    if not (title or text or link):
        raise BadItem("an entry without title, text and link")
    native_id = _identity(entry, address, link)
    written = _time(entry, "pubDate", "published", "issued", "date", "created")
    changed = _time(entry, "updated", "modified")
    created = written or changed
    edited = changed if changed and created and changed > created else None
    return Message(
        kind="mention",
        native_id=native_id,
        conversation_id=native_id,
        author_name=_author(entry) or _known(about, "author") or _known(about, "title"),
        subject=title,
        text=text,
        created_at=created,
        edited_at=edited,
        edit_of=native_id,
        scope=_scope(native_id, address),
        permalink=link,
        extra=only(feed=_known(about, "title")),
    )


def _known(about: Mapping[str, Any], name: str) -> str | None:
    found = about.get(name)
    return found if isinstance(found, str) and found else None


def _identity(entry: etree._Element, address: str, link: str | None) -> str:
    """What the publisher calls it, else its link, else its title and time."""
    told = _raw(entry, "guid", "id") or entry.get(f"{{{_RDF}}}about")
    if told and told.strip():
        return told.strip()[:500]
    if link:
        return link
    named = [_raw(entry, "title"), _raw(entry, "pubDate", "published", "date")]
    if not any(named):
        named = [_all_text(entry)]
    return f"entry:{digest([address, *named])}"


def _scope(native_id: str, address: str) -> str:
    """A name on the whole internet holds for all feeds of a publisher, who may list an
    entry in several; anything else holds for its feed alone."""
    host = urlsplit(address).hostname or ""
    is_global = native_id.startswith(("http://", "https://", "urn:", "tag:"))
    return host if is_global else address


# Elements


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _found(entry: etree._Element, *names: str) -> etree._Element | None:
    """The first element of these names that is there, in the order of the names. A bare
    name is looked for in RSS, Atom and Dublin Core."""
    for name in names:
        for each in entry:
            if not isinstance(each.tag, str):
                continue
            tag = etree.QName(each)
            bare = tag.localname == name and tag.namespace in {*_OWN, _DC, _TERMS}
            if bare or each.tag == name:
                return each
    return None


def _all_text(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext())


def _raw(entry: etree._Element, *names: str) -> str | None:
    found = _found(entry, *names)
    return _all_text(found) or None if found is not None else None


def _text(entry: etree._Element, *names: str) -> str | None:
    """Words of an element without markup, with the spaces of one paragraph."""
    found = _found(entry, *names)
    words = _words(found) if found is not None else None
    return " ".join(words.split())[:500] or None if words else None


def _body(entry: etree._Element) -> str | None:
    for name in (f"{{{_CONTENT}}}encoded", "content", "description", "summary"):
        found = _found(entry, name)
        words = _words(found) if found is not None else None
        if words:
            return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
    return None


def _words(element: etree._Element) -> str | None:
    """Atom says what stands in it (RFC 4287, 3.1 and 4.1.3); in RSS it is markup where
    it looks like it."""
    kind = (element.get("type") or "").lower()
    if etree.QName(element).namespace == _ATOM:
        if kind == "xhtml":
            return _without_markup(etree.tostring(element, encoding="unicode"))
        if kind not in ("", "text", "html", "text/plain", "text/html"):
            return None
    written = _all_text(element).strip()
    is_plain = kind in ("text", "text/plain") or (
        kind == "" and etree.QName(element).namespace == _ATOM
    )
    if is_plain or not _MARKUP.search(written):
        return written or None
    return _without_markup(written)


def _without_markup(written: str) -> str | None:
    tree = markup.tree_of(written[:_MOST_MARKUP])
    if tree is None:
        return None
    etree.strip_elements(tree, "script", "style", with_tail=False)
    told = markup.words_of(tree, _PLAIN)
    if not told.strip():  # nested so deep that nothing is taken apart
        told = html.unescape(re.sub(r"<[^<>]{0,999}>", " ", written[:_MOST_MARKUP]))
    lines = (" ".join(line.split()) for line in told.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or None


def _author(entry: etree._Element) -> str | None:
    """A name; of RSS's "mail (name)" the mail is left out."""
    found = _found(entry, "author", "creator", "managingEditor")
    if found is None:
        return None
    named = _text(found, "name")
    if named is not None or len(found):
        return named
    words = " ".join(_all_text(found).split())[:200]
    name, mail = email.utils.parseaddr(words)
    if "@" not in words:
        return words or None
    return name or mail.partition("@")[0] or None


def _link(entry: etree._Element, base: str = "") -> str | None:
    for each in entry:
        if _local(each) != "link" or etree.QName(each).namespace not in _OWN:
            continue
        href = each.get("href")
        is_page = href is None or each.get("rel", "alternate") == "alternate"
        address = _address(href or _all_text(each), base)
        if is_page and address:
            return address
    guid = _found(entry, "guid")
    if guid is not None and guid.get("isPermaLink", "true") == "true":
        return _address(_all_text(guid), "")
    return None


def _address(written: str, base: str) -> str | None:
    try:
        whole = urljoin(base, written.strip())
        there = urlsplit(whole)
        is_web = there.scheme in ("http", "https") and bool(there.hostname)
    except ValueError:
        return None
    return whole[:2000] if written.strip() and is_web else None


def _time(entry: etree._Element, *names: str) -> datetime | None:
    written = (_raw(entry, *names) or "").strip()[:100]
    if (moment := iso_time(written)) is not None:
        return moment
    day, _, zone = written.rpartition(" ")
    try:
        moment = email.utils.parsedate_to_datetime(f"{day} {_ZONES.get(zone, zone)}")
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
