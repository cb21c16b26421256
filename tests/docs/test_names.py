"""What pages, docstrings and comments name exists: files, addresses, links, records."""

from __future__ import annotations

import re
import tokenize
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from pages import PAGES, ROOT, code_in, named, text_of, without_blocks

SITE = ROOT / "docs"
TOPS = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"var"}
A_FILE = re.compile(r"(?:[\w.*<>/-]*/)?[\w*-]+\.(?:py|md|ya?ml|toml|po|css|js|sh|lock)")
OUR_PYTHON = ("aggregator", "connectors", "sandbox", "bench", "tests")
OF_BOTFATHER = {"/newbot", "/setprivacy"}


def is_path(said: str) -> bool:
    """Whether something in backticks means a file or a folder of the project."""
    if re.search(r"\s|://|\.\.\.|^[/-]|^var/", said):
        return False
    folder = said.partition("/")[0] in TOPS and "/" in said
    return folder or bool(re.fullmatch(r"[\w/]+/", said) or A_FILE.fullmatch(said))


def pattern_of(said: str) -> str:
    """YEAR, NAME and <channel> stand for anything."""
    return re.sub(
        r"(?<![A-Za-z])[A-Z]{2,}(?![A-Za-z]|\.md)|<\w+>", "*", said.rstrip("/")
    )


def exists(said: str, folders: list[str]) -> bool:
    """A path from the root, or a file of a folder that the paragraph names."""
    patterns = ["", *(f"{pattern_of(folder)}/" for folder in folders)]
    return any(next(ROOT.glob(f"{one}{pattern_of(said)}"), None) for one in patterns)


def paragraphs(page: Path) -> list[str]:
    return re.split(r"\n\s*\n", without_blocks(text_of(page)))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_and_folder_a_page_names_is_there(page: Path) -> None:
    gone = []
    for paragraph in paragraphs(page):
        said = [one for one in code_in(paragraph) if is_path(one)]
        folders = [one for one in said if one.endswith("/")]
        gone += [one for one in said if not exists(one, folders)]
    assert gone == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """From docs/ only to docs/: the site made of it has nothing else."""
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", without_blocks(text_of(page))):
        if re.match(r"https?:|mailto:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        away = page.is_relative_to(SITE) and not target.is_relative_to(SITE)
        lost = anchor and target.exists() and anchor not in anchors_of(target)
        if away or lost or not target.exists():
            dead.append(link)
    assert dead == []


def anchors_of(page: Path) -> set[str]:
    """The headings of a page as a forge and the builder of the site call them."""
    headings = re.findall(r"(?m)^#+ (.+)$", text_of(page))
    plain = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {re.sub(r"[\s]+", "-", heading) for heading in plain}


@cache
def addresses() -> set[str]:
    """The addresses of the pages, as patterns."""
    found = set()
    for file in (ROOT / "aggregator/web").rglob("*.py"):
        decorators = re.findall(r"@\w+\.\w+\(\s*\"(/[^\"]*)\"", text_of(file))
        found |= {re.sub(r"\{[^}]*\}", "*", address) for address in decorators}
    return found


def test_every_address_a_page_names_is_one_of_the_program() -> None:
    said = {
        one
        for page in PAGES
        for one in code_in(text_of(page))
        if re.fullmatch(r"/[a-z][\w/-]*", one) and one not in OF_BOTFATHER
    }
    assert said, "no page names an address"
    unknown = [
        one
        for one in sorted(said)
        if not any(fnmatchcase(one, address) for address in addresses())
    ]
    assert unknown == []


def remarks(file: Path) -> str:
    """The docstrings and comments of a module."""
    with file.open("rb") as source:
        return "\n".join(
            token.string
            for token in tokenize.tokenize(source.readline)
            if token.type == tokenize.COMMENT or token.string.startswith('"""')
        )


@pytest.mark.parametrize("folder", OUR_PYTHON)
def test_every_module_a_docstring_or_comment_names_is_there(folder: str) -> None:
    """Called as a path, or within its own folder by its bare name."""
    gone = []
    for file in (ROOT / folder).rglob("*.py"):
        places = (ROOT, ROOT / "aggregator", ROOT / "connectors", file.parent)
        for said in re.findall(r"(?<![\w/.*-])(?:\w+/)*\w+\.py\b", remarks(file)):
            if not any((place / said).exists() for place in places):
                gone.append(f"{named(file)}: {said}")
    assert gone == []


RECORDS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name[:4])
def test_a_record_has_a_date_its_parts_and_a_line_in_the_index(record: Path) -> None:
    text = text_of(record)
    number = record.name[:4]
    assert re.match(rf"# {number}\. \S", text)
    assert re.search(r"(?m)^Date: \d{4}-\d\d-\d\d\. Status: \S", text)
    parts = re.findall(r"(?m)^## (.+)$", text)
    assert parts == ["Context", "Decision", "Consequences"]
    index = text_of(record.parent / "index.md")
    title = text.partition("\n")[0].removeprefix(f"# {number}. ")
    assert f"| [{number}]({record.name}) | {title} |" in index


def test_no_two_records_have_one_number() -> None:
    numbers = [record.name[:4] for record in RECORDS]
    assert sorted(set(numbers)) == numbers


def modules(stem: str) -> list[str]:
    """The modules of this name, dotted."""
    return [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for folder in ("aggregator", "connectors", "bench")
        for file in (ROOT / folder).rglob(f"{stem}.py")
    ]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_function_a_page_names_with_its_module_is_there(page: Path) -> None:
    gone = []
    for said in code_in(text_of(page)):
        found = re.fullmatch(r"(?:\w+\.)*(\w+)\.(?!json)(\w+)(?:\(\))?", said)
        places = modules(found[1]) if found and not A_FILE.fullmatch(said) else []
        if found and places and not any_has(places, found[2]):
            gone.append(said)
    assert gone == []


def any_has(places: list[str], name: str) -> bool:
    return any(hasattr(import_module(place), name) for place in places)


def test_every_setting_a_page_names_is_one_of_the_program() -> None:
    said = {
        name
        for page in PAGES
        for name in re.findall(r"\bSAHUT_[A-Z_]*[A-Z]\b", text_of(page))
    }
    assert "SAHUT_PAGE_PROCESSES" in said
    known = set(re.findall(r"\bSAHUT_[A-Z_]+\b", text_of(ROOT / ".env.example")))
    assert said - known == set()
