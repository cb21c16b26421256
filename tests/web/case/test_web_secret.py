"""The ways into a secret case, tried by every role over pages, acts, streams, exports
and commands: each is answered as if there were no such case."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlmodel import select
from typer.testing import CliRunner
from website import Site, sign_in, token

from aggregator.accounts import ledger
from aggregator.answers import drafts, replies
from aggregator.answers.replies import Answer
from aggregator.cases import claims, notes, readership
from aggregator.cli import app as commands
from aggregator.people import staff
from aggregator.people.viewers import Viewer
from aggregator.rules.reports import casenumbers
from aggregator.store import settings
from aggregator.store.audit import SYSTEM
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.cases import Case, Reminder
from aggregator.store.tables.intake import Message
from aggregator.store.tables.people import Notification
from aggregator.store.tables.store import AuditEntry
from aggregator.store.tables.twins import CaseLink
from aggregator.twins import joining

SAID = "Petugas parkir dishub bernama Wiryawan minta uang pungli 50 ribu"
WORDS = ("Wiryawan", "Pelapor-Rahasia", "Catatan-rahasia", "Draf-rahasia")
NOTHING = casenumbers.number_of(55_555)
NO_ID = 987_654
ROLES = [
    ("budi", "dishub", "juru_bicara"),
    ("kokom", "dishub", "koordinator"),
    ("adi", "dishub", "admin"),
    ("vina", "dishub", "verifikator"),
    ("ani", "diskominfo", "admin"),
    ("vera", "diskominfo", "verifikator"),
    ("dewi", "diskominfo", "koordinator"),
    ("iwan", "inspektorat", "juru_bicara"),
    ("kadis", "inspektorat", "pimpinan"),
    ("lama", "inspektorat", "juru_bicara"),
]
"""The last one read the case once."""


FEW = pytest.mark.parametrize(
    "login",
    [ROLES[1], ROLES[4], ROLES[7], ROLES[9]],
    indirect=True,
    ids=lambda one: one[0],
)


@pytest.fixture(params=ROLES, ids=[one[0] for one in ROLES])
def login(
    request: pytest.FixtureRequest, tell: Any, join: Callable[..., Viewer]
) -> str:
    """Of somebody who does not read it."""
    if request.param[0] != "lama":
        join(*request.param)
    return str(request.param[0])


@dataclass(frozen=True)
class Secret:
    """A secret case with everything a case can have; `plain` is an ordinary one."""

    number: str
    plain: str
    message: int
    reply: int
    draft: int
    reminder: int
    picture: int
    link: int
    line: int

    def of(self, path: str) -> str:
        """A way to this case."""
        return path.format(n=self.number, **vars(self))

    def none(self, path: str) -> str:
        """The same way to what is not there."""
        ids = dict.fromkeys(
            ("message", "reply", "draft", "reminder", "picture", "link", "line"), NO_ID
        )
        return path.format(n=NOTHING, plain=self.plain, **ids)


LOOKS = (
    "/aduan/{n}",
    "/aduan/{n}/kabar?versi=0&sejak=0",
    "/aduan/{n}/hadir",
    "/aduan/{n}/jawaban/{reply}/foto/0",
    "/aduan/{n}/draf/foto/abc",
    "/aduan/{n}/kabari",
    "/aduan/{n}/ambil",
    "/bantu-jawab/{n}",
    "/langsung?aduan={n}",
    "/lacak/{n}",
    "/lacak?nomor={n}",
    "/lacak/{n}?kode=0123456789abcdef0123456789abcdef",
    "/cari?nomor={n}",
    "/?tampilan=semua&status=semua&cari={n}",
    "/antrean/daftar?tampilan=semua&status=semua&cari={n}",
    "/antrean/berikutnya?dari={n}",
    "/audit?nomor={n}",
    "/media/{picture}",
    "/media/{picture}?kecil",
    "/mentah?status=done&nomor={n}",
)
ACTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/aduan/{n}/tampilkan", {"reason": "Ingin tahu pelapornya"}),
    ("/aduan/{n}/ambil", {}),
    ("/aduan/{n}/ambil-alih", {"reason": "Petugasnya pulang"}),
    ("/aduan/{n}/lepas", {}),
    ("/aduan/{n}/catatan", {"note": "Dicek"}),
    ("/aduan/{n}/tugaskan", {"agency": "dishub", "role": "lead"}),
    ("/aduan/{n}/tugaskan", {"agency": "dishub", "role": "help"}),
    ("/aduan/{n}/tugas", {"act": "accept"}),
    ("/aduan/{n}/tugas", {"act": "done"}),
    ("/aduan/{n}/tugas", {"act": "done", "agency": "inspektorat"}),
    ("/aduan/{n}/tugas", {"act": "waive", "reason": "Tidak perlu"}),
    ("/aduan/{n}/tugas", {"act": "bounce", "reason": "Bukan kami", "to": "dishub"}),
    ("/aduan/{n}/tunggu", {"act": "wait", "why": "menunggu_pelapor"}),
    ("/aduan/{n}/tunggu", {"act": "go_on"}),
    ("/aduan/{n}/klasifikasi", {"klass": "spam"}),
    ("/aduan/{n}/klasifikasi", {"kind": "pju_mati"}),
    ("/aduan/{n}/darurat", {"darurat": "1"}),
    ("/aduan/{n}/112", {}),
    ("/aduan/{n}/gabung", {"number": "{plain}"}),
    ("/aduan/{n}/gabung", {"other": "{plain}", "act": "join"}),
    ("/aduan/{plain}/gabung", {"number": "{n}", "act": "into"}),
    ("/aduan/{plain}/gabung", {"other": "{n}", "act": "not_same"}),
    ("/aduan/{n}/pindah", {"message": "{message}", "number": "{plain}"}),
    ("/aduan/{plain}/pindah", {"message": "{message}", "number": "{plain}"}),
    ("/aduan/{n}/pisah/{link}", {}),
    ("/aduan/{plain}/pisah/{link}", {}),
    ("/aduan/{n}/selesai", {"outcome": "selesai"}),
    ("/aduan/{n}/selesai", {"waive": "Sudah", "lanjut": "1"}),
    ("/aduan/{n}/buka", {}),
    ("/aduan/{n}/balas", {"step": "preview", "text": "Terima kasih"}),
    ("/aduan/{n}/balas", {"step": "send", "text": "Terima kasih", "key": "k"}),
    ("/aduan/{n}/balas", {"step": "referral:pln"}),
    ("/aduan/{n}/dijawab-di-sana", {"message": "{message}"}),
    ("/aduan/{plain}/dijawab-di-sana", {"message": "{message}"}),
    ("/aduan/{n}/jawaban/{reply}", {"act": "undo"}),
    ("/aduan/{plain}/jawaban/{reply}", {"act": "undo"}),
    ("/aduan/{plain}/jawaban/{reply}", {"act": "arrived"}),
    ("/aduan/{plain}/jawaban/{reply}", {"act": "cancel"}),
    ("/aduan/{n}/draf", {"text": "Ditulis"}),
    ("/aduan/{n}/draf/{draft}", {"act": "take"}),
    ("/aduan/{plain}/draf/{draft}", {"act": "take"}),
    ("/aduan/{plain}/draf/{draft}", {"act": "use"}),
    ("/aduan/{plain}/draf/{draft}", {"act": "approve", "draft_version": "1"}),
    ("/aduan/{n}/kabari", {"step": "look", "text": "Kabar"}),
    ("/aduan/{n}/kabari", {"step": "send", "text": "Kabar", "key": "k"}),
    ("/aduan/{n}/minta-bantuan", {"asked": "Siapa tahu?"}),
    ("/aduan/{n}/minta-bantuan/1", {}),
    ("/aduan/{n}/pembaca", {"act": "add", "login": "budi", "reason": "Ingin tahu"}),
    ("/aduan/{n}/pembaca", {"act": "remove", "login": "ida", "reason": "Ingin tahu"}),
    ("/bantu-jawab/{n}", {"text": "Usul"}),
    ("/antrean/massal", {"tindakan": "ambil", "nomor": "{n}"}),
    ("/antrean/massal", {"tindakan": "selesai", "nomor": "{n}", "pasti": "1"}),
    ("/antrean/massal", {"tindakan": "tugaskan", "kantor": "dishub", "nomor": "{n}"}),
    ("/antrean/massal", {"tindakan": "golongan", "nomor": "{n}", "pasti": "1"}),
    ("/insiden/1", {"act": "add", "number": "{n}"}),
    ("/insiden/1", {"act": "drop", "number": "{n}"}),
    ("/kabar/janji/{reminder}", {"langkah": "selesai"}),
    ("/kabar/janji/{reminder}", {"langkah": "pindah", "tanggal": "2026-04-01"}),
    ("/mentah/proses-ulang", {"status": "done", "event": "{line}"}),
    ("/buka-darurat", {"nomor": "{n}", "alasan": "Ingin tahu isinya"}),
)
COMMANDS = (
    "cases show {n}",
    "cases claim {n}",
    "cases release {n}",
    "cases assign {n} dishub",
    "cases reply {n} --text Halo --yes",
    "cases classify {n} --class spam",
    "cases wait {n} menunggu_pelapor",
    "cases go-on {n}",
    "cases accept {n}",
    "cases owners {n}",
    "cases finish {n}",
    "cases bounce {n} --reason bukan",
    "cases question {n}",
    "cases referral {n} --body pln",
    "cases close {n}",
    "cases reopen {n}",
    "cases join {n} {plain}",
    "cases join {plain} {n}",
    "cases split {n} {message}",
    "cases move {message} {plain}",
    "cases undo {link}",
    "cases not-same {plain} {n}",
    "cases suggestions --case {n}",
    "cases notify {n} --text Halo --dry-run",
    "cases readers list {n}",
    "cases readers add {n} budi --reason ingin-tahu",
    "cases readers remove {n} ida --reason ingin-tahu",
    "cases break-glass {n} --reason ingin-tahu",
    "clocks show {n}",
    "reminders done {reminder}",
    "cases list --status all",
    "cases recurring",
    "incidents list",
    "reminders list",
    "notifications list",
)
LISTS = (
    "/",
    "/?tampilan=semua&status=semua",
    "/?tampilan=kantor&status=semua",
    "/?tampilan=saya",
    "/?tampilan=darurat",
    "/?tampilan=semua&cari=pungli",
    "/?tampilan=semua&jenis=pungli",
    "/?tampilan=semua&kantor=inspektorat",
    "/antrean/daftar?tampilan=semua&status=semua",
    "/papan",
    "/papan?kantor=inspektorat",
    "/berulang",
    "/insiden",
    "/bantu-jawab",
    "/kabar",
    "/piket",
    "/audit?tindakan=claimed",
    "/mentah?status=done",
    "/kesehatan",
)


@pytest.fixture
def account(register: Callable[..., Account]) -> Account:
    return register("dishub_x", "dishub")


@pytest.fixture
def plain(account: Account, post: Callable[..., Case]) -> str:
    """An ordinary case of Dishub's."""
    return str(post(account, "Lampu jalan mati di Gg. Kepatihan RW 4").number)


