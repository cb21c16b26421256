"""`sahut audit`: whether the trail of acts is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from aggregator.cli._common import Json, UsageError, err, here, out, progress, show
from aggregator.store import audit_chain
from aggregator.store.audit_chain import Anchor, Finding
from aggregator.store.db import utcnow

app = typer.Typer()
_SAID = {
    "changed": "was changed after it had been written",
    "removed": "was removed",
    "added": "was put in without the program: it has no link",
    "back_dated": "bears an earlier time than the lines before it",
    "gap": "stands behind a link that is missing",
    "cut_off": "is not the link that was anchored: lines at the end were cut off",
    "key_missing": "cannot be checked: the key it was linked with is not there",
}


@app.command()
def verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option(help="A line of `sahut audit anchor`; may be given again."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Look for lines that were changed, removed, put in or dated back.

    Exit code 1 where there are any.
    """
    place = here()
    keys = audit_chain.keys_of(place.vault)
    while audit_chain.link(place.database, keys, utcnow()) >= audit_chain.MOST:
        pass
    with progress("reading the trail") as update:
        checked = audit_chain.check(
            place.database,
            keys,
            utcnow(),
            anchors=tuple(map(_anchor, anchor or ())),
            on_progress=update,
        )
    rows = [
        {"code": one.code, "line": one.entry_id, "link": one.seq, "what": _told(one)}
        for one in checked.findings
    ]
    if rows or as_json:
        show(rows, as_json=as_json)
    if rows:
        raise typer.Exit(1)
    err.print(f"The trail is whole: {checked.links} lines.")


@app.command("anchor")
def anchor_() -> None:
    """Print the newest link, to be kept elsewhere: on paper, in a mailbox.

    With it `sahut audit verify --anchor` finds lines that were cut off at the end.
    """
    place = here()
    audit_chain.link(place.database, audit_chain.keys_of(place.vault), utcnow())
    found = audit_chain.anchor(place.database)
    if found is None:
        err.print("The trail has no line yet.")
        raise typer.Exit(1)
    out.print(f"{found.seq}:{found.digest}", soft_wrap=True)


def _anchor(line: str) -> Anchor:
    seq, _, digest = line.strip().partition(":")
    if not seq.isdecimal() or len(digest) != 64:
        raise UsageError(f"{line!r} is no line of `sahut audit anchor`")
    return Anchor(int(seq), digest)


def _told(finding: Finding) -> str:
    which = f"line {finding.entry_id}" if finding.entry_id else f"link {finding.seq}"
    return f"{which} {_SAID[finding.code]}"
