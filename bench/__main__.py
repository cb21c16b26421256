"""Every measurement, one after another: `python -m bench [NAME ...]`.

Figures are ratios against something named in the same run: a single time on a shared
machine says little. `kill` and `duplicates` have options of their own: `python -m
bench.kill --help`.
"""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "pipeline",
    "pages",
    "startup",
    "polling",
    "mixed",
    "normalise",
    "duplicates",
    "load",
    "session",
)


def main(wanted: list[str]) -> int:
    unknown = sorted(set(wanted) - set(NAMES))
    if unknown:
        print(f"no measurement {', '.join(unknown)}; there are: {', '.join(NAMES)}")
        return 2
    for name in wanted or NAMES:
        print(f"\n== {name}: ", end="", flush=True)
        module = importlib.import_module(f"bench.{name}")
        print((module.__doc__ or "").strip().splitlines()[0])
        module.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
