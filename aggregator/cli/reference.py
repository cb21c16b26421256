"""Documents made from the program: `python -m aggregator.cli.reference commands` or
`channels`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import typer.main

import connectors
from aggregator.cli._later import Later
from connectors.base import Reply, Upload, abilities

_HEAD = """# Commands

Generated from the help of the program (`make reference`). Every list takes `--json`; exit codes:
0 done, 1 failed, 2 called wrongly.
"""  # noqa: E501

_CHANNELS_HEAD = """# Channels

Generated from the connectors (`make reference`); what to set up and what cannot work stands behind
each name.

- In: how what residents say comes in. *asks* with the usual seconds between two polls, *told* by
  webhook, *listens* over a connection that stays open (where the server can), *file* by import.
- Later: of what residents do afterwards, what we hear of: that they *answer* us, *edit* what they
  said, or *delete* it. Of the rest a person has to look on the platform.
- Files: kinds that what residents say can bring.
- Out: *answer* where it was said, *private* answer to something public, *files* with an answer.
  The limit is counted as the platform counts.
- Also: *sign-in* in a browser, *renews* its login, *subscribes* the webhook, *replays* missed
  deliveries, *counts* for reconciling, *looks up* answers of unknown fate, *fetches* what a
  delivery only names, keeps *media*.

| channel | in | later | files | out | limit | price of a read | also |
|---|---|---|---|---|---|---|---|
"""  # noqa: E501
_LATER = ("answer", "edit", "delete")
_FILES = ("picture", "video", "audio", "document")
_ALSO = {
    "login": "sign-in",
    "renew": "renews",
    "subscribe": "subscribes",
    "replay": "replays",
    "count": "counts",
    "look_up": "looks up",
    "expand": "fetches",
    "media": "media",
}


def channels_text() -> str:
    return _CHANNELS_HEAD + "".join(
        _channel(name) for name in sorted(connectors.BUILTIN)
    )


def _channel(name: str) -> str:
    kind: Any = connectors.load(name)
    able = abilities(kind)
    ways = {
        "poll": f"asks ({kind.default_interval} s)",
        "webhook": "told",
        "listen": "listens",
        "file": "file",
    }
    coming = ", ".join(words for ability, words in ways.items() if ability in able)
    answers = "reply" in able
    going = ["answer"] if answers else []
    going += ["private"] if "private" in able else []
    going += ["files"] if answers and _takes_files(kind) else []
    cells = [
        f"[{kind.label}](channels/{name}.md) (`{name}`)",
        coming or "–",
        ", ".join(word for word in _LATER if word in kind.hears) or "–",
        ", ".join(word for word in _FILES if word in kind.carries) or "–",
        ", ".join(going) or "–",
        f"{kind.text_limit:,}" if answers else "–",
        f"${kind.cost_per_read:g}" if kind.cost_per_read else "–",
        ", ".join(words for ability, words in _ALSO.items() if ability in able) or "–",
    ]
    return f"| {' | '.join(cells)} |\n"


def _takes_files(kind: Any) -> bool:
    """Whether an answer to something said just now may carry a picture."""
    now = datetime.now(UTC)
    file = Upload("a.jpg", "image/jpeg", b"a")
    reply = Reply("key", "text", {"said_at": now.isoformat()}, now=now, files=(file,))
    return kind.preview(reply).problem is None


def text() -> str:
    from aggregator.cli import app

    return _HEAD + "".join(
        _section(*entry) for entry in walk(typer.main.get_command(app), [])
    )


def walk(command: Any, path: list[str]) -> Iterator[tuple[Any, list[str]]]:
    """Every command that does something, with the words that call it."""
    if isinstance(command, Later):
        command = command.loaded
    children = getattr(command, "commands", None)
    if children is None:
        yield command, path
        return
    for name in sorted(children):
        yield from walk(children[name], [*path, name])


def _section(command: Any, path: list[str]) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    call = " ".join(["sahut", *path, *(_call(one) for one in arguments)])
    lines = [f"\n## `{call}`\n", (command.help or "").strip()]
    described = [f"- `{one.name.upper()}`: {one.help}" for one in arguments]
    described += [
        f"- `{', '.join(one.opts)}`: {one.help}"
        for one in options
        if one.name != "help"
    ]
    if described:
        lines += ["", *described]
    return "\n".join(lines) + "\n"


def _call(argument: Any) -> str:
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}]"


if __name__ == "__main__":
    print({"commands": text, "channels": channels_text}[sys.argv[1]](), end="")  # noqa: T201
