"""The subject of a letter is part of what was said."""

from __future__ import annotations

from collections.abc import Collection


def together(
    subject: str | None,
    text: str | None,
    *,
    known: Collection[str] = (),
    number: str | None = None,
) -> str | None:
    """Subject and text as one; the subject is left out where it was said before in the
    case (`known`) or stands at the beginning of the text. `number`: a case it names and
    did not get into, which a reader should see."""
    heading = (subject or "").strip()
    if _same(heading) in {_same(one) for one in known}:
        heading = ""
    if number:
        heading = f"{heading} [Aduan {number}]".strip()
    body = (text or "").strip()
    if not heading or _same(body).startswith(_same(heading)):
        return text or None
    return f"{heading}\n\n{body}" if body else heading


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()
