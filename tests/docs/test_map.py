"""docs/design.md is the map of the house: its rooms, its road and its contract are
those of the code."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pkgutil import resolve_name

import pytest
from pages import ROOT, blocks_of, text_of

MAP = text_of(ROOT / "docs/design.md")
LAYERS = {
    contract["containers"][0]: contract["layers"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    if contract["type"] == "layers"
}


def drawing_of(heading: str) -> str:
    """The block below a heading."""
    return blocks_of(MAP.split(f"\n## {heading}\n")[1])[0].text


def rooms_drawn() -> list[str]:
    """The folders of the drawing as paths, each below the one it is indented under."""
    above: list[tuple[int, str]] = []
    found = []
    for line in drawing_of("Rooms").splitlines():
        if drawn := re.match(r"( *)(\w+)/(?: |$)", line):
            depth = len(drawn[1])
            above = [one for one in above if one[0] < depth]
            above.append((depth, drawn[2]))
            found.append("/".join(name for _, name in above))
    return found


ROAD = sorted(set(re.findall(r"\b[a-z_]+(?:\.\w+)+", drawing_of("The road of a post"))))


def test_every_room_has_one_line_on_the_map_and_every_line_a_room() -> None:
    rooms = {"aggregator", "connectors"}
    rooms |= {f"aggregator/{folder}" for folder in packages("aggregator")}
    for room in ("web", "rules"):
        rooms |= {
            f"aggregator/{room}/{part}" for part in packages(f"aggregator/{room}")
        }
    shared = [name for name in packages("connectors") if name.startswith("_")]
    rooms |= {f"connectors/{name}" for name in shared}
    drawn = rooms_drawn()
    assert sorted(drawn) == sorted(rooms)


def packages(folder: str) -> list[str]:
    return [page.parent.name for page in (ROOT / folder).glob("*/__init__.py")]


@pytest.mark.parametrize("name", ROAD)
def test_what_the_road_names_is_in_the_code(name: str) -> None:
    whole = name if name.startswith("connectors.") else f"aggregator.{name}"
    assert callable(resolve_name(whole))


def test_functions_named_after_a_comma_are_in_the_module_before_it() -> None:
    more = re.findall(
        r"\b([a-z_]+(?:\.\w+)+), (\w+)\b", drawing_of("The road of a post")
    )
    assert more
    for first, other in more:
        module = import_module(f"aggregator.{first.rpartition('.')[0]}")
        assert callable(getattr(module, other))


def test_the_contract_in_short_is_the_one_that_is_checked() -> None:
    short = drawing_of("What may import what").split("\n")
    said = {
        f"aggregator.{room}" if room else "aggregator": layers
        for room, layers in (
            re.fullmatch(r"(?:(\w+): +)?(.+)", line).groups() for line in short if line
        )
    }
    assert said == {room: " > ".join(layers) for room, layers in LAYERS.items()}
