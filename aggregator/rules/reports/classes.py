"""What sort of message a text is: complaint, question, wish, report on officials,
emergency, ...

Three things speak: reviewed words (`Lexicon.classes`), the alarm of `urgency`, and
weights trained on messages that people told apart: does a resident want something of
the city, does an office tell what it did, or is it talk. Works without the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from aggregator.rules.reports import kinds
from aggregator.rules.reports.context import NOT_RESIDENTS, UNKNOWN, Context
from aggregator.rules.text import linear, words
from aggregator.rules.text.leanings import NOTHING
from aggregator.rules.text.lexicon import Lexicon
from aggregator.rules.text.phrases import Hit, PhraseList

Code = Literal[
    "pengaduan",
    "permintaan_informasi",
    "aspirasi",
    "wbs",
    "darurat",
    "apresiasi",
    "cek_hoaks",
    "spam",
    "bukan_aduan",
]
Talk = Literal["case", "office", "talk"]
CODES: tuple[Code, ...] = Code.__args__  # type: ignore[attr-defined]
TALKS: tuple[Talk, ...] = Talk.__args__  # type: ignore[attr-defined]

STRENGTHS = {"sure": 3.0, "likely": 1.0, "hint": 0.3, "unless": -2.0}
_LOUDEST = 6.0
# Who speaks is learnt from few cities: it leads by no more than this and counts less
# than words.
_TRUST = 0.8
_LEAD = 2.0
_DOUBT = -1.0
_USUAL = 2.0
"""What speaks for talk where nothing else is said."""
# The weights know mentions, much of which is overheard. A text that names no account
# was written to the city itself: there they talk nobody down so far, and a problem told
# is a complaint.
_OVERHEARD = 0.2
_USUAL_IN_PRIVATE = 1.0
_DIRECT = 0.4
_TOLD = 0.3
_TOLD_DIRECTLY = 0.6
_SCORN = 3.0
_AGAIN = frozenset(
    ("tiap", "setiap", "selalu", "terus", "masih", "malah", "padahal", "lagi", "unggal")
)
_DONE = frozenset(("sudah", "terima_kasih", "alhamdulillah"))
_GROUP_OF: Mapping[Code, str] = {
    "pengaduan": "report",
    "permintaan_informasi": "ask",
    "aspirasi": "wish",
    "wbs": "official",
    "apresiasi": "praise",
    "cek_hoaks": "check",
    "spam": "spam",
}
OF_CLASSES = "class:"
_OF_MISCONDUCT = ("official", "officer", "takes", "secrecy")
GROUPS = (*_GROUP_OF.values(), *_OF_MISCONDUCT[1:], "office", "chat")
"""What reviewed words are grouped by."""
_TOGETHER = 4.0
"""What an official and what they took say together: more than a question or a wish."""
_SHORT, _NEARBY = 60, 25
"""Words: of a text in which what stands anywhere stands together, and between two that
tell of one thing in a longer one."""
_A_STORY = 8
"""Words from which on a text may tell of an official without a listed word."""
_OUTRIGHT = ("report", "ask", "wish", "official")
_FOR_THE_CITY: tuple[Code, ...] = (
    "pengaduan",
    "permintaan_informasi",
    "aspirasi",
    "wbs",
)


@dataclass(frozen=True, slots=True)
class Class:
    """`score` in (0, 1); `reasons`: listed words that were found; `talk`: who speaks, a
    resident who wants something (`case`), an office that tells what it did, or anybody
    about anything."""

    code: Code
    score: float
    reasons: tuple[str, ...] = ()
    talk: Talk = "case"


def class_of(
    text: str, lexicon: Lexicon, *, rings: bool = False, places: int = 0
) -> Class:
    """Decide by one message. `rings`: whether `urgency` found an emergency in it;
    `places`: how many places it names."""
    tokens = words.tokens(text, lexicon.spellings)
    found = kinds.hits_in(text, tokens, lexicon)
    weights = lexicon.class_weights
    return guess(
        text, tokens, found, lexicon.classes, weights, rings=rings, places=places
    )


def guess(
    text: str,
    tokens: Sequence[str],
    kind_hits: Sequence[Hit],
    listed: PhraseList,
    trained: linear.Model | None,
    *,
    rings: bool = False,
    places: int = 0,
    elsewhere: bool = False,
    learnt: Mapping[str, float] = NOTHING,
    context: Context = UNKNOWN,
) -> Class:
    """As `class_of`, of words already found. `elsewhere`: it names a body outside the
    city whose matter it is; `learnt`: what `Leanings` says of the text."""
    hits = listed.find(tokens)
    scores, talks = weighed(
        text,
        tokens,
        kind_hits,
        hits,
        trained,
        places=places,
        elsewhere=elsewhere,
        context=context,
    )
    for code in scores:
        scores[code] += learnt.get(OF_CLASSES + code, 0.0)
    wrong = learnt.get(OF_CLASSES + "wbs", 0.0)
    if scores["wbs"] - wrong > 0:
        # nothing learnt makes public what words tell of an official
        scores["wbs"] -= min(wrong, 0.0)
    elif wrong > 0 and not half_told(hits) and len(tokens) < _A_STORY:
        # nor hides what no word tells
        scores["wbs"] -= wrong
    order = sorted(scores, key=lambda code: (-scores[code], code))
    chances = dict(
        zip(order, linear.softmax([scores[code] for code in order]), strict=True)
    )
    talk = max(TALKS, key=lambda name: talks[name])
    if context.author in NOT_RESIDENTS:
        teller: Talk = "office" if context.author == "office" else "talk"
        return Class("bukan_aduan", 0.9, (), teller)
    if rings:
        return Class("darurat", max(0.9, chances[order[0]]), ("112",), talk)
    best = order[0]
    return Class(best, round(chances[best], 3), _reasons(best, hits), talk)


def weighed(
    text: str,
    tokens: Sequence[str],
    kind_hits: Sequence[Hit],
    hits: Sequence[Hit],
    trained: linear.Model | None,
    *,
    places: int = 0,
    elsewhere: bool = False,
    context: Context = UNKNOWN,
) -> tuple[dict[Code, float], dict[Talk, float]]:
    """What reviewed words say of each class, and who speaks."""
    sums = group_scores(_near_each_other(hits, len(tokens)))
    about = kinds.list_scores(tokens, kind_hits)
    problem = max(about.values(), default=0.0)
    if elsewhere:
        problem = max(problem, STRENGTHS["likely"])
    if "?" in text and sums["report"] < STRENGTHS["likely"]:
        sums["ask"] += STRENGTHS["likely"]
    talks = talk_scores(
        features(text, tokens, hits, kind_hits, places), sums, problem, trained
    )
    scores = class_scores(
        sums,
        problem,
        talks,
        direct=bool(context.private) or "@" not in text,
        private=bool(context.private),
    )
    if (
        problem >= STRENGTHS["sure"]
        and _AGAIN & set(tokens)
        and not _DONE & set(tokens)
    ):
        scores["apresiasi"] -= (
            _SCORN  # "hebat, tiap hujan jadi kolam": praise that is none
        )
        scores["pengaduan"] += _SCORN / 2
    return scores, talks


def group_scores(hits: Sequence[Hit]) -> dict[str, float]:
    """What the listed words of each group say together; no group shouts another
    down."""
    sums: dict[str, float] = dict.fromkeys(GROUPS, 0.0)
    for hit in hits:
        sums[hit.entry.group] += STRENGTHS[hit.entry.strength]
    return {group: min(total, _LOUDEST) for group, total in sums.items()}


def talk_scores(
    found: Sequence[str],
    sums: Mapping[str, float],
    problem: float,
    trained: linear.Model | None,
) -> dict[Talk, float]:
    """Who speaks: by the trained weights, or without them by the words alone."""
    if trained is not None:
        given = dict(zip(trained.labels, trained.scores(found), strict=True))
        return {name: given[name] for name in TALKS}
    wanted = max(
        sums["report"], sums["ask"], sums["wish"], sums["official"], sums["check"]
    )
    return {
        "case": wanted / 2 + min(problem, 3.0) / 3,
        "office": sums["office"] / 1.5,
        "talk": 0.7 + sums["chat"] / 2,
    }


def class_scores(
    sums: Mapping[str, float],
    problem: float,
    talks: Mapping[Talk, float],
    *,
    direct: bool = False,
    private: bool = False,
) -> dict[Code, float]:
    """One number a class; the largest wins. `private`: who writes to the city alone
    and tells of something does not talk about it in passing."""
    beside = max(talks["office"], talks["talk"])
    # Words that ask or complain outright are not talked down: the weights know one
    # city's talk.
    outright = max(sums[group] for group in _OUTRIGHT) >= STRENGTHS["sure"]
    lead = _TRUST * (talks["case"] - beside)
    lead = max(_DOUBT if outright else -_LEAD, min(_LEAD, lead))
    if direct and lead < 0:
        lead *= _DIRECT
    told_something = problem > 0 or any(sums[group] > 0 for group in _OUTRIGHT)
    if private and told_something:
        lead = max(lead, 0.0)
    scores: dict[Code, float] = {code: sums[group] for code, group in _GROUP_OF.items()}
    told = _TOLD_DIRECTLY if direct else _TOLD
    scores["pengaduan"] = 0.6 * sums["report"] + told * min(problem, 3.0) + 0.6
    for code in _FOR_THE_CITY:
        scores[code] += lead
    wrong = misconduct(sums)
    scores["wbs"] = 1.4 * wrong + lead if wrong > 0 else -3.0
    scores["cek_hoaks"] = 1.3 * sums["check"] + 0.5 if sums["check"] >= 1.5 else -3.0
    scores["spam"] = 1.3 * sums["spam"] if sums["spam"] >= 2 else -3.0
    scores["apresiasi"] = (
        1.1 * sums["praise"] - 0.8 * sums["report"] - 0.5 * sums["office"]
    )
    if sums["praise"] >= STRENGTHS["sure"]:
        scores["apresiasi"] -= 0.7 * min(
            lead, 0.0
        )  # who says thanks wants nothing: talk as well
    usual = _USUAL if direct else _USUAL + _OVERHEARD
    if private and told_something:
        usual = _USUAL_IN_PRIVATE
    scores["bukan_aduan"] = (
        (usual / 2 if outright else usual)
        - lead
        + 0.3 * max(sums["chat"], sums["office"])
    )
    return scores


def votes(hits: Sequence[Hit], kind_hits: Sequence[Hit], context: Context) -> list[str]:
    """What lists and the channel say of a text, for `Leanings` to hear."""
    found = [f"{hit.entry.group}:{hit.entry.strength}" for hit in (*hits, *kind_hits)]
    if context.private is not None:
        found.append("private" if context.private else "public")
    return sorted(set(found))


def _near_each_other(hits: Sequence[Hit], length: int) -> list[Hit]:
    """Without officials of whom nothing is told nearby: in a long letter somebody is
    named, and elsewhere money."""
    told = [
        hit.at
        for hit in hits
        if hit.entry.group in ("official", "takes", "secrecy")
        and (hit.at >= 0 or length <= _SHORT)
    ]
    return [
        hit
        for hit in hits
        if hit.entry.group not in _OF_MISCONDUCT
        or (hit.at < 0 and length <= _SHORT)
        or (hit.at >= 0 and hit.entry.group != "officer")
        or (hit.at >= 0 and any(at < 0 or abs(at - hit.at) <= _NEARBY for at in told))
    ]


def misconduct(sums: Mapping[str, float]) -> float:
    """How loudly a text tells of an official who takes what is not theirs; 0 where it
    does not. One word of it tells nothing: an official and money or a threat do, or a
    word for the deed beside either, or a plea for secrecy about an official."""
    deed, officer, takes, plea = (max(sums[group], 0.0) for group in _OF_MISCONDUCT)
    outright = takes >= STRENGTHS["sure"]
    taken = (officer >= 1 and takes >= 1) or (officer > 0 and outright)
    done = deed >= STRENGTHS["sure"] and (officer >= 1 or takes >= 1 or plea >= 1)
    in_secret = plea >= 1 and (deed >= 1 or (officer >= 1 and takes > 0))
    asked_to_hide = plea >= STRENGTHS["sure"] and officer >= 1
    if taken or done or in_secret or asked_to_hide:
        return min(_TOGETHER + 0.4 * (deed + takes + plea), _LOUDEST)
    return deed if deed >= STRENGTHS["sure"] else 0.0


def half_told(hits: Sequence[Hit]) -> bool:
    """Whether at least two of a deed, an official, money or a threat, and a plea for
    secrecy are named: enough for what is learnt to tell the rest."""
    return len({hit.entry.group for hit in hits} & set(_OF_MISCONDUCT)) > 1


def _reasons(code: Code, hits: Sequence[Hit]) -> tuple[str, ...]:
    if code == "wbs":
        groups: tuple[str, ...] = _OF_MISCONDUCT
    else:
        groups = (_GROUP_OF[code],) if code in _GROUP_OF else ("office", "chat")
    return tuple(
        hit.entry.text
        for hit in hits
        if hit.entry.group in groups and hit.entry.strength in ("sure", "likely")
    )


def features(
    text: str,
    tokens: Sequence[str],
    hits: Sequence[Hit],
    kind_hits: Sequence[Hit],
    places: int,
) -> list[str]:
    """What the trained weights are about: listed words as groups, words, pairs of
    words, form."""
    found = [f"={hit.entry.group}:{hit.entry.strength}" for hit in hits]
    found += [f"#{hit.entry.strength}" for hit in kind_hits]
    found += [*form(text, tokens), f"%places{min(places, 3)}"]
    known = ["<", *["0" if token[0] <= "9" else token for token in tokens], ">"]
    found += known[1:-1]
    found += [f"{first} {second}" for first, second in pairwise(known)]
    for word in tokens:
        if len(word) > 5:
            found += ("~" + word[:4], "~" + word[-4:])
    return found


_SORTS = {
    "office": (
        "dinas",
        "dishub",
        "satpol",
        "pemkot",
        "pemkab",
        "pemprov",
        "pemda",
        "kota",
        "pdam",
        "tirta",
        "bpbd",
        "damkar",
        "humas",
        "diskom",
        "dinkes",
        "disd",
        "disp",
        "dlh",
        "dpu",
        "pupr",
        "kec_",
        "kel_",
        "camat",
        "lurah",
        "polres",
        "polisi",
        "polsek",
        "wali",
        "bupati",
    ),
    "media": (
        "info",
        "fm",
        "radio",
        "news",
        "lalin",
        "tmc",
        "warta",
        "media",
        "kabar",
        "detik",
        "kompas",
    ),
}


def _sorts(handles: str) -> list[str]:
    """What handles call themselves: an office, a medium. Which ones they are does not
    count."""
    said = handles.casefold()
    return [
        sort for sort, names in _SORTS.items() if any(name in said for name in names)
    ]


def form(text: str, tokens: Sequence[str]) -> list[str]:
    """How a text looks: repost, question, shout, links, handles in front, length,
    numbers."""
    handles = text.count("@")
    found = [f"%long{min(len(tokens) // 4, 8)}", f"%at{min(handles, 4)}"]
    if "?" in text:
        found.append("%?")
    if "!" in text:
        found.append("%!")
    if "#" in text:
        found.append("%#")
    if "http" in text:
        found.append("%link")
    if (repost := words.REPOST.match(text)) is not None:
        found.append("%repost")
        found += [f"%repost {sort}" for sort in _sorts(repost[0])]
    if handles:
        found += [
            f"%at {sort}" for sort in _sorts(" ".join(words.HANDLE.findall(text)))
        ]
    if text.lstrip().startswith("@"):
        found.append("%to")
    if any(token[0] <= "9" for token in tokens):
        found.append("%number")
    return found
