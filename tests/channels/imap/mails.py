"""Mails as residents, offices and programs send them, each with what must become of it.

All people, places in them and words are made up. A mail is written as it arrives, byte
by byte where the form is the point.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PICTURE = base64.b64encode(GIF).decode()


@dataclass(frozen=True)
class Given:
    """`says`: what stands in the text of its case; `lacks`: what does not; `files`:
    names of its files. `aside`: the sort of automatic mail it is kept aside as."""

    name: str
    raw: bytes
    says: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    aside: str | None = None


def head(number: int, subject: str, *more: str) -> str:
    lines = [
        f"From: Warga {number} <{sender(number)}>",
        "To: lapor@kota.example",
        f"Date: {format_datetime(datetime.now(UTC) - timedelta(hours=1))}",
        f"Message-ID: <{number}.surat@warga.example>",
        *([f"Subject: {subject}"] if subject else []),
        "MIME-Version: 1.0",
        *more,
    ]
    return "\n".join(lines) + "\n"


def sender(number: int) -> str:
    return f"w{number:02d}@warga.example"


def mixed(number: int, subject: str, *parts: str, kind: str = "mixed") -> bytes:
    top = head(number, subject, f'Content-Type: multipart/{kind}; boundary="batas"')
    body = "".join(f"--batas\n{part}\n" for part in parts)
    return f"{top}\n{body}--batas--\n".encode()


def plain(text: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\n{text}"


def markup(text: str) -> str:
    return f"Content-Type: text/html; charset=utf-8\n\n{text}"


def attached(kind: str, name: str, content: bytes = GIF) -> str:
    coded = base64.b64encode(content).decode()
    return (
        f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n{coded}'
    )


def simple(number: int, subject: str, text: str, *more: str) -> bytes:
    return f"{head(number, subject, *more)}\n{text}\n".encode()


def signed(content: bytes) -> bytes:
    """An opaque S/MIME envelope with a signature of a certificate made up just now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Warga")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(content)
        .add_signer(certificate, key, hashes.SHA256())
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )


def streamed(content: bytes) -> bytes:
    """The same envelope as programs write it that do not know the length yet (BER)."""
    half = len(content) // 2
    pieces = b"".join(
        b"\x04\x82" + len(one).to_bytes(2, "big") + one
        for one in (content[:half], content[half:])
    )
    data = bytes.fromhex("06092a864886f70d010701")
    octets = b"\xa0\x80\x24\x80" + pieces + b"\0\0\0\0"
    inner = b"\x30\x80\x02\x01\x01\x31\x00\x30\x80" + data + octets + b"\0\0\0\0"
    whole = bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80" + inner + b"\0\0"
    return b"\x30\x80" + whole + b"\0\0"


def enveloped(number: int, subject: str, content: bytes) -> bytes:
    coded = base64.encodebytes(content).decode()
    top = head(
        number,
        subject,
        'Content-Type: application/pkcs7-mime; name="smime.p7m"',
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="smime.p7m"',
    )
    return f"{top}\n{coded}".encode()


def every() -> list[Given]:
    return [*said(), *shown(), *broken(), *automatic()]


