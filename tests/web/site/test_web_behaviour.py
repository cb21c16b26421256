"""What the pages must not do: lose, leak, repeat, block or leave a person without a
sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import fakechannel
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select
from website import visible

import aggregator
import connectors
import connectors.errors
from aggregator.accounts import carriers, registry
from aggregator.answers import outbox, replies
from aggregator.city import catalog
from aggregator.desk import queue
from aggregator.intake import ingest
from aggregator.people.viewers import Viewer
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.settings import Settings
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import RawEvent
from aggregator.store.vault import Vault
from aggregator.web import words
from aggregator.web.app import create_app
from aggregator.web.words import queue as words_queue

CORE = Path(aggregator.__file__).parent
CONNECTORS = Path(connectors.__file__).parent
FUNCTION = ast.FunctionDef


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def open_browser(
    database: Database,
    vault: Vault,
    catalog: catalog.Catalog,
    now: datetime,
    tmp_path: Path,
    platform: fakechannel.Platform,
    woken: list[str],
) -> Iterator[Callable[[], TestClient]]:
    app = create_app(
        database,
        vault,
        Settings(data_dir=tmp_path / "var"),
        catalog,
        clock=lambda: now,
        wake=lambda: woken.append("wake"),
    )
    browsers: list[TestClient] = []

    def another() -> TestClient:
        browsers.append(TestClient(app, base_url="http://127.0.0.1:8080"))
        return browsers[-1]

    yield another
    for browser in browsers:
        browser.close()


@pytest.fixture
def stranger(open_browser: Callable[[], TestClient]) -> TestClient:
    return open_browser()


@pytest.fixture
def as_budi(open_browser: Callable[[], TestClient], budi: Viewer) -> TestClient:
    return signed_in(open_browser(), "budi")


@pytest.fixture
def number(register: Callable[..., Account], post: Callable[..., Case | None]) -> str:
    case = post(
        register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan", native_id="1"
    )
    assert case is not None and case.number is not None
    return case.number


@pytest.fixture
def form(database: Database, vault: Vault, now: datetime) -> str:
    chosen = registry.parse_settings(
        "webform",
        {"handle": "kota", "title": "Lapor", "intro": "Untuk keadaan darurat: 112"},
    )
    registry.register(
        database,
        vault,
        now,
        SYSTEM,
        channel="webform",
        agency="diskominfo",
        account_settings=chosen,
        identity=registry.identify("webform", chosen),
    )
    return "/lapor/kota"


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page, the last of a name."""
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


def signed_in(browser: TestClient, login: str) -> TestClient:
    hidden = fields_of(browser.get("/masuk").text)
    browser.post(
        "/masuk", data={**hidden, "login": login, "password": "kata sandi panjang"}
    ).raise_for_status()
    return browser


def act(browser: TestClient, case: str, what: str, **fields: str) -> Any:
    return browser.post(
        f"{case}/{what}", data={**fields_of(browser.get(case).text), **fields}
    )


# --- residents
# ---------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["", "1", "../../etc"])
def test_reports_without_an_id_of_ours_are_different_reports(
    stranger: TestClient, form: str, database: Database, dewi: Viewer, given: str
) -> None:
    for text in ("Jalan berlubang di Empang", "Sampah menumpuk di Cimanggu"):
        hidden = {**fields_of(stranger.get(form).text), "submission": given}
        stranger.post(form, data={**hidden, "text": text})
    assert len(queue.listing(database, dewi)) == 2


def test_an_anonymous_name_does_not_even_reach_the_raw_event(
    stranger: TestClient, form: str, database: Database
) -> None:
    hidden = fields_of(stranger.get(form).text)
    told = {
        "text": "Ada pungutan",
        "name": "Siti Contoh",
        "contact": "081234567890",
        "anonymous": "1",
    }
    stranger.post(form, data={**hidden, **told})
    with database.reading() as session:
        (event,) = session.exec(select(RawEvent))
    kept = str(event.payload)
    assert "Siti Contoh" not in kept and "81234567890" not in kept


