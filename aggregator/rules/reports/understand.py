"""Everything the rules read in one text, together: what the pipeline and `eval
classify` use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from aggregator.rules.places.finder import addressed, places_in
from aggregator.rules.places.gazetteer import NOTHING, Gazetteer, Place
from aggregator.rules.reports import (
    authority,
    classes,
    gaps,
    institutions,
    kinds,
    urgency,
)
from aggregator.rules.reports.authority import Level, Owner, Table, Visibility
from aggregator.rules.reports.context import UNKNOWN, Context
from aggregator.rules.reports.gaps import Fact
from aggregator.rules.reports.kinds import Guess
from aggregator.rules.text import language, pii, words
from aggregator.rules.text.extent import first_part
from aggregator.rules.text.lexicon import Lexicon

NO_DUTIES = Table((), {}, {})
_NO_KIND = "umum"
_MISCONDUCT = "pungli"
LEARNT_LANGUAGES = frozenset(("id", "id-su", "su", "id-jv", "mixed"))
"""Languages of the messages that taught the weights of `classes`; of others words alone
decide."""
SURE = 0.5
"""From this confidence on a case goes to the office of its duty by itself; below it the
one addressed has it."""
_HIDES = 0.8
"""From this confidence on a secret kind keeps every other office out."""
_WORTH_AN_OWNER = 0.15
"""A kind that is only just possible brings in no office, and hides no case."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text says. A person may correct any of it.

    `klass`: one of `classes.CODES`, `class_score` in (0, 1), `class_reasons` the words
    that told; `office`: an office tells what it did, so no resident waits for an
    answer. `kinds`: at most three, best first; `umum` where a case has no kind that
    words tell. `places`: in the order of the text. `language`: one of
    `language.LANGUAGES`. `owners`: at most three, best first; empty for what is no
    case. `level`: kewenangan, of the first owner. `visibility`: who may see the case
    and where it is answered. `urgent`: the words that ring for 112, empty where nothing
    rings. `pii`: with spans of the text. `gaps`: facts a case lacks, most needed first
    (`gaps.ask` makes the question).
    """

    klass: classes.Code
    class_score: float
    class_reasons: tuple[str, ...]
    office: bool
    kinds: tuple[Guess, ...]
    places: tuple[Place, ...]
    language: str
    owners: tuple[Owner, ...]
    level: Level | None
    visibility: Visibility
    urgent: tuple[str, ...]
    maybe_urgent: bool
    pii: tuple[pii.Found, ...]
    gaps: tuple[Fact, ...]

    @property
    def confidence(self) -> float:
        """How likely the first owner is the right one, from 0 (nobody owns it, or no
        word tells its kind) to 1."""
        first = next(iter(self.kinds), None)
        if first is None or first.code == _NO_KIND or not self.owners:
            return 0.0
        return first.score

    @property
    def sure(self) -> bool:
        """Whether the case goes to its office by itself."""
        return self.confidence >= SURE


def understand(
    text: str,
    lexicon: Lexicon,
    *,
    gazetteer: Gazetteer = NOTHING,
    duties: Table = NO_DUTIES,
    context: Context = UNKNOWN,
    on: date,
) -> Understood:
    """Read one message, of a long one its beginning. Pure: same text, tables and day
    (of the city), same answer.

    This signature is what the pipeline relies on; new findings become fields of
    `Understood`. `lexicon`, `gazetteer` and `duties` are those of
    `aggregator.city.City` (`lexicon`, `places`, `duties`); without the last two places
    are phrases and nobody owns anything.
    """
    text = first_part(text)
    said = words.spoken(text)
    tokens = words.usual(said, lexicon.spellings)
    alarm = urgency.decide(text, tokens, lexicon)
    kind_hits = kinds.hits_in(text, tokens, lexicon)
    class_hits = lexicon.classes.find(tokens)
    learnt = lexicon.leanings.scores(
        text, tokens, classes.votes(class_hits, kind_hits, context)
    )
    found = kinds.guess(
        tokens,
        kind_hits,
        duties.led_by(context.account, on),
        learnt,
        duties.secret_kinds(on),
    )
    places = places_in(text, gazetteer)
    if "@" in text and not any(place.kelurahan or place.government for place in places):
        places += addressed(text, gazetteer)
    body = institutions.told(tokens, lexicon.institutions)
    spoken = language.guess(said, lexicon.everyday, lexicon.language_weights).language
    klass = classes.guess(
        text,
        tokens,
        kind_hits,
        lexicon.classes,
        lexicon.class_weights if spoken in LEARNT_LANGUAGES else None,
        rings=alarm.rings,
        places=len(places),
        elsewhere=body is not None,
        learnt=learnt,
        context=context,
    )
    if context.private and not text.strip():
        # a recording, a call: somebody has to listen before it is no report
        klass = classes.Class("pengaduan", 0.5)
    if klass.code == "spam":
        found = []
    elif not found and klass.code not in authority.NOT_A_CASE:
        found = [Guess(_NO_KIND, 0.5, ())]
    if klass.code == "wbs":
        found = _misconduct_first(found)
    codes = _deciding(found, duties, on)
    owners = authority.owners(codes, places, klass.code, duties, on, body)
    return Understood(
        klass=klass.code,
        class_score=klass.score,
        class_reasons=alarm.reasons
        if alarm.rings
        else klass.reasons or _heard(text, classes.OF_CLASSES + klass.code, lexicon),
        office=klass.talk == "office",
        kinds=tuple(
            replace(one, reasons=_heard(text, kinds.OF_KINDS + one.code, lexicon))
            if not one.reasons
            else one
            for one in found
        ),
        places=tuple(places),
        language=spoken,
        owners=tuple(owners),
        level=authority.authority(owners),
        visibility=authority.visibility(codes, klass.code, duties, on),
        urgent=alarm.reasons if alarm.rings else (),
        maybe_urgent=alarm.maybe,
        pii=tuple(pii.personal_data(text, lexicon.people)),
        gaps=tuple(gaps.missing(codes, places, klass.code, text)),
    )


def _heard(text: str, label: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The words that spoke for what no listed word told: shown, never decided by."""
    if label not in lexicon.leanings.labels:
        return ()
    return lexicon.leanings.telling(text, label)


def _deciding(found: Sequence[Guess], duties: Table, on: date) -> list[str]:
    """Kinds by which a case gets its offices. A secret one takes it from all others, so
    it has to come first, with a word of the lists for it: a guess that an office may be
    complained about hides no ordinary report."""
    return [
        guess.code
        for at, guess in enumerate(found)
        if guess.score >= _WORTH_AN_OWNER
        and (
            not duties.is_secret(guess.code, on)
            or (at == 0 and guess.reasons and guess.score >= _HIDES)
        )
    ]


def _misconduct_first(found: list[Guess]) -> list[Guess]:
    """Whose counter it was is the second question: who looks into officials comes
    first."""
    told = [guess for guess in found if guess.code == _MISCONDUCT]
    score = max(0.5, *(guess.score for guess in found)) if found else 0.5
    first = Guess(_MISCONDUCT, score, told[0].reasons if told else ())
    rest = [guess for guess in found if guess.code not in (_MISCONDUCT, _NO_KIND)]
    return [first, *rest][: kinds.MOST]
