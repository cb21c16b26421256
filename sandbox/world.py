"""All platforms together, with the demonstration's accounts in them."""

from __future__ import annotations

import time
from collections.abc import Callable

from sandbox import demo
from sandbox.answers import Answers
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
        self.group = demo.populate(self.telegram, self.x, self.answers)
        self.residents = Residents(self.core, self.telegram, self.x, self.group)

    def revoke(self, token: str) -> None:
        """A bot token, an X access token, or a token of the web site. KeyError: not known."""
        for platform, known in (
            (self.telegram, self.telegram.bots),
            (self.x, self.x.tokens),
            (self.answers, self.answers.tokens),
        ):
            if token in known:
                platform.revoke(token)
                return
        raise KeyError("no account of the sandbox has this token")
