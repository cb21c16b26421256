"""Messages a second from raw event to case, on both databases, and how that grows."""

from __future__ import annotations

import time

from bench import _city

STEPS = (1_000, 10_000, 100_000)
SAMPLE = 1_000
_PART = 10_000


def run(steps: tuple[int, ...] = STEPS) -> None:
    with _city.databases() as opened:
        rates: dict[str, list[float]] = {}
        for name, database in opened.items():
            account = _city.account(database)
            source, stored = _city.posts(), 0
            rates[name] = []
            for step in steps:
                for missing in range(step - SAMPLE - stored, 0, -_PART):
                    _city.fill(database, min(missing, _PART), source, account.id or 0)
                    if missing > _PART:
                        print(f"    ({name}: {missing - _PART:,} to fill)", flush=True)
                began = time.perf_counter()
                _city.fill(database, SAMPLE, source, account.id or 0)
                rates[name].append(SAMPLE / (time.perf_counter() - began))
                stored = step
                print(
                    f"  {name:<11} {step:>7,} stored: {rates[name][-1]:7.0f}"
                    " messages/s",
                    flush=True,
                )
            growth = rates[name][0] / rates[name][-1]
            print(
                f"  {name:<11} time a message, {steps[-1]:,} against {steps[0]:,}:"
                f" {growth:.2f}x"
            )
        ratio = rates["SQLite"][-1] / rates["PostgreSQL"][-1]
        print(f"  SQLite against PostgreSQL at {steps[-1]:,}: {ratio:.2f}x")


if __name__ == "__main__":
    run()
