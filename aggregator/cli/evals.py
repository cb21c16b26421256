"""`sahut eval`: what the program makes of files. JSON lines on standard output, nothing stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator import evaluate, evaluate_places
from aggregator.cli._common import err, out

app = typer.Typer()
Channel = Annotated[str, typer.Option(help="Name of the channel.")]


def _print(row: dict[str, Any]) -> None:
    print(json.dumps(row, ensure_ascii=False))  # noqa: T201


@app.command()
def normalise(
    files: Annotated[list[Path], typer.Argument(help="What a platform sent or answered.")],
    channel: Channel,
    kind: Annotated[str | None, typer.Option(help="Kind, where content does not tell.")] = None,
) -> None:
    """One line for every message in the files."""
    for path in files:
        for row in evaluate.normalise_file(channel, path, kind):
            _print(row)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A recorded request.")],
    channel: Channel,
    secret: Annotated[str, typer.Option(help="The secret of a recorded, not of a real account.")],
) -> None:
    """Whether a recorded webhook delivery is genuine."""
    _print(evaluate.verify_file(channel, secret, file))


@app.command()
def payloads(
    data: Annotated[Path, typer.Argument(help="Folder with payloads/MANIFEST.json.")],
    verbose: Annotated[bool, typer.Option("--differences", help="List every difference.")] = False,
) -> None:
    """Compare with a list of expected values, field by field."""
    folder = data / "payloads" if (data / "payloads").is_dir() else data
    for channel, score in evaluate.score_payloads(folder).items():
        met = sum(score.fields.values()) - sum(n for f, n in score.wrong.items() if f != "count")
        total = sum(score.fields.values())
        out.print(f"{channel}: {score.right}/{score.files} files right, {met}/{total} values")
        for line in score.differences if verbose else []:
            out.print(f"  {line}", markup=False)


@app.command()
def places(
    data: Annotated[Path, typer.Argument(help="Folder, or rows of text with place or ward.")],
    verbose: Annotated[bool, typer.Option("--missed", help="List what was not found.")] = False,
) -> None:
    """How many of the places and wards that people marked in texts are found."""
    for line in evaluate_places.report(data, verbose=verbose):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _not_built(name: str) -> None:
    err.print(f"`eval {name}` belongs to a part that is not built yet.")
    raise typer.Exit(1)


File = Annotated[Path, typer.Argument(help="JSON lines.")]


@app.command()
def pairs(file: File) -> None:
    """Not built yet: whether two texts say the same."""
    _not_built("pairs")


@app.command()
def stream(file: File) -> None:
    """Not built yet: which cases a stream of texts opens or joins."""
    _not_built("stream")


@app.command()
def classify(file: File) -> None:
    """Not built yet: class, kind, place and language of texts."""
    _not_built("classify")
