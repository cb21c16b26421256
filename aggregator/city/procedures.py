"""config/sop/*.yaml and config/calendar/*.yaml: procedures with their dates, and days
off."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

import holidays
from pydantic import AfterValidator, Field

from aggregator.city.catalog import Name
from aggregator.rules.time import clocks, ladder
from aggregator.rules.time.calendar import Calendar
from aggregator.rules.time.clocks import Event, PauseReason, Span
from aggregator.store.configfile import ConfigError, File, Model
from aggregator.store.yamlfile import Problem

_LENGTH = re.compile(r"(\d+)(m|h|d|wd)")


def span_of(text: str) -> Span:
    """ "7m", "24h", "2d" of wall-clock time, "5wd" working days. ValueError."""
    match = _LENGTH.fullmatch(text)
    if match is None or int(match.group(1)) == 0:
        raise ValueError("write 7m, 24h, 2d, or 5wd for working days")
    count, unit = int(match.group(1)), match.group(2)
    if unit == "wd":
        return Span(working_days=count)
    return Span(
        wall=timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[unit]: count})
    )


def _checked(text: str) -> str:
    span_of(text)
    return text


Length = Annotated[str, AfterValidator(_checked)]


class Step(Model):
    name: str = Field(pattern=r"^[a-z0-9_]+$")
    label: Name
    start: Event
    end: Event
    within: Length | None = None
    by_type: dict[str, Length] = {}
    owner: Literal["opd", "verifikator"] = "opd"
    escalate: Literal["kepala_opd", "wali_kota", "sekda", "verifikator"] | None = None
    pausable: tuple[PauseReason, ...] = ()
    closing: bool = False


class Procedure(Model):
    name: str = Field(pattern=r"^[a-z0-9_]+$")
    effective_from: date
    source: str = Field(min_length=1)
    superseded_by: str | None = None
    verified: bool
    longest_wait: Annotated[str, Field(pattern=r"^[1-9]\d*d$")]
    steps: tuple[Step, ...] = Field(min_length=1)


class Quiet(Model):
    start: time
    end: time


class Ladder(Model):
    quiet: Quiet
    digest_from: int = Field(ge=2)
    gather: Annotated[str, Field(pattern=r"^[1-9]\d*m$")] = "30m"


class Leave(Model):
    day: date
    name: str


class Year(Model):
    year: int
    source: str = Field(min_length=1)
    reviewed: bool
    collective_leave: tuple[Leave, ...]


@dataclass(frozen=True, slots=True)
class Procedures:
    """Everything the clocks of a city need."""

    rule_sets: tuple[clocks.RuleSet, ...]
    calendar: Calendar
    ladder: ladder.Settings


@dataclass(frozen=True, slots=True)
class Doubts:
    """What nobody of the city has confirmed yet. `procedures`: names of those that bind
    a case; `years`: of deadlines whose collective leave has not been reviewed."""

    procedures: tuple[str, ...]
    years: tuple[int, ...]


def doubts(
    rules: Procedures, received: datetime, deadlines: Iterable[datetime]
) -> Doubts:
    """What to read with care in the deadlines of a case that came in then."""
    in_force = clocks.rules_of_day(rules.rule_sets, received, rules.calendar)
    years = {rules.calendar.local(due).year for due in deadlines}
    return Doubts(
        tuple(sorted(one.name for one in in_force if not one.verified)),
        tuple(sorted(years - rules.calendar.reviewed)),
    )


def label(rules: Procedures, step: str, language: str) -> str:
    """What a step is called in a language; its code where no procedure has it any
    more."""
    named = (
        one.label for each in rules.rule_sets for one in each.steps if one.name == step
    )
    found = next(named, {})
    return found.get(language) or found.get("id") or step


def load(folder: Path) -> Procedures:
    """Read and check sop/ and calendar/ of a configuration folder. ConfigError."""
    problems: list[Problem] = []
    rule_sets = []
    for path in sorted((folder / "sop").glob("*.yaml")):
        if path.name != "ladder.yaml":
            rule_sets += _procedure(File(path, Procedure.model_fields, problems))
    steps = File(folder / "sop" / "ladder.yaml", Ladder.model_fields, problems).top(
        Ladder
    )
    calendar = _calendar(folder / "calendar", problems)
    if not rule_sets:
        problems.append(
            Problem("sop", 0, "has no procedure", "add a file like sibadra-2019.yaml")
        )
    if problems or steps is None:
        raise ConfigError(problems)
    return Procedures(
        rule_sets=tuple(rule_sets),
        calendar=calendar,
        ladder=ladder.Settings(
            steps.quiet.start,
            steps.quiet.end,
            steps.digest_from,
            span_of(steps.gather).wall,
        ),
    )


def _procedure(file: File) -> list[clocks.RuleSet]:
    found = file.top(Procedure)
    if found is None:
        return []
    for step in found.steps:
        if step.within is None and not step.by_type:
            file.wrong(
                1, f"{found.name}: step {step.name} has no length", "add `within: 24h`"
            )
    return [
        clocks.RuleSet(
            name=found.name,
            effective_from=found.effective_from,
            steps=tuple(_step(step) for step in found.steps),
            source=found.source,
            verified=found.verified,
            longest_wait=span_of(found.longest_wait).wall,
            superseded_by=found.superseded_by,
        )
    ]


def _step(step: Step) -> clocks.Step:
    return clocks.Step(
        name=step.name,
        label=step.label.model_dump(),
        start=step.start,
        end=step.end,
        within=span_of(step.within) if step.within else None,
        by_type={name: span_of(length) for name, length in step.by_type.items()},
        owner=step.owner,
        escalate=step.escalate,
        pausable=frozenset(step.pausable),
        closing=step.closing,
    )


def _calendar(folder: Path, problems: list[Problem]) -> Calendar:
    """National holidays by the library, collective leave by the files of the years
    there are."""
    days: dict[date, str] = {}
    reviewed = set()
    for path in sorted(folder.glob("*.yaml")):
        file = File(path, Year.model_fields, problems)
        year = file.top(Year)
        if year is None:
            continue
        for leave in year.collective_leave:
            if leave.day.year != year.year:
                file.wrong(
                    0,
                    f"{leave.day} is not in {year.year}",
                    "move it to its year's file",
                )
            days[leave.day] = f"Cuti bersama {leave.name}"
        days |= holidays.country_holidays("ID", years=year.year, language="id")
        if year.reviewed:
            reviewed.add(year.year)
    if not days:
        problems.append(
            Problem("calendar", 0, "has no year", "add a file like 2026.yaml")
        )
    return Calendar(days_off=days, reviewed=frozenset(reviewed))
