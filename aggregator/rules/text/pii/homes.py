"""Where somebody lives, what they drive, when they were born."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_PLATE_AREAS = (
    "A B D E F G H K L M N P R S T W Z AA AB AD AE AG BA BB BD BE BG BH BK BL BM BN BP"
    " DA DB DC DD DE DG DH DK DL DM DN DP DR DS DT DW EA EB ED KB KH KT KU PA PB PG PS"
    " PT RI"
)
_AREA = "|".join(_PLATE_AREAS.split())
_GAP = r"[ .\-_/·]{0,3}"
_PLATE = re.compile(
    rf"(?<![\w.])({_AREA}){_GAP}(\d{{1,4}}|\d(?:[ "
    rf".]\d){{2,3}}){_GAP}([A-Z]{{1,3}})(?!\w)"
)
_PLATE_NAMED = re.compile(
    r"(?:\bp(?:e)?lat\w{0,4}(?:\s(?:no(?:mor|pol)?|mobil|motor))?|\bnopol\w{0,3}|"
    r"\bno\.?\s?pol(?:isi)?|\bpolisi|nomor\spolisi|\btnkb|\bstnk)\W{0,3}"
    rf"([a-z]{{1,2}}{_GAP}\d{{1,4}}{_GAP}[a-z]{{1,3}})(?!\w)",
    re.I,
)
_PLATE_SMALL = re.compile(
    r"\b(?:mobil|motor|angkot|truk|truck|bus|bis|elf|pickup|taksi|taxi|ojol|minibus|"
    r"avanza|xenia)"
    rf"(?:\s[a-z]{{4,12}}){{0,2}}\s((?:{_AREA})[ .\-]?\d{{3,4}}[ .\-]?"
    r"(?!rb|jt|km|jam|th|kg|cm|kk|wib|or|hr|mt|rp)[a-z]{2,3})\b",
    re.I,
)
_NOT_A_PLATE = frozenset(
    ("RT", "RW", "KM", "WIB", "NO", "CM", "M", "KG", "TH", "AM", "PM", "JL")
)
_PLATE_WORD = re.compile(
    r"plat|nopol|pol|tnkb|mobil|motor|angkot|truk|bus|kendaraan|stnk|parkir|sopir|"
    r"pengemudi",
    re.I,
)

_A_MODEL = re.compile(
    r"\b(?:merk|merek|tipe|type|model|seri|gardu|tiang|kode|nomor antre\w{0,3}|"
    r"antrian)\b",
    re.I,
)

_STREET = (
    r"(?:jl|jln|jalan|gg|gang|komp|komplek|kompleks|perum|perumahan|griya|villa|vila|"
    r"blok|blk|"
    r"kav|kavling|cluster|klaster|apartemen|rusun\w{0,6}|kp|kampung|dusun|dsn|taman|"
    r"bukit|asrama|"
    r"residence|graha|puri|bumi)"
)
_NUMBER = (
    r"(?:no|nomor|nmr|nomer|num|number)\b\.?\s{0,2}[a-z]{0,2}[ .\-]?\d{1,4}"
    r"(?:\s?[a-z]\b|[/\-]\d{1,3})?"
)
_BLOCK = (
    r"\bblok\s[a-z]{1,4}[ .\-]?(?:[ivx]{1,4}|\d{1,3})?\s?"
    r"(?:/|no\b\.?|nomor|nomer|-|,)\s?\d{1,3}[a-z]?\b"
)
_RT = r"rt[ .:]{0,2}\d{1,3}\s?(?:[/,\- ]|dan)?\s?(?:rw[ .:]{0,2})?\d{0,3}"
_HOUSE = re.compile(
    rf"\b{_STREET}\b\.?[^\n,;!?@]{{0,45}}?\b{_NUMBER}|"
    rf"{_BLOCK}|"
    r"\b(?:apartemen|apartment|rusun\w{0,6})\b[^\n,;!?@]{0,40}?"
    r"\b(?:unit|lantai|lt|kamar|tower)\b\.?\s?\w{1,6}|"
    rf"\b{_STREET}\b\.?\s[^\n,;!?@]{{2,40}}?\b[a-z]{{1,2}}\d{{1,3}}/\d{{1,3}}\b|"
    rf"\b(?:gg|gang|jl|jln|jalan|kp|kampung|perum|"
    rf"perumahan)\b\.?\s[^\n;!?@.]{{2,40}}?,?\s\b{_RT}|"
    rf"\b(?:rumah|alamat|kontrakan|kos|kost|kosan|tinggal|"
    rf"domisili)\b[^\n.!?]{{0,40}}?\b{_NUMBER}|"
    rf"\b(?-i:[A-Z][a-z']{{2,20}}(?:\s[A-Z][a-z']{{1,20}}){{0,3}}),?\s{_RT},?\s{_NUMBER}|"
    rf"\b{_RT},?\s{_NUMBER}",
    re.I,
)
_LOOSE_HOUSE = re.compile(
    r"\b(?:rumah|alamat|garasi|tinggal|domisili|kost?|kontrakan)\b[^\n.!?]{0,25}?\b"
    r"((?:jl|jln|jalan|gg|gang|perum|perumahan|komplek|kp|kampung|"
    r"cluster)\b\.?\s[^\n,;!?.@]{2,30}?\s\d{1,3}[a-z]?\b)|"
    r"\balamat(?:nya|ku)?\s{0,2}(?:rumah|saya|kami)?\s{0,2}[:=]\s{0,2}([^\n]{8,90})|"
    r"\b(?:i live (?:at|in|on)|my (?:home|house|address) (?:is|"
    r"at))\s([^\n.!?]{5,70}\d[^\n.!?]{0,30})",
    re.I,
)
_TAIL = re.compile(
    rf"(?:[\s,.(\-]{{1,3}}(?:{_RT}|rw[ .:]{{0,2}}\d{{1,3}}|{_NUMBER}|lantai\s\d{{1,2}}|"
    r"(?:kel|kelurahan|desa|kec|"
    r"kecamatan)\b\.?\s[A-Z][a-z]{1,20}(?:\s[A-Z][a-z]{1,20})?|"
    r"(?-i:[A-Z][a-z]{3,20}(?:\s[A-Z][a-z]{3,20})?)(?=[,.\n)]|$)))",
    re.I,
)
_NOT_A_HOUSE = re.compile(
    r"\b(?:aduan|laporan|tiket|perda|perwali|peraturan|undang\S{0,8}|surat|sk|trayek|"
    r"angkot|"
    r"antre\w{0,4}|uu|pasal|smpn?|sman?|sdn?|koridor|halte|loket|gardu|tiang|hidran|"
    r"aset|uji|"
    r"perkara|model|km|jalur)\s?(?:no|nomor|nmr|nomer|\d)\b",
    re.I,
)
_PUBLIC_PLACE = re.compile(
    r"\b(?:kantor|dinas|puskesmas|perpustakaan|gerai|alfamart|indomaret|toko|ruko|"
    r"hotel|sekolah|"
    r"sd|sdn|smp|smpn|sma|sman|smk|tk|paud|masjid|mesjid|gereja|vihara|office|pasar|"
    r"taman|rs|rsud|klinik|apotek|"
    r"restoran|rumah makan|cafe|kafe|bank|mall|mal|gedung|samsat|mpp|kelurahan|"
    r"kecamatan|"
    r"museum|lapangan|gor|stasiun|terminal|balai|posyandu|pos|spbu|bengkel|minimarket|"
    r"supermarket|"
    r"university|school|library|museum|hospital|station)\b",
    re.I,
)
_HOME = re.compile(
    r"\b(?:rumah(?!\s(?:sakit|makan|ibadah|dinas|potong))|tinggal|alamat|domisili|"
    r"saya|kami|warga|pemilik|tetangga|kos|kost|kontrakan|"
    r"nenek|kakek|ibu|bapak|pak|bu|live|home|my|bumi|keluarga|a\.?n|nama|garasi)\b",
    re.I,
)
_MAP = re.compile(
    r"(?:https?://)?(?:maps\.app\.goo\.gl|goo\.gl/maps|"
    r"(?:www\.)?google\.[a-z.]{2,6}/maps|"
    r"maps\.google\.[a-z.]{2,6}|waze\.com|g\.co/maps|osm\.org|www\.openstreetmap\.org|"
    r"maps\.apple\.com|what3words\.com|w3w\.co)"
    r"[^\s;)]{0,300}",
    re.I,
)
_POINT = re.compile(r"-?\d{1,3}\.\d{3,8}\s?,\s?-?\d{1,3}\.\d{3,8}")
_OWN_HOME = re.compile(
    r"\b(?:rumah(?:ku|nya)?|kos(?:an|t)?|kontrakan|tinggal|alamat|domisili|saya|kami|"
    r"bumi|my (?:home|house)|"
    r"home|house|titik(?:nya)?|imah|lokasi saya|sherlok|shareloc)\b",
    re.I,
)

_MONTH = (
    r"(?:jan(?:uari|uary)?|feb(?:ruari|ruary)?|pebruari|mrt|mar(?:et|ch)?|apr(?:il)?|"
    r"mey|mei|may|juni?|june|juli?|july|"
    r"agu(?:stus)?|agt|ags|aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|"
    r"nov(?:ember)?|nopember|des(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    r"(?<!\d)(?<!\d[./,\-])(?:[0-3]?\d\s?[/.\-\s]\s?[01]?\d\s?[/.\-\s]\s?(?:19[2-9]\d|"
    r"20[0-2]\d|\d\d)|"
    r"(?:19[2-9]\d|20[0-2]\d)[/.\-][01]?\d[/.\-][0-3]?\d|"
    rf"[0-3]?\d(?:st|nd|rd|"
    rf"th)?(?:\sof)?[\s\-/.]{{0,2}}{_MONTH}\.?[\s\-/.,]{{0,3}}(?:19[2-9]\d|20[0-2]\d|"
    rf"'?\d\d)|"
    rf"[0-3]?\d\s(?:bulan|bln)\s(?:[01]?\d|{_MONTH})\s(?:tahun|thn|th)\s(?:19[2-9]\d|"
    rf"20[0-2]\d)|"
    rf"[0-3]?\d\s{_MONTH}\s(?:tahun|thn|th)\s(?:19[2-9]\d|20[0-2]\d)|"
    rf"{_MONTH}\s[0-3]?\d(?:st|nd|rd|th)?,?\s(?:19[2-9]\d|20[0-2]\d))(?![\d/\-])",
    re.I,
)
_BORN = re.compile(
    r"\b(?:lahir\w{0,3}|lhr|tgl lhr|kelahiran|u(?:mur|sia)\s\d{1,3}|ttl|tgl\.? ?lahir|"
    r"tanggal lahir|ultah|ulang tahun|"
    r"born|birth\w{0,5}|dob|"
    r"babar|dilahirkan)\b",
    re.I,
)
_BORN_AFTER = re.compile(
    r"\s?[(,]?\s?(?:(?:itu|adalah)\s)?(?:tanggal|tgl|hari)?\s?(?:lahir|kelahiran|"
    r"birth)",
    re.I,
)
_LONG_AGO = re.compile(r"(?:19[2-9]\d|200\d|201[0-5])")
_BORN_IN = re.compile(
    r"\b(?:lahir|ttl|dob)\W{1,3}(?:tgl\s|tanggal\s)?([0-3]\d[01]\d(?:19|20)\d\d)\b|"
    r"\b(?:lahir|kelahiran|born)\s(?:di\s\w{3,15},?\s)?(?:pada\s|in\s|th|thn|tahun|"
    r"taun)?\.?\s?((?:19[2-9]\d|20[01]\d))\b(?![\-/])",
    re.I,
)
_OTHER_DAY = re.compile(
    r"\b(?:sejak|mulai|kemarin|jadwal|rapat|acara|surat|tertanggal|sampai|hingga|jam|"
    r"pukul|"
    r"laporan|kejadian|pengumuman|meninggal|wafat|menikah|nikah|berlaku|terbit|periode|"
    r"proses|daftar|undangan|mulai|expired|perda|perwali|sk)\b",
    re.I,
)


def plates_in(text: str) -> Iterator[Span]:
    spoken_of = _PLATE_WORD.search(text) is not None
    for match in _PLATE.finditer(text):
        sure = len(match[2]) > 1 and len(match[3]) > 1
        if match[3] not in _NOT_A_PLATE and (sure or spoken_of):
            before = text[max(0, match.start() - 25) : match.start()]
            if not _A_MODEL.search(before):
                yield match.span()
    if spoken_of:
        for pattern in (_PLATE_SMALL, _PLATE_NAMED):
            for match in pattern.finditer(text):
                if match[1].split()[0].upper() not in _NOT_A_PLATE:
                    yield match.span(1)


def addresses_in(text: str) -> Iterator[Span]:
    for match in _MAP.finditer(text):
        yield match.span()
    for match in _POINT.finditer(text):
        around = text[max(0, match.start() - 60) : match.end() + 40]
        if _OWN_HOME.search(around):
            yield match.span()
    for match in _HOUSE.finditer(text):
        if not _NOT_A_HOUSE.search(match[0]) and not _is_public(text, match.start()):
            yield match.start(), _whole(text, match.end())
    for match in _LOOSE_HOUSE.finditer(text):
        begin, end = match.span(match.lastindex or 0)
        if re.search(r"\d", text[begin:end]):
            yield begin, _whole(text, end)


def _is_public(text: str, begin: int) -> bool:
    """Whether an office or a shop stands there, and nobody's home."""
    before = re.split(r"[.!?\n]\s", text[max(0, begin - 50) : begin])[-1]
    places = list(_PUBLIC_PLACE.finditer(before))
    return bool(places) and not _HOME.search(before, places[-1].end())


def _whole(text: str, end: int) -> int:
    """To the end of what belongs to an address: RT, RW, ward, number."""
    for _ in range(5):
        match = _TAIL.match(text, end)
        if not match:
            break
        end = match.end()
    return end


def dates_in(text: str) -> Iterator[Span]:
    return (match.span() for match in _DATE.finditer(text))


def years_of_birth_in(text: str) -> Iterator[Span]:
    return (match.span(match.lastindex or 0) for match in _BORN_IN.finditer(text))


def is_birth(text: str, begin: int, end: int, *, beside: bool, among: bool) -> bool:
    """Whether a day is somebody's birthday: birth is spoken of, or it stands beside a
    name, or of long ago among other things of a person."""
    before = text[max(0, begin - 70) : begin]
    born = list(_BORN.finditer(before))
    if born:
        between = before[born[-1].end() :]
        return not re.search(r"[!?]", between) and not _OTHER_DAY.search(between)
    if _BORN_AFTER.match(text, end):
        return True
    if _OTHER_DAY.search(before[-25:]):
        return False
    return beside or (among and _LONG_AGO.search(text[begin:end]) is not None)
