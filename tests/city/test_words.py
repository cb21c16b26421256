"""Words and trained numbers of a configuration folder, and what is wrong in them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aggregator import city
from aggregator.city.words import MODELS
from aggregator.cli import app
from aggregator.rules.reports.understand import understand
from aggregator.rules.text.lexicon import Lexicon
from aggregator.store import settings
from aggregator.store.configfile import ConfigError
from aggregator.store.settings import PROGRAMS_CONFIG

SAID = "gorolong di dekat pasar"
"""The lists that come with the program know the last word alone."""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The configuration that a city has copied, to change it."""
    folder = tmp_path / "config"
    shutil.copytree(PROGRAMS_CONFIG, folder)
    monkeypatch.setenv("SAHUT_CONFIG_DIR", str(folder))
    settings.load.cache_clear()
    yield folder
    settings.load.cache_clear()


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def _read(folder: Path) -> Lexicon:
    return city.load(folder).lexicon


def _problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as found:
        _read(folder)
    return str(found.value).split("\n")


def test_a_word_of_the_citys_own_is_read(own: Path) -> None:
    """`sahut eval classify` and the pipeline read with the same lexicon."""
    _change(own / "words/kinds.yaml", "  sure: [", "  sure: [\n    gorolong,")
    kinds = understand(SAID, city.here().lexicon, on=date(2026, 3, 2)).kinds
    assert [(one.code, one.reasons) for one in kinds[:1]] == [
        ("kemacetan", ("gorolong",))
    ]


def test_the_command_that_classifies_reads_it_too(own: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"id": "1", "text": SAID}) + "\n", encoding="utf-8")
    _change(own / "words/spellings.csv", "\nyang,id,", "\nmacet,id,gorolong\nyang,id,")
    done = CliRunner().invoke(app, ["eval", "classify", str(texts)])
    assert json.loads(done.stdout)["kinds"][0] == "kemacetan"


def test_two_cities_in_one_process_read_with_words_of_their_own(own: Path) -> None:
    _change(own / "words/kinds.yaml", "  sure: [", "  sure: [\n    gorolong,")
    theirs, ours = _read(PROGRAMS_CONFIG), _read(own)
    first = [
        understand(SAID, lexicon, on=date(2026, 3, 2)).kinds[0].code
        for lexicon in (theirs, ours, theirs)
    ]
    assert first[0] == first[2] != first[1] == "kemacetan"


def test_a_file_that_a_folder_lacks_is_the_programs_own(own: Path) -> None:
    shutil.rmtree(own / MODELS)
    (own / "words" / "insults.yaml").unlink()
    read, programs = _read(own), _read(PROGRAMS_CONFIG)
    assert read.limits == programs.limits
    assert read.insults == programs.insults


def test_the_programs_words_of_a_kind_the_city_has_not_are_left_out(own: Path) -> None:
    _change(own / "categories.yaml", "wisata", "pelesir")
    _change(own / "routing.yaml", "wisata", "pelesir")
    shutil.rmtree(own / "words")
    assert "wisata" not in _read(own).kinds.groups
    shutil.copytree(PROGRAMS_CONFIG / "words", own / "words")
    city.load.cache_clear()
    assert any(
        said.startswith("kinds.yaml:") and "unknown key 'wisata'" in said
        for said in _problems(own)
    )


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "spellings.csv",
            "formal,language,variants\nyang,id,yg\na,id\n",
            "spellings.csv:3: has 2 values, not 3; check the commas",
        ),
        ("spellings.csv", "word\n", "spellings.csv:1: has another heading;"),
        (
            "spellings.csv",
            "formal,language,variants\n\nyang,id,yg Yng\n",
            "spellings.csv:3: 'Yng' is never seen so;",
        ),
        (
            "synonyms.txt",
            "# same\nbesar gede\nkecil\n",
            "synonyms.txt:3: 'kecil' stands alone;",
        ),
        (
            "synonyms.txt",
            "besar gede\nagung gede\n",
            "synonyms.txt:2: 'gede' stands with 'besar' already;",
        ),
        (
            "kinds.yaml",
            "pasar:\n  sure: [\n    pasar,\n    '!!',\n  ]\n",
            "kinds.yaml:4: pasar: '!!' has no words;",
        ),
        (
            "kinds.yaml",
            "pasar:\n  surely: [pasar]\n",
            "kinds.yaml:2: pasar: 'surely' is not known; write one of `sure: [...]`,",
        ),
        ("kinds.yaml", "pasar: [pasar]\n", "kinds.yaml:1: pasar has no lists;"),
        (
            "kinds.yaml",
            "pasar:\n  sure: pasar\n",
            "kinds.yaml:2: pasar: sure is no list;",
        ),
        (
            "kinds.yaml",
            "pasarr:\n  sure: [pasar]\n",
            "kinds.yaml:1: unknown key 'pasarr'; did you mean 'pasar'?",
        ),
        (
            "languages.yaml",
            "en: [\n  yes,\n]\n",
            "languages.yaml:2: en: True is no text; put quotes around it",
        ),
        ("languages.yaml", "de: [und]\n", "languages.yaml:1: unknown key 'de';"),
        ("insults.yaml", "insult: [x]\n", "insults.yaml:1: unknown key 'insult';"),
        ("glue.yaml", "courtesy: pak bu\n", "glue.yaml:1: an entry: done is missing;"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_line(
    own: Path, name: str, content: str, expected: str
) -> None:
    for long in ("kinds.yaml", "urgency.yaml", "classes.yaml"):
        (own / "words" / long).write_text("{}\n", encoding="utf-8")
    (own / "words" / name).write_text(content, encoding="utf-8")
    assert any(said.startswith(expected) for said in _problems(own)), _problems(own)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"labels": [\n', "classes.json:2: is not JSON:"),
        ('{"labels": []}', "classes.json:0: holds no trained numbers; train again"),
    ],
)
def test_numbers_that_training_did_not_write_are_told(
    own: Path, content: str, expected: str
) -> None:
    (own / MODELS / "classes.json").write_text(content, encoding="utf-8")
    assert any(said.startswith(expected) for said in _problems(own)), _problems(own)


def test_the_command_that_checks_reads_the_words(own: Path) -> None:
    assert CliRunner().invoke(app, ["config", "check"]).exit_code == 0
    (own / "words" / "kinds.yaml").write_text("pasarr: {}\n", encoding="utf-8")
    city.load.cache_clear()
    with pytest.raises(ConfigError, match=r"kinds\.yaml:1: unknown key 'pasarr'"):
        CliRunner().invoke(app, ["config", "check"], catch_exceptions=False)
