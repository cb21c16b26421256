"""The program as people install it: the wheel in an environment of its own, started in
an empty folder. What the wheel says it needs, and nothing else, is linked into that
environment from the one that runs the tests, so that no network is needed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
import requests
from packaging.requirements import Requirement
from ports import own_port

ROOT = Path(__file__).resolve().parents[1]
MOST = 5 * 1024 * 1024

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(  # noqa: S603
        [*build, "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def sahut(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of the installed wheel."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/*/site-packages")
    (metadata,) = Distribution.discover(path=[str(wheel)])
    for needed in _closure(metadata.requires or [], {}).values():
        _link(needed, packages)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin/python")]
    install = ["install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
    subprocess.run([*pip, *install, str(wheel)], check=True)  # noqa: S603
    return home / "bin/sahut"


def _closure(
    requirements: list[str], found: dict[str, Distribution], extra: str = ""
) -> dict[str, Distribution]:
    """What is installed for these requirements, and for those of what is."""
    for text in requirements:
        needed = Requirement(text)
        if needed.marker and not needed.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *needed.extras):
            key = f"{needed.name.lower()}[{wanted}]"
            if key not in found:
                found[key] = installed = distribution(needed.name)
                _closure(installed.requires or [], found, wanted)
    return found


def _link(installed: Distribution, packages: Path) -> None:
    for file in installed.files or []:
        source, target = Path(str(installed.locate_file(file))), packages / file
        if ".." in file.parts or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source)
        if source.suffix == ".py":
            compiled = Path(importlib.util.cache_from_source(str(source)))
            kept = target.parent / "__pycache__" / compiled.name
            if compiled.exists() and not kept.exists():
                kept.parent.mkdir(exist_ok=True)
                kept.symlink_to(compiled)


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), **more}


def run(
    sahut: Path, folder: Path, *words: str, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sahut, *words],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
    )


def test_the_wheel_is_small_and_brings_every_file_the_program_reads(
    wheel: Path,
) -> None:
    assert wheel.stat().st_size <= MOST
    with zipfile.ZipFile(wheel) as packed:
        inside = set(packed.namelist())
    config = {
        f"aggregator/{file.relative_to(ROOT)}"
        for file in (ROOT / "config").rglob("*")
        if file.is_file()
    }
    data = {
        str(file.relative_to(ROOT))
        for top in ("aggregator", "connectors", "sandbox")
        for file in (ROOT / top).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    } - {"aggregator/web/fetch-assets.sh"}
    assert (config | data) - inside == set()
    assert {name.partition("/")[0] for name in inside} == {
        "aggregator",
        "connectors",
        "sandbox",
        f"{wheel.name.rsplit('-', 3)[0]}.dist-info",
    }


def test_it_says_its_version_and_what_it_can_do(sahut: Path, tmp_path: Path) -> None:
    version = distribution("sahut").version
    assert run(sahut, tmp_path, "--version").stdout == f"sahut {version}\n"
    assert "demo" in run(sahut, tmp_path, "--help").stdout


def test_it_finds_the_configuration_it_brought(sahut: Path, tmp_path: Path) -> None:
    done = run(sahut, tmp_path, "config", "check")
    assert (done.returncode, done.stderr) == (0, "")
    brought = next(sahut.parents[1].glob("lib/*/site-packages/aggregator/config"))
    assert done.stdout.startswith(f"{brought}: ")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_of_the_configuration_is_read_instead(
    sahut: Path, tmp_path: Path
) -> None:
    assert run(sahut, tmp_path, "config", "copy").returncode == 0
    (tmp_path / "config/agencies.yaml").write_text("agencies: 7\n", encoding="utf-8")
    done = run(sahut, tmp_path, "config", "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert "agencies.yaml" in done.stderr
    again = run(sahut, tmp_path, "config", "copy")
    assert (again.returncode, again.stdout) == (2, "")


def test_it_prints_the_settings_there_are(sahut: Path, tmp_path: Path) -> None:
    done = run(sahut, tmp_path, "env-example")
    assert done.stdout == (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "variable", "value", "extra"),
    [
        (
            ("accounts", "list"),
            "DATABASE_URL",
            "postgresql://sahut@127.0.0.1/sahut",
            "sahut[postgresql]",
        ),
        (
            ("doctor", "--json"),
            "SAHUT_OIDC_ISSUER",
            "https://id.example",
            "sahut[oidc]",
        ),
    ],
)
def test_what_needs_an_extra_names_it(
    sahut: Path,
    tmp_path: Path,
    words: tuple[str, ...],
    variable: str,
    value: str,
    extra: str,
) -> None:
    oidc = {"SAHUT_OIDC_CLIENT_ID": "sahut", "SAHUT_OIDC_CLIENT_SECRET": "x"}
    done = run(sahut, tmp_path, *words, **oidc, **{variable: value})
    assert done.returncode == 1
    assert f"pip install '{extra}'" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.timeout(600)
def test_the_demonstration_opens_in_an_empty_folder(
    sahut: Path, tmp_path: Path
) -> None:
    with started(sahut, tmp_path) as page:
        assert requests.get(f"{page}masuk", timeout=30).ok
        style = requests.get(f"{page}static/sahut.css", timeout=30)
        assert style.headers["content-type"].startswith("text/css")
    assert {path.name for path in tmp_path.iterdir()} <= {"var", "stderr"}
    assert (tmp_path / "var/demo/sahut.db").is_file()


@contextmanager
def started(sahut: Path, folder: Path) -> Iterator[str]:
    """The address of a demonstration that runs, until Ctrl+C."""
    with (folder / "stderr").open("w+", encoding="utf-8") as said:
        demo = subprocess.Popen(  # noqa: S603
            [sahut, "demo", "--port", str(own_port())],
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        assert demo.stdout is not None
        try:
            ready = re.match(r"Queue: (\S+)", demo.stdout.readline())
            if ready is None:
                said.seek(0)
                pytest.fail(said.read())
            yield ready[1]
            demo.send_signal(signal.SIGINT)
            assert demo.wait(60) == 0
        finally:
            demo.kill()
            demo.wait()
            demo.stdout.close()
