"""Personal data in a text: what must not stand in a public answer or cross agencies
unmasked.

Found by form (16 digits, a telephone number, a plate), by the words around it ("no
sambungan", "atas nama") and by the parts of names. What is read is the text with
everything unseen taken out and every digit written as ours; what is told are places in
the text as given. Rather one thing too much is masked than one too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aggregator.rules.text.pii import conditions, homes, mails, names, numbers, plain
from aggregator.rules.text.pii.conditions import Span
from aggregator.rules.text.pii.found import TYPES, Found, People, Taken

__all__ = ["TYPES", "Found", "People", "mask", "personal_data", "types"]

_BESIDE = 28
_DIGIT = re.compile(r"\d")


def personal_data(text: str, people: People) -> list[Found]:
    """Everything found, in the order of the text; of overlapping findings the surest
    counts.

    `people` are those of `aggregator.city.City.lexicon`.
    """
    read = plain.readable(text)
    taken = Taken(bytearray(len(read.text)))
    found = [
        Found(one.type, read.original(*one.span), one.sure)
        for one in _all(read.text, people)
        if taken.take(*one.span)
    ]
    return sorted(found, key=lambda one: (one.span, one.type))


def types(text: str, people: People) -> list[str]:
    """The types that occur, in the order of `TYPES`."""
    present = {one.type for one in personal_data(text, people)}
    return [name for name in TYPES if name in present]


def mask(text: str, people: People) -> str:
    """The text with everything found replaced by its type in brackets."""
    return mask_found(text, personal_data(text, people))


def mask_sure(text: str, people: People) -> str:
    """The text with what is surely personal replaced by its type in brackets."""
    return mask_found(text, [one for one in personal_data(text, people) if one.sure])


def mask_found(text: str, found: list[Found]) -> str:
    """The text with these findings of it replaced by their types in brackets."""
    parts: list[str] = []
    at = 0
    for one in found:
        parts += [text[at : one.span[0]], f"[{one.type}]"]
        at = one.span[1]
    return "".join([*parts, text[at:]])


def _all(text: str, people: People) -> Iterator[Found]:
    """Candidates in a plain text, the surest forms first."""
    for span in mails.mails_in(text):
        yield Found("email", span)
    some = list(numbers.numbers_in(text))
    for number in some:
        yield Found(number.type, (number.begin, number.end), number.sure)
    people_named = sorted(
        names.names_in(text, people), key=lambda span: (span[0], -span[1])
    )
    if _DIGIT.search(text):
        for span in homes.dates_in(text):
            beside = _is_beside(span, people_named)
            among = bool(people_named or some)
            if homes.is_birth(text, *span, beside=beside, among=among):
                yield Found("birthdate", span)
        for span in homes.years_of_birth_in(text):
            yield Found("birthdate", span)
        for span in homes.plates_in(text):
            yield Found("plate", span)
    for span in homes.addresses_in(text):
        yield Found("address", span)
    young = conditions.children_in(text, people_named)
    for span in people_named:
        child = span in young
        yield Found("child" if child else "name", span, sure=child)
    for span, named in conditions.illnesses_in(text, people_named):
        yield Found("health", span, sure=named)
    for span in young:
        yield Found("child", span)


def _is_beside(span: Span, others: list[Span]) -> bool:
    return any(
        0 <= span[0] - other[1] <= _BESIDE or 0 <= other[0] - span[1] <= 3
        for other in others
    )
