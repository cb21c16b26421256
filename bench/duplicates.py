"""Finding the case a message repeats: the key table against a scan, LSH, FTS5 and
pg_trgm.

    python -m bench.duplicates [--upto 10000 100000] [--million] [--scan 30] [--postgresql 10000]

One made-up stream for all: each way stores the same messages and is asked for the twin
of the same new ones (a third are edited copies, a third differ in a number or street, a
third are new), and stores each of these too. Every other way gets the score of its
candidates by rapidfuzz and the bar that makes its F1 best. Times are processor time of
this thread; for PostgreSQL, another process, they are elapsed time. MinHashLSH needs
the package `datasketch`; without it that line is left out, and said so.
"""  # noqa: E501

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import itertools
import multiprocessing
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import insert, text

from aggregator import city
from aggregator.rules.reports import duplicates
from aggregator.running import interpreter
from aggregator.store.db import Database
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.twins import search
from bench import _city, _remembered, _served
from bench._repeats import Post, stream

STEPS = (1_000, 10_000, 100_000)
QUERIES = 300
_CANDIDATES = 12
_WARM = 1_000
"""So many of the newest stored messages go through the engine first: a process that
runs for days has met the words of a city."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds a query (all of them), and what was answered for each; `reading`: the
    part of the seconds in which texts were taken apart, where that is known."""

    seconds: tuple[float, ...]
    answers: tuple[tuple[int | None, float], ...]
    reading: tuple[float, ...] = ()

    @property
    def mean_ms(self) -> float:
        return statistics.fmean(self.seconds) * 1000

    @property
    def p99_ms(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99) - 1] * 1000


def best(
    found: Measured, asked: Sequence[Post], own: Sequence[int]
) -> tuple[float, float, float]:
    """(precision, recall, F1) at the bar that makes F1 best."""
    options = []
    for bar in range(0, 101, 2):
        right = wrong = missed = 0
        for (answer, score), post, position in zip(
            found.answers, asked, own, strict=False
        ):
            said = answer if answer is not None and score >= bar else None
            repeats = post.twin != position
            right += repeats and said == post.twin
            wrong += said is not None and (not repeats or said != post.twin)
            missed += repeats and said != post.twin
        precision, recall = (
            right / max(1, right + wrong),
            right / max(1, right + missed),
        )
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        options.append((f1, precision, recall))
    f1, precision, recall = max(options)
    return precision, recall, f1


Clock = Callable[[], float]
Asker = Callable[[Post], tuple[int | None, float]]


def ask(
    asker: Asker, asked: Sequence[Post], clock: Clock = time.thread_time
) -> Measured:
    seconds, answers = [], []
    for post in asked:
        began = clock()
        answers.append(asker(post))
        seconds.append(clock() - began)
    return Measured(tuple(seconds), tuple(answers))


def _rescored(
    posts: Sequence[Post], said: str, places: Sequence[int]
) -> tuple[int | None, float]:
    scored = [
        (fuzz.token_set_ratio(said.lower(), posts[i].said.lower()), i) for i in places
    ]
    if not scored:
        return None, 0.0
    score, place = max(scored)
    return posts[place].twin, score


def by_scan(posts: Sequence[Post]) -> Asker:
    """What a first version does: every stored text, one after another."""
    stored = [post.said.lower() for post in posts]

    def asker(post: Post) -> tuple[int | None, float]:
        found = process.extractOne(
            post.said.lower(), stored, scorer=fuzz.token_set_ratio
        )
        return (posts[found[2]].twin, found[1]) if found else (None, 0.0)

    return asker


_SHINGLE = 5
_PERMUTATIONS = 128
"""Of six settings (words, pairs of words, three or five signs; 64 or 128) the one with
the best F1 at 10,000 stored."""


def by_lsh(posts: Sequence[Post]) -> Asker:
    datasketch = importlib.import_module("datasketch")
    index = datasketch.MinHashLSH(threshold=0.5, num_perm=_PERMUTATIONS)

    def sketch(said: str) -> Any:
        said, made = said.lower(), datasketch.MinHash(num_perm=_PERMUTATIONS)
        pieces = [
            said[at : at + _SHINGLE].encode() for at in range(len(said) - _SHINGLE + 1)
        ]
        made.update_batch(pieces)
        return made

    for place, post in enumerate(posts):
        index.insert(place, sketch(post.said))
    places = itertools.count(len(posts))

    def asker(post: Post) -> tuple[int | None, float]:
        made = sketch(post.said)
        found = [place for place in index.query(made)[:200] if place < len(posts)]
        index.insert(next(places), made)
        return _rescored(posts, post.said, found)

    return asker


