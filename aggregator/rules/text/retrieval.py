"""Which of many short texts answers a question: by the words both have, the rare ones
first.

Spelling, affixes and everyday synonyms do not count ("akte", "bikin", "digigit"). A
word that few texts have tells more than one that many have; a word of a title more than
one of a body.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from aggregator.rules.text.canonical import canonical, key
from aggregator.rules.text.lexicon import Lexicon

_BODY_COUNTS = 0.7
_UNKNOWN_COUNTS = 0.7
"""What a word that no text has takes away: a question about something else finds
nothing."""
_TITLE_SHARE = 0.3


def scores(
    question: str, texts: Sequence[tuple[str, str]], lexicon: Lexicon
) -> list[float]:
    """For each (title, body) from 0 to 1 how likely it answers the question."""
    asked = _terms(question, lexicon)
    read = [
        (_terms(title, lexicon), _terms(title, lexicon) | _terms(body, lexicon))
        for title, body in texts
    ]
    spread = Counter(term for _, every in read for term in every)
    weight = {
        term: math.log(1 + len(read) / (count + 0.5)) for term, count in spread.items()
    }
    known = sum(
        weight.get(term, _UNKNOWN_COUNTS * math.log(1 + len(read))) for term in asked
    )
    return [_score(asked, title, every, weight, known) for title, every in read]


def _score(
    asked: frozenset[str],
    title: frozenset[str],
    every: frozenset[str],
    weight: dict[str, float],
    known: float,
) -> float:
    shared = asked & every
    if not shared:
        return 0.0
    found = sum(
        weight[term] * (1.0 if term in title else _BODY_COUNTS) for term in shared
    )
    of_title = sum(weight[term] for term in shared & title)
    whole_title = sum(weight[term] for term in title) or 1.0
    return (1 - _TITLE_SHARE) * found / known + _TITLE_SHARE * of_title / whole_title


@lru_cache(maxsize=4096)
def _terms(text: str, lexicon: Lexicon) -> frozenset[str]:
    return frozenset(key(word, lexicon) for word in canonical(text, lexicon).telling)
