"""`sahut people`: invite, list, disable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aggregator.accounts import registering
from aggregator.cases import readership
from aggregator.cli._acting import OPERATOR
from aggregator.cli._common import (
    Json,
    UsageError,
    Yes,
    confirm,
    day_of,
    err,
    here,
    now,
    out,
    show,
)
from aggregator.people import invitations, shifts, staff, succession
from aggregator.people.refusal import PeopleError
from aggregator.store import options, private

app = typer.Typer()
Login = Annotated[str, typer.Argument(help="Login of the person.")]


def _link(base: str, token: str) -> str:
    return f"{base.rstrip('/')}/undangan/{token}"


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="Full name.")],
    agency: Annotated[str, typer.Option(help="Code of the person's agency.")],
    role: Annotated[str, typer.Option(help=", ".join(options.ROLES))] = "juru_bicara",
    email: Annotated[str | None, typer.Option(help="Address for notices.")] = None,
    language: Annotated[str, typer.Option(help="id or en.")] = "id",
) -> None:
    """Invite a person; prints the one-time link to give to them."""
    place = here()
    person, token = staff.add(
        place.database,
        now(),
        OPERATOR,
        login=login,
        name=name,
        agency=agency,
        role=role,
        email=email,
        language=language,
    )
    until = person.invite_expires_at or now()
    err.print(f"{name} can set a password until {until:%Y-%m-%d %H:%M} UTC at:")
    out.print(_link(place.settings.public_url, token))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV like config/people.example.csv.")],
    links: Annotated[
        Path | None, typer.Option(help="Write the one-time links here.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Save the good rows.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Invite many people from a file: all or nothing, unless --partial."""
    place = here()
    plan = registering.plan_people(place.database, place.catalog, file)
    show([row.shown() for row in plan], as_json=as_json)
    wrong = sum(row.outcome == "wrong" for row in plan)
    if not dry_run:
        if links is None:
            raise UsageError("name a file for the one-time links: --links FILE")
        with private.new_text(links) as target:
            tokens = registering.save_people(
                place.database, now(), OPERATOR, plan, partial=partial
            )
            for login, token in tokens.items():
                target.write(f"{login}\t{_link(place.settings.public_url, token)}\n")
        err.print(f"{len(tokens)} invited, {wrong} wrong; links are in {links}")
    if wrong and not (partial and not dry_run):
        raise typer.Exit(1)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the people."""
    rows = [
        {
            "login": person.login,
            "name": person.name,
            "agency": person.agency_code,
            "role": person.role,
            "status": person.status,
            "last_seen": person.last_seen_at,
        }
        for person in staff.list_all(here().database)
    ]
    show(
        rows,
        as_json=as_json,
        empty="nobody yet; `sahut people add LOGIN --name ... --agency ...`",
    )


@app.command()
def disable(login: Login, yes: Yes = False) -> None:
    """End a person's sessions and give their cases back to the queue."""
    confirm(f"Disable {login}?", yes)
    staff.disable(here().database, now(), OPERATOR, login)
    out.print(f"{login} is disabled; open claims are back in the queue.")


@app.command()
def reset(login: Login, yes: Yes = False) -> None:
    """End the password and the sessions; prints a new one-time link."""
    confirm(f"Reset {login}?", yes)
    place = here()
    token = invitations.reset(place.database, now(), OPERATOR, login)
    out.print(_link(place.settings.public_url, token))


@app.command()
def absent(
    login: Login,
    first: Annotated[str, typer.Option("--from", help="First day away: 2026-11-25.")],
    last: Annotated[str, typer.Option("--to", help="Last day away.")],
    deputy: Annotated[str | None, typer.Option(help="Login of who stands in.")] = None,
) -> None:
    """Write an absence down; claims go back to the queue, the deputy is told
    instead."""
    place = here()
    shifts.be_absent(
        place.database,
        now(),
        OPERATOR,
        staff.get(place.database, login),
        day_of(first),
        day_of(last),
        staff.get(place.database, deputy) if deputy else None,
    )
    out.print(
        f"{login} is away from {first} to {last}"
        + (f"; {deputy} stands in." if deputy else ".")
    )


@app.command()
def back(login: Login) -> None:
    """End a person's absence of today."""
    place = here()
    ended = shifts.be_back(
        place.database, now(), OPERATOR, staff.get(place.database, login)
    )
    if not ended:
        raise PeopleError(f"{login} is not away today")
    out.print(f"{login} is back.")


@app.command()
def speaks(
    login: Login,
    languages: Annotated[
        list[str], typer.Argument(help="Two letters each: id su en ja.")
    ],
) -> None:
    """Say in which languages a person answers residents."""
    person = shifts.set_languages(here().database, OPERATOR, login, languages)
    out.print(f"{login} answers in {', '.join(person.speaks)}.")


@app.command("first-reader")
def first_reader(
    login: Login,
    remove: Annotated[
        bool, typer.Option("--remove", help="They are named no more.")
    ] = False,
) -> None:
    """Name a person to read the secret cases of their office from the beginning.

    Also those that wait and that nobody reads. Nobody but who runs the machine can.
    """
    place = here()
    given = readership.name_first(
        place.database, now(), OPERATOR, login, named=not remove
    )
    if remove:
        out.print(f"{login} is named for no further secret case.")
    else:
        out.print(f"{login} reads secret cases; {given} that nobody read have readers.")


@app.command()
def position(
    login: Login,
    held: Annotated[
        str, typer.Argument(help=", ".join(shifts.POSITIONS) + " or none.")
    ],
) -> None:
    """Say which position a person holds: whom the ladder tells when a step is late."""
    shifts.set_position(
        here().database, OPERATOR, login, None if held == "none" else held
    )
    out.print(f"{login}: {held}.")


@app.command()
def reach(
    login: Login,
    telegram: Annotated[
        str | None,
        typer.Option(help="Number of their private chat with the city's bot."),
    ] = None,
    email: Annotated[str | None, typer.Option(help="Address for notices.")] = None,
) -> None:
    """Say where notices reach a person; an empty value: not this way."""
    if telegram is None and email is None:
        raise UsageError("name a way: --telegram NUMBER or --email ADDRESS")
    person = shifts.set_reach(
        here().database, OPERATOR, login, telegram=telegram, email=email
    )
    way = "Telegram" if person.telegram else person.email or "the pages alone"
    out.print(f"Notices reach {login} by {way}.")


@app.command()
def replace(
    old: Annotated[str, typer.Argument(help="Login of who leaves.")],
    new: Annotated[str, typer.Argument(help="Login of who takes over.")],
    name: Annotated[
        str | None, typer.Option(help="Full name, to invite somebody new.")
    ] = None,
    email: Annotated[
        str | None, typer.Option(help="Their address for notices.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Give a person's work to a successor and end the old access, in one step."""
    confirm(f"End the access of {old} and give the work to {new}?", yes)
    place = here()
    done = succession.replace(
        place.database, now(), OPERATOR, old, new, name=name, email=email
    )
    err.print(
        f"{old} is disabled, open claims are back in the queue; {done.drafts} drafts, "
        f"{done.reminders} promises and {done.shifts} shifts went to {new}."
    )
    if done.cases:
        err.print(f"{new} is told of the cases {', '.join(done.cases)}.")
    if done.accounts:
        err.print(f"Change the passwords {old} may know of {', '.join(done.accounts)}.")
    if done.token:
        out.print(_link(place.settings.public_url, done.token))
