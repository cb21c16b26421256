"""Texts offered to whoever answers a case: the one question to ask, the answer "not the
city's"."""

from __future__ import annotations

from functools import lru_cache

from aggregator import city
from aggregator.cases.casefile import CaseFile
from aggregator.people.refusal import Refusal
from aggregator.rules.places.finder import places_in
from aggregator.rules.reports import authority, gaps
from aggregator.rules.reports.gaps import MissingFact
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message

_SPOKEN = {"su": "su", "id-su": "su", "en": "en"}


def question(file: CaseFile) -> MissingFact | None:
    """The fact that the first message leaves out and the question for it, in its
    language."""
    case = file.case
    first = case.first_message_id
    message = file.session.get(Message, first) if first else None
    if message is None or message.deleted_at is not None or not message.text:
        return None
    said = "\n".join(part for part in (message.text, message.place) if part)
    return _asked(tuple(case.kinds), case.klass or "", said, case.language or "id")


@lru_cache(maxsize=1_000)
def _asked(
    kinds: tuple[str, ...], klass: str, said: str, language: str
) -> MissingFact | None:
    """Of the words alone, which every look at a case would read again."""
    return gaps.ask(kinds, places_in(said, city.here().places), klass, said, language)


def bodies(case: Case) -> list[str]:
    """Codes of the bodies outside the city that may be responsible for a case,
    likeliest first."""
    known = city.here().duties.bodies
    owners = case.understood.owners
    ranked = sorted(owners, key=lambda owner: owner.role != "responsible")
    return [owner.agency for owner in ranked if owner.agency in known]


def referral(case: Case, body: str | None = None) -> str:
    """The answer that names the responsible body and how to reach it, in the resident's
    language.

    Without `body` the likeliest one. Refusal where none is known or the code is
    wrong.
    """
    table = city.here().duties
    found = body or next(iter(bodies(case)), None)
    if found is None:
        codes = ", ".join(sorted(table.bodies))
        raise Refusal(f"say which body is responsible: {codes}", "no_body")
    if found not in table.bodies:
        raise Refusal(f"there is no body {found!r} in config/routing.yaml", "no_body")
    owner = table.owner(found, "responsible", "person")
    language = _SPOKEN.get(case.language or "", "id")
    return authority.not_ours(owner, table, language, case.number)