@pytest.fixture
def tell(
    database: Database,
    now: datetime,
    account: Account,
    plain: str,
    post: Callable[..., Case],
    join: Callable[..., Viewer],
) -> Callable[[], Secret]:
    """Makes the secret case."""
    lama, ida = join("lama", "inspektorat"), join("ida", "inspektorat")
    readership.name_first(database, now, SYSTEM, "ida")

    def made() -> Secret:
        who = {"author_name": "Pelapor-Rahasia", "author_id": "rahasia"}
        case = post(account, SAID, native_id="s1", **who)
        post(account, "Kejadiannya kemarin", native_id="s2", parent_id="s1", **who)
        number = str(case.number)
        with database.reading() as session:
            query = select(Message.id).where(Message.native_id == "s2")
            second = session.exec(query).one() or 0
        link = joining.split(database, now, ida, number, [second])
        readership.add(database, now, ida, number, "lama", "Membantu menelaah")
        claims.claim(database, now, lama, number)
        notes.add_note(database, now, lama, number, "Catatan-rahasia @ida")
        answer = Answer("Besok kami datang ke lokasi")
        reply = replies.reply(database, now, lama, number, answer, key="jawab")
        writing = drafts.Writing("Draf-rahasia", shared=True)
        kept = drafts.save(database, now, lama, number, writing).own
        assert kept is not None
        with database.writing() as session:
            first = session.exec(select(Message).where(Message.native_id == "s1")).one()
            picture = Attachment(
                message_id=first.id or 0,
                position=0,
                type="image",
                native_id="f",
                part_id="s1",
                mime="image/jpeg",
                sha256="0" * 64,
                status="stored",
            )
            promise = Reminder(
                case_id=case.id or 0,
                person_id=lama.id,
                due_on=now.date(),
                words="besok kami datang",
            )
            session.add_all([picture, promise])
            session.flush()
            told = Secret(
                number,
                plain,
                first.id or 0,
                reply.id or 0,
                kept.id or 0,
                promise.id or 0,
                picture.id or 0,
                link.id or 0,
                first.raw_event_id or 0,
            )
        readership.remove(database, now, ida, number, "lama", "Selesai membantu")
        return told

    return made