def by_fts(posts: Sequence[Post], path: Path) -> Asker:
    base = sqlite3.connect(path)
    base.execute("CREATE VIRTUAL TABLE t USING fts5(said)")
    base.executemany(
        "INSERT INTO t (rowid, said) VALUES (?, ?)",
        ((place + 1, post.said) for place, post in enumerate(posts)),
    )
    base.commit()
    places = itertools.count(len(posts) + 1)

    def asker(post: Post) -> tuple[int | None, float]:
        words = sorted(
            {w for w in post.said.split() if w.isalnum()}, key=len, reverse=True
        )[:8]
        query = " OR ".join(f'"{word}"' for word in words)
        rows = base.execute(
            "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?",
            (query, _CANDIDATES),
        ).fetchall()
        base.execute(
            "INSERT INTO t (rowid, said) VALUES (?, ?)", (next(places), post.said)
        )
        found = [row[0] - 1 for row in rows if row[0] <= len(posts)]
        return _rescored(posts, post.said, found)

    return asker


def by_trigrams(posts: Sequence[Post], database: Database) -> Asker:
    insertion = text("INSERT INTO bench_text VALUES (:place, :said)")
    with database.engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        connection.execute(text("DROP TABLE IF EXISTS bench_text"))
        connection.execute(text("CREATE TABLE bench_text (place integer, said text)"))
        connection.execute(
            insertion,
            [{"place": place, "said": post.said} for place, post in enumerate(posts)],
        )
        connection.execute(
            text("CREATE INDEX ON bench_text USING gin (said gin_trgm_ops)")
        )
        connection.execute(text("ANALYZE bench_text"))
    connection = database.engine.connect()
    connection.execute(text("SET pg_trgm.similarity_threshold = 0.6"))
    query = text(
        "SELECT place FROM bench_text WHERE said % :said ORDER BY similarity(said,"
        " :said) DESC LIMIT :most"
    )

    def asker(post: Post) -> tuple[int | None, float]:
        rows = connection.execute(query, {"said": post.said, "most": _CANDIDATES}).all()
        connection.execute(insertion, {"place": -1, "said": post.said})
        return _rescored(posts, post.said, [int(row[0]) for row in rows if row[0] >= 0])

    return asker


class KeyTable:
    """The engine itself, without the rest of the pipeline: `twins.look` and
    `twins.remember`."""

    def __init__(self, database: Database, account_id: int) -> None:
        self._database, self._account_id = database, account_id
        self._stored = 0

    def store(self, stop: int) -> None:
        url = self._database.url.render_as_string(hide_password=False)
        filling = multiprocessing.get_context("spawn").Process(
            target=_remembered.fill, args=(url, self._account_id, self._stored, stop)
        )
        filling.start()
        filling.join()
        if filling.exitcode:
            raise SystemExit(f"filling to {stop:,} failed")
        if self._database.engine.dialect.name == "postgresql":
            with self._database.engine.begin() as connection:
                connection.execute(
                    text("ANALYZE")
                )  # as its own daemon does after so many rows
        self._stored = stop

    def measure(
        self, asked: Sequence[Post], newest: Sequence[Post], clock: Clock
    ) -> Measured:
        """Look and remember for new messages, after the `newest` stored; nothing of it
        stays."""
        found = self._measured([*newest, *asked], clock)
        last = len(newest)
        return Measured(
            found.seconds[last:], found.answers[last:], found.reading[last:]
        )

    def _measured(self, asked: Sequence[Post], clock: Clock) -> Measured:
        seconds: list[float] = []
        reading: list[float] = []
        answers: list[tuple[int | None, float]] = []
        now = _city.START + timedelta(seconds=self._stored)
        lexicon = city.here().lexicon
        with contextlib.suppress(_Undo), self._database.writing() as session:
            for place, post in enumerate(asked, start=self._stored):
                began = clock()
                words_key = duplicates.words_key(post.said, lexicon)
                before = clock() - began
                row = _remembered.row(self._account_id, place, post, words_key)
                if post.twin == place:
                    session.execute(insert(Case), _remembered.case(place))
                session.execute(insert(Message), row)
                message = Message(**row)
                began = clock()
                said = search.traits_of(message)
                reading.append(before + clock() - began)
                found = search.look(session, now, message, said)
                if not found.is_copy:
                    search.remember(session, message, said, found.keys)
                    session.flush()
                seconds.append(before + clock() - began)
                joined = found.joins.case_id if found.joins else None
                answers.append((joined - 1 if joined else None, 100.0))
            raise _Undo
        return Measured(tuple(seconds), tuple(answers), tuple(reading))


