"""What is worth a second look in an answer, and what is not: texts as spokespersons
write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from aggregator.answers import checks
from aggregator.store.db import Database
from aggregator.store.tables.accounts import Account
from aggregator.store.tables.cases import Case
from aggregator.store.tables.intake import Message

pytestmark = pytest.mark.sqlite  # warnings are not the database's

PERSONAL = (
    "Halo Kak, data dengan NIK 3271046504930002 sudah kami terima.",
    "Silakan hubungi Bu Rini di 0812 3456 7890 ya kak.",
    "Mobil F 1234 ABC sudah kami derek tadi pagi.",
    "Nomor pelanggan 01-2345-678 sudah dicek petugas air.",
    "Bisa kirim berkas ke email budi.santoso@gmail.com ya.",
    "Petugas sudah ke rumah Bapak di Jl. Merdeka No. 12.",
    "Anak Ibu yang berumur 7 tahun sudah terdaftar di SD.",
    "Suami Ibu yang sakit stroke akan dijemput ambulans.",
    "KTP atas nama Slamet Riyadi sudah jadi dan bisa diambil.",
    "No KK 3271042201150003 sudah diperbarui.",
    "Chat kami ke wa.me/6281234567890 untuk datanya.",
    "Pelapor: Dedi Kurniawan sudah kami hubungi.",
    "Hubungi nol delapan satu dua tiga empat lima enam tujuh delapan sembilan ya.",
    "Plat motor F 5678 KL milik pelaku sudah dicatat.",
)
HURTING = (
    "Jangan lebay, Kak, itu cuma genangan kecil.",
    "Warga sekitar memang tidak tahu diri buang sampah sembarangan.",
    "Makanya baca dulu dong, jangan asal komen.",
    "Anda jangan cerewet, petugas kami sudah bekerja.",
    "Itu salah warga sendiri, siapa suruh parkir di situ.",
    "Sudah dijelaskan berkali-kali, masih saja tidak paham.",
    "Dasar tukang ngeluh!",
    "Otaknya dipakai ya kak.",
    "Gitu aja kok repot.",
    "Kalau tidak suka ya pindah saja dari Bogor.",
    "Ngarang aja kamu.",
    "Bukan urusan kami!",
    "It is your own fault, read the notice.",
    "Ulah belegug atuh, baca heula.",
)
HARMLESS = (
    "Terima kasih laporannya, petugas kami sedang ke lokasi.",
    "Untuk keadaan darurat hubungi 112, gratis, 24 jam.",
    "Silakan lapor ke call center PLN 123 atau datang ke kantor di Jl. Pajajaran.",
    "Nomor aduan Kakak 100384, bisa dilacak di halaman Lacak.",
    "Lampu di Jl. Sudirman sudah menyala kembali sejak kemarin.",
    "Mohon tidak menuliskan NIK atau nomor telepon di kolom komentar.",
    "Anggaran perbaikannya Rp 250.000.000 dari APBD 2026.",
    "Angkot trayek 08 jurusan Warung Jambu sudah kami tertibkan.",
    "Puskesmas melayani imunisasi anak usia 0-5 tahun tanpa biaya.",
    "Rumah sakit kota melayani pasien BPJS setiap hari.",
    "Perwal Nomor 11 Tahun 2019 mengatur hal itu.",
    "Mohon kirim foto dan patokan terdekat ya, Kak.",
    "Kelurahan Tanah Sareal RT 03 RW 05 sudah difogging.",
    "Call center air minum: (0251) 8324111, buka 24 jam.",
    "Ibu hamil bisa periksa gratis di puskesmas.",
    "Warga yang sakit bisa dibawa ke puskesmas terdekat.",
    "Penduduk berusia 17 tahun wajib merekam KTP.",
    "Surel resmi kami: pengaduan@kotabogor.go.id",
    "Kak Siti, laporannya sudah kami terima.",
    "Mohon maaf kalau jawaban kami kurang jelas; silakan baca panduannya dulu.",
)


@pytest.fixture
def codes(
    database: Database,
    now: datetime,
    register: Callable[..., Account],
    post: Callable[..., Case | None],
) -> Callable[[str], set[str]]:
    """What a public answer is warned of."""
    case = post(register("dishub_x", "dishub"), "Lampu mati di Gg. Kepatihan")
    assert case is not None

    def of(text: str) -> set[str]:
        with database.reading() as session:
            message = session.get_one(Message, case.first_message_id)
            return {
                one.code
                for one in checks.cautions(
                    session, now, case, message, text, public=True
                )
            }

    return of


def test_personal_data_in_public_is_noticed(codes: Callable[[str], set[str]]) -> None:
    either = {"personal_data", "personal_data_stopped"}
    assert [text for text in PERSONAL if not either & codes(text)] == []


def test_wording_that_hurts_is_noticed(codes: Callable[[str], set[str]]) -> None:
    assert [text for text in HURTING if "insult" not in codes(text)] == []


def test_what_an_office_says_every_day_raises_no_alarm(
    codes: Callable[[str], set[str]],
) -> None:
    alarming = {
        text: found for text in HARMLESS if (found := codes(text) - {"promise"})
    }
    assert alarming == {}
