"""The judged commands about duplicates, and their scores on labelled pairs and a
labelled stream.

Shapes: docs/design.md, "Judging surface". The stream goes through the real pipeline
into a database of its own that is thrown away.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from aggregator import city
from aggregator.intake import messages
from aggregator.lab._rows import context_of
from aggregator.lab.evaluate import EvaluationError
from aggregator.rules.reports import duplicates
from aggregator.rules.reports.understand import understand
from aggregator.rules.time.calendar import WIB
from aggregator.running import upkeep
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.city import Agency
from aggregator.store.tables.intake import Message, RawEvent
from aggregator.store.tables.twins import Suggestion
from aggregator.twins import search
from connectors import base

Row = dict[str, Any]
_BATCH = 200
_BROKEN = "bad_item"
_COMPLAINTS = ("pengaduan", "darurat", "wbs")
OTHER_INCIDENTS = (
    "same_place_other_topic",
    "same_topic_other_place",
    "same_topic_same_area_not_same_incident",
)
"""Kinds of pairs that look like one incident and are not."""


_JSON = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
"""Takes bare tabs and line ends in texts; NaN and Infinity, which no JSON has, are
null."""


def rows_of(path: Path) -> list[Row]:
    """The rows of a file of JSON lines; a line that is none is a row with `error`.

    Only a line feed ends a line: texts of residents hold other separators (U+2028,
    U+0085). EvaluationError where the file cannot be read at all.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").split("\n")
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror})") from error
    return [
        _row(number, line) for number, line in enumerate(lines, start=1) if line.strip()
    ]


def _row(number: int, line: str) -> Row:
    try:
        found = _JSON.decode(line)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    return {
        "id": None,
        "error": _BROKEN,
        "detail": f"line {number} is not a JSON object",
    }


def is_broken(row: Row) -> bool:
    return row.get("error") == _BROKEN


def pairs(rows: Iterable[Row]) -> Iterator[Row]:
    """One decision a pair: two texts by different people on one day."""
    lexicon = city.here().lexicon
    for row in rows:
        if is_broken(row):
            yield row
            continue
        decision = duplicates.decide(
            duplicates.traits(str(row.get("a") or ""), lexicon),
            duplicates.traits(str(row.get("b") or ""), lexicon),
        )
        yield {
            "id": row.get("id"),
            "score": round(decision.score, 4),
            "decision": decision.verdict,
        }


def stream(
    rows: Sequence[Row], progress: Callable[[int], None] = lambda done: None
) -> list[Row]:
    """What the pipeline makes of a stream of texts, a line for every row, in its
    order."""
    with _throw_away() as database:
        _fill(database, rows, progress)
        return _outcome(database, rows)


