"""What nobody foresaw, for property tests: JSON, mails and texts that are nearly right.

Everything drawn is what a program really receives: bytes, JSON as a parser gives it,
mails as a server gives them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

Path = tuple[str | int, ...]

_DEEP: Any = json.loads("[" * 90 + "]" * 90)
LEAVES = st.sampled_from(
    (
        *(None, True, False, 0, -1, 2**63, -(2**70), 10**40, 0.5, float("inf")),
        *(float("nan"), "", " ", "\x00", "\ud83d", "²", "-1", "1e999", "null"),
        *("2026-13-45T99:99", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00Z"),
        *("http://[::1", "//", "a" * 5_000, "\u202e@dishub", [], {}, [[]], [None]),
        *([{}], {"": {}}, {"id": None}, {"text": ["a"]}, _DEEP, 10**18, "9" * 30),
    )
)
"""Values that are where something else is expected."""


def _paths(node: Any, before: Path = ()) -> Iterator[Path]:
    yield before
    inside: Any = ()
    if isinstance(node, dict):
        inside = node.items()
    elif isinstance(node, list):
        inside = enumerate(node)
    for key, inner in inside:
        yield from _paths(inner, (*before, key))


@st.composite
def changed(draw: st.DrawFn, whole: Any) -> Any:
    """A real shape with one to four things in it replaced, left out, wrapped or
    doubled."""
    node = {"whole": copy.deepcopy(whole)}
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from([one for one in _paths(node) if one]))
        around: Any = node
        for key in path[:-1]:
            around = around[key]
        here = around[path[-1]]
        match draw(
            st.sampled_from(("other", "other", "other", "gone", "list", "twice"))
        ):
            case "gone" if len(path) > 1:
                del around[path[-1]]
            case "list":
                around[path[-1]] = [here]
            case "twice" if isinstance(here, list):
                around[path[-1]] = here * 2
            case _:
                around[path[-1]] = copy.deepcopy(draw(LEAVES))
    return node["whole"]


@st.composite
def bytes_of(draw: st.DrawFn, whole: Any) -> bytes:
    """A body with such a shape, or a few bytes of it others, or cut off."""
    body = json.dumps(draw(changed(whole))).encode()
    if draw(st.integers(0, 3)):
        return body
    return draw(broken(body))


@st.composite
def broken(draw: st.DrawFn, body: bytes) -> bytes:
    made = bytearray(body)
    for _ in range(draw(st.integers(0, 4))):
        if made:
            place = draw(st.integers(0, len(made) - 1))
            made[place : place + draw(st.integers(0, 2))] = draw(
                st.sampled_from(
                    (b"", b"\x00", b"\xff", b"\r\n", b'"', b"{", b"\xed\xa0")
                )
            )
    cut = draw(st.integers(0, len(made)))
    return bytes(made[:cut] if draw(st.booleans()) else made)


def few(examples: int) -> settings:
    """So many in every run; as many as the profile draws in `search` and `deep`."""
    many = examples if settings.default.derandomize else settings.default.max_examples
    return settings(max_examples=many, suppress_health_check=list(HealthCheck))