def said() -> Iterator[Given]:
    """Plain mails: subject, quotes, signatures."""
    yield Given(
        "subject and text",
        simple(1, "Lampu jalan padam di Gang Aut", "Sejak Senin gelap gulita."),
        says=("Lampu jalan padam di Gang Aut", "Sejak Senin gelap gulita."),
    )
    yield Given(
        "nothing but a subject",
        simple(2, "Tolong angkut sampah di TPS Cibuluh", ""),
        says=("Tolong angkut sampah di TPS Cibuluh",),
    )
    yield Given(
        "no subject",
        simple(3, "", "Air PDAM keruh di Perumahan Haji Rais."),
        says=("Air PDAM keruh di Perumahan Haji Rais.",),
    )
    yield Given(
        "a subject in coded words",
        simple(
            4,
            "=?UTF-8?B?"
            + base64.b64encode("Jembatan Cigading rétak".encode()).decode()
            + "?=",
            "Khawatir ambruk.",
        ),
        says=("Jembatan Cigading rétak",),
    )
    yield Given(
        "a subject that the text repeats",
        simple(5, "Got mampet", "Got mampet di Jalan Sempur Kaler, bau."),
        says=("Got mampet di Jalan Sempur Kaler",),
    )
    yield Given(
        "a quotation and a signature",
        simple(
            6,
            "Re: Jadwal angkot 03",
            "Angkot 03 tidak pernah lewat Baranangsiang sore hari.\n\n-- \nWarga 6\n"
            "Pada Rab, 25 Nov 2026 pukul 09.12 Dinas <d@kota.example> menulis:\n> apa?",
        ),
        says=("Jadwal angkot 03", "tidak pernah lewat Baranangsiang"),
        lacks=("menulis:", "Re:"),
    )
    yield Given(
        "answers below the quotation",
        simple(7, "Trotoar Suryakencana", "> Di mana?\nTrotoar rusak depan vihara."),
        says=("Trotoar rusak depan vihara.",),
        lacks=("Di mana?",),
    )
    yield Given(
        "a form of a website in its own name",
        (
            "From: Formulir <OWN>\nTo: OWN\nReply-To: Bu Nani <nani@warga.example>\n"
            "Message-ID: <formulir@kota.example>\nSubject: Pesan dari situs\n"
            f"Date: {format_datetime(datetime.now(UTC))}\n\n"
            "Pohon tumbang menutup Jalan Pemuda.\n"
        ).encode(),
        says=("Pohon tumbang menutup Jalan Pemuda.",),
    )
    yield Given(
        "through the city's own list",
        simple(
            9,
            "PKL memenuhi trotoar Jalan Dewi Sartika",
            "Pejalan kaki turun ke aspal.",
            "List-Id: Lapor <lapor.kota.example>",
            "Precedence: list",
        ),
        says=("PKL memenuhi trotoar",),
    )
    yield Given(
        "a person who complains of automatic answers",
        simple(
            10,
            "Balasan otomatis terus dari call center Tirta",
            "Sudah lima kali, meteran saya tetap bocor di Ciheuleut.",
        ),
        says=("Balasan otomatis terus",),
    )
    yield Given(
        "a mail that asks programs not to answer",
        simple(
            11,
            "Parkir liar di depan stasiun",
            "Tiap malam.",
            "X-Auto-Response-Suppress: All",
        ),
        says=("Parkir liar",),
    )
    yield Given(
        "sent from a phone",
        simple(
            13,
            "Macet simpang Warung Jambu",
            "Petugasnya tidak ada.\n\nDikirim dari iPhone saya",
        ),
        says=("Macet simpang Warung Jambu", "Petugasnya tidak ada."),
        lacks=("iPhone",),
    )
    yield Given(
        "a name in the subject in two coded words",
        simple(
            14,
            "=?utf-8?q?Posyandu_?=\n =?utf-8?q?Ciparigi_tutup?=",
            "Sudah sebulan tidak ada penimbangan balita.",
        ),
        says=("Posyandu Ciparigi tutup",),
    )
    yield Given(
        "many recipients",
        simple(
            12,
            "Tembusan: jembatan gantung",
            "Papan jembatan gantung Katulampa lepas",
            "Cc: camat@kota.example, lurah@kota.example",
        ),
        says=("Papan jembatan gantung Katulampa lepas",),
    )


