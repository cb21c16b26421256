"""`sahut eval`: what the program makes of files. JSON lines on standard output, nothing
stored.

What needs the whole pipeline is imported where it is used: `normalise` and `verify` are
called once a file.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator.cli._common import out, progress, read_value
from aggregator.lab import evaluate

app = typer.Typer()
Channel = Annotated[str, typer.Option(help="Name of the channel.")]


def _print(row: dict[str, Any]) -> None:
    """Half a surrogate pair, which a text may hold and UTF-8 cannot, becomes U+FFFD."""
    line = json.dumps(row, ensure_ascii=False)
    print(line.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))  # noqa: T201


@app.command()
def normalise(
    files: Annotated[
        list[Path], typer.Argument(help="What a platform sent or answered.")
    ],
    channel: Channel,
    kind: Annotated[
        str | None, typer.Option(help="Kind, where content does not tell.")
    ] = None,
) -> None:
    """One line for every message in the files."""
    for path in files:
        for row in evaluate.normalise_file(channel, path, kind):
            _print(row)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A recorded request.")],
    channel: Channel,
    secret: Annotated[
        str,
        typer.Option(
            help="The secret of a recorded account; of a real one @file or env:NAME."
        ),
    ],
) -> None:
    """Whether a recorded webhook delivery is genuine."""
    _print(evaluate.verify_file(channel, read_value("secret", secret), file))


@app.command()
def payloads(
    data: Annotated[Path, typer.Argument(help="Folder with payloads/MANIFEST.json.")],
    verbose: Annotated[
        bool, typer.Option("--differences", help="List every difference.")
    ] = False,
) -> None:
    """Compare with a list of expected values, field by field."""
    folder = data / "payloads" if (data / "payloads").is_dir() else data
    for channel, score in evaluate.score_payloads(folder).items():
        met = sum(score.fields.values()) - sum(
            n for f, n in score.wrong.items() if f != "count"
        )
        total = sum(score.fields.values())
        out.print(
            f"{channel}: {score.right}/{score.files} files right, {met}/{total} values"
        )
        for line in score.differences if verbose else []:
            out.print(f"  {line}")


@app.command()
def places(
    data: Annotated[
        Path, typer.Argument(help="Folder, or rows of text with place or ward.")
    ],
    verbose: Annotated[
        bool, typer.Option("--missed", help="List what was not found.")
    ] = False,
) -> None:
    """How many of the places and wards that people marked in texts are found."""
    from aggregator.lab import evaluate_places

    for line in evaluate_places.report(data, verbose=verbose):
        out.print(line, highlight=False, soft_wrap=True)


File = Annotated[Path, typer.Argument(help="JSON lines.")]


@app.command()
def pairs(file: File) -> None:
    """Whether two texts are one problem: join, suggest or separate, with a score."""
    from aggregator.lab import evaluate_duplicates

    for row in evaluate_duplicates.pairs(evaluate_duplicates.rows_of(file)):
        _print(row)


@app.command()
def stream(file: File) -> None:
    """Which cases a stream of texts opens or joins, through the real pipeline."""
    from aggregator.lab import evaluate_duplicates

    rows = evaluate_duplicates.rows_of(file)
    with progress("messages") as update:
        found = evaluate_duplicates.stream(rows, lambda done: update(done, len(rows)))
    for row in found:
        _print(row)


@app.command("duplicates")
def duplicates_(
    data: Annotated[
        Path, typer.Argument(help="Folder with pairs.jsonl and a labelled stream.")
    ],
) -> None:
    """Score pairs by kind, and the stream against its labelled clusters."""
    from aggregator.lab import evaluate_duplicates

    rows = evaluate_duplicates.rows_of(data / "pairs.jsonl")
    decided = list(evaluate_duplicates.pairs(rows))
    found = evaluate_duplicates.partners(rows)
    for score in evaluate_duplicates.score_pairs(rows, decided, found):
        _line(str(score))
    for row, outcome in zip(rows, decided, strict=True):
        if outcome.get("decision") == "join" and row.get("label") != "dup":
            _line(
                f"  joined though {row.get('label')}: {row.get('id')}"
                f" ({row.get('kind')})"
            )
    out.print(
        "same incident in other words, against what is not (bar, precision, recall):"
    )
    for bar, precision, recall in evaluate_duplicates.curve(
        rows, decided, "same_incident", evaluate_duplicates.OTHER_INCIDENTS
    ):
        out.print(f"  {bar:.2f}  {precision:.3f}  {recall:.3f}")
    messages = evaluate_duplicates.rows_of(data / "stream_bandung_mentions.jsonl")
    placed = evaluate_duplicates.stream(messages)
    truth = evaluate_duplicates.rows_of(data / "incidents_bandung.jsonl")
    clusters = evaluate_duplicates.score_clusters(placed, truth)
    out.print(
        f"stream: B-cubed precision {clusters.precision:.3f} recall"
        f" {clusters.recall:.3f} F {clusters.f1:.3f} over {clusters.labelled} labelled"
        f" rows; queue saved {clusters.saved:.1%}; partner joined or among three"
        f" suggestions {clusters.top3:.1%}; {len(clusters.wrong)} rows joined against"
        " the labels"
    )
    for first, mate in clusters.wrong:
        _line(f"  {mate} in the case of {first}")


def _line(text: str) -> None:
    """One whole line, however narrow the terminal."""
    out.print(text, highlight=False, soft_wrap=True)


@app.command()
def texts(
    data: Annotated[Path, typer.Argument(help="Folder with labelled texts.")],
) -> None:
    """Score class, kinds and language against simple baselines, and the time a text
    takes."""
    from aggregator import city
    from aggregator.lab import evaluate_texts

    for line in evaluate_texts.report(data, city.here(), datetime.now(UTC).date()):
        out.print(line, highlight=False)


@app.command()
def learn(
    data: Annotated[Path, typer.Option(help="Folder with labelled texts.")],
    corrections: Annotated[
        Path | None,
        typer.Option(help="JSON lines: text with the class or language set right."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Replace the trained numbers.")
    ] = False,
) -> None:
    """Train the rules about texts again, with figures before and after."""
    from aggregator import city
    from aggregator.city import words
    from aggregator.lab import training

    here = city.here()
    folder = here.folder / words.MODELS if write else None
    for line in training.learn(
        data, corrections, here.lexicon, list(here.catalog.categories), folder
    ):
        out.print(line, highlight=False)


@app.command()
def classify(file: File) -> None:
    """What every text says: class, kinds, places, language, agencies, urgency, personal
    data."""
    from aggregator import city
    from aggregator.lab import evaluate_duplicates, evaluate_texts

    here = city.here()
    on = here.today(datetime.now(UTC))
    for row in evaluate_texts.classify(evaluate_duplicates.rows_of(file), here, on):
        _print(row)
