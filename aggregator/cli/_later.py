"""Commands known by name and help; what does their work is imported when one is called.

Importing every command takes two seconds and 120 MB, and no call needs more than one.
"""

from __future__ import annotations

from functools import cache
from pkgutil import resolve_name
from typing import Any

import typer
from typer.core import TyperGroup


class Later(TyperGroup):
    """A command or a group of them that stands in `target` (`module:name`)."""

    def __init__(self, name: str, target: str, text: str) -> None:
        super().__init__(name=name, help=text)
        self._target = target

    @property
    def loaded(self) -> Any:
        """The command itself."""
        return _load(self._target, str(self.name), str(self.help))

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        return self.loaded.make_context(*args, **kwargs)


@cache
def _load(target: str, name: str, text: str) -> Any:
    found = resolve_name(target)
    around = typer.Typer(add_completion=False)
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name, help=text, no_args_is_help=True)
    else:
        around.command(name)(found)
    return typer.main.get_group(around).commands[name]
