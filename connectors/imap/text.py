"""What a person wrote in a mail, without what the mail program added: quotes and
signatures.

Own code because the libraries for it (mail-parser-reply 1.36, talon) know no
Indonesian, and cut forwarded mails, which here are often the complaint itself. HTML
becomes text after the containers that mail programs put quotes into are gone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inscriptis.model.config import ParserConfig
from lxml import html

from connectors._shared import markup as markup_reading

_QUOTE_CONTAINERS = (
    '//*[contains(concat(" ", normalize-space(@class), " "), " yahoo_quoted ")]',
    '//*[contains(concat(" ", normalize-space(@class), " "), " protonmail_quote ")]',
    '//*[contains(concat(" ", normalize-space(@class), " "), " moz-cite-prefix ")]',
    '//*[contains(concat(" ", normalize-space(@class), " "), " zmail_extra ")]',
    '//*[contains(concat(" ", normalize-space(@class), " "), " gmail_signature ")]',
    '//*[contains(concat(" ", normalize-space(@class), " "), " moz-signature ")]',
    '//blockquote[@type="cite"]',
)
_GMAIL_QUOTE = (
    '//*[contains(concat(" ", normalize-space(@class), " "), " gmail_quote ")]'
)
_QUOTE_FROM_HERE = (
    '//*[@id="appendonsend" or @id="divRplyFwdMsg" or @id="x_divRplyFwdMsg"]'
)
_FORWARDED_MARK = re.compile(
    r"(?<!-)-{2,}\s*(?:forwarded message|pesan (?:yang )?di?teruskan|pesan terusan)"
    r"\s*-{2,}"
    r"|begin forwarded message:|mulai pesan terusan:",
    re.I,
)

_FORWARDED = re.compile(
    rf"^[^\S\n]*+(?:{_FORWARDED_MARK.pattern})[^\S\n]*$", re.I | re.M
)
_FORWARDED_SUBJECT = re.compile(r"^\s*(?:fwd?|trs|terusan|wg|i|tr)\s*:", re.I)
_ORIGINAL = re.compile(
    r"^\s*-{3,}\s*(?:original|original message|pesan asli|pesan awal|reply message|mail"
    r" original"
    r"|ursprüngliche nachricht|mensaje original|message"
    r" d'origine)\s*-{3,}\s*(?:$|from:|dari:)"
    r"|^\s*-{3,}\s*(?:on|pada)\b.{6,300}\b(?:wrote|menulis)\s*-{3,}\s*$",
    re.I,
)
_RULE = re.compile(r"^\s*_{20,}\s*$")
_WRITER = re.compile(r"^\s*\*?(?:from|dari|de|von|van)\s?:\*?\s.*\S", re.I)
_SENT_AT = re.compile(
    r"^\s*\*?(?:(?P<sent>sent|dikirim|terkirim|gesendet|envoyé)|date|tanggal|datum)"
    r"\s?:\*?\s.*\d[.:]\d\d",
    re.I,
)
_OF_A_HEAD = re.compile(
    r"^\s*\*?(?:from|dari|de|von|van|sent|date|to|cc|subject|dikirim|terkirim|tanggal|kepada|ke"
    r"|untuk|tembusan|perihal|subjek|hal|gesendet|an|betreff|envoyé|objet|à|datum)\s?:\*?(?:\s|$)",
    re.I,
)
_ATTRIBUTION = re.compile(
    r"^\s*(?:"
    r"on\b.{6,300}\bwrote\s?:"
    r"|pada\b.{6,300}\b(?:menulis|tulis|wrote)\s?:"
    r"|(?:tanggal|tgl\.?|dina)\b.{6,300}\b(?:menulis|nyerat|nulis)\s?:"
    r"|am\b.{6,300}\bschrieb\b.{0,120}:"
    r"|le\b.{6,300}\ba écrit\s?:"
    r"|el\b.{6,300}\bescribió\s?:"
    r"|em\b.{6,300}\bescreveu\s?:"
    r"|op\b.{6,300}\bschreef\b.{0,120}:"
    r")\s*$",
    re.I,
)
_SHORT_ATTRIBUTION = re.compile(
    r"^.{2,160}[\w.+-]+@[\w.-]+\S{0,3}\s(?:wrote|menulis)\s?:\s*$"
    r"|^\s*\S{2,12}\b.{0,60}\d[.:]\d\d\b.{0,100}<[\w.+-]+@[\w.-]+>\s?:\s*$",
    re.I,
)
_RUNS_ON = re.compile(
    r"^\s*(?:on|pada)\b.{6,200}<[\w.+-]+@[\w.-]+>\s?(?:wrote|menulis)\s?:\s+\S", re.I
)
"""Telephones that put the earlier mail behind the line that announces it."""
_EVIDENT = re.compile(r"@|\b\d{1,2}[.:]\d\d\b")
"""What programs name when they announce a quotation, and people who tell a story seldom
do."""
_SIGNATURE = re.compile(r"^--\s?$")
_SENT_FROM = re.compile(
    r"^\s*(?:sent from .{1,80}|sent via .{0,60}|sent with proton.{0,40}|powered by"
    r" .{0,40}"
    r"|dikirim dari .{0,80}|terkirim dari .{0,80}|dikirim melalui .{0,60}"
    r"|get outlook for .{0,60}|dapatkan outlook untuk .{0,60}"
    r"|yahoo mail: search, organize, conquer)\s*$",
    re.I,
)
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u034f\u061c\u180e\u200b\u200c\u2060\ufeff"))
_REACHED = ("http://", "https://")
_PRESSED = ("geo:", "tel:", "mailto:", "sms:", "whatsapp:")
_SOME_PICTURES = 3
"""Pictures that can be pressed, or lie elsewhere; more are the icons of a signature."""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"\n{3,}")
_LARGEST_HTML = 2_000_000


def written(plain: str | None, markup: str | None, subject: str | None) -> str:
    """The text of a mail as its writer meant it; everything where nothing else would be
    left. Where links lead stands behind their words, or below where the plain text does
    not tell."""
    if plain is not None and plain.strip():
        own = _tidy(without_quotes(plain, subject))
        if own and markup:
            return "\n".join([own, *_links_not_in(own, markup)])
    else:
        own = _tidy(
            without_quotes(from_html(markup, quotes=False, links=True), subject)
            if markup
            else ""
        )
    return own or whole(plain, markup)


def _links_not_in(text: str, markup: str) -> list[str]:
    tree = markup_reading.tree_of(markup[:_LARGEST_HTML])
    if tree is None:
        return []
    _remove_quotes(tree)
    known = " ".join(text.split()).casefold()
    found = [
        (label, target)
        for label, target in dict.fromkeys(_links(tree))
        if _bare(target) not in known and label.casefold() in known
    ]
    wordless = sum(not label for label, _ in found)
    return [
        f"{label} <{target}>".strip()
        for label, target in found
        if label or wordless <= _SOME_PICTURES
    ]


def _links(tree: html.HtmlElement) -> list[tuple[str, str]]:
    """Words and target of what can be pressed, and of pictures that lie elsewhere."""
    return [
        (" ".join(str(element.text_content()).split()), target)
        for element in tree.iter("a", "img")
        if (target := _target(element))
    ]


def _target(element: html.HtmlElement) -> str | None:
    """Where a link leads that does not say so itself."""
    if element.tag == "img":
        told = str(element.get("src") or "").strip()
        tiny = any(
            re.match(r"[0-3](?:px)?$", str(element.get(side) or "").strip())
            for side in ("width", "height")
        )
        return told if told.lower().startswith(_REACHED) and not tiny else None
    told = str(element.get("href") or "").strip()
    shown = " ".join(str(element.text_content()).split()).casefold()
    if not told.lower().startswith((*_REACHED, *_PRESSED)) or _bare(told) in shown:
        return None
    return told


def _bare(target: str) -> str:
    """As people write an address."""
    bare = re.sub(r"^(?:https?://(?:www\.)?|mailto:|tel:|sms:)", "", target, flags=re.I)
    return (
        bare.partition("?")[0].rstrip("/").casefold()
        if "@" in bare[:80]
        else (bare.rstrip("/").casefold())
    )


def whole(plain: str | None, markup: str | None) -> str:
    """The text of a mail with all it repeats: what a delivery report says stands in
    that."""
    if plain is not None and plain.strip():
        return _tidy(plain)
    return _tidy(from_html(markup, quotes=True, links=True)) if markup else ""


def unwrapped(text: str, *, delsp: bool) -> str:
    """Lines that a program broke (RFC 3676: a blank stands at their end) made whole
    again."""
    joined: list[str] = []
    goes_on = False
    for line in text.splitlines():
        if goes_on and not line.startswith(">"):
            joined[-1] = joined[-1].removesuffix(" " if delsp else "") + line
        else:
            joined.append(line)
        goes_on = line.endswith(" ") and line != "-- " and not line.startswith(">")
    return "\n".join(joined)


def from_html(markup: str, *, quotes: bool, links: bool = False) -> str:
    """The visible text of an HTML part; `quotes`: with what earlier mails said,
    `links`: with where links lead."""
    tree = markup_reading.tree_of(markup[:_LARGEST_HTML])
    if tree is None:
        return ""
    if not quotes:
        _remove_quotes(tree)
    if links:
        _write_out_links(tree)
    return markup_reading.words_of(tree, ParserConfig())


def _write_out_links(tree: html.HtmlElement) -> None:
    for element in list(tree.iter("a", "img")):
        target = _target(element)
        if target is None:
            continue
        if element.tag == "a" and not len(element):
            element.text = _writable(f"{element.text or ''} <{target}>")
        elif element.tag == "a":
            element[-1].tail = _writable(f"{element[-1].tail or ''} <{target}>")
        else:
            element.tail = _writable(f" <{target}> {element.tail or ''}")


def _writable(text: str) -> str:
    """Without signs that XML has no place for; a parser of HTML lets them in."""
    return _NOT_IN_XML.sub("", text)


def _remove_quotes(tree: html.HtmlElement) -> None:
    for element in tree.xpath(_GMAIL_QUOTE):
        if not _is_forward(element):
            for quoted in _gmail_quoted(element):
                _drop(quoted)
    for path in _QUOTE_CONTAINERS:
        for element in tree.xpath(path):
            if not _is_forward(element):
                _drop(element)
    for start in tree.xpath(_QUOTE_FROM_HERE):
        parent = start.getparent()
        if parent is None:
            continue
        for later in [*start.itersiblings()]:
            parent.remove(later)
        _drop(start)


def _gmail_quoted(container: html.HtmlElement) -> list[html.HtmlElement]:
    """The whole container, or its parts where the answer stands below the quotation
    inside it."""
    quotes = container.xpath(".//blockquote")
    if not quotes or container.tag == "blockquote":
        return [container]
    last = str(quotes[-1].text_content()).rstrip()
    if str(container.text_content()).rstrip().endswith(last):
        return [container]
    return [*quotes, *container.xpath('.//*[contains(@class, "gmail_attr")]')]


def _is_forward(element: html.HtmlElement) -> bool:
    return bool(_FORWARDED_MARK.search(str(element.text_content())[:400]))


def _drop(element: html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def without_quotes(text: str, subject: str | None = None) -> str:
    """Without quoted lines, the line that announces them, and the signature.

    What stands between and after quoted lines (answers below the question) stays; of a
    forwarded mail everything stays.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    forwarded = _FORWARDED.search(text)
    if forwarded:
        return (
            without_quotes(text[: forwarded.start()], None)
            + "\n"
            + text[forwarded.start() :]
        )
    is_forward = bool(subject and _FORWARDED_SUBJECT.match(subject))
    kept: list[str] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        ends = bool(_SIGNATURE.match(line)) or (
            not is_forward and _ends_here(lines, number)
        )
        if ends and any(each.strip() for each in kept):
            break
        taken = 0 if is_forward else _announcement(lines, number)
        if taken:
            number += taken
            if not any(
                later.lstrip().startswith(">") for later in lines[number : number + 3]
            ):
                break  # quoted without marks: the rest is the earlier mail
            continue
        if not line.lstrip().startswith(">") and not _SENT_FROM.match(line):
            kept.append(line)
        number += 1
    return "\n".join(kept)


