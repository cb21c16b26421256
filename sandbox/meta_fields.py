"""`fields` of the Graph API: `id,from,comments.limit(5).summary(true){id,message}`.

Source: developers.facebook.com, "Field expansion".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.meta_types import GraphError

_NAME = re.compile(r"[a-z_]+")
_ARGUMENT = re.compile(r"\.([a-z_]+)\(([^()]*)\)")


@dataclass(slots=True)
class Field:
    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    inner: dict[str, Field] = field(default_factory=dict)
    plain: str = ""
    """The inner fields as they were written."""


def parse(text: str) -> dict[str, Field]:
    """By name, in order. GraphError 2500 where the text is not of this form."""
    found, rest = _read(text, 0)
    if rest != len(text):
        raise GraphError(
            2500, f"Syntax error at character {rest}", kind="OAuthException"
        )
    return found


def _read(text: str, at: int) -> tuple[dict[str, Field], int]:
    found: dict[str, Field] = {}
    while at < len(text):
        name = _NAME.match(text, at)
        if name is None:
            break
        one = Field(name.group())
        at = name.end()
        while argument := _ARGUMENT.match(text, at):
            one.arguments[argument[1]] = argument[2]
            at = argument.end()
        if text[at : at + 1] == "{":
            start = at + 1
            one.inner, at = _read(text, start)
            if text[at : at + 1] != "}":
                raise GraphError(
                    2500, f"Syntax error at character {at}", kind="OAuthException"
                )
            one.plain = text[start:at]
            at += 1
        found[one.name] = one
        if text[at : at + 1] != ",":
            break
        at += 1
    return found, at
