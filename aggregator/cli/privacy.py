"""`sahut privacy`: what is kept of a resident; how it is given out and erased."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator.cli import _breaches
from aggregator.cli._acting import OPERATOR, acting
from aggregator.cli._common import (
    Installation,
    Json,
    UsageError,
    Yes,
    confirm,
    err,
    here,
    now,
    out,
    progress,
    show,
)
from aggregator.people.viewers import Viewer
from aggregator.privacy import residents, retention
from aggregator.privacy.residents import Sought
from aggregator.store import private
from aggregator.store.audit import Actor, record
from aggregator.store.tables.privacy import Erasure

app = typer.Typer()
app.add_typer(
    _breaches.app,
    name="breach",
    help="The register of breaches and its clock of 3 x 24 hours.",
)
Resident = Annotated[
    str,
    typer.Argument(
        help="Handle, phone number or mail address; - reads it from standard input, so"
        " that it stands in no list of processes."
    ),
]
Channel = Annotated[
    str | None, typer.Option(help="Of a handle that several people may have.")
]
Login = Annotated[
    str | None,
    typer.Option(
        "--as",
        envvar="SAHUT_LOGIN",
        help="Who acts; secret cases that they may open are looked into too.",
    ),
]
_LEFT_OUT = (
    "Secret cases are not looked into, whoever is sought; a person who may open them"
    " does that with --as."
)
_ELSEWHERE = (
    "the posts on the platforms themselves",
    "letters on the mail server",
    "backups made before, until they are deleted",
    "exports that were downloaded before",
)
"""What no command of Sahut reaches; the proof says so."""


def _asked(resident: str, channel: str | None) -> Sought:
    typed = sys.stdin.readline() if resident == "-" else resident
    try:
        return residents.sought(typed, channel)
    except residents.PrivacyError as error:
        raise UsageError(str(error)) from error


def _place(login: str | None) -> tuple[Installation, Viewer | None, Actor]:
    if login is None:
        return here(), None, OPERATOR
    place, viewer = acting(login)
    return place, viewer, viewer.actor


@app.command()
def find(
    resident: Resident,
    channel: Channel = None,
    login: Login = None,
    as_json: Json = False,
) -> None:
    """Say where something of a resident is kept: how many rows of which table. Shows no
    text."""
    who = _asked(resident, channel)
    place, viewer, _ = _place(login)
    found = residents.find(place.database, who, viewer)
    rows = [{"table": table, "rows": many} for table, many in found.counts.items()]
    show(rows, as_json=as_json, empty="nothing is kept")
    _say_what_is_left_out(viewer)


def _say_what_is_left_out(viewer: Viewer | None) -> None:
    if viewer is None:
        err.print(_LEFT_OUT)


@app.command()
def export(
    resident: Resident,
    out_file: Annotated[
        Path, typer.Option("--out", help="The ZIP file to write; must not exist.")
    ],
    channel: Channel = None,
    login: Login = None,
) -> None:
    """Write what is kept of a resident into a file for them: data.json and their
    files."""
    who = _asked(resident, channel)
    place, viewer, actor = _place(login)
    if out_file.exists():
        raise UsageError(f"{out_file} exists already; choose another name")
    told, files = residents.export(place.database, place.settings.data_dir, who, viewer)
    with private.new_file(out_file) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=1))
        for name, path in files.items():
            if path.is_file():
                archive.write(path, name)
    with place.database.writing() as session:
        messages = len(told["messages"])
        record(session, actor, "resident_exported", "list", 0, messages=messages)
    out.print(f"{messages} messages, {len(files)} files: {out_file}")
    _say_what_is_left_out(viewer)


@app.command()
def erase(
    resident: Resident,
    channel: Channel = None,
    login: Login = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go; erase nothing.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Erase what is kept of a resident, and write a proof down.

    Numbers, kinds, wards, offices and times of cases stay. It cannot be undone.
    """
    who = _asked(resident, channel)
    place, viewer, actor = _place(login)
    if dry_run:
        found = residents.find(place.database, who, viewer)
        rows = [{"table": name, "rows": many} for name, many in found.counts.items()]
        show(rows, as_json=as_json, empty="nothing is kept")
        _say_what_is_left_out(viewer)
        return
    confirm("Erase all that is kept of this resident? It cannot be undone.", yes)
    with progress("erasing") as update:
        proof = residents.erase(
            place.database,
            place.settings.data_dir,
            now(),
            actor,
            who,
            viewer,
            on_progress=update,
        )
    if as_json:
        out.print_json(json.dumps(_as_proof(proof), default=str))
    else:
        _tell(proof)
    _say_what_is_left_out(viewer)
    if proof.left:
        raise typer.Exit(1)


def _as_proof(proof: Erasure) -> dict[str, Any]:
    return {
        "proof": proof.id,
        "at": proof.at.isoformat(timespec="seconds"),
        "by": proof.actor,
        "subject": proof.subject,
        "salt": proof.salt,
        "messages": proof.messages,
        "files": proof.files,
        "rows": proof.rows,
        "left": proof.left,
        "not_reached": list(_ELSEWHERE),
    }


def _tell(proof: Erasure) -> None:
    out.print(
        f"Proof {proof.id}: {proof.messages} messages and {proof.files} files are"
        f" erased; a second look found {sum(proof.left.values())} rows."
    )
    for table, many in sorted(proof.rows.items()):
        out.print(f"  {table}: {many}")
    out.print("Not reached: " + "; ".join(_ELSEWHERE) + ".")


@app.command("retention")
def retention_(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what is due; erase nothing.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """End what is kept longer than config/retention.yaml says; the worker does this
    every hour."""
    place = here()
    classes = retention.load(place.settings.folder_of_config())
    found = retention.due(place.database, now(), classes)
    if not dry_run:
        confirm("Erase what is due? It cannot be undone.", yes)
        ended = retention.sweep(place.database, place.settings.data_dir, now(), classes)
        place.database.leave_no_trace()
        rows = [
            {"class": name, "ended": many}
            for name, many in ended.items()
            if name != retention.UNTOLD
        ]
        show(rows, as_json=as_json, empty="nothing was due")
        return
    rows = [
        {
            "class": one.name,
            "days": one.days,
            "due": one.due,
            "soon": one.soon,
            "waits_for_warning": one.waits,
        }
        for one in found
    ]
    show(rows, as_json=as_json, empty="no class of data has an end")


@app.command()
def proofs(
    resident: Annotated[
        str | None,
        typer.Argument(help="Only those of this resident; - reads standard input."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the proofs of erasures that were asked for, the newest first."""
    every = residents.proofs(here().database)
    if resident is not None:
        who = _asked(resident, None)
        every = [one for one in every if residents.digest(one.salt, who) == one.subject]
    rows = [
        {
            "proof": one.id,
            "at": one.at,
            "by": one.actor,
            "messages": one.messages,
            "files": one.files,
            "left": sum(one.left.values()),
        }
        for one in every
    ]
    show(rows, as_json=as_json, empty="nothing was erased on request")
