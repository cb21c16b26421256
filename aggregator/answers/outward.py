"""The gate that every text for residents passes: what must not go out stops here.

Sure findings (an identity or account number, a child's name, an illness beside a name)
stop a text until its writer masks them or says why they must go out, which the trail
keeps. `Cleared` is made here alone, and nothing is queued without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aggregator import city
from aggregator.people.refusal import Refusal
from aggregator.rules.text import pii
from aggregator.store.tables.answers import Reply

STOPPED = "personal_data_stopped"
_LONGEST_REASON = 300
_LANDLINE = re.compile(r"\(?(?:0|\+?62[ -]?)(?!8)\d{2,3}\)?")
_GENERAL = re.compile(
    r"\b(?:rumah\s+sakit|usia\s+\d+\s*(?:-|–|s/?d|sampai|hingga)\s*\d+\s*(?:tahun|thn|bulan|bln))\b",
    re.IGNORECASE,
)
"""What says something about everybody: a hospital, an age from and to."""
_GREETING = re.compile(
    r"(?:(?:halo|hai|hallo|hi|hello|dear|yth|terima kasih|selamat \w{4,5}|punten|"
    r"assalamualaikum|sampurasun|kepada|kak|kakak|pak|bapak|bu|ibu|sdr|sdri|saudara|kang|"
    r"teh|mas|mbak|bang|mr|mrs|ms)[.,!/ ]{0,3})+",
    re.IGNORECASE,
)
_GATE = object()


@dataclass(frozen=True, slots=True)
class Cleared:
    """A text that may go out. `admitted`: the sure types in it that its writer took
    responsibility for, with `reason`."""

    text: str
    admitted: tuple[str, ...]
    reason: str
    made_by: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.made_by is not _GATE:
            raise TypeError("only the gate clears a text")

    def trail(self) -> dict[str, Any]:
        """What the trail keeps beside the act; nothing where nothing was admitted."""
        if not self.admitted:
            return {}
        return {"personal_data": list(self.admitted), "reason": self.reason}


def clear(text: str, although: str | None = None) -> Cleared:
    """The text as one that may go out. `although`: why what is surely personal must.

    Refusal `personal_data_stopped`, with `types`.
    """
    stopping = stopped(text)
    reason = (although or "").strip()[:_LONGEST_REASON]
    if stopping and not reason:
        raise Refusal(
            f"the text holds personal data ({', '.join(stopping)}): mask it, or say why"
            " it must go out",
            STOPPED,
            types=stopping,
        )
    return Cleared(text, stopping, reason if stopping else "", _GATE)


def findings(text: str) -> list[pii.Found]:
    """What is personal in a text of the city: not its own addresses and telephones, not
    whom it speaks to, not what is so of everybody."""
    general = [match.span() for match in _GENERAL.finditer(text)]
    return [
        one
        for one in pii.personal_data(text, city.here().lexicon.people)
        if not (_is_office(text, one) or _is_greeting(text, one))
        and not any(begin <= one.span[0] < end for begin, end in general)
    ]


def stopped(text: str) -> tuple[str, ...]:
    """The types of those findings that stop a text."""
    return _types(one for one in findings(text) if one.sure)


def types(text: str) -> tuple[str, ...]:
    """The types of the findings, in the order of `pii.TYPES`."""
    return _types(findings(text))


def masked(text: str) -> str:
    """The text with all of the findings by their types in brackets."""
    return pii.mask_found(text, findings(text))


def queued(said: Cleared, *, begins: str = "", **fields: Any) -> Reply:
    """A new answer for the outbox, not yet in a session. `begins`: a greeting before
    it, left off where the name in it would stop a text."""
    begins = "" if stopped(begins) else begins
    return Reply(text=f"{begins}{said.text}", **fields)


def _types(found: Iterable[pii.Found]) -> tuple[str, ...]:
    present = {one.type for one in found}
    return tuple(name for name in pii.TYPES if name in present)


def _is_office(text: str, found: pii.Found) -> bool:
    """An address or telephone of an authority: that is what an answer is for."""
    said = text[slice(*found.span)]
    if found.type == "email":
        return said.casefold().endswith(".go.id")
    return found.type == "phone" and _LANDLINE.match(said) is not None


def _is_greeting(text: str, found: pii.Found) -> bool:
    """The name of whom an answer speaks to, where it begins."""
    before = text[: found.span[0]].lstrip()
    said = text[slice(*found.span)]
    return found.type == "name" and (
        (not before and _GREETING.match(said) is not None)
        or _GREETING.fullmatch(before) is not None
    )
