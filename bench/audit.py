"""What Sahut is made of, looked through: `make audit`.

Known weaknesses of the locked versions (pip-audit, where its database is reached), the
licences of everything that is installed, a list of parts (CycloneDX), and secrets in
the files of the repository. Ends with 1 where something is found.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
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


def weaknesses(tools: Path, root: Path) -> list[str] | None:
    """Known ones of the locked versions; None where no database is reached."""
    done = subprocess.run(
        [
            *(tools / "pip-audit", "--requirement", root / LOCKS[0]),
            *("--require-hashes", "--disable-pip", "--format", "json"),
            *("--progress-spinner", "off", "--timeout", "10"),
        ],
        capture_output=True,
        text=True,
    )
    try:
        parts = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return [
        f"{part['name']} {part['version']}: {one['id']}"
        for part in parts
        for one in part.get("vulns", ())
    ]


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
    known = weaknesses(tools, ROOT)
    if known is None:
        print(f"weaknesses: no database was reached; {len(versions)} versions by lock")
    else:
        print(f"weaknesses: {len(known)} known")
        found += known
    unfit = sorted(licences(set(versions)))
    print(f"licences: {len(unfit)} to look at")
    to = ROOT / "var" / "audit" / "sahut.cdx.json"
    print(f"parts: {list_of_parts(tools, ROOT, to)}, in {to.relative_to(ROOT)}")
    kept = list(secrets(ROOT))
    print(f"secrets in the tree: {len(kept)}")
    for line in (*found, *unfit, *kept):
        print(f"  {line}")
    return 1 if found or unfit or kept else 0


if __name__ == "__main__":
    sys.exit(main())
