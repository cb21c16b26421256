"""Channels by name: built-in ones from `BUILTIN`, others from entry points
`sahut.connectors`.

Loaded on first use, so a missing extra disables one channel, not the program.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from pkgutil import resolve_name

from connectors.base import Connector

BUILTIN = {
    "bluesky": "connectors.bluesky:Bluesky",
    "facebook": "connectors.facebook:Facebook",
    "feed": "connectors.feed:Feed",
    "google_reviews": "connectors.google_reviews:GoogleReviews",
    "imap": "connectors.imap:Imap",
    "instagram": "connectors.instagram:Instagram",
    "lapor": "connectors.lapor:Lapor",
    "manual": "connectors.manual:Manual",
    "mastodon": "connectors.mastodon:Mastodon",
    "messenger": "connectors.messenger:Messenger",
    "sibadra": "connectors.sibadra:Sibadra",
    "telegram": "connectors.telegram:Telegram",
    "threads": "connectors.threads:Threads",
    "tiktok": "connectors.tiktok:TikTok",
    "webform": "connectors.webform:WebForm",
    "whatsapp": "connectors.whatsapp:WhatsApp",
    "x": "connectors.x:X",
    "youtube": "connectors.youtube:YouTube",
}


class UnknownChannel(Exception):
    """No connector of that name; the message lists the names there are."""


class ChannelUnavailable(Exception):
    """The connector exists but a library it needs is not installed; the message names
    it."""


def names() -> list[str]:
    foreign = {point.name for point in entry_points(group="sahut.connectors")}
    return sorted(set(BUILTIN) | foreign)


@cache
def load(name: str) -> type[Connector]:
    """The connector class of a channel. UnknownChannel, ChannelUnavailable."""
    target = BUILTIN.get(name)
    if target is None:
        foreign = {
            point.name: point.value for point in entry_points(group="sahut.connectors")
        }
        target = foreign.get(name)
    if target is None:
        raise UnknownChannel(
            f"no channel named {name!r}; there are: {', '.join(names())}"
        )
    try:
        connector: type[Connector] = resolve_name(target)
    except ModuleNotFoundError as error:
        raise ChannelUnavailable(
            f"channel {name!r} needs the Python package {error.name!r}, which is not"
            " installed; install what brings the channel again, with all it needs"
        ) from error
    return connector
