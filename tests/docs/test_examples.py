"""Whatever a page shows to be typed or written works: commands are those of the
program, data is read, and what a new operator types is typed here."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from pages import PAGES, ROOT, Block, blocks_of, code_in, named, text_of, without_blocks
from terminal import Run, terminal

from aggregator.city import catalog as catalogs
from aggregator.city import geography
from aggregator.cli import app
from aggregator.cli.reference import walk
from aggregator.rules.places.finder import places_in
from sandbox.serve import Sandbox, running

PROJECT = tomllib.loads(text_of(ROOT / "pyproject.toml"))
READERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "python": lambda text: exec(compile(text, "page", "exec"), {}),  # noqa: S102
}
"""How blocks of a kind are tried; `console` is tried as commands, `text` is a drawing
or an output."""
BLOCKS = [
    pytest.param(block, id=f"{named(page)}:{block.line}")
    for page in PAGES
    for block in blocks_of(text_of(page))
]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_what_is_shown_stands_in_a_fence_that_says_what_it_is(page: Path) -> None:
    text = text_of(page)
    assert {block.kind for block in blocks_of(text)} <= {*READERS, "console", "text"}
    indented = re.findall(
        r"(?m)(?<=\n\n)(?<![-*\d].\n\n) {4}\S.*", without_blocks(text)
    )
    assert indented == []


@pytest.mark.parametrize("block", BLOCKS)
def test_data_and_programs_of_a_page_can_be_read_or_run(block: Block) -> None:
    if reader := READERS.get(block.kind):
        reader(block.text)


def typed_in(block: str) -> Iterator[list[str]]:
    """The commands of a block as the shell would take them apart."""
    for line in block.replace("\\\n", " ").splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if words:
            yield words


def meant_by(said: str) -> Iterator[list[str]]:
    """A command within a sentence; `a|b` stands for one of several."""
    try:
        words = shlex.split(re.sub(r"[\[\]]", "", re.sub(r"…|\.\.\.", "X", said)))
    except ValueError:
        return
    several = next((word for word in words if "|" in word), None)
    for one in several.split("|") if several else [None]:
        yield [one if one and word == several else word for word in words]


def called(page: Path) -> list[tuple[list[str], bool]]:
    """The commands of a page, and whether they are meant to be typed as they stand."""
    text = text_of(page)
    shown = [
        (words, True)
        for block in blocks_of(text)
        if block.kind == "console"
        for words in typed_in(block.text)
    ]
    told = [
        (words, False)
        for said in code_in(text)
        for words in meant_by(said)
        if program_of(words) in CHECKS and len(words) > 1
    ]
    return shown + told


def program_of(words: list[str]) -> str:
    return words[0].removeprefix(".venv/bin/") if words else ""


@cache
def commands() -> dict[tuple[str, ...], Any]:
    found = walk(typer.main.get_command(app), [])
    return {tuple(path): command for command, path in found}


def check_sahut(words: list[str], whole: bool) -> str | None:
    """What is wrong with a call of the program; `whole`: all that it needs is there."""
    path = next(
        (
            tuple(words[:size])
            for size in range(len(words), 0, -1)
            if tuple(words[:size]) in commands()
        ),
        None,
    )
    if path is None:
        groups = {one[: len(words)] for one in commands()}
        return None if tuple(words) in groups and not whole else "no such command"
    command = commands()[path]
    context = command.context_class(command, info_name=path[-1])
    try:
        given, left, _ = command.make_parser(context).parse_args(words[len(path) :])
    except Exception as error:
        # an option may be spoken of without its value
        spoken_of = not whole and type(error).__name__ == "BadOptionUsage"
        return None if spoken_of else str(error)
    if left:
        return f"too much: {left}"
    missing = [
        one.name for one in command.params if one.required and not given.get(one.name)
    ]
    return f"missing: {missing}" if whole and missing else None


def check_make(words: list[str], _whole: bool) -> str | None:
    makefile = text_of(ROOT / "Makefile")
    for word in words:
        name, is_setting, _ = word.partition("=")
        there = (
            f"$({name})" in makefile
            if is_setting
            else bool(re.search(rf"(?m)^{re.escape(name)}:", makefile))
        )
        if not there:
            return f"no {word} in the Makefile"
    return None


def check_python(words: list[str], _whole: bool) -> str | None:
    if words[0] == "-c":
        compile(words[1], "page", "exec")
        return None
    module = find_spec(words[1])
    if words[0] != "-m" or module is None or module.origin is None:
        return "no such module"
    source = text_of(Path(module.origin))
    gone = [word for word in words[2:] if word.startswith("--") and word not in source]
    return f"no {gone}" if gone else None


def check_pip(words: list[str], _whole: bool) -> str | None:
    extras = set(re.findall(r"\[(\w+)\]", " ".join(words)))
    known = set(PROJECT["project"]["optional-dependencies"])
    return None if extras <= known else f"no extra {extras - known}"


def check_pytest(words: list[str], _whole: bool) -> str | None:
    gone = [word for word in words if "/" in word and not (ROOT / word).exists()]
    return f"no {gone}" if gone else None


def check_pipx(words: list[str], whole: bool) -> str | None:
    """Programs of others; what they read of ours is in test_project_files.py."""
    if words[0] == "install":
        return check_pip(words, whole)
    return None if words[:2] == ["run", "pre-commit"] else "no way to check it"


def check_uvx(words: list[str], whole: bool) -> str | None:
    if words[0] != "--from" or words[2] != "sahut":
        return "no way to check it"
    return check_pip(words[:2], whole) or check_sahut(words[3:], whole)


CHECKS = {
    "sahut": check_sahut,
    "make": check_make,
    "python": check_python,
    "pip": check_pip,
    "pipx": check_pipx,
    "uvx": check_uvx,
    "pytest": check_pytest,
}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_of_a_page_is_one_of_the_program(page: Path) -> None:
    wrong = [
        f"{shlex.join(words)}: {found}"
        for words, whole in called(page)
        for check in [CHECKS.get(program_of(words))]
        for found in [check(words[1:], whole) if check else "cannot be checked"]
        if found
    ]
    assert wrong == []


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as started:
        yield started


@pytest.fixture
def sahut(sqlite_url: str, tmp_path: Path, sandbox: Sandbox) -> Run:
    return terminal(tmp_path, sqlite_url, SAHUT_TELEGRAM_BASE_URL=sandbox.url)


def shown_for(page: str, start: str) -> list[str]:
    """The words of the one command of a page that begins so."""
    (found,) = [
        words[1:]
        for words, whole in called(ROOT / page)
        if whole and " ".join(words[1:]).startswith(start)
    ]
    return found


def test_what_an_operator_types_after_reading_the_readme_works(
    sahut: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    invited = sahut(*shown_for("README.md", "people add"))
    assert "/undangan/" in invited.stdout, invited.stderr
    bot = sandbox.telegram.add_bot(username="dishub_bot", name="Dishub")
    telegram = shown_for("README.md", "accounts add telegram")
    # on a terminal the token is asked for
    added = sahut(*telegram, "--set", "token=env:TOKEN", "--yes", TOKEN=bot.token)
    assert "@dishub_bot" in added.stdout, added.stderr
    assert "webform" in sahut(*shown_for("README.md", "accounts channels")).stdout
    shutil.copy(ROOT / "config/accounts.example.csv", tmp_path / "accounts.csv")
    dry = sahut(*shown_for("README.md", "accounts import"))
    assert "contoh_dis" in dry.stdout and "webform" in dry.stdout
    assert "database" in sahut(*shown_for("README.md", "doctor")).stdout


@pytest.mark.parametrize("channel", ["lapor", "sibadra", "webform"])
def test_accounts_are_registered_as_the_pages_of_their_channels_say(
    sahut: Run, channel: str, tmp_path: Path
) -> None:
    words = shown_for(f"docs/channels/{channel}.md", f"accounts add {channel}")
    here = [word.replace("/srv/lapor", str(tmp_path)) for word in words]
    (tmp_path / "rahasia.txt").write_text("r" * 40)
    for folder in ("masuk", "keluar"):
        (tmp_path / folder).mkdir()
    done = sahut(*here, "--yes")
    assert done.returncode == 0, done.stderr
    assert channel in sahut("accounts", "list", "--json").stdout


def test_a_place_is_added_by_the_line_the_page_shows(tmp_path: Path) -> None:
    (block,) = [
        block
        for block in blocks_of(text_of(ROOT / "docs/places-and-clocks.md"))
        if block.kind == "yaml"
    ]
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    with (folder / "places/roads.yaml").open("a") as roads:
        roads.write(f"  {block.text}")
    places = geography.load(folder, catalogs.load(folder))
    (found,) = places_in("Lampu mati di Jalan Kenanga Baru", places)
    assert (found.name, found.kelurahan) == ("Jalan Kenanga Baru", "Tanah Sareal")
