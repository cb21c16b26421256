"""How much of a text the rules read. A letter may be as long as a book: all of it is
kept and shown, what it is about stands in its beginning."""

from __future__ import annotations

LONGEST_READ = 10_000
_CUT = " …"


def first_part(text: str) -> str:
    """The text, or its beginning up to the last blank in LONGEST_READ signs, with a
    mark that it goes on."""
    if len(text) <= LONGEST_READ:
        return text
    beginning = text[: LONGEST_READ - len(_CUT)]
    if " " in beginning[-100:]:
        beginning = beginning.rpartition(" ")[0]
    return beginning + _CUT
