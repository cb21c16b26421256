"""A fresh sandbox, and the real client libraries pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import tweepy  # type: ignore[import-untyped]
from requests.adapters import HTTPAdapter

from sandbox.serve import Listener, Sandbox, listening, running


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def sandbox(listener: Listener) -> Iterator[Sandbox]:
    with running(listener=listener) as served:
        yield served


class Redirect(HTTPAdapter):
    """tweepy has its host built in; what it signed stays as it was."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:  # type: ignore[override]
        request.url = str(request.url).replace("https://api.twitter.com", self.url)
        return super().send(request, **options)


Tweepy = Callable[..., tweepy.Client]


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Tweepy]:
    """`client("dishub_demo")`: tweepy with that account's keys, or with what is given
    instead."""
    opened: list[tweepy.Client] = []

    def make(handle: str, **instead: str) -> tweepy.Client:
        account = next(a for a in sandbox.accounts("x") if a["handle"] == handle)
        keys = account["app"] | account["settings"] | instead
        del keys["base_url"]
        made = tweepy.Client(**keys, return_type=dict)
        made.session.mount("https://", Redirect(sandbox.url))
        opened.append(made)
        return made

    yield make
    for each in opened:
        each.session.close()
