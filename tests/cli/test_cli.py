"""The command line as an operator uses it: real commands, a real database, platforms
over HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from terminal import ROOT, Run, terminal

from aggregator.accounts import registry
from aggregator.cli import app
from aggregator.cli.env_example import env_text
from aggregator.cli.reference import channels_text, text, walk
from aggregator.store import settings
from aggregator.store.db import Database
from sandbox.serve import Sandbox, running


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running() as started:
        started.x.add_app("key", "secret")
        yield started


@pytest.fixture
def sahut(sqlite_url: str, tmp_path: Path, sandbox: Sandbox) -> Run:
    """`sahut("accounts", "list")`: the program as its own process, without a
    terminal."""
    return terminal(
        tmp_path,
        sqlite_url,
        SAHUT_TELEGRAM_BASE_URL=sandbox.url,
        SAHUT_X_BASE_URL=sandbox.url,
        SAHUT_X_CONSUMER_KEY="key",
        SAHUT_X_CONSUMER_SECRET="secret",
    )


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_an_account_is_checked_shown_and_saved_without_its_token_anywhere(
    sahut: Run, sandbox: Sandbox, tmp_path: Path, sqlite_url: str
) -> None:
    bot = sandbox.telegram.add_bot(
        username="dishub_bot", name="Dishub", reads_all_group_messages=False
    )
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.say(chat, "Lampu mati di Paledang")
    add = (
        "accounts",
        "add",
        "telegram",
        "--agency",
        "dishub",
        "--set",
        "token=env:TOKEN",
    )
    done = sahut(*add, TOKEN=bot.token)
    assert done.returncode == 0, done.stderr
    assert "@dishub_bot" in done.stdout and "Lampu mati di Paledang" in done.stdout
    assert "Privacy mode is on" in done.stderr
    again = sahut(*add, TOKEN=bot.token)
    assert "Nothing to change" in again.stdout
    assert [row["handle"] for row in rows(sahut("accounts", "list", "--json"))] == [
        "dishub_bot"
    ]
    assert bot.token not in done.stdout + done.stderr + again.stdout
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert bot.token.encode() not in file.read_bytes(), file
    assert sahut("worker", "once").stdout.startswith(
        "1 accounts polled (0 failed), 1 new"
    )


def test_a_token_typed_on_the_command_line_is_refused(sahut: Run) -> None:
    done = sahut(
        "accounts", "add", "telegram", "--agency", "dishub", "--set", "token=123:abc"
    )
    assert done.returncode == 2
    assert "token=@file" in done.stderr and "123:abc" not in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            (
                "accounts",
                "add",
                "telegram",
                "--agency",
                "dishub",
                "--set",
                "token=env:NIX",
            ),
            2,
            "NIX",
        ),
        (("accounts", "add", "fax", "--agency", "dishub"), 1, "no channel named 'fax'"),
        (("accounts", "pause", "hantu"), 1, "no account 'hantu'"),
        (("accounts", "add"), 2, "Missing argument"),
        (
            ("people", "add", "Budi X", "--name", "B", "--agency", "dishub"),
            1,
            "lower-case",
        ),
        (
            ("people", "add", "budi", "--name", "B", "--agency", "dinas-angin"),
            1,
            "dinas-angin",
        ),
        (("cases", "show", "123", "--as", "hantu"), 1, "hantu"),
        (("raw", "replay"), 2, "--failed"),
        (("eval", "pairs", "x.jsonl"), 1, "cannot be read"),
    ],
)
def test_errors_are_one_line_with_the_right_exit_code(
    sahut: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = sahut(*words)
    assert done.returncode == code, done.stderr
    assert said in done.stderr and "Traceback" not in done.stderr


def test_credentials_the_platform_does_not_know_are_not_saved(sahut: Run) -> None:
    done = sahut(
        "accounts",
        "add",
        "telegram",
        "--agency",
        "dishub",
        "--set",
        "token=env:TOKEN",
        TOKEN="1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    )
    assert done.returncode == 1
    assert "BotFather" in done.stderr
    assert rows(sahut("accounts", "list", "--json")) == []


def write_csv(path: Path, *lines: str) -> str:
    path.write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    return str(path)


def test_an_import_names_every_wrong_row_and_saves_nothing(
    sahut: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    good = sandbox.telegram.add_bot(username="dishub_bot", name="Dishub")
    file = write_csv(
        tmp_path / "accounts.csv",
        "channel;handle;agency;kecamatan;set:token",
        "telegram;dishub_bot;dishub;;env:GOOD",
        "telegram;DISHUB_bot;dishub;;env:GOOD",
        "telegram;other_bot;dishup;;env:GOOD",
        "telegram;wrong_bot;dishub;;env:GOOD",
        "telegram;plain_bot;dishub;;123:abc",
        "telegram;http://t.me/x;dishub;;env:GOOD",
        "fax;kota;dishub;;",
        "webform;sareal;kel-tanah-sareal;Bogor Barat;",
        "telegram;unset_bot;dishub;;env:MISSING",
    )
    done = sahut("accounts", "import", file, "--dry-run", "--json", GOOD=good.token)
    assert done.returncode == 1
    outcome = {row["row"]: (row["outcome"], row["reason"]) for row in rows(done)}
    assert outcome[2] == ("new", "")
    expected = {
        3: "row 2 already",
        4: "did you mean 'dishub'",
        5: "belong to @dishub_bot",
        6: "holds a secret",
        7: "not a handle",
        8: "unknown channel",
        9: "Kecamatan Tanah Sareal",
        10: "env:MISSING",
    }
    for line, said in expected.items():
        assert outcome[line][0] == "wrong" and said in outcome[line][1], (
            line,
            outcome[line],
        )
    assert sahut("accounts", "import", file, GOOD=good.token).returncode == 1
    assert rows(sahut("accounts", "list", "--json")) == []
    partly = sahut("accounts", "import", file, "--partial", GOOD=good.token)
    assert partly.returncode == 0 and "1 saved, 8 wrong" in partly.stderr
    again = sahut("accounts", "import", file, "--dry-run", "--json", GOOD=good.token)
    assert rows(again)[0]["outcome"] == "same"


def test_all_156_are_registered_from_one_file(sahut: Run, tmp_path: Path) -> None:
    catalogue = rows(sahut("config", "show", "--json"))
    lines = [f"webform,f{number},{row['code']}" for number, row in enumerate(catalogue)]
    file = write_csv(
        tmp_path / "all.csv",
        "channel,handle,agency",
        *lines,
        *[f"webform,g{number},dishub" for number in range(156 - len(lines))],
    )
    assert sahut("accounts", "import", file).returncode == 0
    assert len(rows(sahut("accounts", "list", "--json"))) == 156


def test_an_account_s_life_pause_resume_rotate_check_remove(
    sahut: Run, sandbox: Sandbox
) -> None:
    bot = sandbox.telegram.add_bot(username="dishub_bot", name="Dishub")
    other = sandbox.telegram.add_bot(username="other_bot", name="Other")
    sahut(
        "accounts",
        "add",
        "telegram",
        "--agency",
        "dishub",
        "--set",
        "token=env:T",
        T=bot.token,
    )
    for verb in ("pause", "resume"):
        assert sahut("accounts", verb, "dishub_bot").returncode == 0
    assert sahut("accounts", "check").returncode == 0
    foreign = sahut(
        "accounts", "rotate", "dishub_bot", "--set", "token=env:T", T=other.token
    )
    assert foreign.returncode == 1 and "nothing was changed" in foreign.stderr
    assert sahut("accounts", "rotate", "--keys").returncode == 0
    sandbox.revoke(bot.token)
    failed = sahut("accounts", "check", "--json")
    assert failed.returncode == 1 and "BotFather" in rows(failed)[0]["problem"]
    sahut("worker", "once")
    assert rows(sahut("accounts", "list", "--json"))[0]["status"] == "needs_login"
    assert sahut("doctor").returncode == 1
    assert sahut("accounts", "remove", "dishub_bot").returncode == 2
    assert sahut("accounts", "remove", "dishub_bot", "--yes").returncode == 0
    assert sahut("doctor").returncode == 0


def test_a_case_is_answered_from_a_terminal(sahut: Run, sandbox: Sandbox) -> None:
    bot = sandbox.telegram.add_bot(username="dishub_bot", name="Dishub")
    chat = sandbox.telegram.private_chat(bot.token, "Siti")
    sandbox.telegram.say(chat, "Lampu mati di Paledang")
    sahut(
        "accounts",
        "add",
        "telegram",
        "--agency",
        "dishub",
        "--set",
        "token=env:T",
        T=bot.token,
    )
    link = sahut("people", "add", "budi", "--name", "Budi", "--agency", "dishub")
    assert "/undangan/" in link.stdout
    sahut("worker", "once")
    (case,) = rows(sahut("cases", "list", "--as", "budi", "--json"))
    number = case["number"]
    asked = sahut("cases", "reply", number, "--text", "Sedang dicek", "--as", "budi")
    assert asked.returncode == 2 and "--yes" in asked.stderr
    sent = sahut(
        "cases",
        "reply",
        number,
        "--text",
        "-",
        "--as",
        "budi",
        "--yes",
        given="Dicek\n",
    )
    assert sent.returncode == 0, sent.stderr
    assert sahut("worker", "once").stdout.count("1 answers sent") == 1
    assert [entry.text for entry in sandbox.sent("telegram")] == ["Dicek"]
    assert sahut("cases", "close", number, "--as", "budi").returncode == 0
    kinds = [
        row["kind"]
        for row in rows(sahut("cases", "show", number, "--as", "budi", "--json"))
    ]
    assert kinds == ["in", "reply (sent)"]


def test_people_are_invited_from_a_file_and_links_stay_private(
    sahut: Run, tmp_path: Path
) -> None:
    links = tmp_path / "links.txt"
    done = sahut(
        "people",
        "import",
        str(ROOT / "config/people.example.csv"),
        "--links",
        str(links),
    )
    assert done.returncode == 0, done.stderr
    assert links.stat().st_mode & 0o777 == 0o600
    assert len(links.read_text().splitlines()) == len(
        rows(sahut("people", "list", "--json"))
    )
    assert "/undangan/" not in done.stdout + done.stderr


def test_a_backup_is_restored(sahut: Run, tmp_path: Path) -> None:
    assert sahut("db", "backup", "copy.sahut").returncode == 0
    fresh = f"sqlite:///{tmp_path}/fresh.db"
    assert sahut("db", "restore", "copy.sahut", DATABASE_URL=fresh).returncode == 0
    assert sahut("people", "list", DATABASE_URL=fresh).returncode == 0


def test_an_empty_database_is_said_to_need_an_upgrade(
    sahut: Run, tmp_path: Path
) -> None:
    fresh = f"sqlite:///{tmp_path}/fresh.db"
    done = sahut("accounts", "list", DATABASE_URL=fresh)
    assert done.returncode == 1 and "sahut db upgrade" in done.stderr
    assert sahut("db", "upgrade", DATABASE_URL=fresh).returncode == 0
    assert sahut("accounts", "list", DATABASE_URL=fresh).returncode == 0


def test_normalise_prints_one_json_line_a_message_and_goes_on_after_a_bad_one(
    sahut: Run, tmp_path: Path
) -> None:
    file = tmp_path / "updates.json"
    message = {
        "message_id": 7,
        "date": 1767225600,
        "chat": {"id": 5, "type": "private"},
        "from": {"id": 5, "first_name": "Siti"},
        "text": "Lampu mati",
    }
    updates = [
        {"update_id": 1, "message": {"date": 1}},
        {"update_id": 2, "message": message},
    ]
    file.write_text(json.dumps({"ok": True, "result": updates}))
    done = sahut("eval", "normalise", "--channel", "telegram", str(file))
    bad, good = (json.loads(line) for line in done.stdout.splitlines())
    assert (done.returncode, bad["error"]) == (0, "bad_item")
    assert (good["native_id"], good["created_at"]) == ("5:7", "2026-01-01T00:00:00Z")


def test_every_command_and_option_has_help() -> None:
    for command, path in walk(typer.main.get_command(app), []):
        assert command.help, path
        for parameter in command.params:
            assert parameter.help, (path, parameter.name)


def test_the_generated_documents_are_not_stale() -> None:
    assert (ROOT / "docs/commands.md").read_text() == text()
    assert (ROOT / "docs/channels.md").read_text() == channels_text()
    assert (ROOT / ".env.example").read_text() == env_text()


def test_accounts_of_one_handle_on_two_channels_are_told_apart(
    sahut: Run, sqlite_url: str, sandbox: Sandbox
) -> None:
    bot = sandbox.telegram.add_bot(username="kota", name="Kota")
    sahut(
        "accounts",
        "add",
        "telegram",
        "--agency",
        "dishub",
        "--set",
        "token=env:T",
        T=bot.token,
    )
    sahut("accounts", "add", "webform", "--agency", "dishub", "--set", "handle=kota")
    database = Database(sqlite_url)
    with pytest.raises(registry.AccountError, match="channel:handle"):
        registry.find(database, "kota")
    assert registry.find(database, "webform:kota").channel == "webform"
    database.close()
    assert settings.ROOT == ROOT
