"""A resident at the report form: read the page, keep its hidden fields, fill in the
rest."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

from sandbox import photos

TIMEOUT_SECONDS = 20
BABAKAN_PASAR = (-6.6043, 106.8003)


class _Form(HTMLParser):
    """The first form of a page that can be typed into, and its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.hidden: dict[str, str] = {}
        self.complete = False
        self._typed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if self.complete:
            return
        if tag == "form":
            self.action, self.hidden, self._typed = told.get("action") or "", {}, False
        elif tag == "textarea":
            self._typed = True
        elif tag == "input" and told.get("type") == "hidden" and told.get("name"):
            self.hidden[str(told["name"])] = told.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._typed:
            self.complete = True


def fill_in(url: str, report: Mapping[str, Any]) -> int:
    """Send one report as a browser would; the status of the last page seen.

    ValueError: the page has no form with a text area.
    """
    session = requests.Session()
    session.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14)"
    page = session.get(url, timeout=TIMEOUT_SECONDS)
    if not page.ok:
        return page.status_code
    form = _Form()
    form.feed(page.text)
    if form.action is None or not form.complete:
        raise ValueError("the page has no form to fill in")
    fields = form.hidden | {
        "text": str(report.get("text", "")),
        "place": str(report.get("place", "")),
        "name": str(report.get("name", report.get("who", ""))),
        "contact": str(report.get("contact", "")),
    }
    if report.get("anonymous"):
        fields["anonymous"] = "on"
    label = report.get("photo")
    picture = photos.jpeg(str(label), gps=BABAKAN_PASAR) if label else b""
    files = {"photo": ("foto.jpg" if label else "", picture, "image/jpeg")}
    answer = session.post(
        urljoin(page.url, form.action),
        data=fields,
        files=files,
        headers={
            "Referer": page.url,
            "Origin": url.split("/", 3)[0] + "//" + url.split("/", 3)[2],
        },
        timeout=TIMEOUT_SECONDS,
    )
    return answer.status_code
