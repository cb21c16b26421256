"""The three days before the demonstration: who said what, when, and to whom.

Made from life.yaml, the same each time. More is said in the evening than at night.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import resources
from typing import Any

import yaml

from sandbox.residents import Event, Residents

HOURS = 72
_BY_HOUR = (1, 1, 1, 1, 2, 5, 9, 10, 9, 8, 7, 7, 8, 7, 6, 7, 9, 11, 12, 13, 12, 9, 5, 2)
_KEPT_HOURS = {"telegram": 20}
"""What a platform forgets after a day is said on its last one only."""


def happened(now: float, seed: int = 5) -> list[tuple[float, Event]]:
    """Moments (epoch seconds, before `now`) with what a resident did, in order of
    time."""
    told = _told()
    chance = random.Random(seed)
    moments = [
        (now - hours * 3600, event) for hours, event in _everyday(told, chance, now)
    ]
    for story in told["stories"]:
        for number, event in enumerate(story["events"]):
            moments.append(
                (now - story["at"] * 3600 + number * story["every"] * 60, event)
            )
    return sorted(moments, key=lambda moment: moment[0])


def relive(residents: Residents, seed: int = 5) -> int:
    """Let all of it happen in a world whose clock stands `HOURS` back; how much did."""
    clock = residents.core.clock
    now = clock.now()
    clock.advance(-HOURS * 3600)
    done = 0
    for moment, event in happened(now, seed):
        clock.advance(moment - clock.now())
        residents.act(event)
        done += 1
    clock.advance(now - clock.now())
    return done


def _everyday(
    told: dict[str, Any], chance: random.Random, now: float
) -> Iterator[tuple[float, Event]]:
    for entry in told["texts"]:
        for place in chance.sample(told["places"], entry["times"]):
            way = chance.choice(told["ways"][entry["to"]])
            hours = _hours_ago(chance, now, _KEPT_HOURS.get(way["channel"], HOURS))
            yield (
                hours,
                _event(
                    entry["text"].replace("PLACE", place), way, chance, told["people"]
                ),
            )


def _event(
    text: str, way: dict[str, Any], chance: random.Random, people: list[str]
) -> Event:
    who = chance.choice(people)
    event: Event = {key: value for key, value in way.items() if key != "name"}
    event["text"] = f"@{way['name']} {text}" if "name" in way else text
    simple = way["channel"] in ("x", "mastodon", "threads", "tiktok")
    event["who"] = (
        f"{who.lower().replace(' ', '_')}_{chance.randrange(90)}" if simple else who
    )
    return event


def _hours_ago(chance: random.Random, now: float, kept: float) -> float:
    """A moment of the past: likelier in hours when people write (of Western
    Indonesia)."""
    while True:
        hours = chance.uniform(0.2, kept - 0.5)
        hour = int(((now - hours * 3600) / 3600 + 7) % 24)
        if chance.random() * max(_BY_HOUR) < _BY_HOUR[hour]:
            return hours


def _told() -> dict[str, Any]:
    text = resources.files("sandbox").joinpath("life.yaml").read_text(encoding="utf-8")
    known: dict[str, Any] = yaml.safe_load(text)
    return known
