"""A text in one spelling: what stays equal when it is passed on, copied or typed anew.

Taken away: marks of passing on (RT, via, forwarded), handles, links, clock prefixes,
decoration. Made alike: letter case, Unicode forms, doubled letters, digits for
reduplication, chat spelling. Kept: numbers, RT/RW, house and route numbers, names,
because they tell two complaints apart.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress

from aggregator.rules.text.extent import first_part
from aggregator.rules.text.lexicon import Lexicon
from aggregator.rules.text.worked_out_once import once

SHORTEST = 4
"""Fewer telling words than this are too little to compare two texts by."""

_LINK = re.compile(
    r"\(?(?:https?(?:[:/]|…|\.{3})|www\.|t\.co/|pic\.twitter\.com/)\S*", re.I
)
_IN_A_LINK = ("http", "www.", "t.co/", "tter.com/")
"""What every link of `_LINK` has in it, in small letters."""
_BROKEN_LINK = re.compile(r"\bh(?:t(?:t(?:ps?)?)?)?\s*(?:…|\.{3})")
_PASSED_ON = re.compile(
    r"\b(?:rt|mt)\s+[^\W\d]\w*\s*:"
    r"|(?:\b(?:rt|mt|repost|reposted|fwd?|forwarded|diteruskan|via|qrt)\b[\s:|]*)"
    r"(?=@|[^\W\d]\w*\s*:|\s*:|$)"
    r"|\b(?:rt|via)\s+@|^\W*retweeted\b[^:]{0,60}:"
    r"|^\W*(?:rt|repost|fwd?|forwarded|diteruskan)\b(?!\W*\d)[\s:|]*",
    re.I,
)
_MAYBE_PASSED_ON = re.compile(
    r"\b(?:q?rt|mt|repost|retweet|fw|forward|diteruskan|via)", re.I
)
"""A quick look: where this finds nothing, `_PASSED_ON` does not either."""
_QUOTED_HANDLE = re.compile(r"(?:^|[\s|\"“(.])@\w+\s*:", re.I)
_HANDLE = re.compile(r"(?<!@)@++\w++(?!\.+\w):?")
_CLOCK = re.compile(
    r"[\W_]*+(?:[^\W\d_][^\W\d]*+[\s|:,][\W_]*+)?"
    r"\d{1,2}\s?[.:]\s?\d{2}(?:\s*wib\b)?(?=[\s:,|]|$)[\s:,|]*"
)
_HASHTAGS = re.compile(r"#\w++(?:\s*+#\w++)*+")
_CUT = re.compile(r"(?:(?<!\w)\w++\s*+|(?<![\w\s])\s*+)…[\s)\"”]*+\Z")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufe0e\ufe0f\ufeff]")
_MASK = re.compile(r"\[[^\W\d]+\]")
"""A name that somebody took out before passing a text on: [NAMA]."""
_THOUSANDS = re.compile(r"[.,](?<=\d[.,])(?=\d{3}(?!\d))")
_NO_BLANKS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Scripts written without blanks (Thai to Khmer, Japanese, Chinese): each sign is a
word."""
_VOWEL_SIGNS = "".join(
    sign
    for sign in map(chr, range(0x0900, 0x0E00))
    if unicodedata.category(sign) in ("Mn", "Mc")
)
"""Indian scripts write vowels as marks on a consonant: without them Pali and Poli are
one name."""
_LETTER = f"(?:[^\\W\\d_][{_VOWEL_SIGNS}]*)"
_WORD = re.compile(
    f"[{_NO_BLANKS}]|"
    r"\d+[^\W\d_]{1,2}\b|\d+|"
    f"{_LETTER}+(?:['’`]{_LETTER}+)*"
    r"(?:\d(?!\d))?"
)
_APOSTROPHE = re.compile("['’`]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_ROMAN = {
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
}
_LABELLED_NUMBER = re.compile(r"^(rt|rw|no|nmr|gg|jl|jln|blok|km)(\d+)")
_LETTERS_NUMBER = re.compile(r"^([^\W\d_]{2,})(\d)$")
_LOOK_ALIKE = str.maketrans("аеорсухіјѕ", "aeopcyxijs")
_MOST_MARKS = 50
"""Marks of passing on and clocks that are looked for in front of a text."""
_TWO_MEANINGS = frozenset({"kk"})
"""Short for kakak, and for kartu keluarga: taken as it is."""
_VOWELS = re.compile(r"[aeiou]+")
_DOUBLED = re.compile(r"(.)\1+")
_OLD_SPELLING = (
    ("dj", "j"),
    ("tj", "c"),
    ("oe", "u"),
    ("nj", "ny"),
    ("sj", "sy"),
    ("ck", "k"),
)


