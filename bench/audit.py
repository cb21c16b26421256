"""What Sahut is made of, looked through: `make audit`.

Known weaknesses of the locked versions (pip-audit, where a database of them is reached
in time; a version that none knows counts as not looked up), the licences of everything
that is installed, a list of parts (CycloneDX), and secrets in the files of the
repository. Ends with 1 where something is found.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("pypi", "osv")
LONGEST_SECONDS = 120.0
"""For all databases together: one that drips holds nobody up."""
LOCKS = ("requirements.lock", "requirements-dev.lock")
MAY_BE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software|MPL|Mozilla|Unlicense|0BSD|HPND|Zlib|CC0"
    r"|Public Domain|LGPL|Lesser General",
    re.IGNORECASE,
)
"""Licences whose parts an Apache-2.0 program may use as they are."""
SECRETS = {
    "private key": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"
    ),
    "backup key": re.compile(r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    "bot token": re.compile(r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    "cloud key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "forge token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20})\b"),
    "platform token": re.compile(r"\b(?:xox[abprs]-[\w-]{20,}|EAA[A-Za-z0-9]{80,})\b"),
    "key of an installation": re.compile(r"SAHUT_SECRET_KEY=[A-Za-z0-9_-]{43}="),
}
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
_LARGEST = 2_000_000
_STAND_INS = "sandbox/"
"""Its tokens open the stand-ins alone."""


def secrets(root: Path) -> Iterator[str]:
    """File, line and sort of what looks like a secret; never the secret itself."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = root / name
        if (
            name.startswith(_STAND_INS)
            or not path.is_file()
            or path.stat().st_size > _LARGEST
        ):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for sort, pattern in SECRETS.items():
            for found in pattern.finditer(text):
                yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {sort}"


def pinned(root: Path) -> dict[str, str]:
    """Name and version of everything in the locks."""
    return {
        name.lower().replace("_", "-"): version
        for lock in LOCKS
        for name, version in _PINNED.findall((root / lock).read_text(encoding="utf-8"))
    }


def licence_of(part: metadata.Distribution) -> str:
    """As the part says it: SPDX, classifiers, or the first line of its field."""
    said = part.metadata.get("License-Expression")
    classes = [
        one.rpartition(" :: ")[2]
        for one in part.metadata.get_all("Classifier") or []
        if one.startswith("License ::")
    ]
    field = (part.metadata.get("License") or "").strip().partition("\n")[0]
    return said or ", ".join(classes) or field or _title_of_its_text(part)


def _title_of_its_text(part: metadata.Distribution) -> str:
    for path in part.files or ():
        if path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            return path.read_text(encoding="utf-8").strip().partition("\n")[0]
    return ""


def licences(names: set[str]) -> Iterator[str]:
    """Installed parts of the lock whose licence is not one that fits, or not told."""
    for part in metadata.distributions():
        name = part.metadata["Name"].lower().replace("_", "-")
        licence = licence_of(part)
        if name in names and not MAY_BE.search(licence):
            yield f"{name} {part.version}: {licence or 'tells no licence'}"


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a database of weaknesses says of the locked versions: how many of them it
    knows, those that it does not, and what it has against the others."""

    known: int
    unknown: list[str]
    found: list[str]


def read_report(text: str) -> LookedUp | None:
    """What pip-audit wrote; None where that is no report."""
    try:
        parts = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    return LookedUp(
        sum("skip_reason" not in part for part in parts),
        [part["name"] for part in parts if "skip_reason" in part],
        [
            f"{part['name']} {part['version']}: {one['id']}"
            for part in parts
            for one in part.get("vulns", ())
        ],
    )


def weaknesses(tools: Path, root: Path, seconds: float) -> LookedUp | None:
    """Known ones of the locked versions, of the first database that knows any; None
    where none does within this time, all in all."""
    until = time.monotonic() + seconds
    for service in SERVICES:
        try:
            done = subprocess.run(
                [
                    *(tools / "pip-audit", "--requirement", root / LOCKS[0]),
                    *("--require-hashes", "--disable-pip", "--format", "json"),
                    *("--progress-spinner", "off", "--timeout", "10"),
                    *("--vulnerability-service", service),
                ],
                capture_output=True,
                text=True,
                timeout=max(0.1, until - time.monotonic()),
            )
        except subprocess.TimeoutExpired:
            break
        told = read_report(done.stdout)
        if told is not None and told.known:
            return told
    return None


def told_of(looked_up: LookedUp | None, versions: dict[str, str], to: Path) -> str:
    """One line of what was looked up; where nothing was, the versions are written down
    for whoever can reach a database."""
    if looked_up is None:
        to.parent.mkdir(parents=True, exist_ok=True)
        lines = (f"{name}=={version}\n" for name, version in sorted(versions.items()))
        to.write_text("".join(lines), encoding="utf-8")
        return (
            f"weaknesses: NOT looked up, no database answered; {len(versions)} versions"
            f" by lock in {to}, for `pip-audit --no-deps -r` where one is reached"
        )
    line = f"weaknesses: {len(looked_up.found)} known of {looked_up.known} versions"
    if looked_up.unknown:
        line += f"; not looked up: {', '.join(looked_up.unknown)}"
    return line


def list_of_parts(tools: Path, root: Path, to: Path) -> int:
    """Write it; how many parts it has."""
    to.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            *(tools / "cyclonedx-py", "environment", "--pyproject"),
            *(root / "pyproject.toml", "--output-reproducible", "--of", "JSON"),
            *("-o", to, sys.executable),
        ],
        check=True,
        capture_output=True,
    )
    return len(json.loads(to.read_text(encoding="utf-8"))["components"])


def main() -> int:
    tools, found = Path(sys.argv[1]), []
    versions = pinned(ROOT)
    folder = ROOT / "var" / "audit"
    known = weaknesses(tools, ROOT, LONGEST_SECONDS)
    print(told_of(known, versions, folder / "versions.txt"))
    found += known.found if known else []
    unfit = sorted(licences(set(versions)))
    print(f"licences: {len(unfit)} to look at")
    to = folder / "sahut.cdx.json"
    print(f"parts: {list_of_parts(tools, ROOT, to)}, in {to.relative_to(ROOT)}")
    kept = list(secrets(ROOT))
    print(f"secrets in the tree: {len(kept)}")
    for line in (*found, *unfit, *kept):
        print(f"  {line}")
    return 1 if found or unfit or kept else 0


if __name__ == "__main__":
    sys.exit(main())
