"""What tests of pages do without a browser: fill in forms, sign in, look for pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import lxml.html
from fastapi import FastAPI
from fastapi.testclient import TestClient

PASSWORD = "kata sandi panjang"
Site = Callable[[], TestClient]


_WITHIN_A_LINE = {"a", "abbr", "b", "bdi", "code", "data", "em", "i", "label", "mark"}
_WITHIN_A_LINE |= {"q", "s", "small", "span", "strong", "sub", "sup", "time", "u"}
_SPOKEN = ("alt", "aria-label", "placeholder", "title")


def visible(page: str) -> str:
    """What a person reads on a page, or on a part of one, as one line.

    Words of fields, buttons and pictures are among it, and what is behind a fold.
    Markup is not: a token drawn by chance may hold any few digits or letters.
    """
    return " ".join("".join(_said(lxml.html.fromstring(page))).split())


def _said(one: lxml.html.HtmlElement) -> Iterator[str]:
    if not isinstance(one.tag, str) or one.tag in ("script", "style", "template"):
        return
    if "hidden" in one.attrib or one.get("type") == "hidden":
        return
    around = "" if one.tag in _WITHIN_A_LINE else " "
    yield around + (one.text or "")
    if one.tag == "input" and one.get("type") not in ("checkbox", "radio"):
        yield one.get("value", "")
    yield from (f" {one.attrib[name]} " for name in _SPOKEN if name in one.attrib)
    for part in one:
        yield from _said(part)
        yield part.tail or ""
    yield around


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def token(page: str) -> str:
    found = re.search(r'name="csrftoken" value="([^"]+)"', page)
    assert found is not None, page[:500]
    return found[1]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def post(browser: TestClient, page: str, path: str, **fields: Any) -> Any:
    """Submit a form of a page that is opened first."""
    return browser.post(
        path, data={"csrftoken": token(browser.get(page).text), **fields}
    )


def sign_in(browser: TestClient, login: str) -> TestClient:
    post(browser, "/masuk", "/masuk", login=login, password=PASSWORD)
    return browser


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of every page, as declared."""
    for included in app.routes:
        for route in getattr(
            included, "original_router", app.router.__class__()
        ).routes:
            for method in route.methods - {"HEAD"}:
                yield method, route.path
