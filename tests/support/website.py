"""What tests of pages do without a browser: fill in forms, sign in, look for pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

PASSWORD = "kata sandi panjang"
Site = Callable[[], TestClient]


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
