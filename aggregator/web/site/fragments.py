"""Parts of pages that follow from what they are given alone: each is written once, then
kept.

A piece is a template that sees its values, the words of a language and the names of the
city, and nothing of who asks or of the moment. So a kept one is neither out of date nor
somebody else's: whoever gives the same values would be written the same words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from aggregator.city.catalog import Agency, Catalog
from aggregator.store import memory
from aggregator.web import words
from aggregator.web.site import navigation
from aggregator.web.words import case as words_case
from aggregator.web.words import files as words_files
from aggregator.web.words import i18n
from aggregator.web.words import owners as words_owners
from aggregator.web.words import queue as words_queue

_HERE = Path(__file__).parents[1]
_MOST_KEPT = 6_000
"""A row of the queue is 2 kB, the fields of its filter 20; there are few of those."""


class Fragments:
    """`piece("site/_nav.html", language, role="admin", ...)`: the values must be all
    that is shown."""

    def __init__(self, catalog: Catalog) -> None:
        self.templates = environment()
        self._catalog = catalog
        # typed: 1 and True are one key otherwise, and are not written alike
        self._kept = lru_cache(maxsize=_MOST_KEPT, typed=True)(self._write)
        memory.ALSO.add(self._kept)
        self.names = cache(self._names)
        every = sorted(catalog.agencies.values(), key=lambda entry: entry.name.id)
        self.offices: list[tuple[str, list[Agency]]] = [
            (kind, [one for one in every if one.kind == kind]) for kind in words.KIND
        ]
        """Every office by its kind, in the order people look for them."""

    def __call__(self, name: str, language: str, /, **values: Hashable) -> Markup:
        return self._kept(name, language, tuple(values), *values.values())

    def lines(self, name: str, language: str, each: Iterable[Hashable]) -> Markup:
        """The piece of every `line`, one after another."""
        kept, names = self._kept, ("line",)
        written = [kept(name, language, names, line) for line in each]
        return Markup("\n".join(written))  # noqa: S704 (of templates that escape)

    def offices_to_choose(self, language: str, chosen: str | None) -> Markup:
        """The options of a field, one of them chosen: written once for all that may
        be."""
        options = str(self("site/_office_options.html", language))
        if chosen in self._catalog.agencies:
            options = options.replace(
                f'value="{chosen}"', f'value="{chosen}" selected', 1
            )
        return Markup(options)  # noqa: S704 (of a template that escapes)

    def _write(
        self, name: str, language: str, names: tuple[str, ...], *values: Hashable
    ) -> Markup:
        given = dict(zip(names, values, strict=True))
        text = self.templates.get_template(name).render(
            {**self.names(language), **given}
        )
        return Markup(text)  # noqa: S704 (of a template that escapes)

    def _names(self, language: str) -> dict[str, Any]:
        """What every template may say, whoever asks."""
        catalog, translate = self._catalog, i18n.translations(language).gettext
        return {
            "_": translate,
            "language": language,
            "wib": lambda moment: words.wib(moment, language),
            "clock_time": words.clock_time,
            "agency": lambda code: catalog.name(code, language),
            "short": catalog.short_name,
            "kind": lambda code: catalog.kind(code, language),
            "categories": catalog.categories,
            "wards": [
                code
                for code, one in catalog.agencies.items()
                if one.kind == "kelurahan"
            ],
            "offices": self.offices,
            "offices_to_choose": partial(self.offices_to_choose, language),
            "problem": lambda code, **detail: words.problem(translate, code, **detail),
            **words_owners.context(translate, catalog, language),
            "words": words,
            "said": words_case,
            "files_said": words_files,
            "queue_words": words_queue,
            "nav_entries": navigation.entries,
            "static": static,
            "piece": lambda template, /, **values: self(template, language, **values),
        }


@cache
def environment() -> Environment:
    """One of a process: templates are compiled once, however many sites it serves."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else every page asks the disk for the age of its templates
    )


@cache
def static(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep
    it."""
    digest = hashlib.sha256((_HERE / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?{digest[:8]}"
