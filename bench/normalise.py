"""Items a second through each connector's `normalise`, against decoding the same
JSON."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import connectors
from connectors.errors import BadItem

ROUNDS = 2_000


def run() -> None:
    stages = {
        str(stage.parent) for stage in Path("tests/channels").glob("*/stage_*.py")
    }
    sys.path[:0] = ["tests/support", *sorted(stages)]
    for channel in sorted(connectors.BUILTIN):
        shape = importlib.import_module(f"stage_{channel}").Stage.shape
        text = json.dumps(shape)
        began = time.perf_counter()
        for _ in range(ROUNDS):
            json.loads(text)
        decoding = time.perf_counter() - began
        kind = connectors.load(channel)
        began, count = time.perf_counter(), 0
        for _ in range(ROUNDS):
            count += _normalised(kind, shape)
        seconds = time.perf_counter() - began
        print(
            f"  {channel:<15} {count / seconds:9,.0f} items/s, "
            f"{seconds / decoding:5.1f}x decoding the JSON"
        )


def _normalised(kind: Any, shape: Any) -> int:
    count = 0
    for item in kind.read_file(shape):
        try:
            count += len(list(kind.normalise(item)))
        except BadItem:
            continue
    return count


if __name__ == "__main__":
    run()
