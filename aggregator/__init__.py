"""Sahut: one queue for everything residents say to a city."""

from importlib import resources
from pathlib import Path


class PlainError(Exception):
    """An error in plain words: what happened, to which thing, and what to do next.

    Whoever meets it is shown its text and nothing else; a secret never stands in it.
    """


def shipped_config() -> Path:
    """The `config/` that came with the program: in the package where it is installed,
    beside the package in a checkout."""
    package = Path(str(resources.files(__name__)))
    inside = package / "config"
    return inside if inside.is_dir() else package.parent / "config"
