"""Changes to the program that no test notices, in a sample: `make mutants`.

mutmut writes a copy of the program with every small change it knows into mutants/ (the
rules, ingest, the outbox and the cases; what it leaves alone stands in pyproject.toml),
finds out which tests come by which function, and runs these against one change at a
time. Here a sample is drawn, so that the answer takes minutes and not a night; the seed
draws the same one again. Tests run on SQLite.

    python -m bench.mutants [--sample 100] [--seed 1] [--only 'aggregator.cases.*']
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

LEAST = 80
"""So many of a hundred changes some test must notice."""
_SMALL = "aggregator.rules.reports.casenumbers.*"
"""Asked for first: to run a few changes, mutmut writes all of them."""
_NOTICED = {"killed", "timeout"}
_LEFT_OUT = {"skipped", "caught by type check"}


def _mutmut(*words: str) -> list[str]:
    """What one of mutmut's commands printed."""
    program = str(Path(sys.executable).with_name("mutmut"))
    done = subprocess.run(
        [program, *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"mutmut {words[0]} failed:\n{done.stdout[-2000:]}{done.stderr}")
    return done.stdout.splitlines()


def _states() -> dict[str, str]:
    """Every change by name, and what became of it when it was last tried."""
    pairs = (line.strip().split(": ") for line in _mutmut("results", "--all", "true"))
    return dict(pair for pair in pairs if len(pair) == 2)


def _changed(name: str) -> Iterator[str]:
    for line in _mutmut("show", name):
        if line.startswith(("-", "+")) and not line.startswith(("---", "+++")):
            yield f"    {line}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants")
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="*")
    parser.add_argument("--at-once", type=int, default=2)
    asked = parser.parse_args()

    print("Writing the changes and asking which tests come by them ...", flush=True)
    _mutmut("run", "--max-children", str(asked.at_once), _SMALL)
    every = sorted(name for name in _states() if fnmatchcase(name, asked.only))
    drawn = random.Random(asked.seed).sample(every, min(asked.sample, len(every)))
    print(
        f"{len(every)} changes, {len(drawn)} drawn with seed {asked.seed}", flush=True
    )
    _mutmut("run", "--max-children", str(asked.at_once), *drawn)

    states = _states()
    for name in sorted(drawn):
        if states[name] not in _NOTICED | _LEFT_OUT:
            print(f"{states[name]}: {name}", *_changed(name), sep="\n")
    counted = Counter(states[name] for name in drawn)
    tried = len(drawn) - sum(counted[state] for state in _LEFT_OUT)
    noticed = sum(counted[state] for state in _NOTICED)
    print(", ".join(f"{count} {state}" for state, count in counted.most_common()))
    print(f"noticed: {noticed} of {tried}, {100 * noticed / tried:.0f} %")
    sys.exit(noticed * 100 < LEAST * tried)


if __name__ == "__main__":
    main()
