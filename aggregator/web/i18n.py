"""Languages: message ids are English, `locale/id.po` has the Indonesian, which is the default."""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
_FOLDER = Path(__file__).parent / "locale"


@cache
def translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    with (_FOLDER / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


def N_(message: str) -> str:
    """Marks a message that is translated where it is shown."""
    return message
