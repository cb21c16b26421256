"""The files that forges, catalogues and editors read: they can be read, and say what is
so."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pytest
import yaml
from pages import PAGES, ROOT, named, text_of
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from aggregator.web.words import i18n

PROJECT = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Description(Part):
    shortDescription: Annotated[str, Field(min_length=1, max_length=150)]
    longDescription: Annotated[str, Field(min_length=150, max_length=10_000)]
    features: Annotated[list[str], Field(min_length=1)]
    screenshots: list[Path] = []


class Legal(Part):
    license: str
    mainCopyrightOwner: str | None = None


class Contact(Part):
    name: str
    email: str | None = None
    affiliation: str | None = None


class Maintenance(Part):
    type: Literal["internal", "community"]
    contacts: Annotated[list[Contact], Field(min_length=1)]


class Localisation(Part):
    localisationReady: bool
    availableLanguages: Annotated[list[str], Field(min_length=1)]


class Audience(Part):
    countries: list[Annotated[str, Field(min_length=2, max_length=2)]]
    scope: list[Literal["local-authorities", "society", "emergency-services"]]


class Dependency(Part):
    name: str
    versionMin: str | None = None
    optional: bool = False


class PublicCode(Part):
    """What the core of the standard demands, of what we say; version 0."""

    publiccodeYmlVersion: Literal["0"]
    name: str
    url: HttpUrl
    softwareVersion: str
    releaseDate: date | None = None
    platforms: Annotated[list[str], Field(min_length=1)]
    categories: Annotated[
        list[
            Literal[
                "customer-service-and-support",
                "social-media-management",
                "help-desk",
                "workflow-management",
                "digital-citizenship",
            ]
        ],
        Field(min_length=1),
    ]
    developmentStatus: Literal["concept", "development", "beta", "stable", "obsolete"]
    softwareType: Literal["standalone/web"]
    intendedAudience: Audience
    description: dict[str, Description]
    legal: Legal
    maintenance: Maintenance
    localisation: Localisation
    dependsOn: dict[Literal["open", "proprietary", "hardware"], list[Dependency]]


@pytest.fixture(scope="module")
def public_code() -> PublicCode:
    return PublicCode.model_validate(yaml.safe_load(text_of(ROOT / "publiccode.yml")))


def test_catalogues_are_told_what_the_package_says(public_code: PublicCode) -> None:
    assert public_code.softwareVersion == PROJECT["version"]
    assert public_code.legal.license == PROJECT["license"]
    assert public_code.description["en"].shortDescription == PROJECT["description"]
    assert set(public_code.localisation.availableLanguages) == set(i18n.LANGUAGES)
    for text in public_code.description.values():
        assert all((ROOT / picture).exists() for picture in text.screenshots)


def test_the_changelog_has_a_part_for_the_version() -> None:
    assert f"\n## [{PROJECT['version']}] - " in text_of(ROOT / "CHANGELOG.md")


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    site = tomllib.loads(text_of(ROOT / "zensical.toml"))["project"]
    listed = re.findall(r"[\w/-]+\.md", json.dumps(site["nav"]))
    pages = [named(page) for page in PAGES if page.is_relative_to(ROOT / "docs")]
    expected = [page for page in pages if not re.match(r"docs/decisions/\d", page)]
    assert sorted(f"docs/{page}" for page in listed) == sorted(expected)


@pytest.mark.parametrize(
    "file", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")), ids=named
)
def test_templates_of_issues_can_be_read(file: Path) -> None:
    template = yaml.safe_load(text_of(file))
    if file.name == "config.yml":
        assert template == {"blank_issues_enabled": False}
        return
    assert template["name"] and template["description"]
    kinds = {field["type"] for field in template["body"]}
    assert kinds <= {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def test_hooks_and_the_container_use_tools_and_targets_there_are() -> None:
    config = yaml.safe_load(text_of(ROOT / ".pre-commit-config.yaml"))
    tools = {
        hook["entry"].split()[0].removeprefix(".venv/bin/")
        for repo in config["repos"]
        for hook in repo["hooks"]
    }
    assert tools == {"ruff", "mypy", "lint-imports", "pytest"}
    container = json.loads(text_of(ROOT / ".devcontainer/devcontainer.json"))
    (target,) = re.findall(r"make ([\w-]+)", container["postCreateCommand"])
    assert re.search(rf"(?m)^{target}:", text_of(ROOT / "Makefile"))


def test_every_licence_of_a_file_is_there_and_every_one_there_is_of_a_file() -> None:
    told = tomllib.loads(text_of(ROOT / "REUSE.toml"))["annotations"]
    used = {annotation["SPDX-License-Identifier"] for annotation in told}
    assert used == {file.stem for file in (ROOT / "LICENSES").iterdir()}
    vendored = ROOT / "aggregator/web/static/vendor"
    paths = {path for one in told for path in one["path"]} | {
        one["path"] for one in told if isinstance(one["path"], str)
    }
    assert {named(file) for file in vendored.iterdir()} <= paths
