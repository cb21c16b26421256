"""What the rules found in the first message of a case, as it is kept with the case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from aggregator.rules.reports.authority import Owner, Visibility
from aggregator.rules.reports.gaps import Fact
from aggregator.rules.reports.kinds import Guess

if TYPE_CHECKING:  # to read tables nobody needs all that reads a text
    from aggregator.rules.places.gazetteer import Place
    from aggregator.rules.reports.understand import Understood

_WORDLESS = ("kind:", "class:", "account:", "person:", "said:", "language:")
"""Reasons for an owner that name nothing out of a message."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place of the text. `ward`: the name of the one it lies in, where that is
    known."""

    name: str
    type: str
    ward: str | None
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """As in `Understood`, without what the case itself holds; empty where no rule read
    it."""

    class_score: float | None = None
    class_reasons: tuple[str, ...] = ()
    office: bool = False
    kinds: tuple[Guess, ...] = ()
    places: tuple[FoundPlace, ...] = ()
    owners: tuple[Owner, ...] = ()
    visibility: Visibility | None = None
    urgent: tuple[str, ...] = ()
    gaps: tuple[Fact, ...] = ()

    def kind(self, code: str | None) -> Guess | None:
        """How sure the rules were of a kind, and why; None where it is not theirs."""
        return next((guess for guess in self.kinds if guess.code == code), None)

    def without_words(self) -> Findings:
        """What was decided stays; what it was read from, the words, goes."""
        return replace(
            self,
            class_reasons=(),
            kinds=tuple(replace(guess, reasons=()) for guess in self.kinds),
            places=(),
            owners=tuple(
                one if is_wordless(one.reason) else replace(one, reason="")
                for one in self.owners
            ),
            urgent=(),
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def is_wordless(reason: str) -> bool:
    """Whether the reason why an office has a case tells nothing of what was said."""
    return reason.startswith(_WORDLESS)


def of(read: Understood) -> Findings:
    return Findings(
        class_score=round(read.class_score, 2),
        class_reasons=read.class_reasons,
        office=read.office,
        kinds=tuple(
            Guess(guess.code, round(guess.score, 2), guess.reasons)
            for guess in read.kinds
        ),
        places=tuple(map(_found, read.places)),
        owners=read.owners,
        visibility=read.visibility,
        urgent=read.urgent,
        gaps=read.gaps,
    )


def _found(place: Place) -> FoundPlace:
    return FoundPlace(place.name, place.type, place.kelurahan, place.ambiguous)


def from_json(kept: Mapping[str, Any]) -> Findings:
    """As an earlier program may have kept them too, which knew less."""

    def each(name: str) -> Iterable[Mapping[str, Any]]:
        return kept.get(name) or ()

    return Findings(
        class_score=kept.get("class_score"),
        class_reasons=tuple(kept.get("class_reasons") or ()),
        office=bool(kept.get("office")),
        kinds=tuple(
            Guess(one["code"], one["score"], tuple(one.get("reasons") or ()))
            for one in each("kinds")
        ),
        places=tuple(FoundPlace(**one) for one in each("places")),
        owners=tuple(Owner(**one) for one in each("owners")),
        visibility=kept.get("visibility"),
        urgent=tuple(kept.get("urgent") or ()),
        gaps=tuple(kept.get("gaps") or ()),
    )
