"""`sahut cases`: what the pages do, for a terminal. Acts as a person: --as LOGIN or
SAHUT_LOGIN."""

from __future__ import annotations

import sys
import uuid
from datetime import datetime
from typing import Annotated, Any

import typer

from aggregator.answers import offers, replies
from aggregator.cases import (
    casefile,
    claims,
    closing,
    ownership,
    privacy,
    tasks,
    triage,
    waiting,
)
from aggregator.cli import case_acts, secret
from aggregator.cli._acting import acting
from aggregator.cli._common import (
    Although,
    As,
    Json,
    Number,
    Yes,
    confirm,
    day_of,
    now,
    out,
    read_value,
    show,
)
from aggregator.cli._warnings import contradicted
from aggregator.desk import parts, queue
from aggregator.desk.rows import QueueRow
from aggregator.intake import entries
from aggregator.people.refusal import Refusal
from aggregator.rules.reports import authority
from aggregator.store.tables.intake import Message
from connectors.manual import pasted_lines

app = typer.Typer()
app.add_typer(case_acts.app)
app.add_typer(secret.app)
OfAgency = Annotated[
    str | None, typer.Option("--agency", help="Of another agency, for who sees all.")
]


@app.command("list")
def list_(
    login: As,
    status: Annotated[
        str, typer.Option(help="open, new, answered, closed or all.")
    ] = "open",
    agency: Annotated[str | None, typer.Option(help="Only this agency's.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List cases, the oldest first."""
    place, viewer = acting(login)
    found = queue.listing(
        place.database, viewer, agency=agency, status=status, limit=limit
    )
    show([_row(entry) for entry in found], as_json=as_json, empty="no case")


def _row(entry: QueueRow) -> dict[str, Any]:
    return {
        "number": entry.case.number,
        "status": entry.case.status,
        "opened": entry.case.opened_at,
        "channel": entry.case.channel,
        "accounts": ", ".join(entry.handles),
        "agencies": ", ".join(entry.agencies),
        "holder": entry.holder,
        "messages": entry.case.message_count,
        "text": None if entry.deleted else entry.text,
    }


@app.command("show")
def show_(number: Number, login: As, as_json: Json = False) -> None:
    """Show one case with its messages and answers, as the person may read them."""
    place, viewer = acting(login)
    with casefile.reading(place.database, now(), viewer, number) as file:
        detail, reader = queue.detail_in(file, parts.of(file)), file.reader
    rows = [_said(spoken.message, reader) for spoken in detail.messages]
    rows += [
        _line(
            r.created_at,
            f"reply ({r.state})",
            detail.names.get(r.person_id, ""),
            r.text,
        )
        for r in detail.replies
    ]
    rows += [
        _line(n.created_at, "note", detail.names.get(n.person_id, ""), n.text)
        for n in detail.notes
    ]
    show(sorted(rows, key=lambda row: row["at"]), as_json=as_json)


def _said(message: Message, reader: privacy.Reader) -> dict[str, Any]:
    kind, moment = ("out" if message.direction == "out" else "in"), message.created_at
    who = "" if message.anonymous else message.author_name or ""
    text = None if message.deleted_at else reader.text(message.text)
    return _line(moment, kind, who, text, message.id)


def _line(
    at: datetime, kind: str, who: str, text: str | None, message: int | None = None
) -> dict[str, Any]:
    return {"at": at, "kind": kind, "who": who, "text": text, "message": message}


@app.command()
def claim(number: Number, login: As) -> None:
    """Take a case."""
    place, viewer = acting(login)
    claims.claim(place.database, now(), viewer, number, place.claim_minutes)
    out.print(f"{number} is yours.")


@app.command()
def release(number: Number, login: As) -> None:
    """Give a case back to the queue."""
    place, viewer = acting(login)
    claims.release(place.database, now(), viewer, number)
    out.print(f"{number} is back in the queue.")


@app.command()
def assign(
    number: Number,
    agency: Annotated[str, typer.Argument(help="Code of the agency.")],
    login: As,
    help_only: Annotated[
        bool, typer.Option("--help-only", help="As a helper, not as lead.")
    ] = False,
) -> None:
    """Bring an agency in."""
    place, viewer = acting(login)
    tasks.assign(place.database, now(), viewer, number, agency, lead=not help_only)
    out.print(f"{number} is in the queue of {agency}.")


@app.command()
def reply(
    number: Number,
    text: Annotated[
        str, typer.Option(help="The answer, @file, or - for standard input.")
    ],
    login: As,
    key: Annotated[
        str | None, typer.Option(help="Repeating a key does not send again.")
    ] = None,
    although: Although = None,
    yes: Yes = False,
) -> None:
    """Answer a case; claims it first where it is free."""
    place, viewer = acting(login)
    answer = sys.stdin.read().strip() if text == "-" else read_value("text", text)
    with casefile.reading(place.database, now(), viewer, number) as file:
        seen = replies.preview_reply(file, replies.Answer(answer))
    preview = seen.preview
    where = "in public" if preview.public else "privately"
    for part in preview.parts:
        out.print(f"{where} through @{seen.account.handle}: {part}")
    if preview.problem:
        raise Refusal(f"this cannot be sent: {preview.problem}", preview.problem)
    contradicted(place, viewer, number, answer)
    confirm("Send this?", yes)
    claims.claim(place.database, now(), viewer, number, place.claim_minutes)
    replies.reply(
        place.database,
        now(),
        viewer,
        number,
        replies.Answer(answer, although=although),
        key=key or uuid.uuid4().hex,
    )
    out.print("Queued; the worker sends it.")


@app.command()
def record(
    text: Annotated[
        str, typer.Option(help="What was said: text, @file, or - for standard input.")
    ],
    login: As,
    via: Annotated[
        str, typer.Option(help=f"How it came: {', '.join(entries.VIA)}.")
    ] = "112",
    agency: Annotated[
        str | None, typer.Option(help="Of another agency, for who sees all.")
    ] = None,
    name: Annotated[str, typer.Option(help="Who reports.")] = "",
    contact: Annotated[str, typer.Option(help="Phone or e-mail, for questions.")] = "",
    where: Annotated[
        str, typer.Option("--place", help="Street, RT/RW, landmark.")
    ] = "",
    said_at: Annotated[str, typer.Option(help="Local time: 2026-11-25T09:12.")] = "",
) -> None:
    """Write down a report from the telephone, the desk or a pasted chat as a case."""
    place, viewer = acting(login)
    said = sys.stdin.read().strip() if text == "-" else read_value("text", text)
    is_chat = bool(pasted_lines(said))
    entry = entries.Entry(
        entries.new_id(),
        via,
        text="" if is_chat else said,
        pasted=said if is_chat else "",
        name=name,
        contact=contact,
        place=where,
        said_at=said_at,
    )
    number = entries.record(place.database, place.vault, now(), viewer, entry, agency)
    out.print(
        f"Case {number}." if number else "Kept. It is secret; its readers see it."
    )


@app.command()
def classify(
    number: Number,
    login: As,
    klass: Annotated[
        str | None, typer.Option("--class", help="pengaduan, darurat, ...")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="A kind of config/categories.yaml.")
    ] = None,
    ward: Annotated[
        str | None, typer.Option(help="Code of a ward: kel-sempur.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="id, su, jv, en, other, ...")
    ] = None,
) -> None:
    """Confirm what the rules read in a case, or correct it; corrections are kept to
    learn from."""
    place, viewer = acting(login)
    case = triage.confirm(
        place.database,
        now(),
        viewer,
        number,
        klass=klass,
        kind=kind,
        ward=ward,
        language=language,
    )
    out.print(
        f"{number}: {case.klass}, {case.kind or 'no kind'}, {case.ward or 'no ward'}."
    )


@app.command()
def wait(
    number: Number,
    reason: Annotated[str, typer.Argument(help=" or ".join(waiting.PAUSES) + ".")],
    login: As,
    recheck: Annotated[
        str | None, typer.Option(help="Day the budget is asked for again: 2026-11-25.")
    ] = None,
) -> None:
    """Stop the clocks that may stop: for the reporter, or for a budget until a day."""
    place, viewer = acting(login)
    day = day_of(recheck) if recheck else None
    waiting.wait(place.database, now(), viewer, number, reason, recheck=day)
    out.print(f"{number} waits.")


@app.command("go-on")
def go_on(number: Number, login: As) -> None:
    """End the waiting of a case."""
    place, viewer = acting(login)
    waiting.go_on(place.database, now(), viewer, number)
    out.print(f"The clocks of {number} go on.")


@app.command()
def accept(number: Number, login: As, agency: OfAgency = None) -> None:
    """An agency takes its own task in hand; nobody above is told any more."""
    place, viewer = acting(login)
    tasks.accept(place.database, now(), viewer, number, agency)
    out.print(f"{agency or viewer.agency_code} has {number} in hand.")


@app.command()
def owners(number: Number, login: As, as_json: Json = False) -> None:
    """The likeliest owners of a case: part, level of authority, and why."""
    place, viewer = acting(login)
    with casefile.reading(place.database, now(), viewer, number) as file:
        found = ownership.proposed(file.case, file.tasks)
    rows = [
        {
            "agency": one.agency,
            "part": one.role,
            "level": one.level,
            "why": authority.explain(one.reason),
            "has_it": one.has_it,
        }
        for one in found
    ]
    show(rows, as_json=as_json, empty="the words name no owner")


@app.command()
def finish(
    number: Number,
    login: As,
    agency: OfAgency = None,
    waived: Annotated[
        str | None,
        typer.Option(help="The task is not done but waived, for this reason."),
    ] = None,
) -> None:
    """An agency's own task is done, or waived; the case stays open for the others."""
    place, viewer = acting(login)
    tasks.finish(place.database, now(), viewer, number, agency=agency, waived=waived)
    out.print(f"The task of {agency or viewer.agency_code} in {number} is over.")


@app.command()
def bounce(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why it is not yours.")],
    login: As,
    to: Annotated[
        str | None, typer.Option(help="Whose it is; none: whoever verifies.")
    ] = None,
    agency: OfAgency = None,
) -> None:
    """Say "not ours": another agency takes the task."""
    place, viewer = acting(login)
    tasks.bounce(place.database, now(), viewer, number, reason, to=to, agency=agency)
    out.print(f"{number} is with {to or tasks.FALLBACK_AGENCY} now.")


@app.command()
def question(number: Number, login: As) -> None:
    """Print the one question that asks for what the report leaves out."""
    place, viewer = acting(login)
    with casefile.reading(place.database, now(), viewer, number) as file:
        gap = offers.question(file)
    out.print(gap.question if gap else "Nothing is missing.", highlight=False)


@app.command()
def referral(
    number: Number,
    login: As,
    body: Annotated[
        str | None, typer.Option(help="Code of a body of routing.yaml.")
    ] = None,
) -> None:
    """Mark a body outside the city as responsible and print the answer that names
    it."""
    place, viewer = acting(login)
    triage.not_ours(place.database, now(), viewer, number, body)
    with casefile.reading(place.database, now(), viewer, number) as file:
        answer = offers.referral(file.case, body)
    out.print(answer, highlight=False)


@app.command()
def close(
    number: Number,
    login: As,
    outcome: Annotated[
        str, typer.Option(help=", ".join(closing.OUTCOMES) + ".")
    ] = "selesai",
    waive: Annotated[
        str | None,
        typer.Option(help="Why it is closed while other agencies work on it."),
    ] = None,
) -> None:
    """Close a case."""
    place, viewer = acting(login)
    closing.close(place.database, now(), viewer, number, outcome=outcome, waive=waive)
    out.print(f"{number} is closed.")


@app.command()
def reopen(number: Number, login: As) -> None:
    """Open a closed case again."""
    place, viewer = acting(login)
    closing.reopen(place.database, now(), viewer, number)
    out.print(f"{number} is open again.")
