"""All platforms together, with the demonstration's accounts in them."""

from __future__ import annotations

import time
from collections.abc import Callable

from sandbox import demo
from sandbox.answers import Answers
from sandbox.identity import CityIdentity
from sandbox.platform import Platform, made
from sandbox.residents import Residents
from sandbox.state import Core
from sandbox.telegram_state import Telegram
from sandbox.x_state import X


class World:
    """`group` is the chat id of the kelurahan's Telegram group."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self.core = Core(source)
        self.telegram = Telegram(self.core)
        self.x = X(self.core)
        self.answers = Answers(self.core)
        self.identity = CityIdentity(self.core)
        self.group = demo.populate(self.telegram, self.x, self.answers)
        self.platforms = made(self.core)
        self.residents = Residents(
            self.core,
            self.telegram,
            self.x,
            self.group,
            {
                name: platform
                for platform in self.platforms
                for name in platform.channels
            },
        )

    def platform(self, channel: str) -> Platform:
        """KeyError where no platform has this channel."""
        for platform in self.platforms:
            if channel in platform.channels:
                return platform
        raise KeyError(channel)

    def revoke(self, token: str) -> None:
        """Any platform's token. KeyError: not known."""
        for platform, known in (
            (self.telegram, self.telegram.bots),
            (self.x, self.x.tokens),
            (self.answers, self.answers.tokens),
        ):
            if token in known:
                platform.revoke(token)
                return
        for other in self.platforms:
            try:
                other.revoke(token)
            except KeyError:
                continue
            return
        raise KeyError("no account of the sandbox has this token")
