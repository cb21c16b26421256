"""config/prices.yaml: what platforms bill, each price from the day it counts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field

from aggregator.store import settings
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.settings import PROGRAMS_CONFIG
from aggregator.store.yamlfile import Problem


class Price(Model):
    """US dollars for one of `what`, from the UTC day `since`. `free_monthly`: so many
    of an account cost nothing in a calendar month. `verified`: read on the vendor's own
    page."""

    channel: str = Field(min_length=1)
    what: str = Field(min_length=1)
    since: date
    usd: float = Field(ge=0)
    free_monthly: int = Field(default=0, ge=0)
    source: str = Field(min_length=1)
    verified: bool


@cache
def load(folder: Path) -> tuple[Price, ...]:
    """Those of a configuration folder, else those that come with the program.
    ConfigError."""
    own = folder / "prices.yaml"
    problems: list[Problem] = []
    file = File(
        own if own.exists() else PROGRAMS_CONFIG / own.name, ["prices"], problems
    )
    found = file.entries("prices", Price, "channel")
    first: dict[tuple[str, str, date], int] = {}
    for price, line in found:
        key = (price.channel, price.what, price.since)
        if key in first:
            file.wrong(
                line,
                f"{price.channel} {price.what} has a second price since {price.since}",
                f"remove it or the one in line {first[key]}",
            )
        first.setdefault(key, line)
    if problems:
        raise ConfigError(problems)
    return tuple(price for price, _ in found)


def here(channel: str, day: date) -> dict[str, Price]:
    """What counts on a day in this installation, by what is billed. SettingsError,
    ConfigError."""
    return on(load(settings.load().folder_of_config()), channel, day)


def on(prices: Iterable[Price], channel: str, day: date) -> dict[str, Price]:
    """The newest price of each thing that counts on a day already."""
    known: dict[str, Price] = {}
    for price in sorted(prices, key=lambda price: price.since):
        if price.channel == channel and price.since <= day:
            known[price.what] = price
    return known


def after(prices: Mapping[str, Price], sent: int) -> dict[str, float]:
    """US dollars of what is billed next, where an account has sent so many answers this
    month."""
    return {
        what: price.usd if sent >= price.free_monthly else 0.0
        for what, price in prices.items()
    }


def total(prices: Mapping[str, Price], billed: Mapping[str, int]) -> float:
    """US dollars for so many of each; what has no price costs nothing."""
    return sum(
        prices[what].usd * many for what, many in billed.items() if what in prices
    )
