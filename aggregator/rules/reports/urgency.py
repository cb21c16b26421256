"""Whether a message rings for 112: by reviewed words, and by weights learnt of made-up
cries for help where no list foresees the words.

Danger to life is rung for rather once too often; what quiets it must stand near the
word of danger ("takut pohon tumbang") or say of the whole message that it is over, long
past, a figure of speech, or about something else: insurance, a training, a film. A
question quiets nothing: who asks when the fire brigade comes has a fire. What is
quieted but may be a danger all the same is `maybe`: looked at first, without ringing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from aggregator.rules.text import words
from aggregator.rules.text.lexicon import Lexicon
from aggregator.rules.text.phrases import Hit, PhraseList

STRENGTHS = dict.fromkeys(
    (
        "life",
        "event",
        "water",
        "drain",
        "now",
        "call",
        "idiom",
        "unsure",
        "past",
        "over",
        "topic",
        "news",
    ),
    1.0,
)
"""Names only: no word rings louder than another."""
_BEFORE = 4
"""So many words before a word of danger may a doubt ("takut", "kalau") or a "tidak"
stand."""
_TOGETHER = 8
"""So many words apart may the words of one danger stand."""
_OUTWEIGH = 2
"""More ways than this of saying that a life is in danger are no slip of the tongue."""
_NEGATIONS = frozenset(
    ("tidak", "bukan", "belum", "tanpa", "no", "not", "bebas", "anti")
)
_INTENTIONS = frozenset(("mau", "akan", "bakal", "bisa", "hampir"))


@dataclass(frozen=True, slots=True)
class Alarm:
    """`rings`: show the banner. `reasons`: the words that ring; `quieted`: what spoke
    against. `maybe`: does not ring, and may be an emergency. `alone`: one
    listed word rings, and nothing beside it."""

    rings: bool
    reasons: tuple[str, ...] = ()
    quieted: tuple[str, ...] = ()
    maybe: bool = False
    alone: bool = False


def alarm(text: str, lexicon: Lexicon) -> Alarm:
    """Decide by the words of one message; no place, no author, no clock."""
    return decide(text, words.tokens(text, lexicon.spellings), lexicon)


def decide(text: str, tokens: Sequence[str], lexicon: Lexicon) -> Alarm:
    """As `alarm`, of a text and its words in their usual spelling.

    The weights hear what the lists say. Where these ring, less is needed of the weights
    than where they do not; what a list alone rings for may be one.
    """
    listed, votes = hear(tokens, lexicon.urgency)
    weights = lexicon.alarm_weights
    chance = weights.chance(text, tokens, votes)
    if listed.rings and chance >= weights.listed:
        return listed
    if chance >= weights.rings and len(tokens) > 1:
        return Alarm(True, weights.telling(text), listed.quieted)
    maybe = listed.rings or chance >= weights.maybe
    return Alarm(False, quieted=listed.quieted, maybe=maybe)


def judge(tokens: Sequence[str], listed: PhraseList) -> Alarm:
    """What the reviewed lists say, of words in their usual spelling."""
    return hear(tokens, listed)[0]


def hear(tokens: Sequence[str], listed: PhraseList) -> tuple[Alarm, list[str]]:
    """What the reviewed lists say, and their votes: the groups that are met, each pair
    of them, and the outcome."""
    by_group: dict[str, list[Hit]] = {}
    for hit in listed.find(tokens):
        by_group.setdefault(hit.entry.group, []).append(hit)
    found = _weighed(by_group, listed.forms(tokens))
    met = sorted(by_group)
    outcome = "rings" if found.rings else "maybe" if found.maybe else "calm"
    pairs = [f"{one}+{other}" for one, other in combinations(met, 2)]
    return found, [*met, *pairs, f"={outcome}{'1' if found.alone else ''}"]


def _weighed(
    by_group: Mapping[str, Sequence[Hit]], forms: Sequence[str | None]
) -> Alarm:
    dangers = [
        hit
        for hit in _dangers(by_group)
        if hit.at >= 0 or _near(hit.entry.words, forms)
    ]
    if not dangers:
        return Alarm(False)
    doubts = by_group.get("unsure", [])
    standing = [
        hit
        for hit in dangers
        if not _in_an_idiom(hit, by_group.get("idiom", []))
        and not _doubted(hit, doubts, forms)
    ]
    against = tuple(
        hit.entry.text
        for group in ("idiom", "unsure", "past", "over", "topic", "news")
        for hit in by_group.get(group, ())
    )
    if standing and not _quiet(by_group, standing):
        reasons = tuple(hit.entry.text for hit in standing)
        alone = len(set(reasons)) == 1 and not {"now", "call"} & by_group.keys()
        return Alarm(True, reasons, against, alone=alone)
    of_life = any(hit.entry.group == "life" for hit in dangers)
    maybe = bool(standing) or (of_life and "topic" not in by_group)
    return Alarm(False, quieted=against, maybe=maybe)


def _dangers(by_group: Mapping[str, Sequence[Hit]]) -> list[Hit]:
    """Water that a blocked drain lets into a house is a repair, not a rescue."""
    groups = ("life", "event") if "drain" in by_group else ("life", "event", "water")
    return [hit for group in groups for hit in by_group.get(group, ())]


def _near(words: Sequence[str], forms: Sequence[str | None]) -> bool:
    """Words that only have to occur say one thing where they stand close together."""
    first = [at for at, form in enumerate(forms) if form == words[0]]
    return any(
        all(
            word in forms[max(0, at - _TOGETHER) : at + _TOGETHER + 1] for word in words
        )
        for at in first
    )


def _in_an_idiom(danger: Hit, idioms: Sequence[Hit]) -> bool:
    """A figure of speech takes the word of danger with it where it contains or touches
    it."""
    return any(
        set(danger.entry.words) & set(idiom.entry.words)
        or (idiom.at >= 0 and danger.at >= 0 and abs(idiom.at - danger.at) <= 2)
        for idiom in idioms
    )


def _doubted(danger: Hit, doubts: Sequence[Hit], forms: Sequence[str | None]) -> bool:
    """ "takut pohon tumbang", "rawan longsor", "kalau kebakaran", "tidak ada korban
    luka".

    Of words that only have to occur any may be the doubted one. "mau" and its like are
    no doubt about a life: "mau melahirkan", "mau loncat".
    """
    entry = danger.entry
    if danger.at >= 0:
        places = [danger.at]
    else:
        places = [forms.index(word) for word in entry.words if word in forms]
    if entry.words[0] not in _NEGATIONS and any(
        word in _NEGATIONS for at in places for word in forms[max(0, at - 2) : at]
    ):
        return True
    return any(
        0 <= at - (doubt.at + len(doubt.entry.words)) < _BEFORE
        and not (entry.group == "life" and doubt.entry.text in _INTENTIONS)
        for doubt in doubts
        for at in places
    )


def _quiet(by_group: Mapping[str, Sequence[Hit]], standing: Sequence[Hit]) -> bool:
    """What is said of the whole message: it is over, it was long ago, it is about
    something else. Several words of danger to a life outweigh one such word."""
    life = {hit.entry.words for hit in standing if hit.entry.group == "life"}
    now, call = bool(by_group.get("now")), bool(by_group.get("call"))
    if len(life) > _OUTWEIGH and (now or call):
        return False
    if "over" in by_group or "topic" in by_group:
        return not (life and now and call)
    if "past" in by_group or "news" in by_group:
        return not now and not (life and call)
    return False
