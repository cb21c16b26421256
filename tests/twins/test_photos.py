"""The same photo in two reports is seen whatever was done to it; other photos stay
apart."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import fakechannel
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter
from sqlmodel import col, select

from aggregator.accounts import attachments
from aggregator.accounts.filestore import FileStore
from aggregator.people.viewers import Viewer
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account, Attachment
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message
from aggregator.store.tables.twins import PhotoHash, Suggestion
from aggregator.store.vault import Vault
from aggregator.twins import joining, photos

Post = Callable[..., Case | None]


def scene(seed: int) -> Image.Image:
    """A picture with things in it, soft like a photo."""
    chance = random.Random(seed)
    image = Image.new("RGB", (640, 480), tuple(chance.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y = chance.randrange(640), chance.randrange(480)
        box = (x, y, x + chance.randrange(20, 250), y + chance.randrange(20, 250))
        colour = tuple(chance.randrange(256) for _ in range(3))
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape(box, fill=colour)
    return image.filter(ImageFilter.GaussianBlur(2))


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def cropped(image: Image.Image) -> Image.Image:
    """The edges cut off by a hundred and fiftieth."""
    return image.crop((4, 3, image.width - 4, image.height - 3))


def hash_of(tmp_path: Path, content: bytes) -> int | None:
    path = tmp_path / "picture"
    path.write_bytes(content)
    return photos.hash_of(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: jpeg(image.resize((200, 150))),
        lambda image: jpeg(image, 30),
        lambda image: jpeg(cropped(image)),
        lambda image: jpeg(ImageEnhance.Brightness(image).enhance(1.3)),
        lambda image: jpeg(ImageEnhance.Brightness(image).enhance(0.6)),
        lambda image: jpeg(cropped(image).resize((320, 240)), 40),
    ],
    ids=["small", "recompressed", "cropped", "bright", "dark", "all"],
)
def test_a_changed_copy_is_the_same_photo(
    tmp_path: Path, change: Callable[[Image.Image], bytes]
) -> None:
    for seed in range(12):
        first = hash_of(tmp_path, jpeg(scene(seed)))
        again = hash_of(tmp_path, change(scene(seed)))
        assert first is not None and again is not None
        assert photos.distance(first, again) <= photos.NEAREST


def test_other_photos_stay_apart(tmp_path: Path) -> None:
    hashes = [hash_of(tmp_path, jpeg(scene(seed))) or 0 for seed in range(40)]
    apart = [photos.distance(a, b) for n, a in enumerate(hashes) for b in hashes[:n]]
    assert min(apart) > photos.NEAREST


def test_an_empty_picture_is_like_nothing(tmp_path: Path) -> None:
    assert hash_of(tmp_path, jpeg(Image.new("RGB", (300, 200), "navy"))) is None


@pytest.fixture
def send(
    database: Database,
    vault: Vault,
    tmp_path: Path,
    post: Post,
    register: Callable[..., Account],
    platform: fakechannel.Platform,
    now: datetime,
) -> Iterator[Callable[..., Case]]:
    """`send("1", picture, "text")`: a report with a picture, fetched and looked at."""
    account = register("dishub_x", "dishub", first_days=3650)

    def arrive(native_id: str, content: bytes, text: str, **said: object) -> Case:
        platform.files[native_id] = content
        media = [{"type": "photo", "native_id": native_id, "ref": {"path": native_id}}]
        case = post(account, text, native_id=native_id, media=media, **said)
        assert case is not None
        for attachment_id in attachments.due(database, now):
            attachments.fetch(database, vault, FileStore(tmp_path), now, attachment_id)
        for attachment_id in photos.due(database):
            photos.look(database, tmp_path, now, attachment_id)
        return case

    yield arrive


def pairs(database: Database) -> list[tuple[int, int, str]]:
    with database.reading() as session:
        rows = session.exec(select(Suggestion).where(Suggestion.state == "open")).all()
        return [(row.case_id, row.other_id, row.reasons[0]["code"]) for row in rows]


def case_of(database: Database, native_id: str) -> Case:
    """The case that holds a message now."""
    with database.reading() as session:
        query = select(Case).join(Message, col(Message.case_id) == col(Case.id))
        return session.exec(query.where(Message.native_id == native_id)).one()


TREE = "Pohon miring di depan sekolah, bahaya"


def test_the_same_photo_joins_two_reports_and_who_takes_it_back_is_not_asked_again(
    database: Database, send: Callable[..., Case], dewi: Viewer, now: datetime
) -> None:
    one = send("1", jpeg(scene(1)), TREE, author_id="siti")
    small = jpeg(cropped(scene(1)).resize((320, 240)), 50)
    two = send("2", small, "Pohon mau tumbang dibiarkan saja", author_id="agus")
    three = send("3", jpeg(scene(2)), "Pohon tumbang dekat stasiun", author_id="tono")
    send("5", jpeg(scene(2)), "", author_id="euis")
    assert case_of(database, "5").id == three.id
    assert len({one.id, two.id, three.id}) == 3
    whole = case_of(database, "2")
    assert (whole.id, whole.reporters, case_of(database, "3").id) == (
        one.id,
        2,
        three.id,
    )
    [link] = joining.links(database, now, dewi, str(one.number))
    assert link.person_id is None
    assert "same_photo" in {reason["code"] for reason in link.before["reasons"]}
    joining.undo(database, now, dewi, link.id or 0)
    send("4", jpeg(scene(1)), "ini lagi fotonya pak", author_id="agus", parent_id="2")
    assert case_of(database, "4").id == case_of(database, "2").id == two.id
    assert pairs(database) == []


@pytest.mark.parametrize(
    "other",
    [
        "Pohon miring di depan SDN Polisi 4 Jl. Otista, bahaya",
        "Lampu jalan padam sudah lima hari",
        "Terima kasih, pohonnya sudah dipangkas",
        "Siapa yang mengurus pohon miring begini?",
    ],
    ids=["another place", "another kind", "thanks", "a question"],
)
def test_a_photo_joins_nothing_where_the_words_tell_two_problems(
    database: Database, send: Callable[..., Case], other: str
) -> None:
    one = send(
        "1", jpeg(scene(1)), "Pohon miring di Jl. Pajajaran depan terminal, bahaya"
    )
    two = send("2", jpeg(scene(1)), other, author_id="agus")
    assert case_of(database, "2").id == two.id
    assert [(case, other) for case, other, _ in pairs(database)] == [(two.id, one.id)]


def test_a_photo_takes_no_case_out_of_anybodys_hands_nor_joins_after_a_month(
    database: Database, send: Callable[..., Case], now: datetime
) -> None:
    long_ago = (now - timedelta(days=40)).isoformat()
    old = send("1", jpeg(scene(1)), TREE, author_id="siti", created_at=long_ago)
    with database.writing() as session:
        session.get_one(Case, old.id).confirmed = True
    new = send(
        "2", jpeg(scene(1)), "Pohon mau tumbang dibiarkan saja", author_id="agus"
    )
    assert case_of(database, "2").id == new.id
    assert [(case, other) for case, other, _ in pairs(database)] == [(new.id, old.id)]


def test_a_confidential_report_is_never_tied_to_another_by_its_photo(
    database: Database, send: Callable[..., Case]
) -> None:
    send("1", jpeg(scene(1)), "Ada pungli di loket ini", extra={"rahasia": True})
    send("2", jpeg(scene(1)), "Mohon ditindak yang di foto", author_id="agus")
    assert pairs(database) == []


def test_a_photo_that_went_round_before_says_since_when(
    database: Database, send: Callable[..., Case], now: datetime
) -> None:
    last_year = now - timedelta(days=400)
    send("1", jpeg(scene(1)), "Banjir di Ciliwung", created_at=last_year.isoformat())
    send("2", jpeg(scene(1), 40), "Barusan banjir besar!!", author_id="agus")
    send("3", jpeg(scene(1), 60), "Banjir kak, dari grup WA", author_id="tono")
    with database.reading() as session:
        rows = session.exec(select(Attachment, Message).join(Message)).all()
        by_native = {
            message.native_id: attachment.id or 0 for attachment, message in rows
        }
        told = photos.seen_before(session, by_native.values())
    assert {key: one.said_at for key, one in told.items()} == {
        by_native["2"]: last_year,
        by_native["3"]: last_year,
    }


def test_a_photo_of_the_same_person_or_of_today_did_not_go_round_before(
    database: Database, send: Callable[..., Case], now: datetime
) -> None:
    yesterday = (now - timedelta(days=3)).isoformat()
    send("1", jpeg(scene(1)), "Lampu padam di gang", created_at=yesterday)
    send("2", jpeg(scene(1)), "masih padam kak")
    with database.reading() as session:
        ids = [row.id or 0 for row in session.exec(select(Attachment))]
        assert photos.seen_before(session, ids) == {}


def test_every_near_hash_is_found_in_the_tables(
    sqlite_database: Database, send_nothing: None, now: datetime
) -> None:
    """Up to eleven bits the bands find every pair: none is missed by how they are
    cut."""
    chance = random.Random(7)
    with sqlite_database.writing() as session:
        for number in range(60):
            row = Attachment(message_id=1, position=number, type="photo")
            session.add(row)
            session.flush()
            value = chance.getrandbits(64)
            photos.remember(session, row, value)
            turned = value
            for bit in chance.sample(range(64), photos.NEAREST):
                turned ^= 1 << bit
            found = photos.alike(session, turned, besides=0)
            assert [one.attachment_id for one in found] == [row.id]
        assert len(session.exec(select(PhotoHash)).all()) == 60


@pytest.fixture
def send_nothing(sqlite_database: Database, now: datetime) -> None:
    """One message that pictures can hang on."""
    with sqlite_database.writing() as session:
        session.add(
            Account(
                id=1,
                channel="fake",
                external_id="1",
                handle="a",
                display_name="A",
                agency_code="dishub",
                sealed="",
            )
        )
        session.flush()
        session.add(
            Message(
                id=1,
                account_id=1,
                channel="fake",
                native_id="1",
                kind="post",
                created_at=now,
            )
        )


def test_a_file_that_is_gone_is_looked_at_once(
    database: Database, send: Callable[..., Case], tmp_path: Path, now: datetime
) -> None:
    send("1", jpeg(scene(1)), "Pohon miring")
    with database.writing() as session:
        row = session.exec(select(Attachment)).one()
        row.looked_at, row.sha256 = None, "0" * 64
    assert photos.due(database) == [row.id]
    photos.look(database, tmp_path, now, row.id or 0)
    assert photos.due(database) == []