def shown() -> Iterator[Given]:
    """Content of every kind: shown, or named as a file."""
    yield Given(
        "HTML alone, with a link that shows the place",
        mixed(
            20,
            "Jalan amblas",
            markup(
                "<p>Amblas <a href='https://peta.example/?q=-6.6,106.8'>di sini</a>,"
                " dekat RS Salak.</p>"
            ),
        ),
        says=("di sini <https://peta.example/?q=-6.6,106.8>", "dekat RS Salak"),
    )
    yield Given(
        "plain text and HTML, where only the HTML tells the link",
        mixed(
            21,
            "Kabel menjuntai",
            plain("Kabel PLN menjuntai, lihat video ini."),
            markup(
                "<p>Kabel PLN menjuntai, lihat <a href='https://video.example/k1'>video"
                " ini</a>.</p>"
            ),
            kind="alternative",
        ),
        says=("lihat video ini.", "video ini <https://video.example/k1>"),
    )
    yield Given(
        "a picture inside the HTML",
        mixed(
            22,
            "Tiang miring",
            markup(
                "<p>Tiang telepon miring di Lodaya:</p>"
                f"<img src='data:image/gif;base64,{PICTURE}'><p>Takut roboh.</p>"
            ),
        ),
        says=("Tiang telepon miring di Lodaya:", "Takut roboh."),
        files=("gambar-1.gif",),
    )
    yield Given(
        "a table sent inline",
        mixed(
            23,
            "Daftar lubang",
            plain("Daftar lubang di Jalan Soleh Iskandar:"),
            'Content-Type: text/csv; name="lubang.csv"\nContent-Disposition: inline;'
            ' filename="lubang.csv"\n\nkm,ukuran\n1,2\n',
        ),
        says=("Daftar lubang di Jalan Soleh Iskandar:",),
        files=("lubang.csv",),
    )
    yield Given(
        "a table without a name",
        mixed(
            24,
            "Hasil hitung kendaraan",
            plain("Hitungan kendaraan di Simpang Yasmin:"),
            "Content-Type: text/csv\n\njam,mobil\n7,200\n",
        ),
        files=("lampiran-1.csv",),
    )
    yield Given(
        "text sent inline as a file",
        mixed(
            25,
            "Kronologi",
            plain("Kronologi banjir Kedunghalang terlampir."),
            'Content-Type: text/plain; name="kronologi.txt"\nContent-Disposition:'
            " inline\n\nPukul 3 air naik.\n",
        ),
        files=("kronologi.txt",),
    )
    yield Given(
        "an invitation beside a text",
        mixed(
            26,
            "Undangan musyawarah",
            plain("Mohon hadir musyawarah saluran air Tanah Baru."),
            "Content-Type: text/calendar; method=REQUEST\n\n" + _invitation("REQUEST"),
        ),
        says=("Mohon hadir musyawarah",),
        files=("lampiran-1.ics",),
    )
    yield Given(
        "nothing but an invitation",
        mixed(27, "", "Content-Type: text/calendar\n\n" + _invitation("REQUEST")),
        says=("Kerja bakti kali Cisadane", "2026-12-06 07:00", "Balai RW 5, Empang"),
        files=("lampiran-1.ics",),
    )
    yield Given(
        "a mail forwarded as an attachment",
        mixed(
            28,
            "Fwd: keluhan tetangga",
            plain("Mohon ditindaklanjuti."),
            "Content-Type: message/rfc822\nContent-Disposition: attachment\n\n"
            "From: Pak Asep <asep@warga.example>\nSubject: Pabrik tahu berasap\n"
            "Date: Tue, 24 Nov 2026 09:00:00 +0700\nMIME-Version: 1.0\n"
            'Content-Type: multipart/mixed; boundary="dalam"\n\n--dalam\n'
            "Content-Type: text/plain\n\nAsap pabrik tahu di Cimanggu tebal.\n"
            "--dalam\n" + attached("image/gif", "asap.gif") + "\n--dalam--\n",
        ),
        says=(
            "keluhan tetangga",
            "Mohon ditindaklanjuti.",
            "Dari: Pak Asep",
            "Perihal: Pabrik tahu berasap",
            "Asap pabrik tahu di Cimanggu tebal.",
        ),
        files=("asap.gif",),
    )
    yield Given(
        "a forwarded mail that was coded as a whole",
        mixed(
            29,
            "Teruskan",
            plain("Ini surat Bu RT."),
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
            + base64.b64encode(
                b"From: Bu RT <rt@warga.example>\nSubject: Posyandu\n\n"
                b"Posyandu Mawar di Bantarjati kehabisan vaksin.\n"
            ).decode(),
        ),
        says=("Ini surat Bu RT.", "Posyandu Mawar di Bantarjati kehabisan vaksin."),
    )
    yield Given(
        "a forwarded mail as a file that ends in eml",
        mixed(
            30,
            "Surat lama",
            plain("Surat lama saya terlampir."),
            attached(
                "application/octet-stream",
                "surat.eml",
                b"From: w30@warga.example\nSubject: Air\n\nIrigasi Cipaku kering.\n",
            ),
        ),
        says=("Irigasi Cipaku kering.",),
        files=("surat.eml",),
    )
    yield Given(
        "a mail in a mail in a mail",
        mixed(
            31,
            "Berantai",
            plain("Lihat di bawah."),
            "Content-Type: message/rfc822\n\nFrom: a@warga.example\nSubject: Satu\n"
            'Content-Type: multipart/mixed; boundary="b2"\n\n--b2\n'
            "Content-Type: text/plain\n\nSurat kedua.\n--b2\n"
            "Content-Type: message/rfc822\n\nFrom: b@warga.example\nSubject: Dua\n\n"
            "Atap SDN Polisi 9 bocor.\n--b2--\n",
        ),
        says=("Surat kedua.", "Atap SDN Polisi 9 bocor."),
    )
    yield Given(
        "an opaque signature",
        enveloped(
            32,
            "Surat bertanda tangan",
            signed(
                b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
                b"Reklame roboh di Jalan Kapten Muslihat.\r\n"
            ),
        ),
        says=("Reklame roboh di Jalan Kapten Muslihat.",),
    )
    yield Given(
        "an opaque signature of unknown length, with a file",
        enveloped(
            33,
            "Bertanda tangan juga",
            streamed(
                b'Content-Type: multipart/mixed; boundary="s"\r\n\r\n--s\r\n'
                b"Content-Type: text/plain\r\n\r\nZebra cross pudar di Pajajaran.\r\n"
                b"--s\r\n"
                + attached("image/gif", "zebra.gif").encode()
                + b"\r\n--s--\r\n"
            ),
        ),
        says=("Zebra cross pudar di Pajajaran.",),
        files=("zebra.gif",),
    )
    yield Given(
        "an encrypted mail",
        enveloped(34, "Surat untuk kepala dinas", b"\x30\x03\x02\x01\x01"),
        says=("Surat untuk kepala dinas",),
        files=("smime.p7m",),
    )
    yield Given(
        "a signature beside the text",
        mixed(
            35,
            "Halte rusak",
            plain("Halte Trans Pakuan Ciawi tanpa atap."),
            attached("application/pkcs7-signature", "smime.p7s", b"sig"),
            kind="signed",
        ),
        says=("Halte Trans Pakuan Ciawi tanpa atap.",),
        files=("smime.p7s",),
    )
    yield Given(
        "Outlook's own form",
        mixed(
            36,
            "Rapat RW",
            plain("Lampiran berita acara RW 9 Mulyaharja."),
            attached("application/ms-tnef", "winmail.dat", b"\x78\x9f\x3e\x22\0\0"),
        ),
        says=("berita acara RW 9 Mulyaharja",),
        files=("winmail.dat",),
    )
    yield Given(
        "files of all sorts",
        mixed(
            37,
            "Bukti lengkap",
            plain("Bukti sampah liar di parkiran Pasar Bogor."),
            attached("application/pdf", "surat.pdf", b"%PDF-1.4"),
            attached("video/mp4", "rekaman.mp4", b"....ftyp"),
            attached("audio/ogg", "suara.ogg", b"OggS"),
            attached("image/heic", "foto.heic", b"heic"),
            attached("application/octet-stream", "foto.jpg"),
        ),
        files=("surat.pdf", "rekaman.mp4", "suara.ogg", "foto.heic", "foto.jpg"),
    )
    yield Given(
        "a file without a name",
        mixed(
            38,
            "Foto",
            plain("Genangan di underpass Kebon Pedes."),
            f"Content-Type: image/gif\nContent-Transfer-Encoding: base64\n\n{PICTURE}",
        ),
        files=("lampiran-1.gif",),
    )
    yield Given(
        "text before and after a picture",
        mixed(
            39,
            "",
            plain("Sebelum: selokan Babakan penuh lumpur"),
            attached("image/gif", "a.gif"),
            plain("Sesudah: tetap penuh."),
        ),
        says=("Sebelum: selokan Babakan", "Sesudah: tetap penuh."),
        files=("a.gif",),
    )
    yield Given(
        "HTML after plain text, each its own",
        mixed(
            40,
            "",
            plain("Bagian pertama: pagar SMPN 4 roboh."),
            attached("image/gif", "pagar.gif"),
            markup("<p>Bagian kedua: anak-anak lewat situ.</p>"),
        ),
        says=("Bagian pertama", "Bagian kedua: anak-anak lewat situ."),
        files=("pagar.gif",),
    )
    yield Given(
        "plain text that says only that there is HTML",
        mixed(
            41,
            "",
            plain("Your mail program cannot display HTML."),
            markup("<p>Rambu satu arah di Jalan Roda dicuri orang semalam.</p>"),
            kind="alternative",
        ),
        says=("Rambu satu arah di Jalan Roda dicuri",),
    )
    yield Given(
        "a card of the sender",
        mixed(
            42,
            "Usul",
            plain("Usul taman baca di Kertamaya."),
            "Content-Type: text/vcard\n\nBEGIN:VCARD\nFN:Warga\nEND:VCARD\n",
        ),
        files=("lampiran-1.vcf",),
    )
    yield Given(
        "pictures on another server, and telephones",
        mixed(
            43,
            "",
            markup(
                "<p>Longsor kecil di Rancamaya.<img src='https://foto.example/l.jpg'>"
                "<img src='https://lacak.example/x.gif' width='1' height='1'>"
                "<a href='tel:+62251000111'>telepon saya</a></p>"
            ),
        ),
        says=(
            "Longsor kecil di Rancamaya.",
            "https://foto.example/l.jpg",
            "telepon saya",
        ),
        lacks=("lacak.example",),
    )