@dataclass(frozen=True)
class Canonical:
    """`words` in order; `telling`: those that say something, without courtesy and glue.

    `cut`: the text ends in the middle ("…"); `quoted`: it bears the mark of passing on;
    `asks`: it ends or opens as a question; `lexicon`: what it was read by; `comment`:
    how many of the first words somebody put in front of what is passed on.
    """

    words: tuple[str, ...]
    cut: bool
    quoted: bool
    asks: bool
    lexicon: Lexicon = field(repr=False, compare=False)
    comment: int = 0

    @once
    def tells(self) -> tuple[bool, ...]:
        """For each word, whether it says something."""
        glue = self.lexicon.glue
        return tuple([word not in glue for word in self.words])

    @once
    def telling(self) -> tuple[str, ...]:
        return tuple(compress(self.words, self.tells))

    @once
    def keys(self) -> tuple[str, ...]:
        """For each word what its spellings have in common: `key`."""
        lexicon = self.lexicon
        return tuple([key(word, lexicon) for word in self.words])

    @once
    def text(self) -> str:
        return " ".join(self.words)


@lru_cache(maxsize=64)
def canonical(text: str, lexicon: Lexicon) -> Canonical:
    """One message is read by several rules in a row: the last few texts are kept."""
    plain = unicodedata.normalize("NFKC", first_part(text))
    if not plain.isascii():
        plain = _INVISIBLE.sub("", plain)
    plain = plain.replace("...", "…").casefold()
    if any(part in plain for part in _IN_A_LINK):
        plain = _LINK.sub(_rest_of_link, plain)
    if "…" in plain:
        plain = _BROKEN_LINK.sub("…", plain)
    cut = "…" in plain and bool(_CUT.search(plain.rstrip()))
    if cut:
        plain = _CUT.sub(" ", plain.rstrip())
    marks = [
        *(_PASSED_ON.finditer(plain) if _MAYBE_PASSED_ON.search(plain) else ()),
        *(_QUOTED_HANDLE.finditer(plain) if "@" in plain else ()),
    ]
    comment = 0
    if marks:
        in_front = plain[: max(mark.start() for mark in marks)]
        comment = len(_words(_without_marks(in_front), lexicon))
    plain = _without_marks(plain) if marks or "@" in plain else _bare(plain)
    found = tuple(_words(plain, lexicon))
    asks = "?" in plain or not lexicon.asking.isdisjoint(found)
    return Canonical(found, cut, bool(marks), asks, lexicon, comment)


def _without_marks(plain: str) -> str:
    """Without marks of passing on, clocks in front, handles and hashtags at the
    edges."""
    for _ in range(_MOST_MARKS):
        previous = plain
        plain = _without_clock(_PASSED_ON.sub(" ", plain, count=1))
        if "@" in plain and not _PASSED_ON.search(plain):
            plain = _HANDLE.sub(" ", plain)
        if previous == plain:
            break
    return _without_edges(_HANDLE.sub(" ", plain) if "@" in plain else plain)


def _bare(plain: str) -> str:
    """The same for a text without any handle or mark of passing on."""
    for _ in range(_MOST_MARKS):
        previous, plain = plain, _without_clock(plain)
        if previous == plain:
            break
    return _without_edges(plain)


def _without_clock(plain: str) -> str:
    clock = _CLOCK.match(plain)
    return f" {plain[clock.end() :]}" if clock else plain


def _without_edges(plain: str) -> str:
    plain = plain.strip()
    rows = list(_HASHTAGS.finditer(plain)) if "#" in plain else []
    if rows and rows[-1].end() == len(plain):
        plain = plain[: rows[-1].start()]
    if rows and rows[0].start() == 0:
        plain = plain[rows[0].end() :]
    return plain


