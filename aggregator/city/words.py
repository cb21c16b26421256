"""config/words/ and config/models/ as one lexicon: what a city edits, and what training
writes.

A file that a configuration folder lacks is the program's own: a folder made for an
older release, or without words of its own, goes on working.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import Field, TypeAdapter

from aggregator.rules.reports import classes, kinds, urgency
from aggregator.rules.text import hashed, language, linear, words
from aggregator.rules.text import leanings as leaning_model
from aggregator.rules.text.lexicon import Lexicon, Limits
from aggregator.rules.text.phrases import Entry, PhraseList, entries_of
from aggregator.rules.text.pii import People
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.settings import PROGRAMS_CONFIG
from aggregator.store.yamlfile import Lines, Problem, Rows, text_of

MODELS = "models"
_WORDS = "words"
_HEADING = ["formal", "language", "variants"]
_LIMITS = TypeAdapter(Limits)

T = TypeVar("T")


class Glue(Model):
    """glue.yaml: groups of words, parted by blanks."""

    courtesy: str
    particles: str
    function: str
    asking: str
    negation: str
    done: str
    wish: str
    directions: str
    any_place: str
    phrases: dict[str, tuple[Annotated[str, Field(pattern=r"^\S+ \S+$")], ...]]


def load(
    folder: Path, known_kinds: Collection[str], known_bodies: Collection[str]
) -> Lexicon:
    """Read and check words/ and models/ of a configuration folder. ConfigError.

    `known_kinds`: codes of categories.yaml; `known_bodies`: of routing.yaml and
    neighbours.yaml. A list of the folder's own must speak of no other; what the
    program's own says of others is left out.
    """
    problems: list[Problem] = []
    files = _Files(folder, problems)
    spellings = files.spellings()
    glue = files.glue()
    everyday = files.everyday()
    same = files.synonyms()
    by_kind = files.phrases("kinds.yaml", kinds.STRENGTHS, known_kinds, spellings)
    by_institution = files.phrases(
        "institutions.yaml", kinds.STRENGTHS, known_bodies, spellings
    )
    by_class = files.phrases(
        "classes.yaml", classes.STRENGTHS, classes.GROUPS, spellings
    )
    alarms = files.phrases(
        "urgency.yaml", urgency.STRENGTHS, urgency.STRENGTHS, spellings
    )
    handles = tuple(
        (part.text, Entry(part.group, "likely", (f"@{part.text}",)))
        for part in files.strings("handles.yaml", known_kinds)
    )
    insults = tuple(one.text for one in files.strings("insults.yaml", ["insults"]))
    people = files.people()
    class_weights = files.trained("classes.json", linear.from_json)
    language_weights = files.trained("languages.json", linear.from_json)
    alarm_weights = files.trained("alarm.json", hashed.from_json)
    leanings = files.trained("leanings.json", leaning_model.from_json)
    limits = files.trained("duplicates.json", _limits)
    if (
        problems
        or glue is None
        or class_weights is None
        or language_weights is None
        or alarm_weights is None
        or leanings is None
        or limits is None
    ):
        raise ConfigError(problems)

    def usual(said: str) -> frozenset[str]:
        return frozenset(said.split()) | {
            spellings.get(word, word) for word in said.split()
        }

    return Lexicon(
        spellings=spellings,
        everyday=everyday,
        glue=usual(f"{glue.courtesy} {glue.particles} {glue.function}"),
        asking=usual(glue.asking),
        negation=usual(glue.negation),
        done=usual(glue.done),
        wish=usual(glue.wish),
        directions=usual(glue.directions),
        any_place=usual(glue.any_place),
        pairs={
            (first, second): whole
            for whole, said in glue.phrases.items()
            for first, second in (pair.split() for pair in said)
        },
        same=same,
        kinds=by_kind,
        handles=handles,
        institutions=by_institution,
        classes=by_class,
        urgency=alarms,
        alarm_weights=alarm_weights,
        insults=insults,
        people=people,
        class_weights=class_weights,
        language_weights=language_weights,
        leanings=leaning_model.limited(
            leanings,
            {classes.OF_CLASSES + one for one in classes.CODES}
            | {kinds.OF_KINDS + one for one in known_kinds},
        ),
        limits=limits,
    )


def _limits(stored: Any) -> Limits:
    return _LIMITS.validate_python({**stored["limits"], "weights": stored["weights"]})


class _Said(NamedTuple):
    """One text of a list, with the group it stands in."""

    group: str
    text: str
    line: int


class _Files:
    """The files of one folder; what is wrong in them is added to `problems`."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self.folder = folder
        self.problems = problems

    def path(self, part: str, name: str) -> Path:
        own = self.folder / part / name
        return own if own.exists() else PROGRAMS_CONFIG / part / name

    def spellings(self) -> dict[str, str]:
        """Variant to usual spelling; a usual spelling is never a variant of another."""
        rows = list(self._rows(self.path(_WORDS, "spellings.csv")))
        formals = {formal for _, (formal, _, _) in rows}
        known: dict[str, str] = {}
        for line, (formal, _, variants) in rows:
            for variant in variants.split():
                if words.spoken(variant) != [variant]:
                    self._wrong(
                        "spellings.csv",
                        line,
                        f"{variant!r} is never seen so",
                        "write one word, small letters, no digits, no letter three"
                        " times",
                    )
                if variant not in formals:
                    known.setdefault(variant, formal)
        return known

    def _rows(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """The rows of a table under its heading, without blank ones, with their
        lines."""
        reader = csv.reader(io.StringIO(text_of(path, self.problems), newline=""))
        if next(reader, _HEADING) != _HEADING:
            remedy = f"write {','.join(_HEADING)} in the first line"
            self._wrong(path.name, 1, "has another heading", remedy)
            return
        for row in reader:
            if row and len(row) != len(_HEADING):
                said = f"has {len(row)} values, not {len(_HEADING)}"
                self._wrong(path.name, reader.line_num, said, "check the commas")
            elif row:
                yield reader.line_num, [value.strip() for value in row]

    def glue(self) -> Glue | None:
        path = self.path(_WORDS, "glue.yaml")
        return File(path, Glue.model_fields, self.problems).top(Glue)

    def synonyms(self) -> dict[str, str]:
        """Any word of a group to the word that stands for all of it."""
        path = self.path(_WORDS, "synonyms.txt")
        same: dict[str, str] = {}
        for number, line in enumerate(text_of(path, self.problems).splitlines(), 1):
            group = [] if line.startswith("#") else line.split()
            if len(group) == 1:
                remedy = "add the words that mean the same, or remove it"
                self._wrong(path.name, number, f"{group[0]!r} stands alone", remedy)
            for word in group:
                if same.setdefault(word, group[0]) != group[0]:
                    said = f"{word!r} stands with {same[word]!r} already"
                    self._wrong(path.name, number, said, "remove one of the two")
        return same

    def everyday(self) -> dict[str, tuple[str, ...]]:
        """Word to the languages that use it every day."""
        uses: dict[str, tuple[str, ...]] = {}
        for said in self.strings("languages.yaml", language.TOLD_BY_WORDS):
            uses[said.text] = (*uses.get(said.text, ()), said.group)
        return uses

    def people(self) -> People:
        """Parts of names, their endings, and words that name nobody."""
        listed: dict[str, list[str]] = {"given": [], "endings": [], "not_people": []}
        for said in self.strings("people.yaml", listed):
            listed[said.group].append(said.text.casefold())
        return People(
            given=frozenset(listed["given"]),
            endings=tuple(listed["endings"]),
            not_people=frozenset(listed["not_people"]),
        )

    def strings(self, name: str, groups: Collection[str]) -> Iterator[_Said]:
        """The texts of a file of lists, `group: [text, ...]`."""
        file, found = self._groups(name, groups)
        for group, listed in found.items():
            yield from _strings(file, group, group, listed, found.line_of[group])

    def phrases(
        self,
        name: str,
        strengths: Collection[str],
        groups: Collection[str],
        spellings: Mapping[str, str],
    ) -> PhraseList:
        """A file of phrases, `group: {strength: [phrase, ...]}`."""
        file, found = self._groups(name, groups)
        entries: list[Entry] = []
        for group, by_strength in found.items():
            if not isinstance(by_strength, Lines):
                said = f"{group} has no lists"
                file.wrong(found.line_of[group], said, f"write {_one_of(strengths)}")
                continue
            for strength, listed in by_strength.items():
                line = by_strength.line_of[strength]
                where = f"{group}: {strength}"
                if strength not in strengths:
                    said = f"{group}: {strength!r} is not known"
                    file.wrong(line, said, f"write {_one_of(strengths)}")
                    continue
                phrases = _strings(file, where, group, listed, line)
                entries += _entries(file, strength, phrases, spellings)
        return PhraseList(entries)

    def _groups(self, name: str, known: Collection[str]) -> tuple[File, Lines]:
        """The known groups at the top of a file. Others are a mistake in a file of the
        city's own, for which the program's need not be made."""
        path = self.path(_WORDS, name)
        own = path.is_relative_to(self.folder)
        file = File(path, known, self.problems if own else [])
        found = Lines(0)
        for group in file.content:
            if group in known:
                found[group] = file.content[group]
                found.line_of[group] = file.content.line_of[group]
        return file, found

    def trained(self, name: str, made_of: Callable[[Any], T]) -> T | None:
        """The numbers that training wrote."""
        path = self.path(MODELS, name)
        before = len(self.problems)
        text = text_of(path, self.problems)
        if len(self.problems) > before:
            return None
        remedy = "train again (`sahut eval learn --write`), or put the file back"
        try:
            return made_of(json.loads(text))
        except json.JSONDecodeError as error:
            self._wrong(name, error.lineno, f"is not JSON: {error.msg}", remedy)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            self._wrong(name, 0, "holds no trained numbers", remedy)
        return None

    def _wrong(self, name: str, line: int, message: str, remedy: str) -> None:
        self.problems.append(Problem(name, line, message, remedy))


def _strings(
    file: File, where: str, group: str, listed: Any, line: int
) -> Iterator[_Said]:
    if not isinstance(listed, Rows):
        file.wrong(line, f"{where} is no list", "write [a word, another]")
        return
    for said, at in zip(listed, listed.line_of.values(), strict=True):
        if isinstance(said, str):
            yield _Said(group, said, at)
        else:
            file.wrong(at, f"{where}: {said!r} is no text", "put quotes around it")


def _entries(
    file: File, strength: str, listed: Iterator[_Said], spellings: Mapping[str, str]
) -> Iterator[Entry]:
    written: set[tuple[tuple[str, ...], bool]] = set()
    for said in listed:
        for entry in entries_of(said.group, strength, said.text, spellings):
            if not entry.words:
                where = f"{said.group}: {said.text!r} has no words"
                file.wrong(said.line, where, "write letters, or remove it")
            elif (entry.words, entry.together) not in written:
                written.add((entry.words, entry.together))
                yield entry


def _one_of(strengths: Collection[str]) -> str:
    return f"one of {', '.join(f'`{name}: [...]`' for name in strengths)}"