def answer_of(got: Any, number: str) -> tuple[int, str, str]:
    """What came back, without what differs from one request to the next: the address
    that was asked for, tokens, and the numbers, of which a browser's queue keeps the
    one that was looked for last."""
    text = got.text if "html" in got.headers.get("content-type", "") else ""
    text = text.replace(html.escape(got.request.url.path), "HERE")
    for pattern in (
        r'name="(?:csrftoken|key|entry|kept|submission)" value="[^"]*"',
        r'data-csrf="[^"]*"',
        r"sejak=[\d-]+",
    ):
        text = re.sub(pattern, "", text)
    where = got.headers.get("location", "")
    text, where = (
        one.replace(number, "N").replace(NOTHING, "N") for one in (text, where)
    )
    return got.status_code, text, where


def differing(
    browser: TestClient, secret: Secret, csrf: str, looks: Sequence[str] = LOOKS
) -> Iterator[tuple[str, Any, Any]]:
    """The ways whose answer tells the secret case from none."""
    for path, fields in [*((path, None) for path in looks), *ACTS]:
        answers = []
        for to in (secret.of, secret.none):
            if fields is None:
                got = browser.get(to(path), follow_redirects=False)
            else:
                data = {"csrftoken": csrf, **{k: to(v) for k, v in fields.items()}}
                got = browser.post(to(path), data=data, follow_redirects=False)
            answers.append(answer_of(got, secret.number))
        if answers[0] != answers[1]:
            yield f"{path} {fields or ''}", answers[0], answers[1]


