"""Where one goes after a case: the next of the queue that one came from."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request

from aggregator.desk import filters, queue
from aggregator.desk.filters import Filter
from aggregator.people.viewers import Viewer
from aggregator.web.site import Site

_NEXT_AMONG = 500


def chosen(viewer: Viewer, asked: dict[str, str]) -> Filter:
    """The filter of an address; whoever sees every office begins with all of them."""
    return filters.parse(asked, "semua" if viewer.sees_all else "kantor")


def next_path(site: Site, request: Request, viewer: Viewer, after: str) -> str:
    """Where the queue somebody came from goes on: its next case, or the queue at its
    end."""
    query = str(request.session.get("antrean", ""))
    number = _next(site, viewer, chosen(viewer, dict(parse_qsl(query))), after)
    return f"/aduan/{number}" if number else f"/?{query}"


def _next(site: Site, viewer: Viewer, wanted: Filter, after: str) -> str | None:
    now = site.clock()
    rows = queue.standing(site.database, now, viewer, wanted, _NEXT_AMONG)
    numbers = [number for number, _ in rows]
    begin = numbers.index(after) + 1 if after in numbers else 0
    return next(
        (
            number
            for number, holder in rows[begin:]
            if holder is None and number != after
        ),
        None,
    )