def test_a_report_that_cannot_be_processed_now_is_received_all_the_same(
    stranger: TestClient, form: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(connectors.load("webform"), "normalise", staticmethod(broken))
    answer = stranger.post(
        form, data={**fields_of(stranger.get(form).text), "text": "Banjir"}
    )
    assert "Laporan Anda sudah kami simpan" in visible(answer.text)
    (event,) = ingest.events(database)
    assert (event.status, event.payload["text"]) == ("failed", "Banjir")
    assert event.payload["submission_id"][:8].upper() in answer.text


def test_the_form_says_what_the_city_wants_said_first(
    stranger: TestClient, form: str
) -> None:
    assert "Untuk keadaan darurat: 112" in visible(stranger.get(form).text)


def test_a_refused_report_keeps_everything_typed(
    stranger: TestClient, form: str
) -> None:
    typed = {"place": "Jl. Pajajaran", "name": "Siti", "anonymous": "1", "text": " "}
    answer = stranger.post(form, data={**fields_of(stranger.get(form).text), **typed})
    assert answer.status_code == 422
    assert 'value="Jl. Pajajaran"' in answer.text
    assert 'name="anonymous" value="1" checked' in answer.text


def test_a_form_that_is_too_large_is_refused_in_words(
    stranger: TestClient, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.web.site.headers._LARGEST_FORM", 10_000)
    hidden = fields_of(stranger.get(form).text)
    photo = {"photo": ("a.jpg", b"x" * 20_000, "image/jpeg")}
    answer = stranger.post(form, data={**hidden, "text": "Banjir"}, files=photo)
    assert answer.status_code == 413
    assert "Berkas terlalu besar" in visible(answer.text)


# --- cases
# -------------------------------------------------------------------------------------


def test_a_case_can_be_closed_right_after_one_s_own_answer_was_sent(
    as_budi: TestClient, number: str, database: Database, vault: Vault, now: datetime
) -> None:
    case = f"/aduan/{number}"
    act(as_budi, case, "ambil")
    act(as_budi, case, "balas", text="Tim datang", step="send")
    seen_before_it_was_sent = fields_of(as_budi.get(case).text)
    for reply in outbox.due(database, now + replies.UNDO_WITHIN):
        outbox.send(database, vault, Path(), now, reply)
    answer = as_budi.post(f"{case}/selesai", data=seen_before_it_was_sent)
    assert answer.status_code == 200 and "Buka kembali" in visible(answer.text)


def test_a_stale_page_says_what_has_happened_since(
    as_budi: TestClient,
    open_browser: Callable[[], TestClient],
    number: str,
    dewi: Viewer,
) -> None:
    case = f"/aduan/{number}"
    act(as_budi, case, "ambil")
    stale = fields_of(as_budi.get(case).text)
    act(
        signed_in(open_browser(), "dewi"), case, "tugaskan", agency="dpupr", role="help"
    )
    for step, status in (("preview", 200), ("send", 409)):
        answer = as_budi.post(
            f"{case}/balas", data={**stale, "text": "Kami cek", "step": step}
        )
        assert answer.status_code == status
        (alert,) = re.findall(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
        assert "Ditugaskan" in alert and "DPUPR" in alert and "dewi" in alert
        assert "Kami cek" in visible(answer.text)


def test_the_worker_is_woken_by_an_answer(
    as_budi: TestClient, number: str, woken: list[str]
) -> None:
    case = f"/aduan/{number}"
    act(as_budi, case, "ambil")
    woken.clear()
    act(as_budi, case, "balas", text="Tim datang", step="send")
    assert woken == ["wake"]


@pytest.mark.parametrize("code", ["never_heard_of", "blocked"])
def test_a_failed_answer_has_a_sentence_and_a_way_on(
    as_budi: TestClient,
    number: str,
    database: Database,
    vault: Vault,
    now: datetime,
    platform: fakechannel.Platform,
    code: str,
) -> None:
    case = f"/aduan/{number}"
    act(as_budi, case, "ambil")
    act(as_budi, case, "balas", text="Tim datang", step="send")
    platform.on_send = [connectors.errors.Refused("no", code=code)]
    for reply in outbox.due(database, now + replies.UNDO_WITHIN):
        outbox.send(database, vault, Path(), now, reply)
    shown = as_budi.get(case).text
    assert "Ditolak platform" in visible(shown) and "never_heard_of" not in shown
    assert words.PROBLEM.keys() >= {"refused", "blocked"}
    assert "Kirim lagi" in visible(shown) and "Biarkan saja" in visible(shown)
    assert "Jawaban tidak sampai" in visible(as_budi.get("/?tampilan=semua").text)
    assert "tidak sampai" in visible(as_budi.get("/kabar").text)
    assert as_budi.get("/kabar/1").url.path == case
    assert "tidak sampai" not in visible(as_budi.get("/kabar").text)
    act(as_budi, case, "draf", text="Sambil menunggu")
    act(as_budi, case, "jawaban/1", act="undo")
    assert "Tim datang\n\nSambil menunggu</textarea>" in as_budi.get(case).text


def test_the_address_of_an_act_leads_back_to_the_case(
    as_budi: TestClient, number: str
) -> None:
    assert as_budi.get(f"/aduan/{number}/ambil").url.path == f"/aduan/{number}"


def test_a_mistyped_number_is_told_from_an_unknown_one(
    as_budi: TestClient, number: str
) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert "ada angka yang salah" in visible(
        as_budi.get("/cari", params={"nomor": wrong}).text
    )
    found = as_budi.get("/cari", params={"nomor": f" {number[:3]}-{number[3:]} "})
    assert found.url.path == f"/aduan/{number}"
    words = as_budi.get("/cari", params={"nomor": "a/b?c"})
    assert words.url.path == "/" and words.url.params["cari"] == "a/b?c"


@pytest.mark.parametrize("path", ["/tidak-ada", "/media/abc", "/aduan/100/jawaban/x"])
def test_addresses_that_lead_nowhere_say_so_in_words(
    as_budi: TestClient, path: str
) -> None:
    answer = as_budi.get(path)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"].startswith("text/html")


# --- sessions
# ----------------------------------------------------------------------------------


def test_too_many_tries_say_when_to_come_back(
    stranger: TestClient, budi: Viewer
) -> None:
    hidden = fields_of(stranger.get("/masuk").text)
    for _ in range(10):
        stranger.post("/masuk", data={**hidden, "login": "budi", "password": "salah"})
    answer = stranger.post(
        "/masuk", data={**hidden, "login": "Budi ", "password": "kata sandi panjang"}
    )
    assert answer.status_code == 429
    assert re.search(r"Coba lagi pukul \d\d\.\d\d WIB", answer.text)


def test_a_colleague_at_the_same_address_can_still_sign_in(
    open_browser: Callable[[], TestClient], budi: Viewer, rina: Viewer
) -> None:
    stranger = open_browser()
    hidden = fields_of(stranger.get("/masuk").text)
    for _ in range(12):
        stranger.post("/masuk", data={**hidden, "login": "budi", "password": "salah"})
    assert signed_in(open_browser(), "rina").get("/").url.path == "/"


def test_signing_out_everywhere_ends_the_other_browser_too(
    open_browser: Callable[[], TestClient], budi: Viewer
) -> None:
    phone, desk = signed_in(open_browser(), "budi"), signed_in(open_browser(), "budi")
    phone.post("/keluar-semua", data=fields_of(phone.get("/").text))
    assert desk.get("/").url.path == "/masuk"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example"]
)
def test_sign_in_leads_to_no_other_site(
    stranger: TestClient, budi: Viewer, wanted: str
) -> None:
    hidden = fields_of(stranger.get("/masuk").text)
    answer = stranger.post(
        "/masuk",
        params={"lanjut": wanted},
        follow_redirects=False,
        data={**hidden, "login": "budi", "password": "kata sandi panjang"},
    )
    assert answer.headers["location"] == "/"


def test_open_pages_of_a_session_that_ended_are_led_to_the_sign_in(
    stranger: TestClient,
) -> None:
    part = stranger.get(
        "/antrean/daftar", headers={"HX-Request": "true"}, follow_redirects=False
    )
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/masuk")
    live = stranger.get("/langsung", headers={"Accept": "text/event-stream"})
    assert live.status_code == 204, "an event source that gets 204 does not come back"


def test_pages_are_not_kept_and_files_with_a_digest_are(as_budi: TestClient) -> None:
    page = as_budi.get("/")
    assert page.headers["cache-control"] == "no-store"
    assert "unsafe" not in page.headers["content-security-policy"]
    (style,) = re.findall(r'href="(/static/sahut\.css\?\w+)"', page.text)
    assert "immutable" in as_budi.get(style).headers["cache-control"]
    assert not re.search(r"<(script|style)>|\son\w+=|\sstyle=", page.text)


# --- webhooks
# ----------------------------------------------------------------------------------


@pytest.fixture
def bot(database: Database, vault: Vault, now: datetime) -> Account:
    kind = connectors.load("telegram")
    chosen = kind.Account(token="1:AAA", webhook_secret="rahasia-kota")  # type: ignore[call-arg]
    with database.writing() as session:
        row = Account(
            channel="telegram",
            external_id="1",
            handle="dishub_bot",
            display_name="Dishub",
            agency_code="dishub",
            sealed=vault.seal(chosen),
        )
        session.add(row)
    return row


def update(text: str) -> dict[str, Any]:
    sender = {"id": 7, "is_bot": False, "first_name": "Siti"}
    said = {"message_id": 5, "date": 1772456400, "text": text, "from": sender}
    return {"update_id": 9, "message": {**said, "chat": {"id": 7, "type": "private"}}}


def test_a_signed_webhook_is_stored_and_a_forged_one_is_not(
    stranger: TestClient, bot: Account, database: Database, woken: list[str]
) -> None:
    path, header = f"/kait/telegram/{bot.id}", "X-Telegram-Bot-Api-Secret-Token"
    assert (
        stranger.post(path, json=update("palsu"), headers={header: "salah"}).status_code
        == 403
    )
    assert stranger.post(path, json=update("palsu")).status_code == 403
    assert ingest.events(database) == [] and woken == []
    for _ in range(2):  # delivered twice
        good = stranger.post(
            path, json=update("Angkot ngetem"), headers={header: "rahasia-kota"}
        )
        assert good.status_code == 200
    (event,) = ingest.events(database)
    assert event.payload["message"]["text"] == "Angkot ngetem"
    assert woken == ["wake", "wake"]


def test_a_webhook_of_no_channel_is_not_found(stranger: TestClient) -> None:
    assert stranger.post("/kait/tidakada", json={}).status_code == 404


# --- words for every code
# ----------------------------------------------------------------------


def calls(folder: Path) -> Iterator[tuple[Path, str, ast.Call]]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else None
                yield path, name or getattr(node.func, "id", ""), node


def constants(node: ast.expr) -> set[str]:
    return {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def outcomes(
    node: ast.AST | None, function: ast.FunctionDef, known: dict[str, ast.FunctionDef]
) -> set[str]:
    """The texts an expression can be: through names of the function and functions it
    calls."""
    parts: list[tuple[ast.AST | None, ast.FunctionDef]] = []
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.IfExp):
        parts = [(node.body, function), (node.orelse, function)]
    elif isinstance(node, ast.Tuple | ast.List):
        parts = [(each, function) for each in node.elts]
    elif isinstance(node, ast.Starred):
        parts = [(node.value, function)]
    elif isinstance(node, ast.BoolOp):
        parts = [(each, function) for each in node.values]
    elif isinstance(node, ast.Name):
        parts = [
            (each.value, function)
            for each in ast.walk(function)
            if isinstance(each, ast.Assign)
            and getattr(each.targets[0], "id", "") == node.id
        ]
    elif isinstance(node, ast.Call) and (
        called := known.get(getattr(node.func, "id", ""))
    ):
        parts = [
            (e.value, called) for e in ast.walk(called) if isinstance(e, ast.Return)
        ]
    return {text for part, where in parts for text in outcomes(part, where, known)}


def test_every_refusal_of_an_act_has_a_sentence() -> None:
    refusals = ("Refusal", "PeopleError", "FileRefused")
    codes = {
        node.args[1].value
        for _, name, node in calls(CORE)
        if name in refusals
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    }
    for_operators = {
        "bad_login",
        "no_such_person",
        "removed",
        "not_kept",
        "unavailable",
        "failed",
        "empty",
    }
    assert {"claimed", "changed", "not_yours", "too_large"} <= codes
    assert codes - for_operators - words.PROBLEM.keys() == set()


def test_every_problem_and_warning_of_a_preview_has_a_sentence() -> None:
    problems, warnings = set(), set()
    modules = [
        ast.parse(path.read_text(encoding="utf-8")) for path in CONNECTORS.rglob("*.py")
    ]
    made = [
        node
        for tree in modules
        for node in ast.walk(tree)
        if isinstance(node, FUNCTION)
    ]
    shared = {function.name: function for function in made}
    for tree in modules:
        own = [node for node in ast.walk(tree) if isinstance(node, FUNCTION)]
        known = shared | {function.name: function for function in own}
        for function in own:
            for call in ast.walk(function):
                if (
                    isinstance(call, ast.Call)
                    and getattr(call.func, "id", "") == "Preview"
                ):
                    given = dict(
                        zip(("problem", "warnings"), call.args[4:6], strict=False)
                    )
                    given |= {
                        word.arg: word.value for word in call.keywords if word.arg
                    }
                    problems |= outcomes(given.get("problem"), function, known)
                    warnings |= outcomes(given.get("warnings"), function, known)
    assert {"too_long", "not_summoned", "window_closed", "too_many_files"} <= problems
    assert problems - words.PROBLEM.keys() == set()
    assert {"split", "link_costs_more"} <= warnings
    assert warnings - words.WARNING.keys() == set()


def test_every_act_in_a_case_s_history_has_words() -> None:
    done = {
        part
        for _, name, node in calls(CORE)
        if name == "record"
        and len(node.args) > 3
        and getattr(node.args[3], "value", "") == "case"
        for part in constants(node.args[2])
    } | {
        part
        for _, name, node in calls(CORE)
        if name == "record" and len(node.args) == 1  # of a case that is open
        for part in constants(node.args[0])
    }
    done |= {
        part
        for _, name, node in calls(CORE)
        if name == "changed" and len(node.args) > 3
        for part in constants(node.args[2])
    }
    assert {"claimed", "replied", "closed"} <= done
    assert done - words.AUDIT.keys() == set()
    states = words.REPLY_STATE.keys() - {"queued", "sending", "cancelled"}
    assert {f"reply_{state}" for state in states} <= words.AUDIT.keys()


def test_every_news_a_person_is_told_has_words_on_pages_and_on_phones() -> None:
    told = {
        node.args[3].value
        for _, name, node in calls(CORE)
        if name == "notify"
        and len(node.args) > 3
        and isinstance(node.args[3], ast.Constant)
    }
    assert {"claim", "approval_asked", "account_lost"} <= told
    assert told - words_queue.TOLD.keys() == set()
    for texts in carriers._TEXTS.values():
        assert texts.keys() - {"other"} == words_queue.TOLD.keys()


@pytest.mark.parametrize(
    ("language", "written"),
    [("id", "2 Agu 2026, 07.05 WIB"), ("en", "2 Aug 2026, 07.05 WIB")],
)
def test_times_are_those_of_western_indonesia(language: str, written: str) -> None:
    moment = datetime.fromisoformat("2026-08-02T00:05:00+00:00")
    assert words.wib(moment, language) == written