def _fill(
    database: Database,
    rows: Sequence[Row],
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    with database.writing() as session:
        agency = session.exec(select(Agency.code).order_by(col(Agency.code))).first()
        session.add(
            Account(
                channel="stream",
                external_id="0",
                handle="city",
                display_name="City",
                agency_code=agency or "",
                sealed="",
            )
        )
    for start in range(0, len(rows), _BATCH):
        with database.writing() as session:
            account = session.exec(select(Account)).one()
            for position in range(start, min(start + _BATCH, len(rows))):
                if not is_broken(rows[position]):
                    _store(session, account, position, rows[position])
        progress(start)


def _store(session: Session, account: Account, position: int, row: Row) -> None:
    at = moment(row.get("ts"))
    event = RawEvent(
        account_id=account.id,
        channel="stream",
        key=str(position),
        kind="row",
        received_at=at,
    )
    session.add(event)
    session.flush()
    said = base.Message(
        kind="mention", native_id=str(position), text=_text(row), created_at=at
    )
    messages.store(session, at, account, event, said)


def _text(row: Row) -> str:
    """The text of a row; half of a surrogate pair, which no database takes, as "?"."""
    return str(row.get("text") or "").encode("utf-8", "replace").decode()


_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(2200, 1, 1, tzinfo=UTC)


def moment(ts: Any) -> datetime:
    """A local time of the stream as UTC; a row without one (or in no calendar of ours)
    is at the beginning of time."""
    try:
        read = datetime.fromisoformat(str(ts))
        at = (read if read.tzinfo else read.replace(tzinfo=WIB)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _BEGINNING
    return at if _BEGINNING <= at < _END else _BEGINNING


def _outcome(database: Database, rows: Sequence[Row]) -> list[Row]:
    with database.reading() as session:
        placed = {
            int(native_id): case_id
            for native_id, case_id in session.exec(
                select(Message.native_id, Message.case_id)
            )
        }
        numbers = dict(session.exec(select(Case.id, Case.number)).all())
        suggested: dict[int, list[str | None]] = defaultdict(list)
        query = select(Suggestion).order_by(col(Suggestion.score).desc())
        for one in session.exec(query):
            suggested[one.case_id].append(numbers.get(one.other_id))
        opened = dict(session.exec(select(Case.first_message_id, Case.id)).all())
        first = {
            case_id: int(native_id)
            for native_id, message_id in session.exec(
                select(Message.native_id, Message.id)
            )
            if (case_id := opened.get(message_id)) is not None
        }
    here = city.here()
    out = []
    for position, row in enumerate(rows):
        if is_broken(row):
            out.append(row)
            continue
        case_id = placed.get(position)
        read = understand(
            _text(row),
            here.lexicon,
            gazetteer=here.places,
            duties=here.duties,
            context=context_of(row),
            on=here.today(moment(row.get("ts"))),
        )
        out.append(
            {
                "id": row.get("id"),
                "case": None if case_id is None else numbers[case_id],
                "complaint": read.klass in _COMPLAINTS,
                "kind": read.kinds[0].code if read.kinds else None,
                "suggested": (
                    suggested.get(case_id, [])
                    if case_id is not None and first.get(case_id) == position
                    else []
                ),
            }
        )
    return out


@dataclass(frozen=True, slots=True)
class Clusters:
    """B-cubed over the labelled rows; `saved`: share of the queue that repeats took
    away."""

    precision: float
    recall: float
    labelled: int
    saved: float
    top3: float
    wrong: tuple[tuple[str, str], ...]

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score_clusters(found: Sequence[Row], truth: Sequence[Row]) -> Clusters:
    """Compare cases with labelled clusters; rows in no cluster are alone in truth.

    `wrong`: pairs of rows joined by themselves that the labels hold apart, one a pair
    of a case. `top3`: of rows whose cluster has an earlier case, how many joined it or
    have it suggested.
    """
    case_of = {row["id"]: row["case"] for row in found}
    cluster_of = {
        row_id: row["cluster"]
        for row in truth
        for row_id in row["stream_ids"]
        if row_id in case_of
    }
    by_case: dict[Any, list[str]] = defaultdict(list)
    for row in found:
        if row["case"] is not None:
            by_case[row["case"]].append(row["id"])
    by_cluster: dict[str, list[str]] = defaultdict(list)
    for row_id, cluster in cluster_of.items():
        by_cluster[cluster].append(row_id)
    precision = recall = 0.0
    for row_id, cluster in cluster_of.items():
        mates = by_case[case_of[row_id]] if case_of[row_id] is not None else [row_id]
        right = sum(cluster_of.get(mate) == cluster for mate in mates)
        precision += right / len(mates)
        recall += right / len(by_cluster[cluster])
    labelled = max(1, len(cluster_of))
    return Clusters(
        precision / labelled,
        recall / labelled,
        len(cluster_of),
        1 - len(by_case) / max(1, len(found)),
        _top3(found, cluster_of),
        tuple(_wrong(by_case, cluster_of)),
    )


def _top3(found: Sequence[Row], cluster_of: Mapping[str, str]) -> float:
    seen: dict[str, set[Any]] = defaultdict(set)
    asked = met = 0
    for row in found:
        cluster = cluster_of.get(row["id"])
        if cluster is None:
            continue
        if seen[cluster]:
            asked += 1
            met += row["case"] in seen[cluster] or bool(
                seen[cluster].intersection(row["suggested"][:3])
            )
        seen[cluster].add(row["case"])
    return met / max(1, asked)


def _wrong(
    by_case: Mapping[Any, Sequence[str]], cluster_of: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for mates in by_case.values():
        names = {mate: cluster_of.get(mate) for mate in mates}
        if len(set(names.values())) > 1:
            first = mates[0]
            yield from (
                (first, mate) for mate in mates[1:] if names[mate] != names[first]
            )


_SAME = "dup"


@dataclass(frozen=True, slots=True)
class KindScore:
    """Of one kind of pair: how many are one problem by their label, how many were
    joined by themselves and suggested, and how many of these are right. `top3`: of the
    pairs that are one problem, how many have their partner among the first three where
    all texts lie in one store."""

    kind: str
    n: int
    same: int
    joined: int
    joined_right: int
    suggested: int
    suggested_right: int
    top3: int | None = None

    def __str__(self) -> str:
        offered, right = (
            self.joined + self.suggested,
            self.joined_right + self.suggested_right,
        )
        parts = [
            f"{self.kind:40} {self.n:5} pairs {self.same:4} same",
            (
                f"joined {self.joined:4}"
                f" {_figures(self.joined_right, self.joined, self.same)}"
            ),
            f"with suggestions {offered:4} {_figures(right, offered, self.same)}",
        ]
        if self.top3 is not None and self.same:
            parts.append(f"partner in three {self.top3 / self.same:.3f}")
        return " | ".join(parts)


def _figures(right: int, found: int, same: int) -> str:
    """Precision and recall; a dash where there is nothing to divide by."""
    precision = f"{right / found:.3f}" if found else "-"
    recall = f"{right / same:.3f}" if same else "-"
    return f"P {precision:>5} R {recall:>5}"


def score_pairs(
    rows: Sequence[Row], decided: Sequence[Row], found: Mapping[int, bool] | None = None
) -> list[KindScore]:
    """Per kind, never pooled. `found`: by position, whether the partner of a pair came
    up."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for position, (row, outcome) in enumerate(zip(rows, decided, strict=True)):
        if is_broken(row):
            continue
        kind, is_same = counts[str(row.get("kind"))], row.get("label") == _SAME
        kind.update(["n", outcome["decision"]])
        if is_same:
            kind.update(["same", f"right {outcome['decision']}"])
            kind["top3"] += bool(found and found.get(position))
    return [
        KindScore(
            kind,
            n["n"],
            n["same"],
            n["join"],
            n["right join"],
            n["suggest"],
            n["right suggest"],
            n["top3"] if found is not None else None,
        )
        for kind, n in sorted(counts.items())
    ]


def partners(rows: Sequence[Row]) -> dict[int, bool]:
    """By position of the pairs that are one problem: whether the case of the first text
    is the one joined or among three suggestions for the second, with the first texts of
    all pairs stored."""
    firsts = list(
        dict.fromkeys(str(row.get("a") or "") for row in rows if not is_broken(row))
    )
    with _throw_away() as database:
        _fill(database, [{"text": text} for text in firsts])
        with database.reading() as session:
            placed = {
                firsts[int(native_id)]: case_id
                for native_id, case_id in session.exec(
                    select(Message.native_id, Message.case_id)
                )
            }
            return {
                position: placed.get(str(row.get("a") or "")) in _offered(session, row)
                for position, row in enumerate(rows)
                if not is_broken(row) and row.get("label") == _SAME
            }


def _offered(session: Session, row: Row) -> set[int | None]:
    """The case the second text of a pair would join, or those suggested for it."""
    at, said = moment(None), _text({"text": row.get("b")})
    asked = Message(
        account_id=0,
        channel="stream",
        native_id="",
        kind="mention",
        text=said,
        words_key=duplicates.words_key(said, city.here().lexicon),
        created_at=at,
        received_at=at,
    )
    found = search.look(session, at, asked, search.traits_of(asked))
    joins = [found.joins] if found.joins else []
    return {one.case_id for one in (*joins, *found.suggested[:3])}


@contextmanager
def _throw_away() -> Iterator[Database]:
    """An empty database with the city's offices, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/stream.db")
        try:
            upkeep.upgrade(database)
            upkeep.sync_agencies(database, city.here().catalog)
            yield database
        finally:
            database.close()


def curve(
    rows: Sequence[Row], decided: Sequence[Row], positive: str, negative: Iterable[str]
) -> list[tuple[float, float, float]]:
    """(bar, precision, recall) of the score of one kind of pair against other kinds."""
    against = set(negative)
    scored = [
        (outcome["score"], row.get("kind") == positive)
        for row, outcome in zip(rows, decided, strict=True)
        if not is_broken(row)
        and (row.get("kind") == positive or row.get("kind") in against)
    ]
    total = sum(is_same for _, is_same in scored)
    points = []
    for bar in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        above = [is_same for score, is_same in scored if score >= bar]
        if above:
            points.append((bar, sum(above) / len(above), sum(above) / max(1, total)))
    return points
