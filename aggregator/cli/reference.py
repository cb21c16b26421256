"""docs/commands.md from the help of the commands: `python -m aggregator.cli.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

_HEAD = """# Commands

Generated from the help of the program (`make reference`). Every list takes `--json`; exit codes:
0 done, 1 failed, 2 called wrongly.
"""


def text() -> str:
    from aggregator.cli import app

    return _HEAD + "".join(_section(*entry) for entry in walk(typer.main.get_command(app), []))


def walk(command: Any, path: list[str]) -> Iterator[tuple[Any, list[str]]]:
    """Every command that does something, with the words that call it."""
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
    described += [f"- `{', '.join(one.opts)}`: {one.help}" for one in options if one.name != "help"]
    if described:
        lines += ["", *described]
    return "\n".join(lines) + "\n"


def _call(argument: Any) -> str:
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}]"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201
