"""What the world of the sandbox asks of a platform, and the list of them."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Any, ClassVar, Protocol

from starlette.routing import Route
from starlette.types import Scope

from sandbox.state import Core

Event = dict[str, Any]

PLATFORMS: tuple[str, ...] = (
    "sandbox.bluesky:BlueskyService",
    "sandbox.feed:Publishers",
    "sandbox.google_reviews:GoogleBusiness",
    "sandbox.lapor:LaporAdmin",
    "sandbox.mail:MailWorld",
    "sandbox.mastodon:MastodonServer",
    "sandbox.meta:Meta",
    "sandbox.sibadra:Sibadra",
    "sandbox.threads:ThreadsApi",
    "sandbox.tiktok:TikTokApi",
    "sandbox.whatsapp:WhatsApp",
    "sandbox.youtube:YouTubeApi",
)
"""`module:Class` of every platform beside Telegram, X and the city's web site."""


class Platform(Protocol):
    """One vendor's platform, written from its documentation. Hold `core.lock` while
    touching it.

    `channels`  the channels whose scripted events it acts on
    """

    channels: ClassVar[tuple[str, ...]]

    def __init__(self, core: Core) -> None: ...

    def routes(self) -> list[Route]: ...

    def populate(self) -> None:
        """The demonstration's accounts; all secrets are made up."""
        ...

    def accounts(self, here: str) -> list[dict[str, Any]]:
        """`channel`, `handle`, `agency` (a code of config/agencies.yaml), `settings` of
        the account and `app` (settings of the whole installation, `base_url` among
        them: `here`, this sandbox).
        """
        ...

    def act(self, event: Event) -> str:
        """A resident does something (see residents.py); the id of what was made.
        ValueError."""
        ...

    def revoke(self, token: str) -> None:
        """KeyError: not a token of this platform."""
        ...

    def identify(self, scope: Scope) -> tuple[str | None, str] | None:
        """Token and endpoint ("GET /v1/things/:id") of a request to this platform, for
        planned faults; None: not a request to this platform."""
        ...


def made(core: Core) -> list[Platform]:
    """One of each platform, with its demonstration accounts."""
    platforms: list[Platform] = [resolve_name(name)(core) for name in PLATFORMS]
    for platform in platforms:
        platform.populate()
    return platforms
