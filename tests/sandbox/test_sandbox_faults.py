"""What goes wrong on the way, the city's web site, and the controls."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.residents import script
from sandbox.serve import Sandbox, running

ROOT = Path(__file__).resolve().parents[2]
ANSWER = {
    "number": "BGR-1",
    "answer_id": "7",
    "text": "Sudah diperbaiki",
    "contact": "0812",
}


class FormPage(BaseHTTPRequestHandler):
    """A page with a search form before the report form."""

    PAGE = (
        b"<form><input type=hidden name=other value=1><input name=q></form>"
        b"<form method=post action=/kirim><input type=hidden name=csrf value=abc>"
        b"<input type=hidden name=key value=k-9><textarea name=text></textarea></form>"
    )

    def do_GET(self) -> None:
        self.answer(self.PAGE)

    def do_POST(self) -> None:
        posted: list[bytes] = self.server.posted  # type: ignore[attr-defined]
        posted.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(b"terima kasih")

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


def publish(
    sandbox: Sandbox,
    key: str = "k1",
    token: str | None = None,
    seconds: float = 60,
    **other: str,
) -> Any:
    settings = sandbox.accounts("webform")[0]["settings"]
    headers = {
        "Authorization": f"Bearer {token or settings['answers_token']}",
        "Idempotency-Key": key,
    }
    return requests.post(
        settings["answers_url"], json=ANSWER | other, headers=headers, timeout=seconds
    )


def test_an_answer_given_twice_is_published_once(sandbox: Sandbox) -> None:
    first, second = publish(sandbox), publish(sandbox)
    assert first.json()["id"] == second.json()["id"]
    assert [answer.text for answer in sandbox.answers.received] == ["Sudah diperbaiki"]
    assert publish(sandbox, text="lain").status_code == 422


def test_a_wrong_token_is_401(sandbox: Sandbox) -> None:
    assert publish(sandbox, token="salah").status_code == 401
    assert sandbox.sent() == []


def test_swallowed_the_answer_is_stored_and_nobody_is_told(sandbox: Sandbox) -> None:
    sandbox.fault("swallow", endpoint="POST /web/answers")
    with pytest.raises(requests.ReadTimeout):
        publish(sandbox, seconds=0.5)
    sandbox.wait_for(lambda: bool(sandbox.sent("webform")))
    assert [entry.to for entry in sandbox.sent("webform")] == ["BGR-1"]
    assert publish(sandbox).json()["id"] == sandbox.answers.received[0].id


def test_hanging_nothing_is_stored(sandbox: Sandbox) -> None:
    sandbox.fault("hang", endpoint="POST /web/answers")
    with pytest.raises(requests.ReadTimeout):
        publish(sandbox, seconds=0.5)
    assert sandbox.sent() == []


def test_a_cut_connection_loses_half_of_the_page(sandbox: Sandbox) -> None:
    bot = sandbox.telegram.add_bot()
    sandbox.telegram.say(sandbox.telegram.private_chat(bot.token, "Siti"), "halo " * 50)
    url = f"{sandbox.url}/bot{bot.token}/getUpdates"
    sandbox.fault("cut", token=bot.token, endpoint="getUpdates")
    with pytest.raises(
        (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
    ):
        requests.get(url, timeout=60)
    assert len(requests.get(url, timeout=60).json()["result"]) == 1


@pytest.mark.parametrize(
    ("kind", "status"), [("500", 500), ("429", 429), ("html", 200)]
)
def test_errors_come_as_often_as_planned(
    sandbox: Sandbox, kind: Any, status: int
) -> None:
    bot = sandbox.telegram.add_bot()
    other = sandbox.telegram.add_bot()
    sandbox.fault(kind, token=bot.token, count=2, retry_after=9)
    url = f"{sandbox.url}/bot{bot.token}/getMe"
    answers = [requests.get(url, timeout=60) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].content != answers[2].content
    assert requests.get(f"{sandbox.url}/bot{other.token}/getMe", timeout=60).ok


def test_the_controls_make_things_happen(sandbox: Sandbox) -> None:
    def order(path: str, **body: Any) -> requests.Response:
        return requests.post(f"{sandbox.url}/control/{path}", json=body, timeout=60)

    made = order(
        "post", channel="x", who="siti", text="@dishub_demo <lampu> mati"
    ).json()["id"]
    assert int(made) in sandbox.x.posts
    assert "&lt;lampu&gt; mati" in requests.get(sandbox.url, timeout=60).text
    assert order("post", channel="radio").status_code == 400
    assert order("faults", kind="flood").status_code == 400
    account = requests.get(f"{sandbox.url}/control/accounts", timeout=60).json()[0]
    order("faults", kind="500", token=account["settings"]["token"])
    me = f"{sandbox.url}/bot{account['settings']['token']}/getMe"
    assert requests.get(me, timeout=60).status_code == 500
    order("revoke", token=account["settings"]["token"])
    assert requests.get(me, timeout=60).status_code == 401


def test_every_event_of_the_script_can_be_played(sandbox: Sandbox) -> None:
    told = script()
    for event in [*told["opening"], *told["events"]]:
        sandbox.world.residents.act(event)
    assert len(told["opening"]) + len(told["events"]) >= 25
    assert {event["channel"] for event in told["opening"]} == {
        "telegram",
        "x",
        "webform",
    }


def test_a_resident_fills_in_the_form_like_a_browser() -> None:
    posted: list[bytes] = []
    with HTTPServer(("127.0.0.1", 0), FormPage) as server, running() as sandbox:
        server.posted = posted  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sandbox.world.residents.act(
            {"channel": "webform", "who": "Siti", "text": "Got mampet", "photo": "got"}
        )
        assert posted == []
        sandbox.world.residents.use_form(f"http://127.0.0.1:{server.server_port}/lapor")
        sandbox.wait_for(lambda: sandbox.world.residents.form_outcomes == ["200"])
        server.shutdown()
    (report,) = posted
    for name, value in (
        ("csrf", "abc"),
        ("key", "k-9"),
        ("text", "Got mampet"),
        ("name", "Siti"),
    ):
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in report
    assert b'name="other"' not in report
    assert b"\xff\xd8" in report


def test_the_program_tells_its_address_and_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--script", "demo"]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        url = json.loads(program.stdout.readline())["url"]
        assert requests.get(url, timeout=60).ok
        program.send_signal(signal.SIGTERM)
        assert program.wait() == 0