def first_difference(one: Any, other: Any) -> tuple[str, str]:
    """Around where two answers begin to differ."""
    a, b = str(one), str(other)
    at = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
    return a[max(0, at - 30) : at + 60], b[max(0, at - 30) : at + 60]


def kept_of(database: Database, number: str) -> tuple[Any, ...]:
    """All that an act could change of a case."""
    with database.reading() as session:
        case = session.exec(select(Case).where(Case.number == number)).one()
        lines = session.exec(select(AuditEntry.id).where(AuditEntry.case_id == case.id))
        links = session.exec(select(CaseLink.undone_at)).all()
        promises = session.exec(select(Reminder.state, Reminder.due_on)).all()
        return case.version, case.status, list(lines), links, promises


@pytest.mark.threat("SEC-7")
def test_no_page_and_no_act_tells_a_secret_case_from_none(
    site: Site, database: Database, tell: Callable[[], Secret], login: str
) -> None:
    secret = tell()
    browser = sign_in(site(), login)
    csrf = token(browser.get("/bantuan").text)
    before = kept_of(database, secret.number)
    found = list(differing(browser, secret, csrf))
    assert [(way, *first_difference(a, b)) for way, a, b in found] == []
    assert kept_of(database, secret.number) == before


@pytest.mark.threat("SEC-7")
@FEW
def test_how_accounts_are_is_the_same_when_a_secret_case_comes_by_a_stream(
    site: Site,
    database: Database,
    now: datetime,
    account: Account,
    tell: Callable[[], Secret],
    login: str,
) -> None:
    """There is one more message here, and one more on the platform."""
    browser = sign_in(site(), login)

    def read(stored: int, new: int) -> None:
        with database.writing() as session:
            ledger.note_page(session, now, account.id, "mentions", new, new)
            stream = ledger.stream_in(session, account.id, "mentions")
            stream.remote_count = stream.stored_count = stored

    read(stored=41, new=41)
    before = answer_of(browser.get("/kesehatan"), "–")
    tell()
    read(stored=42, new=1)
    assert answer_of(browser.get("/kesehatan"), "–") == before
    assert "mentions" in before[1] or login in {"iwan", "lama"}