def broken() -> Iterator[Given]:
    """Forms nobody should write, and programs do."""
    for number, boundary in enumerate(
        ("----=_Part_1.2", "batas=surat:1", "Apple Mail 12", "<x@y>"), start=50
    ):
        place = ("Cikaret", "Pamoyanan", "Genteng", "Rangga Mekar")[number - 50]
        body = (
            f"--{boundary}\nContent-Type: text/plain\n\nSumur kering di {place}.\n"
            f"--{boundary}\n{attached('image/gif', 'sumur.gif')}\n--{boundary}--\n"
        )
        top = head(number, "", f"Content-Type: multipart/mixed; boundary={boundary}")
        yield Given(
            f"a boundary without quotes: {boundary}",
            f"{top}\n{body}".encode(),
            says=(f"Sumur kering di {place}.",),
            files=("sumur.gif",),
        )
    yield Given(
        "a boundary that is not the one declared",
        (
            head(54, "", 'Content-Type: multipart/mixed; boundary="lain"')
            + "\n--ini\nContent-Type: text/plain\n\nGapura Bubulak miring.\n--ini--\n"
        ).encode(),
        says=("Gapura Bubulak miring.",),
    )
    yield Given(
        "latin-1 declared as UTF-8",
        head(55, "", "Content-Type: text/plain; charset=utf-8").encode()
        + "\nPoé ieu cai di Sukasari teu ngocor, punten.\n".encode("latin-1"),
        says=("Poé ieu cai di Sukasari teu ngocor",),
    )
    yield Given(
        "a subject in bare latin-1",
        head(56, "Jalan béngkok di Pasir Jaya").encode("latin-1") + b"\nTolong.\n",
        says=("Jalan béngkok di Pasir Jaya",),
    )
    yield Given(
        "a charset nobody knows",
        head(57, "", "Content-Type: text/plain; charset=x-aneh").encode()
        + "\nKésang warga Situ Gede: lampu taman mati.\n".encode(),
        says=("Késang warga Situ Gede",),
    )
    yield Given(
        "no date and no Message-ID",
        f"From: {sender(58)}\nTo: l@kota.example\n\nKolam Sempur kotor.\n".encode(),
        says=("Kolam Sempur kotor.",),
    )
    yield Given(
        "a date that nobody can read",
        simple(59, "", "Tangga JPO Pasar Kebon Kembang patah.").replace(
            b"\nDate: ", b"\nDate: kemarin sore "
        ),
        says=("Tangga JPO Pasar Kebon Kembang patah.",),
    )
    yield Given(
        "a text of one long line, flowed",
        simple(
            60,
            "",
            "Petugas parkir di \nMall BTM menolak \nkarcis.",
            "Content-Type: text/plain; format=flowed",
        ),
        says=("Petugas parkir di Mall BTM menolak karcis.",),
    )
    yield Given(
        "NUL and broken letters",
        simple(61, "Kandang ayam\x00 Bojongkerta", "Bau\x00 menyengat \ufffd sekali."),
        says=("Kandang ayam", "menyengat"),
    )