def _ends_here(lines: Sequence[str], number: int) -> bool:
    """A mark after which only the earlier mail follows.

    A head without a rule above it must look like a program's: letters to an office
    begin with "Kepada", "Dari", "Hal" and a date, too.
    """
    line = lines[number]
    if _ORIGINAL.match(line) or _RUNS_ON.match(line):
        return True
    start = number + 1 if _RULE.match(line) else number
    head = [each for each in lines[start : start + 9] if each.strip()][:5]
    fields = [
        bool(_OF_A_HEAD.match(each)) for each in head
    ]  # a long address takes two lines
    return (
        sum(fields) >= 3
        and fields[0]
        and any(_WRITER.match(each) for each in head)
        and (start > number or _by_a_program(head))
    )


def _by_a_program(head: Sequence[str]) -> bool:
    """A time of sending, or a time of any sort and an address."""
    times = [found for each in head if (found := _SENT_AT.match(each))]
    addressed = any("@" in each for each in head)
    return any(found["sent"] or addressed for found in times)


def _announcement(lines: Sequence[str], number: int) -> int:
    """How many lines announce a quotation here ("Pada ... menulis:"), 0 for none."""
    if not lines[number].strip() or lines[number].lstrip().startswith(">"):
        return 0
    if _SHORT_ATTRIBUTION.match(lines[number]):
        return 1
    joined = ""
    for count, line in enumerate(lines[number : number + 4], start=1):
        joined = f"{joined} {line.strip()}".strip()
        if not line.strip() or len(joined) > 420:
            return 0
        if joined.endswith(":") and _ATTRIBUTION.match(joined):
            following = next(
                (each for each in lines[number + count :] if each.strip()), ""
            )
            evident = _EVIDENT.search(joined) or following.lstrip().startswith(">")
            return count if evident else 0
    return 0


def _tidy(text: str) -> str:
    lines = (
        line.rstrip()
        for line in text.translate(_UNSEEN).replace("\xa0", " ").split("\n")
    )
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()
