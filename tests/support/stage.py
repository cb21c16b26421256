"""What the contract suite needs of a channel: somebody to talk, somebody to listen.

One stage a channel, in `tests/channels/<channel>/stage_<channel>.py`, as class `Stage`.
A stage acts through the sandbox (or, where nothing is fetched, through files and
deliveries) and never through the connector. A method a channel cannot have is left out;
the suite asks only for what the connector's abilities call for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Protocol

from connectors.base import Connector, Request
from sandbox.serve import Sandbox


class Stage(Protocol):
    """`poll_endpoint` and `send_endpoint` are endpoint names of planned faults (None:
    not HTTP).

    `shape` a real payload as `read_file` takes it, for property tests `page_size` items
    the platform gives a page, so that the suite can ask for several pages
    """

    shape: ClassVar[Any]
    poll_endpoint: ClassVar[str | None]
    send_endpoint: ClassVar[str | None]
    page_size: ClassVar[int]

    def __init__(self, sandbox: Sandbox) -> None:
        """A platform with one account of the city and some residents."""
        ...

    def connect(self) -> Connector:
        """The connector of the city's account; the suite closes it."""
        ...

    # abilities poll: a resident says something the next poll finds
    def say(self, text: str) -> str:
        """Its native id, as `normalise` gives it."""
        ...

    def poison(self) -> None:
        """An item nobody could read stands among the others."""
        ...

    def lock_out(self) -> None:
        """The credentials end: revoked, expired, password changed."""
        ...

    # where the platform tells of them
    def edit(self, native_id: str, text: str) -> None: ...

    def remove(self, native_id: str) -> None: ...

    def say_ourselves(self, text: str) -> str:
        """The city's own account says something that comes back through the poll."""
        ...

    # ability webhook
    def delivery(self, text: str) -> Request:
        """A genuine delivery that carries one thing somebody said, signed now."""
        ...

    def unknown_delivery(self) -> Request:
        """A genuine delivery of a kind nobody has heard of."""
        ...

    def stale_delivery(self) -> Request:
        """Genuine but too old; left out where the platform does not sign a time."""
        ...

    def challenge(self) -> tuple[Request, str]:
        """What the platform asks when a webhook is registered, and the right answer."""
        ...

    def app(self) -> Any: ...

    def account(self) -> Any: ...

    # ability reply
    def answerable(self) -> dict[str, Any]:
        """`reply_to` of something a resident has just said, as `normalise` gives it."""
        ...

    def late(self, to: dict[str, Any]) -> datetime:
        """A moment at which the window for answering is closed; left out where none
        closes."""
        ...

    def refuse(self, to: dict[str, Any]) -> None:
        """From now on the platform refuses answers to this (blocked, deleted)."""
        ...

    def arrived(self) -> list[str]:
        """Texts of the city's answers on the platform, oldest first."""
        ...
