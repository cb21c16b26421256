"""Languages: message ids are English, `locale/id.po` has the Indonesian, which is the
default."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
_FOLDER = Path(__file__).parent / "locale"


class Words(dict[str, str]):
    """What messages are in a language; one without a translation stays as it is.

    A page looks up hundreds: `gettext` is the lookup of a dictionary and nothing more.
    """

    def __missing__(self, message: str) -> str:
        return message

    gettext = dict.__getitem__


@cache
def translations(language: str) -> Words:
    if language == "en":
        return Words()
    with (_FOLDER / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return Words(
        {str(one.id): str(one.string) for one in messages if one.id and one.string}
    )


def N_(message: str) -> str:
    """Marks a message that is translated where it is shown."""
    return message
