"""Train the weights of the duplicate score on pairs: python -m bench.learn_duplicates
DATA.

Logistic regression (iteratively reweighted least squares, a ridge of 1) over the
features of `aggregator.rules.reports.duplicates`; no text enters the result. Complaints
count more than other texts. Writes `config/models/duplicates.json`, keeping the
limits. Deterministic. Prints the area under the curve of five-fold cross-validation,
kind of source by kind of source.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aggregator import city
from aggregator.city import words
from aggregator.lab.evaluate_duplicates import rows_of
from aggregator.rules.reports import agreement, duplicates
from aggregator.rules.text.comparison import compare
from aggregator.store.settings import PROGRAMS_CONFIG

FOLDS = 5
RIDGE = 1.0
STEPS = 12
WEIGHT_OF_SOURCE = {"bandung": 3.0, "surabaya": 3.0, "stif": 1.5, "samarinda": 1.0}
WEIGHT_OF_OTHERS = 0.5

Vector = list[float]


def fit(
    rows: Sequence[Vector], labels: Sequence[float], weights: Sequence[float]
) -> Vector:
    size = len(rows[0])
    beta = [0.0] * size
    for _ in range(STEPS):
        matrix = [[0.0] * size for _ in range(size)]
        gradient = [0.0] * size
        for row, label, weight in zip(rows, labels, weights, strict=True):
            chance = chance_of(beta, row)
            slope = weight * max(chance * (1 - chance), 1e-6)
            miss = weight * (label - chance)
            filled = [(i, value) for i, value in enumerate(row) if value]
            for i, value in filled:
                gradient[i] += miss * value
                line, part = matrix[i], slope * value
                for j, other in filled:
                    line[j] += part * other
        for i in range(size):
            ridge = RIDGE if i else 1e-6
            matrix[i][i] += ridge
            gradient[i] -= ridge * beta[i]
        step = solve(matrix, gradient)
        beta = [old + new for old, new in zip(beta, step, strict=True)]
        if max(map(abs, step)) < 1e-4:
            break
    return beta


def solve(matrix: list[Vector], right: Vector) -> Vector:
    """Gauss with row exchange; the matrix is small."""
    size = len(right)
    lines = [[*line, right[i]] for i, line in enumerate(matrix)]
    for i in range(size):
        best = max(range(i, size), key=lambda at: abs(lines[at][i]))
        lines[i], lines[best] = lines[best], lines[i]
        for at in range(i + 1, size):
            factor = lines[at][i] / lines[i][i]
            if factor:
                lines[at] = [
                    x - factor * y for x, y in zip(lines[at], lines[i], strict=True)
                ]
    found = [0.0] * size
    for i in range(size - 1, -1, -1):
        rest = sum(lines[i][j] * found[j] for j in range(i + 1, size))
        found[i] = (lines[i][size] - rest) / lines[i][i]
    return found


def chance_of(beta: Sequence[float], row: Sequence[float]) -> float:
    total = sum(b * x for b, x in zip(beta, row, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def area(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    if not positive or not negative:
        return None
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


def main(data: Path) -> None:
    pairs = [row for row in rows_of(data / "pairs.jsonl") if "label" in row]
    described = [_features(row) for row in pairs]
    names = list(described[0])
    rows = [[said[name] for name in names] for said in described]
    labels = [float(row["label"] == "dup") for row in pairs]
    sources = [str(row["source"]).split("_")[0].split(":")[0] for row in pairs]
    weights = [WEIGHT_OF_SOURCE.get(source, WEIGHT_OF_OTHERS) for source in sources]
    chances = [0.0] * len(rows)
    for fold in range(FOLDS):
        train = [i for i in range(len(rows)) if i % FOLDS != fold]
        beta = fit(
            [rows[i] for i in train],
            [labels[i] for i in train],
            [weights[i] for i in train],
        )
        for i in range(fold, len(rows), FOLDS):
            chances[i] = chance_of(beta, rows[i])
    split: dict[str, tuple[Vector, Vector]] = defaultdict(lambda: ([], []))
    for source, label, chance in zip(sources, labels, chances, strict=True):
        split[source][label == 0].append(chance)
    for source, (positive, negative) in sorted(split.items()):
        found = area(positive, negative)
        print(f"{source:12} {'' if found is None else format(found, '.3f')}")
    beta = fit(rows, labels, weights)
    path = PROGRAMS_CONFIG / words.MODELS / "duplicates.json"
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    stored["weights"] = {name: round(b, 3) for name, b in zip(names, beta, strict=True)}
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _features(row: dict[str, Any]) -> dict[str, float]:
    lexicon = city.here().lexicon
    a, b = (duplicates.traits(row[side], lexicon) for side in ("a", "b"))
    found = compare(a.canonical, b.canonical)
    return duplicates.features(a, b, found, agreement.shared_places(a, b))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