class _Undo(Exception):
    """Ends a measurement's transaction without keeping it."""


Line = tuple[str, Measured]


def _ours(
    tables: Mapping[str, KeyTable], step: int, asked: Sequence[Post], on_postgresql: int
) -> Iterator[Line]:
    newest = list(itertools.islice(stream(step), step - _WARM, None))
    clocks = {"SQLite": time.thread_time, "PostgreSQL": time.perf_counter}
    for name, table in tables.items():
        if name == "PostgreSQL" and step > on_postgresql:
            continue
        began = time.perf_counter()
        table.store(step - _WARM)
        print(f"    ({name} filled: {time.perf_counter() - began:.0f} s)", flush=True)
        table.measure((), newest, clocks[name])
        before = _resident()
        yield f"keys, {name}", table.measure(asked, newest, clocks[name])
        grown = _resident() - before
        print(
            f"    ({name}: this process grew by {grown:.1f} MB while asked)", flush=True
        )


def _resident() -> float:
    return _served.Served("", os.getpid()).megabytes()


def _others(
    posts: Sequence[Post],
    asked: Sequence[Post],
    scanned: int,
    folder: Path,
    database: Database,
) -> Iterator[Line]:
    yield "scan", ask(by_scan(posts), asked[:scanned])
    if importlib.util.find_spec("datasketch"):
        yield "MinHashLSH", ask(by_lsh(posts), asked)
    else:
        print("    MinHashLSH left out: the package datasketch is not there")
    yield "FTS5", ask(by_fts(posts, folder / f"{len(posts)}.db"), asked)
    yield "pg_trgm", ask(by_trigrams(posts, database), asked, time.perf_counter)


def _report(
    lines: Iterator[Line], step: int, asked: Sequence[Post]
) -> dict[str, float]:
    """Print a line for every way as it is measured; their means."""
    means: dict[str, float] = {}
    for name, found in lines:
        means[name] = found.mean_ms
        share = found.mean_ms / next(iter(means.values()))
        precision, recall, f1 = best(found, asked, range(step, step + len(asked)))
        print(
            f"    {name:<18} {found.mean_ms:8.2f} ms (p99 {found.p99_ms:8.2f})"
            f"  {share:7.1f}x   P {precision:.3f} R {recall:.3f} F1 {f1:.3f}",
            flush=True,
        )
        if found.reading:
            apart = statistics.fmean(found.reading) * 1000
            print(
                f"    {'':<18} reading the text {apart:.2f} ms, search, compare and"
                f" keep {found.mean_ms - apart:.2f} ms; {1000 / found.mean_ms:,.0f}"
                " messages/s a core",
                flush=True,
            )
    return means


def run(
    steps: Sequence[int] = STEPS[1:], scanned: int = 30, on_postgresql: int = STEPS[1]
) -> None:
    interpreter.keep_what_is_read()
    with tempfile.TemporaryDirectory() as folder, _city.databases() as opened:
        tables = {
            name: KeyTable(database, _city.account(database).id or 0)
            for name, database in opened.items()
        }
        means: list[dict[str, float]] = []
        for step in steps:
            posts = list(
                itertools.islice(stream(step), step if step <= STEPS[-1] else 0)
            )
            asked = list(itertools.islice(stream(step + QUERIES), step, None))
            print(f"  {step:,} stored, {QUERIES} asked:")
            lines = _ours(tables, step, asked, on_postgresql)
            if posts:
                others = _others(
                    posts, asked, scanned, Path(folder), opened["PostgreSQL"]
                )
                lines = itertools.chain(lines, others)
            else:
                print(
                    f"    other ways left out above {STEPS[-1]:,}: hours, or more"
                    " memory"
                )
            means.append(_report(lines, step, asked))
            size = Path(str(opened["SQLite"].url.database)).stat().st_size / 2**20
            print(f"    SQLite {size:.0f} MB", flush=True)
        for name in (name for name in means[0] if name in means[-1]):
            growth = means[-1][name] / means[0][name]
            print(f"  {name:<18} {steps[-1]:,} against {steps[0]:,}: {growth:.2f}x")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upto", type=int, nargs="+", default=list(STEPS[1:]))
    parser.add_argument("--million", action="store_true")
    parser.add_argument(
        "--scan", type=int, default=30, help="Messages asked of the scan."
    )
    parser.add_argument(
        "--postgresql", type=int, default=STEPS[1], help="Most keys stored there."
    )
    given = parser.parse_args()
    run(
        [*given.upto, *([1_000_000] if given.million else [])],
        given.scan,
        given.postgresql,
    )