def _rest_of_link(match: re.Match[str]) -> str:
    """A link that is cut off says that the text was cut off with it."""
    return " … " if match.group().endswith("…") else " "


def _words(plain: str, lexicon: Lexicon) -> list[str]:
    plain = _THOUSANDS.sub("", _MASK.sub(" ", plain) if "[" in plain else plain)
    if not plain.isascii():
        apart = unicodedata.normalize("NFD", plain)
        plain = "".join(char for char in apart if not unicodedata.combining(char))
    spelt = [word for raw in _WORD.findall(plain) for word in _spelling(raw, lexicon)]
    found: list[str] = []
    for word in _phrases(spelt, lexicon):
        if not found or word != found[-1] or word.isdigit():
            found.append(word)
    return found


def _phrases(found: list[str], lexicon: Lexicon) -> list[str]:
    """Two words that are one thing ("lampu merah") as one."""
    if lexicon.first_of_pair.isdisjoint(found):
        return found
    whole: list[str] = []
    for word in found:
        one = lexicon.pairs.get((whole[-1], word)) if whole else None
        if one is None:
            whole.append(word)
        else:
            whole[-1] = one
    return whole


@lru_cache(maxsize=32768)
def _spelling(raw: str, lexicon: Lexicon) -> tuple[str, ...]:
    word = _APOSTROPHE.sub("", _STRETCHED.sub(r"\1", raw))
    if not word.isascii() and any("a" <= char <= "z" for char in word):
        word = word.translate(_LOOK_ALIKE)
    if word in _TWO_MEANINGS:
        return (word,)
    known = lexicon.spellings
    if word in known:
        return tuple(known[word].split())
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "aiueo":
        word = word[:-1]
        if word in known:
            return tuple(known[word].split())
    if word in _ROMAN:
        return (_ROMAN[word],)
    labelled = _LABELLED_NUMBER.match(word)
    if labelled:
        label, number = labelled.groups()
        return (*_spelling(label, lexicon), number.lstrip("0") or "0")
    if word.isdigit():
        return (word.lstrip("0") or "0",)
    twice = _LETTERS_NUMBER.match(word)
    if twice:
        stem, digit = twice.groups()
        stem = known.get(stem, stem)
        return (stem,) if digit == "2" and len(stem) > 2 else (*stem.split(), digit)
    return (word,)


def skeleton(word: str) -> str:
    """What is left of a word when it is typed in a hurry: its first letter and its
    consonants."""
    if word[0].isdigit():
        return word
    for old, new in _OLD_SPELLING:
        word = word.replace(old, new)
    return word[0] + _VOWELS.sub("", _DOUBLED.sub(r"\1", word[1:].replace("y", "i")))


_PREFIX = re.compile(
    r"^(?:me(?=n|m|l|r|w)|di|ter|ke(?=p|s|t|b|d|j|c)|ber)(?=[^\W\d_]{4})"
)
_NASAL = re.compile(r"^(?:m(?=[bp])|n(?=[cdjts])|ng(?=[gkh]))(?=[^\W\d_]{4})")
_SUFFIX = re.compile(
    r"(?<=[^\W\d_]{4})(?:kannya|innya|annya|nya|kan|lah|kah|in|an|na|i)$"
)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without the affixes that formal and chat Indonesian use differently.

    For comparing only: mengalir and ngalir, dibuka and buka, aktifin and aktifkan are
    alike.
    """
    return _SUFFIX.sub("", _NASAL.sub("", _PREFIX.sub("", word)))


@lru_cache(maxsize=65536)
def key(word: str, lexicon: Lexicon) -> str:
    """Equal for spellings of one word; short words and numbers are taken as they
    are."""
    word = lexicon.same.get(word, word)
    return word if len(word) <= 3 or word[0].isdigit() else skeleton(stem(word))


def words_key(text: str | None, lexicon: Lexicon) -> str | None:
    """Equal for two texts with the same words; None where there is too little to tell
    by."""
    words = canonical(text or "", lexicon)
    if words.cut or len(words.telling) < SHORTEST:
        return None
    return hashlib.sha256(words.text.encode()).hexdigest()[:32]
