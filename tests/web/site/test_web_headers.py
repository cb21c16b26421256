"""What every answer tells the browser to refuse, whatever it answers."""

from __future__ import annotations

import pytest
from website import Site

HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/masuk", 200),
        ("/", 303),
        ("/nowhere", 404),
        ("/static/sahut.css", 200),
        ("/static/nothing.css", 404),
    ],
)
def test_pages_errors_and_files_bear_the_headers(
    site: Site, path: str, status: int
) -> None:
    answer = site().get(path, follow_redirects=False)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