@pytest.mark.threat("SEC-7")
@FEW
def test_no_list_count_search_or_download_changes_when_a_secret_case_comes(
    site: Site, database: Database, tell: Callable[[], Secret], login: str
) -> None:
    browser = sign_in(site(), login)

    def shown() -> dict[str, Any]:
        pages = {p: answer_of(browser.get(p), "–") for p in LISTS}
        got = browser.get("/antrean/unduh?tampilan=semua&status=semua")
        sheet = load_workbook(io.BytesIO(got.content)).active
        assert sheet is not None
        return {**pages, "sheet": list(sheet.iter_rows(values_only=True))}

    before = shown()
    secret = tell()
    after = shown()
    assert [
        (p, *first_difference(after[p], before[p]))
        for p in after
        if after[p] != before[p]
    ] == []
    written = str(after)
    assert [word for word in (*WORDS, secret.number) if word in written] == []
    with database.reading() as session:
        told = session.exec(select(Notification))
        people = {
            one.person_id for one in told if one.data.get("number") == secret.number
        }
    assert people <= {staff.get(database, one).id for one in ("ida", "lama")}


@pytest.mark.threat("SEC-7")
@FEW
def test_no_command_tells_a_secret_case_from_none(
    database: Database,
    tell: Callable[[], Secret],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    login: str,
) -> None:
    secret = tell()
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    settings.load.cache_clear()

    def said(line: str, number: str) -> tuple[int, str]:
        words = [*line.split(), *(["--as", login])]
        if line.startswith("notifications"):
            words = [*line.split(), login]
        done = CliRunner().invoke(commands, words)
        text = f"{done.output}{type(done.exception).__name__}{done.exception}"
        for one in line.split()[2:3]:  # the number or the id that was named
            text = re.sub(rf"(?<!\d){one}(?!\d)", "N", text)
        return done.exit_code, text.replace(number, "N")

    different = []
    for line in COMMANDS:
        here = said(secret.of(line), secret.number)
        none = said(secret.none(line), NOTHING)
        if here != none or any(word in here[1] for word in WORDS):
            different.append((line, here, none))
    assert different == []


def test_its_reader_does_all_this(
    site: Site, database: Database, tell: Callable[[], Secret]
) -> None:
    """Else the tests above would pass for a case that is not there at all."""
    secret = tell()
    browser = sign_in(site(), "ida")
    page = browser.get(secret.of("/aduan/{n}"))
    assert page.status_code == 200 and "Wiryawan" in page.text
    assert secret.number in browser.get("/?tampilan=semua").text
    assert len(LOOKS) + len(ACTS) + len(COMMANDS) + len(LISTS) >= 60
    csrf = token(page.text)
    open_to_ida = [way for way, _, _ in differing(browser, secret, csrf, LOOKS[:7])]
    assert len(open_to_ida) > 40
