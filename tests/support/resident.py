"""A resident who acts on a platform of the sandbox, for the stages of channels."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, ClassVar

from cityhall import CityHall

from sandbox.serve import Sandbox

_names = itertools.count(1)


class Resident:
    """Siti, who writes to the account of a stage, where its platform lets her.

    `greeting`: what she must put before her words for the account to hear of them
    `deliveries`: of the platform, with `idle`, where it delivers to the city too
    `with_photo`: what an event needs that brings a picture, where not everything does
    `unable`: what residents of this platform cannot do later (answer, edit, delete)
    """

    sandbox: Sandbox
    arrived: Callable[[], list[str]]
    deliveries: Any = None
    greeting: ClassVar[str] = ""
    with_photo: ClassVar[dict[str, Any]] = {}
    unable: ClassVar[frozenset[str]] = frozenset()

    def settle_in(self, city: CityHall, serve: Callable[[], str]) -> None:
        """What the city does beside registering its account. `serve`: its pages, from
        now on; their address."""
        if self.deliveries is not None:
            city.hear_from(self, serve())

    def deliver_to(self, connector: Any, callback_url: str) -> None:
        """As an administrator asks for it."""
        connector.subscribe(callback_url)

    def always(self) -> dict[str, Any]:
        """What every event of hers has in common (sandbox/residents.py)."""
        raise NotImplementedError

    def write(
        self, text: str, *, to: str | None = None, photo: str | None = None
    ) -> str:
        """How `rewrite` and `take_back` name it. `to`: what it answers, by its id on
        the platform."""
        name = f"ucapan-{next(_names)}"
        said = {**self.always(), "text": self.greeting + text, "as": name}
        if to is not None:
            said["reply_to"] = to
        if photo is not None:
            said |= {"photos": [photo], **self.with_photo}
        self._act(said)
        return name

    def rewrite(self, name: str, text: str) -> None:
        self._act({**self.always(), "edit": name, "text": self.greeting + text})

    def take_back(self, name: str) -> None:
        self._act({**self.always(), "delete": name})

    def answered(self) -> str:
        """The city's newest answer, by its id on the platform."""
        return self.sandbox.sent(self.always()["channel"])[-1].id

    def reached(self) -> list[str]:
        """What residents can read of the city's answers."""
        return self.arrived()

    def _act(self, event: dict[str, Any]) -> None:
        self.sandbox.world.residents.act(event)