def automatic() -> Iterator[Given]:
    """What programs write."""
    rows = (
        ("away, marked", "auto_reply", "Cuti", ("Auto-Submitted: auto-replied",)),
        ("away, by its subject", "auto_reply", "Automatic reply: Lampu", ()),
        ("away, in Indonesian", "auto_reply", "Balasan otomatis: Lampu", ()),
        ("away, by an old header", "auto_reply", "Sedang pergi", ("X-Autoreply: yes",)),
        (
            "generated",
            "generated",
            "Cadangan selesai",
            ("Auto-Submitted: auto-generated",),
        ),
        ("an empty sender", "generated", "Pemberitahuan", ("Return-Path: <>",)),
        ("a list", "list", "Diskusi", ("List-Id: <warga.milis.example>",)),
        (
            "a newsletter",
            "newsletter",
            "Diskon",
            ("List-Unsubscribe: <https://x.example>",),
        ),
        ("bulk", "newsletter", "Promo akhir tahun", ("Precedence: bulk",)),
        ("a receipt", "receipt", "Read: Lampu", ("In-Reply-To: <a@kota.example>",)),
        (
            "a receipt in its form",
            "receipt",
            "Dibaca",
            (
                "Content-Type: multipart/report; report-type=disposition-notification;"
                ' boundary="b"',
            ),
        ),
        (
            "a challenge",
            "challenge",
            "Re: Lampu (verification required)",
            ("In-Reply-To: <a@kota.example>",),
        ),
        (
            "a report between servers",
            "server_report",
            "Report Domain: kota.example Submitter: mail.example Report-ID: 1",
            (),
        ),
        ("a bounce without form", "bounce", "Undelivered Mail Returned to Sender", ()),
        (
            "a bounce of old Exim",
            "bounce",
            "Gagal",
            ("X-Failed-Recipients: x@y.example",),
        ),
    )
    for number, (name, sort, subject, more) in enumerate(rows, start=70):
        raw = simple(number, subject, f"Isi surat nomor {number}.", *more)
        yield Given(name, raw, aside=sort)
    yield Given(
        "a calendar that accepts",
        mixed(
            90,
            "Diterima: Rapat",
            "Content-Type: text/calendar; method=REPLY\n\n" + _invitation("REPLY"),
        ),
        aside="calendar_reply",
    )
    yield Given(
        "a report with its fields, about a mail of somebody else",
        mixed(
            92,
            "Delivery Status Notification (Failure)",
            plain("Your mail to x@y.example did not arrive."),
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; y.example\n\n"
            "Final-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n",
            kind="report",
        ),
        aside="bounce",
    )
    yield Given(
        "a report of abuse",
        mixed(
            93,
            "FW: spam",
            plain("This is a report about a mail."),
            "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n",
            kind="report; report-type=feedback-report",
        ),
        aside="server_report",
    )
    yield Given(
        "a bounce from a daemon",
        simple(91, "Mail failure", "user unknown").replace(
            sender(91).encode(), b"MAILER-DAEMON@relay.example"
        ),
        aside="bounce",
    )


def _invitation(method: str) -> str:
    return (
        f"BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\nSUMMARY:Kerja bakti kali"
        " Cisadane\nDTSTART;TZID=Asia/Jakarta:20261206T070000\nLOCATION:Balai RW 5\\,"
        " Empang\nEND:VEVENT\nEND:VCALENDAR\n"
    )


def old(number: int, at: datetime) -> bytes:
    return (
        f"From: lama@warga.example\nSubject: Surat lama {number}\n"
        f"Date: {format_datetime(at)}\nMessage-ID: <lama.{number}@warga.example>\n\n"
        f"Isi surat lama nomor {number}.\n"
    ).encode()
