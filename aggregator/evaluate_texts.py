"""The judged command `eval classify`: what the rules make of texts, as JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from aggregator.city import City
from aggregator.rules import authority
from aggregator.rules.pii import TYPES
from aggregator.rules.understand import Understood, understand

Row = dict[str, Any]


def classify(rows: Iterable[Row], city: City, on: date) -> Iterator[Row]:
    """One row of `id`, class and the rest for each row of `id` and `text`, in order."""
    short = {
        agency.code: agency.abbrev.casefold()
        for agency in city.catalog.agencies.values()
        if agency.kind == "kecamatan" and agency.abbrev
    }
    for row in rows:
        if "error" in row:
            yield row
            continue
        text = str(row.get("text") or "")
        found = understand(text, gazetteer=city.places, duties=city.duties, on=on)
        yield {"id": row.get("id"), **as_row(found, short)}


def as_row(found: Understood, short: Mapping[str, str]) -> Row:
    """The judged shape: docs/design.md, "Judging surface". Agencies are the city's own.

    `short`: the code a district goes by there ("boteng").
    """
    types = {one.type for one in found.pii}
    return {
        "class": found.klass,
        "kinds": [guess.code for guess in found.kinds],
        "places": [
            {
                "name": place.name,
                "type": place.type,
                "kelurahan": place.kelurahan,
                "kecamatan": place.kecamatan,
                "span": list(place.span),
            }
            for place in found.places
        ],
        "language": found.language,
        "agencies": [short.get(code, code) for code in authority.ours(found.owners)],
        "kewenangan": found.level,
        "urgent": bool(found.urgent),
        "pii": [name for name in TYPES if name in types],
    }
